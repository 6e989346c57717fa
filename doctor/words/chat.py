"""Words about GGUF files and the verb `chat`."""

WORDS: dict[str, tuple[str, str]] = {
    # What can be wrong with a GGUF file.
    "chat.no_file": ("there is no such file", "没有这个文件"),
    "chat.no_file_hint": (
        "`tunedoc export RUN` makes a GGUF; without a file, `tunedoc chat` takes the newest one",
        "`tunedoc export 训练结果` 可生成 GGUF；不指定文件时，`tunedoc chat` 使用最新的一个",
    ),
    "chat.is_folder": ("this is a folder, and a GGUF is one file", "这是文件夹，而 GGUF 是单个文件"),
    "chat.is_folder_hint": (
        "name a *.gguf file; `tunedoc export FOLDER` makes one from a model folder",
        "请指定 *.gguf 文件；`tunedoc export 文件夹` 可由模型文件夹生成",
    ),
    "chat.not_gguf": ("this is not a GGUF file", "这不是 GGUF 文件"),
    "chat.other_version": (
        "this is a GGUF of version {version}; versions 2 and 3 can be read",
        "这是第 {version} 版的 GGUF；只能读取第 2 版和第 3 版",
    ),
    "chat.truncated": (
        "the file is damaged: its header cannot be read to the end",
        "文件已损坏：文件头不完整",
    ),
    "chat.cut_short": (
        "the file is cut short: it has {have} bytes and should have {want}",
        "文件不完整：只有 {have} 字节，应有 {want} 字节",
    ),
    "chat.damaged_hint": (
        "make it again with `tunedoc export`, or download it again",
        "请用 `tunedoc export` 重新生成，或重新下载",
    ),
    # The verb.
    "chat.example": (
        'tunedoc chat\n  tunedoc chat model-Q4_K_M.gguf --prompt "Who are you?" --json',
        'tunedoc chat\n  tunedoc chat model-Q4_K_M.gguf --prompt "你是谁？" --json',
    ),
    "chat.help_file": (
        "a GGUF file (default: the newest that `tunedoc export` made)",
        "GGUF 文件（默认：`tunedoc export` 最近生成的文件）",
    ),
    "chat.help_prompt": (
        "answer this and leave; may be given several times, each a conversation of its own",
        "回答此问题后退出；可多次给出，每次都是独立的对话",
    ),
    "chat.help_system": ("system prompt: who the model is to be", "系统提示词：设定模型的角色"),
    "chat.help_max_tokens": ("longest answer in tokens (default: {default})", "回答的最大词元数（默认：{default}）"),
    "chat.help_temperature": (
        "how freely words are chosen; 0 takes the likeliest each time (default: {default})",
        "用词的随机程度；0 表示每次都取最可能的词（默认：{default}）",
    ),
    "chat.help_seed": (
        "number that the random choices start from (default: {default})",
        "随机选择的起始数（默认：{default}）",
    ),
    "chat.help_context": (
        "longest conversation in tokens (default: {default})",
        "对话的最大词元数（默认：{default}）",
    ),
    "chat.help_threads": ("CPU threads (default: all cores)", "CPU 线程数（默认：全部核心）"),
    "chat.bad_number": ("`{option}` must be {range}, not {value}", "`{option}` 应为 {range}，而不是 {value}"),
    "chat.range_positive": ("1 or more", "不小于 1 的数"),
    "chat.range_not_negative": ("0 or more", "不小于 0 的数"),
    "chat.no_export": ("there is no exported GGUF yet", "还没有导出的 GGUF"),
    "chat.no_export_hint": (
        "name a GGUF file, or make one with `tunedoc export RUN`",
        "请指定 GGUF 文件，或用 `tunedoc export 训练结果` 生成",
    ),
    "chat.prompt_needed": (
        "there is nothing to ask: `--json` needs `--prompt`",
        "没有要问的问题：使用 `--json` 时需要 `--prompt`",
    ),
    "chat.loading": ("loading {file} ({type}, {size} MB)", "正在加载 {file}（{type}，{size} MB）"),
    "chat.welcome": (
        "write and press Enter; /help shows more, Ctrl-D or /exit leaves",
        "输入内容后按回车；/help 显示更多，Ctrl-D 或 /exit 退出",
    ),
    "chat.commands": (
        "/clear forgets the conversation, /exit leaves; Ctrl-C breaks an answer off",
        "/clear 清空对话，/exit 退出；Ctrl-C 中断当前回答",
    ),
    "chat.unknown_command": (
        "there is no `{command}`; /help shows what there is",
        "没有 `{command}`；/help 显示可用命令",
    ),
    "chat.cleared": ("the conversation is forgotten", "对话已清空"),
    "chat.answer_facts": (
        "[{tokens} tokens, {speed} tokens/s, {reason}]",
        "[{tokens} 个词元，{speed} 词元/秒，{reason}]",
    ),
    "chat.reason_stop": ("finished", "回答完毕"),
    "chat.reason_length": ("cut at the longest answer", "达到最大长度"),
    "chat.reason_stopped": ("broken off", "已中断"),
    "chat.warn_no_chat_template": (
        "this file has no chat template, so it gets your words as they are",
        "该文件没有对话模板，因此会直接收到您的原文",
    ),
    "chat.warn_turns_dropped": (
        "the conversation outgrew {room} tokens; its oldest {messages} messages were left out",
        "对话超过了 {room} 个词元；最早的 {messages} 条消息已省略",
    ),
    "chat.too_long": (
        "the message has {tokens} tokens, and {room} fit",
        "消息有 {tokens} 个词元，而上限为 {room} 个",
    ),
    "chat.too_long_hint": (
        "shorten it, or allow more with `--context`",
        "请缩短消息，或用 `--context` 提高上限",
    ),
    "chat.template_refused": (
        "the model's chat template does not take this conversation: {detail}",
        "该模型的对话模板不接受这段对话：{detail}",
    ),
    "chat.ended": ("llama.cpp ended without a word", "llama.cpp 没有说明原因就结束了"),
}
