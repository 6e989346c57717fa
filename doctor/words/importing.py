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
    "importing.idle_samples": ("no set has more records", "没有数据集超过此数量"),
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
    # No equivalent, and none needed.
    "importing.idle_off": ("switched off, as it is here", "未启用，这里也没有"),
    "importing.idle_empty": ("left empty", "留空"),
    "importing.idle_ours": ("this is what tunedoc does", "tunedoc 就是这样做的"),
    "importing.idle_details": ("a detail of something that is not in use", "属于未使用功能的细节"),
    "importing.idle_no_adapter": ("no adapter is trained", "不训练适配器"),
    "importing.idle_all_linear": ("contained in all linear layers", "已包含在所有线性层中"),
    "importing.idle_loader": ("tunedoc reads and tokenises ahead by itself", "tunedoc 会自行预读和分词"),
    "importing.idle_cache": (
        "tunedoc keeps tokenised records by their content and renews them by itself",
        "tunedoc 按内容缓存分词结果，并自动更新",
    ),
    "importing.idle_log": (
        "tunedoc writes metrics, events and logs of every run into its folder",
        "tunedoc 会把每次训练的指标、事件和日志写入其文件夹",
    ),
    "importing.idle_tracker_name": (
        "runs are named by their job file; keys and projects come from the tracker's own settings",
        "训练以任务文件命名；密钥和项目名取自记录工具自身的设置",
    ),
    "importing.idle_no_tracker": (
        "no tracker beside tunedoc's own metrics.csv",
        "除 tunedoc 的 metrics.csv 外不使用记录工具",
    ),
    "importing.idle_work": (
        "says how that tool works, and nothing about the model",
        "只涉及该工具自身的运作，与模型无关",
    ),
    "importing.idle_debug": ("for looking for faults in that tool", "用于调试该工具"),
    "importing.idle_device": (
        "tunedoc takes the cards that are there; `processes` and `split` say how",
        "tunedoc 自动使用现有显卡；用 `processes` 和 `split` 指定方式",
    ),
    "importing.idle_ddp": ("tunedoc's own launcher sees to it", "由 tunedoc 的启动器处理"),
    "importing.idle_hub": (
        "tunedoc uploads nothing; `tunedoc model get` fetches models",
        "tunedoc 不上传任何内容；模型用 `tunedoc model get` 获取",
    ),
    "importing.idle_speed": ("changes speed or memory, not what is learned", "只影响速度或显存，不影响学习结果"),
    "importing.idle_token_mean": (
        "tunedoc counts the loss by the tokens of the whole step, on all processes",
        "tunedoc 按整步（所有进程）的 token 计算损失",
    ),
    "importing.idle_oom": (
        "when memory runs out, tunedoc halves the micro-batch and doubles the accumulation by itself",
        "显存不足时，tunedoc 会自动将微批减半、累积翻倍",
    ),
    "importing.idle_eval": ("how the loss is measured changes nothing that is learned", "测量方式不影响学习结果"),
    "importing.idle_eval_start": (
        "tunedoc measures before the first step anyway",
        "tunedoc 本来就会在第一步之前测量",
    ),
    "importing.idle_eval_epoch": (
        "tunedoc measures before and after; `eval_steps` adds measurements in between",
        "tunedoc 在训练前后测量；`eval_steps` 可在中途增加测量",
    ),
    "importing.idle_eval_steps": (
        "tunedoc measures before and after, and every `eval_steps` where that is written",
        "tunedoc 在训练前后测量；写明 `eval_steps` 时也会按步测量",
    ),
    "importing.idle_nothing_held_out": ("nothing is held out to be measured", "没有留出用于测量的记录"),
    "importing.idle_held_out": ("there are records of their own to measure the loss on", "已另有用于测量损失的记录"),
    "importing.idle_save_strategy": (
        "tunedoc saves every `save_steps` steps (50), so that a run can go on after a crash",
        "tunedoc 每 `save_steps` 步（50）保存一次，以便中断后继续",
    ),
    "importing.idle_saving_steps": ("tunedoc always saves by steps", "tunedoc 总是按步保存"),
    "importing.idle_saving": (
        "tunedoc's checkpoints are always whole and checked",
        "tunedoc 的检查点总是完整且经过校验",
    ),
    "importing.idle_safetensors": ("tunedoc always writes safetensors", "tunedoc 总是写入 safetensors"),
    "importing.idle_resume": (
        "the same `tunedoc train` command goes on where it stopped",
        "再次运行同一条 `tunedoc train` 命令即可继续",
    ),
    "importing.idle_predict": (
        "for generating answers, not for training; see `tunedoc chat`",
        "用于生成回答而非训练；请用 `tunedoc chat`",
    ),
    "importing.idle_inference": ("for running the model, not for training", "用于运行模型，与训练无关"),
    "importing.idle_export": ("for exporting; see `tunedoc export`", "用于导出；请用 `tunedoc export`"),
    "importing.idle_padding": (
        "tunedoc pads to the longest record of each micro-batch, of like lengths",
        "tunedoc 将长度相近的记录组成微批，只填充到其中最长的一条",
    ),
    "importing.idle_packing_details": (
        "how records were packed together; tunedoc does not pack them",
        "涉及记录的打包方式；tunedoc 不打包",
    ),
    "importing.idle_pad": (
        "tunedoc pads with a token that is never learned, and learns the end of an answer",
        "tunedoc 用不参与学习的 token 填充，并会学习回答的结尾",
    ),
    "importing.idle_grouping": (
        "each step learns from records drawn by chance, as there",
        "与原先一样，每步随机抽取记录",
    ),
    "importing.idle_batch_size": ("follows from the micro-batch and the accumulation", "由微批和累积步数得出"),
    "importing.idle_step": ("records are drawn by chance in every epoch", "每轮都会随机抽取记录"),
    "importing.idle_streaming": ("tunedoc streams files of lines by itself", "tunedoc 会自动流式读取按行存储的文件"),
    "importing.idle_concat": ("all records of all sets, as here", "使用所有数据集的全部记录，这里也一样"),
    "importing.idle_dataset_dir": ("the paths in `data` say where the files are", "`data` 中的路径已说明文件位置"),
    "importing.idle_data_details": (
        "tunedoc sees it from the file, or does so anyway",
        "tunedoc 会从文件中得知，或本来就这样做",
    ),
    "importing.idle_template": ("the tokenizer's own chat template, as here", "使用分词器自带的对话模板，这里也一样"),
    "importing.idle_tools": (
        "tool calls are written as the model's own chat template does",
        "工具调用按模型自带的对话模板书写",
    ),
    "importing.idle_truncate": ("longer records are cut, as here", "截断过长的记录，这里也一样"),
    "importing.idle_task": ("follows from the model and the method", "由模型和方法决定"),
    "importing.idle_compute_type": (
        "tunedoc computes in the format that `precision` says",
        "tunedoc 按 `precision` 指定的格式计算",
    ),
    "importing.idle_precision": ("`precision: {precision}` is said already", "已写明 `precision: {precision}`"),
    "importing.idle_constant": ("a constant rate without warm-up was asked for", "原设置为无预热的恒定学习率"),
    "importing.idle_warmup": ("the number of warm-up steps counts", "以预热步数为准"),
    "importing.idle_no_limit": ("no limit: the epochs decide", "没有上限：由训练轮数决定"),
    "importing.idle_dropout": ("dropout is what `lora.dropout` says", "dropout 以 `lora.dropout` 为准"),
    "importing.idle_unsloth": ("a faster implementation of the same training", "同一训练的加速实现"),
    "importing.idle_plugins": (
        "`kernels: liger` is taken over where it is among them; the others change speed or are told on their own",
        "其中若有 liger，会沿用为 `kernels: liger`；其余只影响速度，或另有说明",
    ),
    "importing.idle_watchdog": (
        "tunedoc stops by itself when the loss is no number any more, with the last good checkpoint",
        "损失变为非数值时，tunedoc 会自动停止并保留最后一个正常的检查点",
    ),
    # No equivalent, and it matters.
    "importing.lost_unread": (
        "worked out when the program runs: write the value yourself",
        "运行时才能算出：请自行填写",
    ),
    "importing.lost_adapter": (
        "tunedoc begins with a new adapter: merge the old one into the model first, and name that",
        "tunedoc 从新的适配器开始：请先将旧适配器合并到模型，再使用合并后的模型",
    ),
    "importing.lost_remote_code": (
        "tunedoc runs no code out of a model's folder; models that transformers knows itself work without it",
        "tunedoc 不运行模型文件夹中的代码；transformers 自身支持的模型不需要它",
    ),
    "importing.lost_revision": (
        "fetch that version: `tunedoc model get NAME --revision REV`",
        "请获取该版本：`tunedoc model get 名称 --revision 版本`",
    ),
    "importing.lost_tokenizer": ("the tokenizer in the model's folder is used", "使用模型文件夹中的分词器"),
    "importing.lost_tokens": (
        "tunedoc adds no tokens and changes none: put them into the tokenizer in the model's folder first",
        "tunedoc 不增加或更改 token：请先在模型文件夹的分词器中设置好",
    ),
    "importing.lost_template": (
        "put this template into the model's tokenizer_config.json or chat_template.jinja",
        "请将此模板写入模型的 tokenizer_config.json 或 chat_template.jinja",
    ),
    "importing.lost_system": (
        "write the system message into the records, as a `system` field or turn",
        "请将系统提示写入记录的 `system` 字段或消息",
    ),
    "importing.lost_thinking": (
        "the chat template's own default is used for thinking",
        "思考部分采用对话模板自身的默认设置",
    ),
    "importing.lost_tools": ("write the tools into the records' `tools` field", "请将工具写入记录的 `tools` 字段"),
    "importing.lost_rope": (
        "write it into the model's config.json as `rope_scaling`",
        "请写入模型 config.json 的 `rope_scaling`",
    ),
    "importing.lost_model_kwargs": (
        "write what belongs to the model into its config.json",
        "属于模型的设置请写入其 config.json",
    ),
    "importing.lost_architecture": ("tunedoc trains models as they are built", "tunedoc 按模型原有结构训练"),
    "importing.lost_scratch": (
        "tunedoc goes on from a model's weights and does not begin with random ones",
        "tunedoc 从已有权重继续，不从随机权重开始",
    ),
    "importing.lost_encoder": (
        "tunedoc trains models that write on, not encoder-decoders",
        "tunedoc 训练生成式模型，不支持编码器-解码器模型",
    ),
    "importing.lost_quantised_base": (
        "models that come quantised: see docs/reference/methods.md for those that can be trained",
        "已量化的模型：可训练的种类见 docs/reference/methods.md",
    ),
    "importing.lost_quantisation": (
        "`{name}` is not there; tunedoc quantises to NF4 or 8-bit integers with bitsandbytes",
        "没有 `{name}`；tunedoc 用 bitsandbytes 量化为 NF4 或 8 位整数",
    ),
    "importing.lost_bits": ("tunedoc quantises to 4 or 8 bits", "tunedoc 只量化为 4 位或 8 位"),
    "importing.lost_bnb": (
        "this way to quantise is not there; `quantisation: nf4` or `int8` is",
        "没有这种量化方式；可用 `quantisation: nf4` 或 `int8`",
    ),
    "importing.lost_type": (
        "this number format is not there; `precision` takes auto, fp32, bf16, fp16",
        "没有这种数值格式；`precision` 可取 auto、fp32、bf16、fp16",
    ),
    "importing.lost_fp8": (
        "tunedoc does not compute in 8 bits; bf16 is used where the card has it",
        "tunedoc 不以 8 位计算；显卡支持时使用 bf16",
    ),
    "importing.lost_upcast": ("tunedoc leaves layers in the format they have", "tunedoc 保持各层原有的格式"),
    "importing.lost_offload": (
        "weights are not moved to the host while training; `quantisation: nf4` or a shorter `max_length` saves memory",
        "训练时不会将权重移到内存；可用 `quantisation: nf4` 或更短的 `max_length` 节省显存",
    ),
    "importing.lost_start": (
        "an adapter starts as `default`, `gaussian` or `pissa`",
        "适配器的初始化可为 `default`、`gaussian` 或 `pissa`",
    ),
    "importing.lost_pissa_quantised": (
        "PiSSA needs the 16-bit weights, and this base is quantised; the adapter starts as usual",
        "PiSSA 需要 16 位权重，而此处基础模型已量化；适配器按常规初始化",
    ),
    "importing.lost_pissa_convert": (
        "the adapter stays as PiSSA makes it; `tunedoc export` merges it",
        "适配器保持 PiSSA 的形式；`tunedoc export` 会将其合并",
    ),
    "importing.lost_oft": (
        "orthogonal fine-tuning is not there; a LoRA adapter is trained",
        "不支持正交微调；改为训练 LoRA 适配器",
    ),
    "importing.lost_bias": ("biases are not trained beside an adapter", "不会随适配器训练偏置"),
    "importing.lost_expression": (
        "a search expression: write the modules' names one by one, or `all-linear`",
        "这是匹配表达式：请逐个写出模块名称，或写 `all-linear`",
    ),
    "importing.lost_patterns": (
        "every adapted module has the same rank and alpha",
        "所有模块使用相同的 rank 和 alpha",
    ),
    "importing.lost_parameters": (
        "adapters go to modules, not to single parameters or tokens",
        "适配器加在模块上，不针对单个参数或 token",
    ),
    "importing.lost_some_layers": (
        "which layers are trained cannot be chosen one by one; `tuning: freeze` trains the last ones",
        "无法逐一选择训练哪些层；`tuning: freeze` 训练最后若干层",
    ),
    "importing.lost_groups": (
        "all that is trained has one learning rate; `lora.plus_ratio` sets LoRA's B apart",
        "被训练的部分使用同一学习率；`lora.plus_ratio` 可单独提高 LoRA 的 B",
    ),
    "importing.lost_optimizer": (
        "this optimizer or method is not there; `optimizer` names those that are",
        "没有这种优化器或方法；可用的见 `optimizer`",
    ),
    "importing.lost_adam": (
        "AdamW's betas 0.9 and 0.999 and epsilon 1e-8 are fixed",
        "AdamW 的 beta 固定为 0.9 和 0.999，epsilon 固定为 1e-8",
    ),
    "importing.lost_schedule": (
        "this schedule is not there; `scheduler` takes cosine, linear, constant",
        "没有这种调度方式；`scheduler` 可取 cosine、linear、constant",
    ),
    "importing.lost_schedule_details": (
        "the learning rate falls to zero as `scheduler` says, without further settings",
        "学习率按 `scheduler` 降到零，没有其他设置",
    ),
    "importing.lost_loss": (
        "this change to the loss is not there; the usual one is used",
        "没有这种损失改动；使用通常的损失",
    ),
    "importing.lost_preference_loss": (
        "`{name}` is not there; `preference.loss` takes sigmoid, ipo, hinge, and `method` dpo, orpo, kto",
        "没有 `{name}`；`preference.loss` 可取 sigmoid、ipo、hinge，`method` 可取 dpo、orpo、kto",
    ),
    "importing.lost_reference": (
        "the model itself, without its adapter, is the reference",
        "以不带适配器的模型本身作为参考模型",
    ),
    "importing.lost_process_reward": (
        "marks for single steps are not there; `method: reward` judges whole answers",
        "不支持逐步打分；`method: reward` 评判整个回答",
    ),
    "importing.lost_distillation": (
        "learning from another model's probabilities is not there",
        "不支持从另一模型的概率分布中学习",
    ),
    "importing.lost_vision": (
        "pictures, sound and film are prepared as the model's own processor says",
        "图像、音频和视频按模型自带的处理器处理",
    ),
    "importing.lost_mask_history": (
        "every answer of a conversation is learned; set `train: false` on turns that should not be",
        "对话中的每个回答都会学习；不需要学习的轮次请注明 `train: false`",
    ),
    "importing.lost_roles": (
        "these names of roles or fields cannot be given: rename them in the data",
        "无法指定这些角色或字段名称：请在数据中改名",
    ),
    "importing.lost_roles_to_train": (
        "answers are learned, and other turns only with `assistant_only_loss: false`",
        "只学习回答；要学习其他轮次，请写 `assistant_only_loss: false`",
    ),
    "importing.lost_mixed_types": (
        "raw text and conversations cannot be learned in one job: make two",
        "纯文本和对话不能放在同一任务中学习：请分成两个任务",
    ),
    "importing.lost_mixing": (
        "a share for each set in every batch is not there: give each entry of `data` a `weight`, how often an "
        "epoch takes it",
        "无法按批次指定各数据集的比例：请给 `data` 的每一项写 `weight`，即每轮取用的次数",
    ),
    "importing.lost_samples": (
        "a part of a data set was taken: write that part to a file of its own, or give it a `weight` below 1",
        "原先只取数据集的一部分：请将其另存为文件，或写小于 1 的 `weight`",
    ),
    "importing.lost_split": (
        "a part of a data set by name: fetch that part as a file",
        "这是数据集中按名称选取的部分：请将该部分作为文件获取",
    ),
    "importing.lost_data_details": (
        "how the records were prepared: prepare them before, and look with `tunedoc data check`",
        "涉及记录的预处理：请事先处理好，并用 `tunedoc data check` 查看",
    ),
    "importing.lost_media_dir": (
        "paths of pictures are read from the data file's folder: move them, or write whole paths",
        "图片路径以数据文件所在文件夹为准：请移动文件或写绝对路径",
    ),
    "importing.lost_duplicates": (
        "`tunedoc data check` finds duplicates and `data fix` takes them out",
        "`tunedoc data check` 可找出重复记录，`data fix` 可将其去除",
    ),
    "importing.lost_short": (
        "short records are used too; `tunedoc data check` shows the lengths",
        "较短的记录也会使用；`tunedoc data check` 可显示长度分布",
    ),
    "importing.lost_order": ("records are drawn by chance in every epoch", "每轮都会随机抽取记录"),
    "importing.lost_order_kept": (
        "records are drawn by chance in every epoch, and not in the files' order",
        "每轮都会随机抽取记录，不按文件中的顺序",
    ),
    "importing.lost_data_seed": (
        "one `seed` rules the shuffle, the split and the adapter's first values",
        "打乱、划分和适配器初值都由同一个 `seed` 决定",
    ),
    "importing.lost_data_skip": (
        "a resumed run goes on with the records that it has not seen",
        "继续训练时从未见过的记录开始",
    ),
    "importing.lost_drop_last": (
        "every record is used; the last batch of an epoch may be smaller",
        "每条记录都会使用；每轮最后一批可能较小",
    ),
    "importing.lost_prompt_length": (
        "one length counts for question and answer together: `max_length`",
        "问题和回答共用一个长度上限：`max_length`",
    ),
    "importing.lost_truncation": (
        "longer records lose their end, not their beginning",
        "过长的记录会截去末尾，而不是开头",
    ),
    "importing.lost_each_dataset": (
        "the loss is measured over all held-out records together",
        "损失在全部留出记录上一并测量",
    ),
    "importing.lost_eval_share": (
        "a share of the run: write a number of steps as `eval_steps`",
        "这是占整个训练的比例：请用 `eval_steps` 写明步数",
    ),
    "importing.lost_best": (
        "the last state is kept as the adapter; checkpoints of the last steps stay beside it",
        "适配器取最后的状态；最近几步的检查点会保留在旁",
    ),
    "importing.lost_early_stop": (
        "a run goes to its end; stop it with Ctrl-C when the held-out loss rises, and it is saved",
        "训练会进行到底；若留出损失上升，可按 Ctrl-C 停止，进度会保存",
    ),
    "importing.lost_sample_prompts": (
        "write the questions to be answered under `sample_prompts`",
        "请将要回答的问题写在 `sample_prompts` 下",
    ),
    "importing.lost_trackers": ("not there: {names}", "不支持：{names}"),
    "importing.lost_plugins": (
        "code of one's own does not run in tunedoc's trainer",
        "tunedoc 的训练器不运行自定义代码",
    ),
    "importing.lost_sharded": (
        "weights are not spread over processes: an adapter trains on several cards with `processes`, a model too "
        "large for "
        "one card with `split: layers`",
        "权重不会分散到各进程：适配器可用 `processes` 在多卡上训练，单卡放不下的模型可用 `split: layers`",
    ),
    "importing.lost_deepspeed": (
        "DeepSpeed (ZeRO stage {stage}) spreads weights over processes: an adapter trains on several cards with "
        "`processes`, a model too large for one card with `split: layers`",
        "DeepSpeed（ZeRO 阶段 {stage}）将权重分散到各进程：适配器可用 `processes` 在多卡上训练，"
        "单卡放不下的模型可用 `split: layers`",
    ),
    "importing.lost_accelerate": (
        "accelerate's own file is not read: write the number of cards as `processes`",
        "不读取 accelerate 的配置文件：请将卡数写为 `processes`",
    ),
    "importing.lost_machines": (
        "more than one machine: see docs/how-to/ for how a job runs on several",
        "涉及多台机器：请参阅 docs/how-to/ 中关于多机运行的说明",
    ),
    "importing.lost_ray": ("tunedoc does not run on Ray", "tunedoc 不在 Ray 上运行"),
}
