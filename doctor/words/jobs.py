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
    "jobs.nested_mapping": (
        "`{field}` holds fields of its own, indented: {names}",
        "`{field}` 下应缩进写它自己的字段：{names}",
    ),
    "jobs.missing": ("the job does not say its `{field}`", "任务没有写明 `{field}`"),
    "jobs.hint_model": (
        "add `model: FOLDER`, the folder of the base model or the id of one that `tunedoc model list` shows",
        "请加上 `model: 文件夹`，即基础模型的文件夹，或 `tunedoc model list` 列出的模型名",
    ),
    "jobs.hint_data": (
        "add `data: FILE`, a file or a folder with records, or a list of them",
        "请加上 `data: 文件`，即包含记录的文件或文件夹，也可以是它们的列表",
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
    "jobs.data_folder": ("the folder `{name}` holds no data file", "文件夹 `{name}` 中没有数据文件"),
    "jobs.data_folder_hint": ("files that are taken end in: {suffixes}", "会读取以这些后缀结尾的文件：{suffixes}"),
    "jobs.data_empty": ("the data file `{name}` is empty", "数据文件 `{name}` 是空的"),
    "jobs.kind_sources": (
        "a file, a folder, or a list of them; each may be a mapping with `path`",
        "文件、文件夹或它们的列表；每一项也可以写成带 `path` 的映射",
    ),
    "jobs.kind_columns": (
        "a mapping of our names to the file's, such as `{{output: answer}}`",
        "从我们的名称到文件中名称的映射，例如 `{{output: answer}}`",
    ),
    "jobs.bad_letter": (
        "there is a character that no YAML may hold ({code})",
        "文件中有 YAML 不允许的字符（{code}）",
    ),
    "jobs.too_deep": (
        "this nests deeper than any settings do",
        "嵌套层数过多，不像是设置文件",
    ),
    "jobs.take_out_hint": ("take `{field}` out", "请去掉 `{field}`"),
    "jobs.quantised_whole": (
        "weights that are kept in `{quantisation}` cannot be trained themselves, as `tuning: {tuning}` asks",
        "以 `{quantisation}` 保存的权重无法直接训练，而 `tuning: {tuning}` 要求训练它们",
    ),
    "jobs.quantised_whole_hint": (
        "write `tuning: lora` to train an adapter beside them, or `quantisation: none`",
        "请写 `tuning: lora`，在其旁训练适配器；或者写 `quantisation: none`",
    ),
    "jobs.lora_unused": (
        "`lora` describes an adapter, and `tuning: {tuning}` trains none",
        "`lora` 描述的是适配器，而 `tuning: {tuning}` 不训练适配器",
    ),
    "jobs.lora_unused_hint": (
        "take `lora` out, or write `tuning: lora`",
        "请去掉 `lora`，或写 `tuning: lora`",
    ),
    "jobs.pissa_quantised": (
        "`pissa` takes the adapter's first values out of the 16-bit weights, which `quantisation: {quantisation}` "
        "does not keep",
        "`pissa` 要从 16 位权重中取得适配器的初始值，而 `quantisation: {quantisation}` 不保留这些权重",
    ),
    "jobs.pissa_quantised_hint": (
        "write `quantisation: none`, or `start: default`",
        "请写 `quantisation: none`，或 `start: default`",
    ),
    "jobs.pissa_dora": (
        "`pissa` and `dora` both change how the base's weights are taken apart",
        "`pissa` 和 `dora` 都会改变基础权重的分解方式，不能同时使用",
    ),
    "jobs.pissa_dora_hint": ("write `start: default`, or `dora: false`", "请写 `start: default`，或 `dora: false`"),
    "jobs.pissa_method": (
        "`method: {method}` compares with the untouched base, and `pissa` changes it",
        "`method: {method}` 要与未改动的基础模型比较，而 `pissa` 会改变它",
    ),
    "jobs.pissa_method_hint": ("write `start: default`", "请写 `start: default`"),
    "jobs.base_whole": (
        "the base model is quantised already ({by}): it takes an adapter only, not `tuning: {tuning}`",
        "基础模型已经量化（{by}）：只能加适配器，不能用 `tuning: {tuning}`",
    ),
    "jobs.base_twice": (
        "the base model is quantised already ({by}), and the job asks for `quantisation: {quantisation}`",
        "基础模型已经量化（{by}），而任务又要求 `quantisation: {quantisation}`",
    ),
    "jobs.base_pissa": (
        "the base model is quantised already ({by}), and `pissa` needs its 16-bit weights",
        "基础模型已经量化（{by}），而 `pissa` 需要它的 16 位权重",
    ),
    "jobs.base_hint": ("name its 16-bit original, or take the field out", "请改用 16 位的原始模型，或去掉该字段"),
    "jobs.past_context": (
        "the model was made for {context} tokens, and records may have {tokens}",
        "模型的上下文长度为 {context} 个 token，而记录最多可有 {tokens} 个",
    ),
    "jobs.all_and_more": (
        "`all-linear` stands for every layer already and cannot be one of several",
        "`all-linear` 已代表所有线性层，不能再与其他名称并列",
    ),
    "jobs.all_and_more_hint": (
        "write `targets: all-linear`, or the names alone",
        "请只写 `targets: all-linear`，或只写各层名称",
    ),
    "jobs.saved_and_adapted": (
        "`{name}` is to be trained whole and to get an adapter too",
        "`{name}` 既要整体训练，又要加适配器",
    ),
    "jobs.saved_and_adapted_hint": (
        "name it in `targets` or in `modules_to_save`, not in both",
        "请只写在 `targets` 或 `modules_to_save` 之一中",
    ),
    "jobs.packing_attention": (
        "`packing: padding_free` needs flash attention, and `attention: {attention}` is something else",
        "`packing: padding_free` 需要 flash attention，而这里写的是 `attention: {attention}`",
    ),
    "jobs.packing_attention_hint": (
        "write `attention: flash_attention_2`, or take `packing` out: batches of like lengths are hardly padded",
        "请写 `attention: flash_attention_2`，或去掉 `packing`：长度相近的批次几乎没有填充",
    ),
    "jobs.packing_method": (
        "`packing` is for methods that learn from single texts, not for `method: {method}`",
        "`packing` 只适用于从单条文本学习的方法，不适用于 `method: {method}`",
    ),
    "jobs.flash_fp32": (
        "flash attention computes in 16 bits, and `precision: fp32` asks for 32",
        "flash attention 以 16 位计算，而 `precision: fp32` 要求 32 位",
    ),
    "jobs.flash_fp32_hint": (
        "write `precision: auto`, or `attention: sdpa`",
        "请写 `precision: auto`，或 `attention: sdpa`",
    ),
    "jobs.split_processes": (
        "`split: layers` spreads one model over all GPUs from one process, and there are to be {processes}",
        "`split: layers` 由一个进程把模型分布到所有 GPU 上，而这里要求 {processes} 个进程",
    ),
    "jobs.split_processes_hint": (
        "write `processes: 1`, or `split: none` where the model fits one card",
        "请写 `processes: 1`；若单卡放得下模型，则写 `split: none`",
    ),
    "jobs.held_out_twice": (
        "both `held_out` and `held_out_data` say what the loss is measured on",
        "`held_out` 和 `held_out_data` 都规定了用什么来测量损失",
    ),
    "jobs.held_out_twice_hint": (
        "take `held_out` out; with `held_out_data` nothing is kept out of `data`",
        "请去掉 `held_out`；有 `held_out_data` 时不会再从 `data` 中留出记录",
    ),
    "jobs.nothing_held_out": (
        "`eval_steps` asks for measurements, and no records are held out for them",
        "`eval_steps` 要求测量，但没有留出任何记录",
    ),
    "jobs.nothing_held_out_hint": (
        "write `held_out: 0.1`, or name other files under `held_out_data`",
        "请写 `held_out: 0.1`，或在 `held_out_data` 下写明其他文件",
    ),
    "jobs.same_data": (
        "`{name}` is learned from and measured on: the loss would say nothing",
        "`{name}` 既用于训练又用于测量：测得的损失没有意义",
    ),
    "jobs.same_data_hint": (
        "name other files, or take `held_out_data` out and let `held_out` keep records apart",
        "请改用其他文件；或去掉 `held_out_data`，由 `held_out` 留出记录",
    ),
    "jobs.layout_method": (
        "`method: {method}` cannot learn from records of the layout `{layout}`",
        "`method: {method}` 无法使用 `{layout}` 格式的记录",
    ),
    "jobs.layout_method_hint": (
        "it takes: {layouts}; `layout: auto` looks at the records",
        "可用的格式：{layouts}；`layout: auto` 会自动识别",
    ),
    "jobs.no_column": ("there is no field `{name}` to give a column for", "没有 `{name}` 这个字段可以指定列名"),
    "jobs.kto_one": (
        "KTO compares the records of a micro-batch with each other, and one alone has nothing to be compared with",
        "KTO 要将同一微批中的记录相互比较，只有一条时无从比较",
    ),
    "jobs.kto_one_hint": (
        "write `per_device_batch_size: 2` or more",
        "请写 `per_device_batch_size: 2` 或更大",
    ),
    "jobs.reward_answers": (
        "a reward model gives marks and answers no questions",
        "奖励模型只打分，不回答问题",
    ),
    "jobs.no_tracker": (
        "there is no tracker `{name}`; there are: {known}",
        "没有 `{name}` 这个记录工具；可用的有：{known}",
    ),
    "jobs.output_taken": (
        "the run would be written over the model or the data",
        "训练结果会写到模型或数据所在的位置",
    ),
    "jobs.output_taken_hint": (
        "name a folder of its own, or take `output` out: tunedoc then uses its own `runs` folder",
        "请另写一个文件夹，或去掉 `output`：这样会用 tunedoc 自己的 `runs` 文件夹",
    ),
    "jobs.no_effect": (
        "`{field}` has no effect here; it counts with `{needs}`",
        "`{field}` 在这里不起作用；它只在 `{needs}` 时有效",
    ),
    "jobs.steps_decide": (
        "`max_steps: {steps}` ends the run, whatever `epochs` says",
        "训练在 `max_steps: {steps}` 时结束，与 `epochs` 无关",
    ),
    "jobs.warmup_decides": (
        "`warmup_steps: {steps}` counts, and `warmup_ratio` does not",
        "以 `warmup_steps: {steps}` 为准，`warmup_ratio` 不起作用",
    ),
    "jobs.no_samples": (
        "sample answers come when the held-out loss is measured, and nothing is held out",
        "示例回答在测量留出损失时生成，而这里没有留出任何记录",
    ),
    "jobs.high_rate": (
        "a learning rate of {rate} is one for supervised adapters; here it mostly spoils the model",
        "学习率 {rate} 适合有监督的适配器训练，用在这里多半会损坏模型",
    ),
    "jobs.high_rate_hint": ("start with `learning_rate: {rate}`", "可从 `learning_rate: {rate}` 开始"),
    "jobs.small_micro_batch": (
        "a record may have {tokens} tokens, more than a micro-batch takes: such a record makes one of its own",
        "一条记录最多可有 {tokens} 个 token，超过一个微批的上限：这样的记录会单独成批",
    ),
    "jobs.only_warmup": (
        "the run ends after {steps} steps, within the warm-up: the learning rate never reaches its peak",
        "训练在 {steps} 步后结束，仍在预热阶段：学习率始终达不到峰值",
    ),
    "jobs.never_saved": (
        "the run ends after {steps} steps, before the first checkpoint: a stop in between loses all of it",
        "训练在 {steps} 步后结束，早于第一个检查点：中途停止会丢失全部进度",
    ),
    "jobs.verb_example": (
        "tunedoc job new my-job.yaml\ntunedoc job check my-job.yaml",
        "tunedoc job new 我的任务.yaml\ntunedoc job check 我的任务.yaml",
    ),
    "jobs.help_action": (
        "new: begin a job file; check: look one over; schema: what editors complete and check job files with",
        "new：新建任务文件；check：检查任务文件；schema：供编辑器补全和检查任务文件",
    ),
    "jobs.help_file": (
        "the job file; with `schema`, the file to write it to (default: the screen)",
        "任务文件；用于 `schema` 时是要写入的文件（默认显示在屏幕上）",
    ),
    "jobs.help_model": ("new: the base model", "new：基础模型"),
    "jobs.help_data": ("new: the data, relative to the job file", "new：数据，相对于任务文件"),
    "jobs.help_force": ("write over a file that is there already", "覆盖已有的文件"),
    "jobs.file_needed": ("`job {action}` needs a file", "`job {action}` 需要一个文件"),
    "jobs.file_needed_hint": (
        "for instance `tunedoc job {action} my-job.yaml`",
        "例如 `tunedoc job {action} 我的任务.yaml`",
    ),
    "jobs.exists": ("there is a file `{file}` already", "已有文件 `{file}`"),
    "jobs.exists_hint": ("add `--force` to write over it", "加上 `--force` 覆盖它"),
    "jobs.written": ("written: {file}", "已写入：{file}"),
    "jobs.right": ("✓ {file}: {fields} fields, all of them right", "✓ {file}：{fields} 个字段，均正确"),
    "jobs.remark": ("● line {line}: {message}", "● 第 {line} 行：{message}"),
}
