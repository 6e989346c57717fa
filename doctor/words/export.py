"""Words of the verb `export`."""

WORDS: dict[str, tuple[str, str]] = {
    "export.example": (
        "tunedoc export my-run\n  tunedoc export my-run --types Q4_K_M,Q8_0 --output gguf",
        "tunedoc export my-run\n  tunedoc export my-run --types Q4_K_M,Q8_0 --output gguf",
    ),
    "export.help_source": (
        "a run (its folder, or its name in tunedoc's folder) or a model folder",
        "训练结果（文件夹，或 tunedoc 文件夹中的名称）或模型文件夹",
    ),
    "export.help_types": (
        "GGUF types, with commas between (default: {default})",
        "GGUF 类型，用逗号分隔（默认：{default}）",
    ),
    "export.help_output": (
        "folder for the files (default: `exports` in tunedoc's folder)",
        "文件存放的文件夹（默认：tunedoc 文件夹中的 `exports`）",
    ),
    "export.help_prompt": (
        "what the finished files are asked as a proof",
        "验证成品文件时提出的问题",
    ),
    "export.no_type": ("there is no GGUF type `{type}`", "没有 `{type}` 这种 GGUF 类型"),
    "export.no_types": ("no GGUF type is named", "没有指定 GGUF 类型"),
    "export.types_hint": ("these can be written: {types}", "可以导出：{types}"),
    "export.no_source": (
        "there is no run and no model folder `{named}`",
        "没有名为 `{named}` 的训练结果或模型文件夹",
    ),
    "export.runs_hint": ("finished runs: {runs}", "已完成的训练：{runs}"),
    "export.no_runs_hint": (
        "train first with `tunedoc train JOB.yaml`, or name a model folder",
        "请先用 `tunedoc train 任务.yaml` 训练，或指定一个模型文件夹",
    ),
    "export.bad_run": ("the run's job.json cannot be read", "无法读取该训练的 job.json"),
    "export.bad_run_hint": (
        "name a run folder that `tunedoc train` made",
        "请指定由 `tunedoc train` 生成的训练文件夹",
    ),
    "export.unfinished_run": (
        "the run has no adapter: it was not finished",
        "该训练没有适配器：训练尚未完成",
    ),
    "export.unfinished_run_hint": (
        "finish it with `tunedoc train JOB.yaml --resume`",
        "请用 `tunedoc train 任务.yaml --resume` 完成训练",
    ),
    "export.judge": (
        "this run made a reward model: it answers with a number, which GGUF programs cannot use",
        "该训练得到的是奖励模型：它输出的是分数，GGUF 程序无法使用",
    ),
    "export.judge_hint": (
        "load it with peft or transformers; `docs/reference/methods.md` shows how",
        "请用 peft 或 transformers 加载；用法见 `docs/reference/methods.md`",
    ),
    "export.base_gone": (
        "the base model of this run is no longer at {model}",
        "该训练的基础模型已不在 {model}",
    ),
    "export.base_gone_hint": (
        "put it back there; an adapter cannot be merged without the model that it was trained on",
        "请将模型放回原处；没有训练时所用的基础模型，就无法合并适配器",
    ),
    "export.no_adapter": (
        "this is not a LoRA adapter: {missing} is missing",
        "这不是 LoRA 适配器：缺少 {missing}",
    ),
    "export.quantised_base": (
        "the base model is a quantised copy ({method}), and an adapter is merged into the 16-bit original",
        "基础模型是量化版本（{method}），而适配器需要合并到 16 位的原始模型",
    ),
    "export.quantised_base_hint": (
        "fetch the original with `tunedoc model get` and name it in the run's job",
        "请用 `tunedoc model get` 获取原始模型，并在训练任务中指定它",
    ),
    "export.no_space": (
        "the export needs {need} GB in {folder}, and {free} GB are free",
        "导出需要在 {folder} 占用 {need} GB，而剩余空间只有 {free} GB",
    ),
    "export.no_space_hint": (
        "free some space, choose fewer types, or name a folder on another disk with `--output`",
        "请释放空间、减少导出类型，或用 `--output` 指定其他磁盘上的文件夹",
    ),
    "export.busy": (
        "another tunedoc is exporting into {folder}",
        "另一个 tunedoc 正在导出到 {folder}",
    ),
    "export.busy_hint": ("wait until it has finished", "请等待它完成"),
    "export.interrupted": (
        "stopped; finished files are kept, and the same command makes the others",
        "已停止；完成的文件会保留，运行同一命令即可生成其余文件",
    ),
    "export.stage_merge": ("merging the adapter into the 16-bit model", "正在将适配器合并到 16 位模型"),
    "export.stage_convert": ("converting to GGUF", "正在转换为 GGUF"),
    "export.stage_quantise": ("quantising to {type}", "正在量化为 {type}"),
    "export.stage_verify": ("reading {type} back", "正在回读 {type}"),
    "export.stage_answer": ("asking {type} a question", "正在向 {type} 提问"),
    "export.stage_place": ("writing the {type} file", "正在写入 {type} 文件"),
    "export.stage_line": ("{stage}: {seconds} s", "{stage}：{seconds} 秒"),
    "export.warn_fell_back": (
        "{type}: {count} of {weights} weights have rows that this type cannot divide and are stored as {types}",
        "{type}：{weights} 个权重中有 {count} 个的行长度无法按该类型分块，改存为 {types}",
    ),
    "export.warn_no_chat_template": (
        "the model has no chat template; chat programs will have to guess one",
        "模型没有对话模板；聊天程序只能猜测",
    ),
    "export.column_file": ("file", "文件"),
    "export.column_type": ("type", "类型"),
    "export.column_size": ("size", "大小"),
    "export.column_speed": ("tokens/s", "词元/秒"),
    "export.column_answer": ("answer to `{prompt}`", "对 `{prompt}` 的回答"),
    "export.reused_mark": ("already there", "已有"),
    "export.where": ("the files are in {folder}", "文件位于 {folder}"),
    "export.next": ("talk to one with `tunedoc chat {file}`", "可用 `tunedoc chat {file}` 与它对话"),
}
