"""The verb `explain`."""

WORDS: dict[str, tuple[str, str]] = {
    "explain.example": ("tunedoc explain error.log", "tunedoc explain error.log"),
    "explain.help_file": (
        "a log, a traceback or a listing; `-`, or nothing, reads what is piped or pasted",
        "日志、报错或清单文件；写 `-` 或不写则读取管道或粘贴的内容",
    ),
    "explain.help_here": (
        "fill what the text does not tell with this machine's facts",
        "文本中没有的信息用本机的情况补充",
    ),
    "explain.help_knowledge": (
        "entries of your own besides tunedoc's (docs/reference/knowledge.md); checked, and their examples tried",
        "在 tunedoc 的知识库之外使用自己的条目（见 docs/reference/knowledge.md）；会检查写法并试运行其中的例子",
    ),
    "explain.example_silent": (
        "{file}: {place} should fire and does not",
        "{file}：{place} 应当触发，但没有触发",
    ),
    "explain.example_fires": ("{file}: {place} fires and should not", "{file}：{place} 不应触发，但触发了"),
    "explain.paste": (
        "paste the text, then press {keys} on a line of its own",
        "请粘贴文本，然后在新的一行按 {keys}",
    ),
    "explain.unreadable": ("cannot read {file}: {detail}", "无法读取 {file}：{detail}"),
    "explain.unreadable_hint": (
        "name a file that exists, or pipe the text: `tunedoc explain -`",
        "请指定存在的文件，或通过管道传入文本：`tunedoc explain -`",
    ),
    "explain.shortened": (
        "only the beginning and the end of this long text were read",
        "文本很长，只读取了开头和结尾",
    ),
    "explain.follows": ("follows from: {summary}", "由此引起：{summary}"),
    "explain.healthy": (
        "no fault found in this text: what it tells fits together",
        "这段文本中没有发现问题：各项信息互相匹配",
    ),
    "explain.healthy_cause": (
        "There is nothing to fix in what was pasted. If something still fails, "
        "paste its full output, run with the same Python.",
        "粘贴的内容中没有需要修复的问题。如果仍有故障，请粘贴完整输出，并使用同一个 Python 运行。",
    ),
    "explain.no_cause": (
        "no known cause in this text",
        "在这段文本中没有找到已知的原因",
    ),
    "explain.no_cause_cause": (
        "The text holds no message that tunedoc knows, and the facts in it fit together. More facts would help.",
        "文本中没有 tunedoc 认识的报错，其中的信息也互相匹配。需要更多信息。",
    ),
    "explain.binary": ("this is no text", "这不是文本"),
    "explain.binary_cause": (
        "Most of the bytes are no letters: probably a program, a picture or a compressed file.",
        "大部分字节不是文字：可能是程序、图片或压缩文件。",
    ),
    "explain.empty": ("there is no text", "没有内容"),
    "explain.empty_cause": ("Nothing was read.", "没有读到任何内容。"),
    "explain.collect_env": (
        "add the output of `python -m torch.utils.collect_env`, run with the Python that fails",
        "附上 `python -m torch.utils.collect_env` 的输出（用出错的那个 Python 运行）",
    ),
    "explain.collect_smi": ("add the output of `nvidia-smi`", "附上 `nvidia-smi` 的输出"),
    "explain.collect_log": (
        "add the whole message from its first line (`Traceback`) to its last",
        "附上从第一行（`Traceback`）到最后一行的完整报错",
    ),
    "explain.collect_here": (
        "if it happened on this machine, run `tunedoc explain --here`, or `tunedoc check`",
        "如果问题出在本机，请运行 `tunedoc explain --here` 或 `tunedoc check`",
    ),
    "explain.facts": ("read from the text:", "从文本中读到："),
    "explain.fact_os": ("system: {name}", "系统：{name}"),
    "explain.fact_python": ("Python {version}", "Python {version}"),
    "explain.fact_gpus": ("GPU: {names}", "显卡：{names}"),
    "explain.fact_driver": ("NVIDIA driver {version}", "NVIDIA 驱动 {version}"),
    "explain.fact_packages": ("packages: {names}", "软件包：{names}"),
    "explain.no_facts": ("no facts about a machine", "没有关于电脑的信息"),
    "explain.likely": ("most likely cause", "最可能的原因"),
    "explain.also": ("also", "另外"),
    "explain.note": ("worth knowing", "值得了解"),
    "explain.fix": ("→ {what}", "→ {what}"),
}
