"""Words about settings of other trainers that have no equivalent: why none is needed, or what to do instead."""

WORDS: dict[str, tuple[str, str]] = {
    # None is needed.
    "equivalents.idle_samples": ("no set has more records", "没有数据集超过此数量"),
    "equivalents.idle_off": ("switched off, as it is here", "未启用，这里也没有"),
    "equivalents.idle_empty": ("left empty", "留空"),
    "equivalents.idle_ours": ("this is what tunedoc does", "tunedoc 就是这样做的"),
    "equivalents.idle_details": ("a detail of something that is not in use", "属于未使用功能的细节"),
    "equivalents.idle_no_adapter": ("no adapter is trained", "不训练适配器"),
    "equivalents.idle_all_linear": ("contained in all linear layers", "已包含在所有线性层中"),
    "equivalents.idle_loader": ("tunedoc reads and tokenises ahead by itself", "tunedoc 会自行预读和分词"),
    "equivalents.idle_cache": (
        "tunedoc keeps tokenised records by their content and renews them by itself",
        "tunedoc 按内容缓存分词结果，并自动更新",
    ),
    "equivalents.idle_log": (
        "tunedoc writes metrics, events and logs of every run into its folder",
        "tunedoc 会把每次训练的指标、事件和日志写入其文件夹",
    ),
    "equivalents.idle_tracker_name": (
        "runs are named by their job file; keys and projects come from the tracker's own settings",
        "训练以任务文件命名；密钥和项目名取自记录工具自身的设置",
    ),
    "equivalents.idle_no_tracker": (
        "no tracker beside tunedoc's own metrics.csv",
        "除 tunedoc 的 metrics.csv 外不使用记录工具",
    ),
    "equivalents.idle_work": (
        "says how that tool works, and nothing about the model",
        "只涉及该工具自身的运作，与模型无关",
    ),
    "equivalents.idle_debug": ("for looking for faults in that tool", "用于调试该工具"),
    "equivalents.idle_device": (
        "tunedoc takes the cards that are there; `processes` and `split` say how",
        "tunedoc 自动使用现有显卡；用 `processes` 和 `split` 指定方式",
    ),
    "equivalents.idle_ddp": ("tunedoc's own launcher sees to it", "由 tunedoc 的启动器处理"),
    "equivalents.idle_hub": (
        "tunedoc uploads nothing; `tunedoc model get` fetches models",
        "tunedoc 不上传任何内容；模型用 `tunedoc model get` 获取",
    ),
    "equivalents.idle_speed": ("changes speed or memory, not what is learned", "只影响速度或显存，不影响学习结果"),
    "equivalents.idle_token_mean": (
        "tunedoc counts the loss by the tokens of the whole step, on all processes",
        "tunedoc 按整步（所有进程）的 token 计算损失",
    ),
    "equivalents.idle_oom": (
        "when memory runs out, tunedoc halves the micro-batch and doubles the accumulation by itself",
        "显存不足时，tunedoc 会自动将微批减半、累积翻倍",
    ),
    "equivalents.idle_eval": ("how the loss is measured changes nothing that is learned", "测量方式不影响学习结果"),
    "equivalents.idle_eval_start": (
        "tunedoc measures before the first step anyway",
        "tunedoc 本来就会在第一步之前测量",
    ),
    "equivalents.idle_eval_epoch": (
        "tunedoc measures before and after; `eval_steps` adds measurements in between",
        "tunedoc 在训练前后测量；`eval_steps` 可在中途增加测量",
    ),
    "equivalents.idle_eval_steps": (
        "tunedoc measures before and after, and every `eval_steps` where that is written",
        "tunedoc 在训练前后测量；写明 `eval_steps` 时也会按步测量",
    ),
    "equivalents.idle_nothing_held_out": ("nothing is held out to be measured", "没有留出用于测量的记录"),
    "equivalents.idle_held_out": ("there are records of their own to measure the loss on", "已另有用于测量损失的记录"),
    "equivalents.idle_save_strategy": (
        "tunedoc saves every `save_steps` steps (50), so that a run can go on after a crash",
        "tunedoc 每 `save_steps` 步（50）保存一次，以便中断后继续",
    ),
    "equivalents.idle_saving_steps": ("tunedoc always saves by steps", "tunedoc 总是按步保存"),
    "equivalents.idle_saving": (
        "tunedoc's checkpoints are always whole and checked",
        "tunedoc 的检查点总是完整且经过校验",
    ),
    "equivalents.idle_safetensors": ("tunedoc always writes safetensors", "tunedoc 总是写入 safetensors"),
    "equivalents.idle_resume": (
        "the same `tunedoc train` command goes on where it stopped",
        "再次运行同一条 `tunedoc train` 命令即可继续",
    ),
    "equivalents.idle_predict": (
        "for generating answers, not for training; see `tunedoc chat`",
        "用于生成回答而非训练；请用 `tunedoc chat`",
    ),
    "equivalents.idle_inference": ("for running the model, not for training", "用于运行模型，与训练无关"),
    "equivalents.idle_export": ("for exporting; see `tunedoc export`", "用于导出；请用 `tunedoc export`"),
    "equivalents.idle_padding": (
        "tunedoc pads to the longest record of each micro-batch, of like lengths",
        "tunedoc 将长度相近的记录组成微批，只填充到其中最长的一条",
    ),
    "equivalents.idle_packing_details": (
        "how records were packed together; tunedoc does not pack them",
        "涉及记录的打包方式；tunedoc 不打包",
    ),
    "equivalents.idle_pad": (
        "tunedoc pads with a token that is never learned, and learns the end of an answer",
        "tunedoc 用不参与学习的 token 填充，并会学习回答的结尾",
    ),
    "equivalents.idle_grouping": (
        "each step learns from records drawn by chance, as there",
        "与原先一样，每步随机抽取记录",
    ),
    "equivalents.idle_batch_size": ("follows from the micro-batch and the accumulation", "由微批和累积步数得出"),
    "equivalents.idle_step": ("records are drawn by chance in every epoch", "每轮都会随机抽取记录"),
    "equivalents.idle_streaming": ("tunedoc streams files of lines by itself", "tunedoc 会自动流式读取按行存储的文件"),
    "equivalents.idle_concat": ("all records of all sets, as here", "使用所有数据集的全部记录，这里也一样"),
    "equivalents.idle_dataset_dir": ("the paths in `data` say where the files are", "`data` 中的路径已说明文件位置"),
    "equivalents.idle_data_details": (
        "tunedoc sees it from the file, or does so anyway",
        "tunedoc 会从文件中得知，或本来就这样做",
    ),
    "equivalents.idle_template": ("the tokenizer's own chat template, as here", "使用分词器自带的对话模板，这里也一样"),
    "equivalents.idle_tools": (
        "tool calls are written as the model's own chat template does",
        "工具调用按模型自带的对话模板书写",
    ),
    "equivalents.idle_truncate": ("longer records are cut, as here", "截断过长的记录，这里也一样"),
    "equivalents.idle_task": ("follows from the model and the method", "由模型和方法决定"),
    "equivalents.idle_compute_type": (
        "tunedoc computes in the format that `precision` says",
        "tunedoc 按 `precision` 指定的格式计算",
    ),
    "equivalents.idle_precision": ("`precision: {precision}` is said already", "已写明 `precision: {precision}`"),
    "equivalents.idle_constant": ("a constant rate without warm-up was asked for", "原设置为无预热的恒定学习率"),
    "equivalents.idle_warmup": ("the number of warm-up steps counts", "以预热步数为准"),
    "equivalents.idle_no_limit": ("no limit: the epochs decide", "没有上限：由训练轮数决定"),
    "equivalents.idle_dropout": ("dropout is what `lora.dropout` says", "dropout 以 `lora.dropout` 为准"),
    "equivalents.idle_unsloth": ("a faster implementation of the same training", "同一训练的加速实现"),
    "equivalents.idle_plugins": (
        "`kernels: liger` is taken over where it is among them; the others change speed or are told on their own",
        "其中若有 liger，会沿用为 `kernels: liger`；其余只影响速度，或另有说明",
    ),
    "equivalents.idle_watchdog": (
        "tunedoc stops by itself when the loss is no number any more, with the last good checkpoint",
        "损失变为非数值时，tunedoc 会自动停止并保留最后一个正常的检查点",
    ),
    # It is missed.
    "equivalents.lost_unread": (
        "worked out when the program runs: write the value yourself",
        "运行时才能算出：请自行填写",
    ),
    "equivalents.lost_adapter": (
        "tunedoc begins with a new adapter: merge the old one into the model first, and name that",
        "tunedoc 从新的适配器开始：请先将旧适配器合并到模型，再使用合并后的模型",
    ),
    "equivalents.lost_remote_code": (
        "tunedoc runs no code out of a model's folder; models that transformers knows itself work without it",
        "tunedoc 不运行模型文件夹中的代码；transformers 自身支持的模型不需要它",
    ),
    "equivalents.lost_revision": (
        "fetch that version: `tunedoc model get NAME --revision REV`",
        "请获取该版本：`tunedoc model get 名称 --revision 版本`",
    ),
    "equivalents.lost_tokenizer": ("the tokenizer in the model's folder is used", "使用模型文件夹中的分词器"),
    "equivalents.lost_tokens": (
        "tunedoc adds no tokens and changes none: put them into the tokenizer in the model's folder first",
        "tunedoc 不增加或更改 token：请先在模型文件夹的分词器中设置好",
    ),
    "equivalents.lost_template": (
        "put this template into the model's tokenizer_config.json or chat_template.jinja",
        "请将此模板写入模型的 tokenizer_config.json 或 chat_template.jinja",
    ),
    "equivalents.lost_system": (
        "write the system message into the records, as a `system` field or turn",
        "请将系统提示写入记录的 `system` 字段或消息",
    ),
    "equivalents.lost_thinking": (
        "the chat template's own default is used for thinking",
        "思考部分采用对话模板自身的默认设置",
    ),
    "equivalents.lost_tools": ("write the tools into the records' `tools` field", "请将工具写入记录的 `tools` 字段"),
    "equivalents.lost_rope": (
        "write it into the model's config.json as `rope_scaling`",
        "请写入模型 config.json 的 `rope_scaling`",
    ),
    "equivalents.lost_model_kwargs": (
        "write what belongs to the model into its config.json",
        "属于模型的设置请写入其 config.json",
    ),
    "equivalents.lost_architecture": ("tunedoc trains models as they are built", "tunedoc 按模型原有结构训练"),
    "equivalents.lost_scratch": (
        "tunedoc goes on from a model's weights and does not begin with random ones",
        "tunedoc 从已有权重继续，不从随机权重开始",
    ),
    "equivalents.lost_encoder": (
        "tunedoc trains models that write on, not encoder-decoders",
        "tunedoc 训练生成式模型，不支持编码器-解码器模型",
    ),
    "equivalents.lost_quantised_base": (
        "models that come quantised: see docs/reference/methods.md for those that can be trained",
        "已量化的模型：可训练的种类见 docs/reference/methods.md",
    ),
    "equivalents.lost_quantisation": (
        "`{name}` is not there; tunedoc quantises to NF4 or 8-bit integers with bitsandbytes",
        "没有 `{name}`；tunedoc 用 bitsandbytes 量化为 NF4 或 8 位整数",
    ),
    "equivalents.lost_bits": ("tunedoc quantises to 4 or 8 bits", "tunedoc 只量化为 4 位或 8 位"),
    "equivalents.lost_bnb": (
        "this way to quantise is not there; `quantisation: nf4` or `int8` is",
        "没有这种量化方式；可用 `quantisation: nf4` 或 `int8`",
    ),
    "equivalents.lost_type": (
        "this number format is not there; `precision` takes auto, fp32, bf16, fp16",
        "没有这种数值格式；`precision` 可取 auto、fp32、bf16、fp16",
    ),
    "equivalents.lost_fp8": (
        "tunedoc does not compute in 8 bits; bf16 is used where the card has it",
        "tunedoc 不以 8 位计算；显卡支持时使用 bf16",
    ),
    "equivalents.lost_upcast": ("tunedoc leaves layers in the format they have", "tunedoc 保持各层原有的格式"),
    "equivalents.lost_offload": (
        "weights are not moved to the host while training; `quantisation: nf4` or a shorter `max_length` saves memory",
        "训练时不会将权重移到内存；可用 `quantisation: nf4` 或更短的 `max_length` 节省显存",
    ),
    "equivalents.lost_start": (
        "an adapter starts as `default`, `gaussian` or `pissa`",
        "适配器的初始化可为 `default`、`gaussian` 或 `pissa`",
    ),
    "equivalents.lost_pissa_quantised": (
        "PiSSA needs the 16-bit weights, and this base is quantised; the adapter starts as usual",
        "PiSSA 需要 16 位权重，而此处基础模型已量化；适配器按常规初始化",
    ),
    "equivalents.lost_pissa_convert": (
        "the adapter stays as PiSSA makes it; `tunedoc export` merges it",
        "适配器保持 PiSSA 的形式；`tunedoc export` 会将其合并",
    ),
    "equivalents.lost_oft": (
        "orthogonal fine-tuning is not there; a LoRA adapter is trained",
        "不支持正交微调；改为训练 LoRA 适配器",
    ),
    "equivalents.lost_bias": ("biases are not trained beside an adapter", "不会随适配器训练偏置"),
    "equivalents.lost_expression": (
        "a search expression: write the modules' names one by one, or `all-linear`",
        "这是匹配表达式：请逐个写出模块名称，或写 `all-linear`",
    ),
    "equivalents.lost_patterns": (
        "every adapted module has the same rank and alpha",
        "所有模块使用相同的 rank 和 alpha",
    ),
    "equivalents.lost_parameters": (
        "adapters go to modules, not to single parameters or tokens",
        "适配器加在模块上，不针对单个参数或 token",
    ),
    "equivalents.lost_some_layers": (
        "which layers are trained cannot be chosen one by one; `tuning: freeze` trains the last ones",
        "无法逐一选择训练哪些层；`tuning: freeze` 训练最后若干层",
    ),
    "equivalents.lost_groups": (
        "all that is trained has one learning rate; `lora.plus_ratio` sets LoRA's B apart",
        "被训练的部分使用同一学习率；`lora.plus_ratio` 可单独提高 LoRA 的 B",
    ),
    "equivalents.lost_optimizer": (
        "this optimizer or method is not there; `optimizer` names those that are",
        "没有这种优化器或方法；可用的见 `optimizer`",
    ),
    "equivalents.lost_adam": (
        "AdamW's betas 0.9 and 0.999 and epsilon 1e-8 are fixed",
        "AdamW 的 beta 固定为 0.9 和 0.999，epsilon 固定为 1e-8",
    ),
    "equivalents.lost_schedule": (
        "this schedule is not there; `scheduler` takes cosine, linear, constant",
        "没有这种调度方式；`scheduler` 可取 cosine、linear、constant",
    ),
    "equivalents.lost_schedule_details": (
        "the learning rate falls to zero as `scheduler` says, without further settings",
        "学习率按 `scheduler` 降到零，没有其他设置",
    ),
    "equivalents.lost_loss": (
        "this change to the loss is not there; the usual one is used",
        "没有这种损失改动；使用通常的损失",
    ),
    "equivalents.lost_preference_loss": (
        "`{name}` is not there; `preference.loss` takes sigmoid, ipo, hinge, and `method` dpo, orpo, kto",
        "没有 `{name}`；`preference.loss` 可取 sigmoid、ipo、hinge，`method` 可取 dpo、orpo、kto",
    ),
    "equivalents.lost_reference": (
        "the model itself, without its adapter, is the reference",
        "以不带适配器的模型本身作为参考模型",
    ),
    "equivalents.lost_process_reward": (
        "marks for single steps are not there; `method: reward` judges whole answers",
        "不支持逐步打分；`method: reward` 评判整个回答",
    ),
    "equivalents.lost_distillation": (
        "learning from another model's probabilities is not there",
        "不支持从另一模型的概率分布中学习",
    ),
    "equivalents.lost_vision": (
        "pictures, sound and film are prepared as the model's own processor says",
        "图像、音频和视频按模型自带的处理器处理",
    ),
    "equivalents.lost_mask_history": (
        "every answer of a conversation is learned; set `train: false` on turns that should not be",
        "对话中的每个回答都会学习；不需要学习的轮次请注明 `train: false`",
    ),
    "equivalents.lost_roles": (
        "these names of roles or fields cannot be given: rename them in the data",
        "无法指定这些角色或字段名称：请在数据中改名",
    ),
    "equivalents.lost_roles_to_train": (
        "answers are learned, and other turns only with `assistant_only_loss: false`",
        "只学习回答；要学习其他轮次，请写 `assistant_only_loss: false`",
    ),
    "equivalents.lost_mixed_types": (
        "raw text and conversations cannot be learned in one job: make two",
        "纯文本和对话不能放在同一任务中学习：请分成两个任务",
    ),
    "equivalents.lost_mixing": (
        "a share for each set in every batch is not there: give each entry of `data` a `weight`, how often an "
        "epoch takes it",
        "无法按批次指定各数据集的比例：请给 `data` 的每一项写 `weight`，即每轮取用的次数",
    ),
    "equivalents.lost_samples": (
        "a part of a data set was taken: write that part to a file of its own, or give it a `weight` below 1",
        "原先只取数据集的一部分：请将其另存为文件，或写小于 1 的 `weight`",
    ),
    "equivalents.lost_split": (
        "a part of a data set by name: fetch that part as a file",
        "这是数据集中按名称选取的部分：请将该部分作为文件获取",
    ),
    "equivalents.lost_data_details": (
        "how the records were prepared: prepare them before, and look with `tunedoc data check`",
        "涉及记录的预处理：请事先处理好，并用 `tunedoc data check` 查看",
    ),
    "equivalents.lost_media_dir": (
        "paths of pictures are read from the data file's folder: move them, or write whole paths",
        "图片路径以数据文件所在文件夹为准：请移动文件或写绝对路径",
    ),
    "equivalents.lost_duplicates": (
        "`tunedoc data check` finds duplicates and `data fix` takes them out",
        "`tunedoc data check` 可找出重复记录，`data fix` 可将其去除",
    ),
    "equivalents.lost_short": (
        "short records are used too; `tunedoc data check` shows the lengths",
        "较短的记录也会使用；`tunedoc data check` 可显示长度分布",
    ),
    "equivalents.lost_order": ("records are drawn by chance in every epoch", "每轮都会随机抽取记录"),
    "equivalents.lost_order_kept": (
        "records are drawn by chance in every epoch, and not in the files' order",
        "每轮都会随机抽取记录，不按文件中的顺序",
    ),
    "equivalents.lost_data_seed": (
        "one `seed` rules the shuffle, the split and the adapter's first values",
        "打乱、划分和适配器初值都由同一个 `seed` 决定",
    ),
    "equivalents.lost_data_skip": (
        "a resumed run goes on with the records that it has not seen",
        "继续训练时从未见过的记录开始",
    ),
    "equivalents.lost_drop_last": (
        "every record is used; the last batch of an epoch may be smaller",
        "每条记录都会使用；每轮最后一批可能较小",
    ),
    "equivalents.lost_prompt_length": (
        "one length counts for question and answer together: `max_length`",
        "问题和回答共用一个长度上限：`max_length`",
    ),
    "equivalents.lost_truncation": (
        "longer records lose their end, not their beginning",
        "过长的记录会截去末尾，而不是开头",
    ),
    "equivalents.lost_each_dataset": (
        "the loss is measured over all held-out records together",
        "损失在全部留出记录上一并测量",
    ),
    "equivalents.lost_eval_share": (
        "a share of the run: write a number of steps as `eval_steps`",
        "这是占整个训练的比例：请用 `eval_steps` 写明步数",
    ),
    "equivalents.lost_best": (
        "the last state is kept as the adapter; checkpoints of the last steps stay beside it",
        "适配器取最后的状态；最近几步的检查点会保留在旁",
    ),
    "equivalents.lost_early_stop": (
        "a run goes to its end; stop it with Ctrl-C when the held-out loss rises, and it is saved",
        "训练会进行到底；若留出损失上升，可按 Ctrl-C 停止，进度会保存",
    ),
    "equivalents.lost_sample_prompts": (
        "write the questions to be answered under `sample_prompts`",
        "请将要回答的问题写在 `sample_prompts` 下",
    ),
    "equivalents.lost_trackers": ("not there: {names}", "不支持：{names}"),
    "equivalents.lost_plugins": (
        "code of one's own does not run in tunedoc's trainer",
        "tunedoc 的训练器不运行自定义代码",
    ),
    "equivalents.lost_sharded": (
        "weights are not spread over processes: an adapter trains on several cards with `processes`, a model too "
        "large for "
        "one card with `split: layers`",
        "权重不会分散到各进程：适配器可用 `processes` 在多卡上训练，单卡放不下的模型可用 `split: layers`",
    ),
    "equivalents.lost_deepspeed": (
        "DeepSpeed (ZeRO stage {stage}) spreads weights over processes: an adapter trains on several cards with "
        "`processes`, a model too large for one card with `split: layers`",
        "DeepSpeed（ZeRO 阶段 {stage}）将权重分散到各进程：适配器可用 `processes` 在多卡上训练，"
        "单卡放不下的模型可用 `split: layers`",
    ),
    "equivalents.lost_accelerate": (
        "accelerate's own file is not read: write the number of cards as `processes`",
        "不读取 accelerate 的配置文件：请将卡数写为 `processes`",
    ),
    "equivalents.lost_machines": (
        "more than one machine: see docs/how-to/ for how a job runs on several",
        "涉及多台机器：请参阅 docs/how-to/ 中关于多机运行的说明",
    ),
    "equivalents.lost_ray": ("tunedoc does not run on Ray", "tunedoc 不在 Ray 上运行"),
}
