"""Words about job files."""

WORDS: dict[str, tuple[str, str]] = {
    "jobs.no_file": ("there is no such job file", "没有这个任务文件"),
    "jobs.no_file_hint": (
        "`tunedoc train --help` shows a job to start from",
        "`tunedoc train --help` 给出了一个可用作起点的任务",
    ),
    "jobs.is_folder": ("this is a folder, and a job is a YAML file", "这是文件夹，而任务应是 YAML 文件"),
    "jobs.too_large": ("this file is too large to be a job", "文件太大，不像是任务文件"),
    "jobs.not_utf8": ("the job file is not in UTF-8", "任务文件不是 UTF-8 编码"),
    "jobs.not_utf8_hint": (
        "save it as UTF-8 in your editor and run the same command again",
        "请在编辑器中另存为 UTF-8，然后重新运行同一命令",
    ),
    "jobs.unreadable": ("the job file cannot be read: {detail}", "无法读取任务文件：{detail}"),
    "jobs.empty": ("the job file is empty", "任务文件是空的"),
    "jobs.example_hint": (
        "a job names at least `model:` and `data:`; `tunedoc train --help` shows one",
        "任务至少要写明 `model:` 和 `data:`；`tunedoc train --help` 中有示例",
    ),
    "jobs.bad_yaml": (
        "this is not valid YAML (column {column}): {detail}",
        "YAML 语法有误（第 {column} 列）：{detail}",
    ),
    "jobs.bad_yaml_hint": (
        "each line is `name: value`; put values that hold `:` or `#` in quotes",
        "每行写作 `名称: 值`；含有 `:` 或 `#` 的值请加引号",
    ),
    "jobs.tab_hint": ("YAML is indented with spaces, not with tabs", "YAML 用空格缩进，不能用制表符"),
    "jobs.not_a_mapping": ("a job is a list of `name: value` lines", "任务应由若干行 `名称: 值` 组成"),
    "jobs.lora_mapping": (
        "`lora` holds fields of its own, indented: rank, alpha, dropout, targets",
        "`lora` 下应缩进写它自己的字段：rank、alpha、dropout、targets",
    ),
    "jobs.missing": ("the job does not say its `{field}`", "任务没有写明 `{field}`"),
    "jobs.hint_model": (
        "add `model: FOLDER`, the folder of the base model or the id of one that `tunedoc model list` shows",
        "请加上 `model: 文件夹`，即基础模型的文件夹，或 `tunedoc model list` 列出的模型名",
    ),
    "jobs.hint_data": (
        "add `data: FILE`, a JSON or JSONL file with records, or a list of them",
        "请加上 `data: 文件`，即包含记录的 JSON 或 JSONL 文件，也可以是多个文件的列表",
    ),
    "jobs.unknown": ("a job has no field `{field}`", "任务没有 `{field}` 这个字段"),
    "jobs.nearest": ("did you mean `{nearest}`?", "您是想写 `{nearest}` 吗？"),
    "jobs.known": ("the fields are: {names}", "可用的字段：{names}"),
    "jobs.twice": ("the field `{field}` is written twice", "字段 `{field}` 写了两次"),
    "jobs.wrong_kind": ("`{field}` must be {expected}", "`{field}` 应为{expected}"),
    "jobs.wrong_value": (
        "`{field}` must be {expected}, and not `{found}`",
        "`{field}` 应为{expected}，而不是 `{found}`",
    ),
    "jobs.kind_bool": ("true or false", " true 或 false"),
    "jobs.kind_int": ("a whole number", "整数"),
    "jobs.kind_float": ("a number", "数字"),
    "jobs.kind_str": ("a text", "文本"),
    "jobs.kind_names": ("a name or a list of names", "一个名称或名称列表"),
    "jobs.not_a_choice": (
        "`{field}` cannot be `{found}`; it is one of: {choices}",
        "`{field}` 不能是 `{found}`；可选值：{choices}",
    ),
    "jobs.out_of_range": (
        "`{field}` cannot be {found}; it takes: {expected}",
        "`{field}` 不能是 {found}；取值范围：{expected}",
    ),
    "jobs.no_model": ("there is no model `{name}`", "没有模型 `{name}`"),
    "jobs.no_model_hint": (
        "name the model's folder (relative to the job file), or fetch it with `tunedoc model get {name}`",
        "请写模型的文件夹（相对于任务文件），或用 `tunedoc model get {name}` 获取",
    ),
    "jobs.no_data": ("there is no data file `{name}`", "没有数据文件 `{name}`"),
    "jobs.no_data_hint": (
        "data paths are relative to the job file's folder",
        "数据路径相对于任务文件所在的文件夹",
    ),
    "jobs.data_folder": ("`{name}` is a folder, and data are files", "`{name}` 是文件夹，而数据应是文件"),
    "jobs.data_folder_hint": ("list the files one by one under `data:`", "请在 `data:` 下逐个列出文件"),
    "jobs.data_empty": ("the data file `{name}` is empty", "数据文件 `{name}` 是空的"),
}
