"""Words about settings of other trainers: what becomes of each, and why."""

WORDS: dict[str, tuple[str, str]] = {
    # The verb.
    "importing.example": (
        "tunedoc import llama3_lora_sft.yaml\ntunedoc import train.sh --output my-job.yaml",
        "tunedoc import llama3_lora_sft.yaml\ntunedoc import train.sh --output 我的任务.yaml",
    ),
    "importing.help_file": (
        "LLaMA-Factory's or Axolotl's YAML or JSON, a file of TrainingArguments, a script, a notebook or a shell "
        "script",
        "LLaMA-Factory 或 Axolotl 的 YAML/JSON、TrainingArguments 文件、Python 脚本、notebook 或 shell 脚本",
    ),
    "importing.help_output": (
        "the job file to write (default: FILE's name with `.tunedoc.yaml`)",
        "要写入的任务文件（默认：原文件名加 `.tunedoc.yaml`）",
    ),
    "importing.help_from": (
        "whose settings FILE holds (default: told from what is in it)",
        "FILE 来自哪个工具（默认自动识别）",
    ),
    "importing.help_dataset_info": (
        "LLaMA-Factory's dataset_info.json (default: found by `dataset_dir`)",
        "LLaMA-Factory 的 dataset_info.json（默认按 `dataset_dir` 查找）",
    ),
    "importing.help_force": ("write over a job file that is there already", "覆盖已有的任务文件"),
    "importing.exists": ("there is a file `{file}` already", "已有文件 `{file}`"),
    "importing.exists_hint": (
        "add `--force` to write over it, or `--output FILE`",
        "加上 `--force` 覆盖它，或用 `--output 文件` 另写一个",
    ),
    "importing.written": ("{tool} → {file}: {same} settings taken over", "{tool} → {file}：已沿用 {same} 项设置"),
    "importing.head_changed": ("means something else here ({count}):", "含义有所不同（{count} 项）："),
    "importing.head_default": (
        "{tool}'s defaults, written out because ours differ ({count}):",
        "{tool} 的默认值，因与 tunedoc 不同而写明（{count} 项）：",
    ),
    "importing.head_lost": ("no equivalent, and it matters ({count}):", "没有对应项，且有影响（{count} 项）："),
    "importing.head_unknown": ("not known, and not taken over ({count}):", "无法识别，未沿用（{count} 项）："),
    "importing.head_idle": ("no equivalent, and none needed ({count}):", "没有对应项，也不需要（{count} 项）："),
    "importing.idle_count": (
        "{count} settings need no equivalent; `-v` lists them",
        "另有 {count} 项设置不需要对应项；`-v` 可列出",
    ),
    "importing.entry": ("{name}: {value}", "{name}：{value}"),
    "importing.at_line": ("line {line}", "第 {line} 行"),
    "importing.next": (
        "next: `tunedoc job check {file}`, then `tunedoc train {file}`",
        "接下来：`tunedoc job check {file}`，然后 `tunedoc train {file}`",
    ),
    "importing.header": (
        "Made by `tunedoc import` from {file} ({tool}).",
        "由 `tunedoc import` 从 {file}（{tool}）生成。",
    ),
    "importing.header_lost": ("Without an equivalent: {names}", "没有对应项：{names}"),
    "importing.conflict": ("beside the other settings: {message}", "与其他设置不符：{message}"),
    "importing.no_model_named": (
        "the settings do not say the base model: name it here",
        "原设置没有写明基础模型：请在此填写",
    ),
    "importing.no_data_named": ("the settings do not say the data: name them here", "原设置没有写明数据：请在此填写"),
    "importing.batch": (
        "one step learned from {per_card} records on each card ({micro} × {steps}); with more than one card, write "
        "`processes: N` to keep {per_card} × N",
        "原先每张卡每步学习 {per_card} 条记录（{micro} × {steps}）；若用多张卡，请写 `processes: N`，以保持 "
        "{per_card} × N",
    ),
    # What was found.
    "importing.binary": (
        "this is a file of weights or of pickled objects, which is never opened",
        "这是权重或 pickle 文件，不会打开",
    ),
    "importing.binary_hint": (
        "give the YAML, JSON or script that the training was started with",
        "请提供启动训练时所用的 YAML、JSON 或脚本",
    ),
    "importing.ours": ("this is a job of tunedoc's already", "这已经是 tunedoc 的任务文件"),
    "importing.ours_hint": ("`tunedoc train {file}` carries it out", "可用 `tunedoc train {file}` 直接执行"),
    "importing.not_recognised": (
        "these are no settings of LLaMA-Factory, Axolotl or the Trainer",
        "这不是 LLaMA-Factory、Axolotl 或 Trainer 的设置",
    ),
    "importing.not_recognised_hint": (
        "give a file with `name: value` lines such as `model_name_or_path: …`; `--from` says whose it is",
        "请提供含有 `model_name_or_path: …` 之类 `名称: 值` 行的文件；可用 `--from` 指明来源",
    ),
    "importing.no_mapping": ("settings are `name: value` lines", "设置应由若干行 `名称: 值` 组成"),
    "importing.bad_python": (
        "this is not valid Python (column {column}): {detail}",
        "Python 语法有误（第 {column} 列）：{detail}",
    ),
    "importing.bad_notebook": ("this is not a notebook with cells", "这不是含有单元格的 notebook"),
    "importing.no_arguments": (
        "the script makes no TrainingArguments and no Trainer",
        "脚本中没有 TrainingArguments，也没有 Trainer",
    ),
    "importing.no_arguments_hint": (
        "give the file that calls `TrainingArguments(…)`, `SFTConfig(…)` or the like, or the command that starts it",
        "请提供调用 `TrainingArguments(…)`、`SFTConfig(…)` 等的文件，或启动它的命令",
    ),
    "importing.no_command": ("no line here starts a training", "这里没有启动训练的命令"),
    "importing.no_command_hint": (
        "a line such as `torchrun train.py --learning_rate 1e-4` or `llamafactory-cli train FILE` is looked for",
        "需要类似 `torchrun train.py --learning_rate 1e-4` 或 `llamafactory-cli train 文件` 的命令",
    ),
    "importing.no_config": ("the command names `{name}`, which is not there", "命令中的 `{name}` 不存在"),
    "importing.no_training": (
        "these settings of {tool} name no data and train nothing",
        "{tool} 的这些设置没有数据，不是训练",
    ),
    "importing.export_hint": ("exporting is `tunedoc export RUN`", "导出请用 `tunedoc export 训练结果`"),
    "importing.no_dataset_hint": (
        "a training has `dataset:`; chatting is `tunedoc chat`",
        "训练应有 `dataset:`；对话请用 `tunedoc chat`",
    ),
    "importing.no_axolotl_data_hint": ("a training has `datasets:`", "训练应有 `datasets:`"),
    "importing.no_ppo": (
        "{name} learns from rewards on its own answers, which tunedoc does not train",
        "{name} 要根据对自身回答的奖励来学习，tunedoc 不支持",
    ),
    "importing.no_ppo_hint": (
        "`method: dpo`, `orpo` and `kto` learn preferences from records; see docs/reference/methods.md",
        "`method: dpo`、`orpo` 和 `kto` 可从记录中学习偏好；见 docs/reference/methods.md",
    ),
    "importing.bad_dataset_info": ("this is no table of data sets", "这不是数据集表"),
    "importing.kind_data_sets": ("a list of data sets, each with a `path`", "数据集列表，每项都有 `path`"),
    "importing.one_of": ("one of: {choices}", "以下之一：{choices}"),
    "importing.unknown": (
        "{tool} has no setting of this name that tunedoc knows",
        "tunedoc 不认识 {tool} 的这一设置",
    ),
    "importing.unknown_near": (
        "{tool} has no setting of this name; did it mean `{nearest}`?",
        "{tool} 没有这一设置；是否应为 `{nearest}`？",
    ),
    "importing.default": ("{tool}'s default for `{name}`", "{tool} 中 `{name}` 的默认值"),
    # The model and the data.
    "importing.variable": (
        "`{name}` is filled in when the command runs: name the folder",
        "`{name}` 在运行命令时才填入：请写明文件夹",
    ),
    "importing.model_on_hub": (
        "`tunedoc model get {name}` fetches it; the name then works as it is",
        "请用 `tunedoc model get {name}` 获取；之后该名称即可直接使用",
    ),
    "importing.model_quantised": (
        "`{name}` comes quantised already; tunedoc quantises `{bare}` itself: `tunedoc model get {bare}`",
        "`{name}` 已经量化；tunedoc 会自行量化 `{bare}`：`tunedoc model get {bare}`",
    ),
    "importing.model_missing": (
        "there is no folder `{name}` here: name the model's folder",
        "这里没有文件夹 `{name}`：请写明模型的文件夹",
    ),
    "importing.data_on_hub": (
        "`{name}` lies on a hub and is not fetched: put its JSON, CSV or Parquet files into a folder `{folder}`",
        "`{name}` 位于网上数据集库，不会自动获取：请将其 JSON、CSV 或 Parquet 文件放入文件夹 `{folder}`",
    ),
    "importing.no_data_file": ("there is no file `{path}`: name where it is", "没有文件 `{path}`：请写明位置"),
    "importing.no_file_name": ("the table does not say the file of `{name}`", "表中没有写明 `{name}` 的文件"),
    "importing.no_dataset_info": (
        "no dataset_info.json was found that says what `{name}` is: name its file",
        "没有找到说明 `{name}` 的 dataset_info.json：请写明其文件",
    ),
    "importing.not_in_dataset_info": (
        "`{file}` does not hold `{name}`: name its file",
        "`{file}` 中没有 `{name}`：请写明其文件",
    ),
    "importing.unknown_type": (
        "records of the type `{name}` are not known; `tunedoc data check` says whether they can be read",
        "不认识 `{name}` 类型的记录；可用 `tunedoc data check` 查看能否读取",
    ),
    "importing.own_format": (
        "the records are put into the model's own chat template, and not into this format",
        "记录会套用模型自带的对话模板，而不是这里的格式",
    ),
    "importing.template": (
        "tunedoc uses the chat template that comes with the model's tokenizer; `tunedoc data check` shows records "
        "in it",
        "tunedoc 使用模型分词器自带的对话模板；`tunedoc data check` 可显示套用模板后的记录",
    ),
    "importing.completion": (
        "records of the type `completion` are raw text, all of it learned",
        "`completion` 类型的记录是纯文本，全部参与学习",
    ),
    "importing.turns_to_train": (
        "turns may say themselves whether they are learned: `train: false` or `weight: 0`",
        "每轮对话可自行注明是否参与学习：`train: false` 或 `weight: 0`",
    ),
    "importing.held_out_count": (
        "{count} of {total} records, as a share",
        "{total} 条记录中的 {count} 条，以比例表示",
    ),
    "importing.held_out_unknown": (
        "{count} records were held out; tunedoc takes a share, and the records could not be counted: write "
        "{count} / all",
        "原先留出 {count} 条记录；tunedoc 用比例表示，但无法统计记录总数：请填写 {count} / 总数",
    ),
    "importing.mixed": (
        "as weights: how often an epoch takes each record; an epoch has as many records as there",
        "换算为权重，即每轮取用每条记录的次数；每轮的记录数与原先相同",
    ),
    "importing.part": (
        "as a weight: an epoch takes as many records as there, the next epoch others",
        "换算为权重：每轮取用的记录数与原先相同，下一轮取其他记录",
    ),
    # Learning.
    "importing.near_schedule": (
        "`{name}` is not there; `{nearest}` comes nearest",
        "没有 `{name}`；最接近的是 `{nearest}`",
    ),
    "importing.near_optimizer": (
        "`{name}` is not there; `{nearest}` comes nearest, and may want another learning rate",
        "没有 `{name}`；最接近的是 `{nearest}`，学习率可能需要调整",
    ),
    "importing.near_attention": (
        "`{name}` is not there; `auto` takes the fastest exact one",
        "没有 `{name}`；`auto` 会选用最快的精确实现",
    ),
    "importing.near_checkpointing": (
        "`{name}` is not there; activations are computed again instead, with the same result",
        "没有 `{name}`；改为重新计算激活值，结果相同",
    ),
    "importing.near_tuning": (
        "`{name}` is not there; a LoRA adapter comes nearest",
        "没有 `{name}`；最接近的是 LoRA 适配器",
    ),
    "importing.pure_type": (
        "the weights were kept in 16 bits while training; here what is trained is kept in 32 and computed in "
        "{precision}",
        "原先训练时权重以 16 位保存；这里被训练的部分以 32 位保存，以 {precision} 计算",
    ),
    "importing.whole_alpha": ("alpha is a whole number here", "这里的 alpha 是整数"),
    "importing.packing": (
        "there a sample was filled with records up to its length; here it is one record, and padding is avoided "
        "by batches "
        "of like lengths: a step then holds fewer tokens, so a larger `gradient_accumulation` may be wanted",
        "原先每个样本会用多条记录填满；这里一个样本就是一条记录，并用长度相近的批次避免填充：每步的 token 更少，"
        "可能需要加大 `gradient_accumulation`",
    ),
    "importing.total_batch": ("the whole batch of one card, as micro-batches", "一张卡的总批量，换算为微批数"),
    "importing.dropped": (
        "Axolotl leaves out records that are longer; tunedoc cuts them at the end and tells how many",
        "Axolotl 会丢弃更长的记录；tunedoc 从末尾截断并告知数量",
    ),
    "importing.own_length": (
        "the script cuts records in its own way: write the length in tokens that it keeps",
        "脚本自行截断记录：请写明它保留的 token 数",
    ),
    "importing.whole_text": (
        "the script learns from whole texts; `true` learns from the answers only and mostly serves better",
        "该脚本学习整段文本；`true` 只学习回答，通常效果更好",
    ),
    "importing.no_flash_fp32": ("flash attention does not compute in 32 bits", "flash attention 不支持 32 位计算"),
    "importing.quantised_without_adapter": (
        "quantised weights are trained through an adapter",
        "量化后的权重需通过适配器训练",
    ),
}
