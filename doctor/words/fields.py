"""What each field of a job means, what it counts, and why its default is what it is."""

WORDS: dict[str, tuple[str, str]] = {
    "fields.model": (
        "The base model: a folder with config.json, *.safetensors and the tokenizer, or the id of one that "
        "`tunedoc model list` shows.",
        "基础模型：含 config.json、*.safetensors 和分词器的文件夹，或 `tunedoc model list` 列出的模型名。",
    ),
    "fields.data": (
        "Where the records come from: a file, a folder of which every data file is taken, or a list of them; each "
        "may be a mapping with the fields below.",
        "记录的来源：文件、文件夹（取其中所有数据文件）或它们的列表；每一项也可写成含下列字段的映射。",
    ),
    "fields.output": (
        "The run folder: checkpoints, adapter, logs. Default: `runs/` and the job file's name in tunedoc's own "
        "folder, so that runs are found.",
        "训练文件夹：检查点、适配器、日志。默认为 tunedoc 文件夹下的 `runs/` 加任务文件名，便于查找。",
    ),
    "fields.method": (
        "What is learned: `sft` answers, `pretrain` raw text, `dpo`, `orpo` and `kto` preferences, `reward` a "
        "judge. `sft` is what most want first.",
        "学习的内容：`sft` 回答，`pretrain` 纯文本，`dpo`、`orpo` 和 `kto` 偏好，`reward` 评分模型。"
        "多数人首先需要的是 `sft`。",
    ),
    "fields.tuning": (
        "Which weights are trained: an adapter (`lora`), all (`full`), or those of the last `trained_layers` "
        "layers (`freeze`). An adapter fits a consumer card; the others need 12 to 16 bytes of memory a trained "
        "parameter.",
        "训练哪些权重：适配器（`lora`）、全部（`full`）或最后 `trained_layers` 层（`freeze`）。"
        "适配器能放进消费级显卡；其余方式每个被训练的参数需要 12 至 16 字节显存。",
    ),
    "fields.trained_layers": (
        "With `tuning: freeze`: layers at the end of the model that are trained. Two change its manner and cost "
        "little.",
        "`tuning: freeze` 时训练模型末尾的层数。两层足以改变其风格，代价很小。",
    ),
    "fields.quantisation": (
        "How the base model's linear weights are kept while an adapter is trained: 16 bits, 4 (`nf4`, QLoRA) or 8 "
        "(`int8`). None by default: it costs speed, and is for models that would not fit.",
        "训练适配器时基础模型线性权重的保存方式：16 位、4 位（`nf4`，即 QLoRA）或 8 位（`int8`）。默认不量化："
        "量化会变慢，只用于放不下的模型。",
    ),
    "fields.double_quantisation": (
        "With `nf4`: quantise its scales too, which saves 0.4 bits a weight at no cost that was measured.",
        "`nf4` 时对缩放系数也做量化，每个权重节省 0.4 位，没有可测的代价。",
    ),
    "fields.held_out": (
        "Share of the records kept out of training to measure the loss; at least one when above 0, and at most "
        "2,000. A tenth tells "
        "overfitting early and is hardly missed.",
        "不参与训练、用于测量损失的记录比例；大于 0 时至少一条，至多 2,000 条。十分之一足以及早发现过拟合，"
        "又几乎不影响训练。",
    ),
    "fields.held_out_data": (
        "Records of their own to measure the loss on, named as in `data`; then nothing is kept out of `data`.",
        "专门用于测量损失的记录，写法同 `data`；此时不再从 `data` 中留出。",
    ),
    "fields.epochs": (
        "Passes over the training records. One, because a second pass mostly learns by heart; small sets may want "
        "three.",
        "训练记录的遍数。默认一遍，因为第二遍多半只是死记；小数据集可用三遍。",
    ),
    "fields.max_steps": (
        "End after so many optimizer steps; -1 leaves it to `epochs`.",
        "达到这么多优化步后结束；-1 表示由 `epochs` 决定。",
    ),
    "fields.learning_rate": (
        "Peak learning rate. 2e-4 is the usual start for LoRA; whole weights take about 1e-5, preferences 5e-6.",
        "最高学习率。LoRA 通常从 2e-4 开始；训练全部权重约为 1e-5，偏好学习约为 5e-6。",
    ),
    "fields.per_device_batch_size": (
        "Records computed at once on one device. Eight short ones fit most cards; when memory runs out it is "
        "halved by itself.",
        "一个设备一次计算的记录数。多数显卡放得下八条短记录；显存不足时会自动减半。",
    ),
    "fields.gradient_accumulation": (
        "Micro-batches summed into one optimizer step. One, because a larger step is only needed for a larger batch.",
        "累加成一个优化步的微批数。默认一个，只有需要更大批量时才加大。",
    ),
    "fields.processes": (
        "Processes that train together, one for each GPU; without a GPU they share the CPU. `--processes N` "
        "overrides it. See [two cards](../how-to/two-cards.md).",
        "一起训练的进程数，每个 GPU 一个；没有 GPU 时共用 CPU。`--processes N` 会覆盖此值。"
        "见[双卡](../how-to/two-cards.md)。",
    ),
    "fields.batching": (
        "How an epoch's records become batches. `same_records`: each step learns from records drawn by chance, "
        "split into micro-batches of like lengths: a tenth is padding and the loss the same as of a plain script, "
        "hence the default. `like_lengths`: a step's records are themselves of like lengths; a little quicker, "
        "with a "
        "slightly higher loss. `plain`: micro-batches as they are drawn.",
        "如何把一轮的记录组成批次。`same_records`：每步随机抽取记录，再按相近长度分成微批：填充约占十分之一，"
        "损失与普通脚本相同，因此是默认值。`like_lengths`：一步内的记录本身长度相近；略快，损失略高。"
        "`plain`：按抽取顺序组成微批。",
    ),
    "fields.micro_batch_tokens": (
        "With `same_records`: most tokens, padding counted, in one micro-batch; 0 takes `max_length` × "
        "`per_device_batch_size`, what the card must hold anyway.",
        "`same_records` 时一个微批最多的 token 数（含填充）；0 取 `max_length` × `per_device_batch_size`，"
        "即显卡本来就要容纳的量。",
    ),
    "fields.packing": (
        "`padding_free` lays the records of a micro-batch end to end, which needs flash attention to be right and "
        "fast; without it, batches of like lengths do as well.",
        "`padding_free` 将一个微批的记录首尾相接，需要 flash attention 才能既正确又快；没有它时，"
        "长度相近的批次效果相当。",
    ),
    "fields.max_length": (
        "Longest record; the surplus is cut from the end, counted and told. 1024 holds most instructions, and "
        "memory grows with it.",
        "最长的记录；超出部分从末尾截去，并统计告知。1024 容得下多数指令数据，而显存随之增长。",
    ),
    "fields.warmup_ratio": (
        "Share of the steps over which the learning rate rises from zero. A few hundredths keep the first steps "
        "from spoiling the weights.",
        "学习率从零升起所占的步数比例。百分之几即可避免最初几步损坏权重。",
    ),
    "fields.warmup_steps": (
        "The same as a number of steps; above 0 it counts in place of `warmup_ratio`.",
        "同上，以步数表示；大于 0 时代替 `warmup_ratio`。",
    ),
    "fields.scheduler": (
        "How the learning rate falls after the warm-up. `cosine` and `linear` differ little; `constant` suits "
        "runs that are stopped by hand.",
        "预热后学习率如何下降。`cosine` 和 `linear` 差别不大；`constant` 适合手动停止的训练。",
    ),
    "fields.optimizer": (
        "The 8-bit ones keep their state in 2 bytes a trained parameter and not in 8; paged ones let it leave the "
        "GPU. An adapter is small, so plain AdamW by default.",
        "8 位优化器每个被训练的参数只用 2 字节保存状态，而不是 8 字节；分页的可将状态移出 GPU。适配器很小，"
        "因此默认用普通 AdamW。",
    ),
    "fields.max_grad_norm": (
        "Longer gradients are cut to this length; 0 leaves them. 1 is what nearly everybody uses against single "
        "bad batches.",
        "梯度超过此长度时被截短；0 表示不截。1 是几乎通用的取值，用于防范个别坏批次。",
    ),
    "fields.neftune_alpha": (
        "Noise on the embeddings while training (NEFTune); 0 is none, 5 its authors' choice for small instruction "
        "sets.",
        "训练时加在词嵌入上的噪声（NEFTune）；0 为不加，5 是其作者对小型指令集的取值。",
    ),
    "fields.gradient_checkpointing": (
        "Compute activations again and not keep them: a third slower, and most of the memory saved. `auto`: on a "
        "GPU, where memory is what is short.",
        "重新计算激活值而不保存：慢三分之一，但节省大部分显存。`auto`：在 GPU 上启用，因为那里缺的是显存。",
    ),
    "fields.attention": (
        "The attention kernel; `auto` takes flash attention where it is installed and needed, else torch's own (SDPA).",
        "注意力内核；`auto` 在装有且需要 flash attention 时使用它，否则用 torch 自带的 SDPA。",
    ),
    "fields.kernels": (
        "Faster layers with the same result: `liger` where the package is installed; `auto` takes it on a GPU "
        "where it is there.",
        "结果相同但更快的层：装有该软件包时可用 `liger`；`auto` 在 GPU 上且已安装时使用它。",
    ),
    "fields.split": (
        "`layers` spreads the model's layers over all GPUs in one process: room for a larger model, not more speed.",
        "`layers` 由一个进程把模型各层分布到所有 GPU：能放下更大的模型，但不会更快。",
    ),
    "fields.weight_decay": (
        "AdamW's weight decay. Adapters are small, so none by default.",
        "AdamW 的权重衰减。适配器很小，因此默认不用。",
    ),
    "fields.assistant_only_loss": (
        "Learn from the answers only, not from the questions, which the model is not to write.",
        "只学习回答，不学习问题，因为问题不需要模型来写。",
    ),
    "fields.precision": (
        "Number format of the computation; `auto` takes bf16 where the hardware computes it natively, else fp32. "
        "fp16 needs a GPU.",
        "计算的数值格式；`auto` 在硬件原生支持时用 bf16，否则用 fp32。fp16 需要 GPU。",
    ),
    "fields.seed": (
        "Seed of the shuffle, the split and the adapter's first values: the same seed gives the same run.",
        "打乱、划分和适配器初值的随机种子：同一种子得到同样的训练。",
    ),
    "fields.save_steps": (
        "Optimizer steps between checkpoints. What a crash can cost at most.",
        "两个检查点之间的优化步数，即崩溃时最多损失的进度。",
    ),
    "fields.save_limit": (
        "Checkpoints kept; the oldest goes only when a newer one is complete. Two, so that one is always whole.",
        "保留的检查点数；只有在较新的完成后才删除最旧的。默认两个，保证总有一个完整。",
    ),
    "fields.log_steps": (
        "Optimizer steps between progress events.",
        "两次进度事件之间的优化步数。",
    ),
    "fields.eval_steps": (
        "Optimizer steps between measurements on the held-out records; 0 measures before and after only, because "
        "each costs time.",
        "两次留出测量之间的优化步数；0 只在训练前后测量，因为每次测量都要花时间。",
    ),
    "fields.threads": (
        "Threads of the CPU in each process; 0 shares the physical cores among the processes.",
        "每个进程的 CPU 线程数；0 表示各进程平分物理核心。",
    ),
    "fields.sample_prompts": (
        "Questions that the model answers whenever the held-out loss is measured.",
        "每次测量留出损失时让模型回答的问题。",
    ),
    "fields.trackers": (
        "Where else to write the metrics: tensorboard, wandb, swanlab, mlflow. metrics.csv is always written.",
        "另外把指标写到哪里：tensorboard、wandb、swanlab、mlflow。metrics.csv 总会写入。",
    ),
    "fields.lora": ("The adapter, with the fields below.", "适配器，含下列字段。"),
    "fields.preference": (
        "What preference methods (dpo, orpo, kto) need beside, with the fields below.",
        "偏好方法（dpo、orpo、kto）另外需要的设置，含下列字段。",
    ),
    "fields.lora.rank": (
        "Width of the adapter's two matrices. 16 is the usual middle for instruction tuning; more learns more and "
        "needs more.",
        "适配器两个矩阵的宽度。16 是指令微调常用的中间值；越大学得越多，占用也越多。",
    ),
    "fields.lora.alpha": (
        "The update counts alpha / rank. Twice the rank is the common choice.",
        "更新按 alpha / rank 计权。常用取值为 rank 的两倍。",
    ),
    "fields.lora.dropout": (
        "Share of the adapter's inputs dropped while training. None is fastest, and fine for few epochs.",
        "训练时丢弃的适配器输入比例。不丢弃最快，训练轮数少时也足够。",
    ),
    "fields.lora.targets": (
        "Names of the modules that get an adapter; `all-linear` is every linear layer but the head, which learns "
        "best for its size.",
        "加适配器的模块名称；`all-linear` 是除输出头外的所有线性层，同等大小下效果最好。",
    ),
    "fields.lora.start": (
        "First values of the matrices. `pissa` takes the principal directions of the base weights and changes "
        "those; it needs the base in 16 bits.",
        "矩阵的初始值。`pissa` 取基础权重的主方向并在其上调整；需要 16 位的基础模型。",
    ),
    "fields.lora.dora": (
        "Learn the length of each weight column apart from its direction (DoRA): a little better, a third slower, "
        "so off.",
        "将权重各列的长度与方向分开学习（DoRA）：效果略好，慢三分之一，因此默认关闭。",
    ),
    "fields.lora.rslora": (
        "Scale by alpha / √rank and not by alpha / rank, which keeps high ranks learning; not needed for low ones.",
        "按 alpha / √rank 而非 alpha / rank 缩放，使高 rank 仍能学习；低 rank 不需要。",
    ),
    "fields.lora.plus_ratio": (
        "LoRA+: how many times faster B learns than A; 0 is off, 16 its authors' choice.",
        "LoRA+：B 的学习速度是 A 的多少倍；0 为关闭，16 是其作者的取值。",
    ),
    "fields.lora.modules_to_save": (
        "Modules that are trained whole beside the adapter, such as `lm_head` and `embed_tokens`: for new tokens "
        "only, as they are large.",
        "与适配器一起整体训练的模块，如 `lm_head` 和 `embed_tokens`：它们很大，只在有新 token 时需要。",
    ),
    "fields.preference.beta": (
        "How strongly the model is held to where it started (dpo, kto), or how much the odds count (orpo). 0.1 is "
        "the methods' authors' choice.",
        "模型受起点约束的强度（dpo、kto），或赔率项的权重（orpo）。0.1 是这些方法作者的取值。",
    ),
    "fields.preference.loss": ("DPO's loss; `sigmoid` is the original.", "DPO 的损失；`sigmoid` 是原始形式。"),
    "fields.preference.sft_weight": (
        "Share of the usual loss on the chosen answers that DPO adds (RPO); 0 is none.",
        "DPO 额外加入的、对优选回答的通常损失的权重（RPO）；0 为不加。",
    ),
    "fields.preference.desirable_weight": (
        "KTO: weight of the good answers' loss. Raise it where good answers are few.",
        "KTO：好回答的损失权重。好回答较少时可加大。",
    ),
    "fields.preference.undesirable_weight": (
        "KTO: weight of the bad answers' loss. Raise it where bad answers are few.",
        "KTO：差回答的损失权重。差回答较少时可加大。",
    ),
    "fields.data.path": (
        "A data file, or a folder of which every data file is taken, in the order of their names.",
        "数据文件，或文件夹（按名称顺序取其中所有数据文件）。",
    ),
    "fields.data.weight": (
        "How often an epoch takes each record: 0.5 takes half of them, 2 takes each twice.",
        "一轮中每条记录取用的次数：0.5 取一半，2 每条取两次。",
    ),
    "fields.data.layout": (
        "What the records look like; `auto` sees it from their fields.",
        "记录的格式；`auto` 根据字段自动识别。",
    ),
    "fields.data.columns": (
        "The file's names for fields that are called otherwise there: `{{output: answer}}`.",
        "文件中名称不同的字段：`{{output: answer}}`。",
    ),
    "fields.title": ("A fine-tuning job of tunedoc", "tunedoc 的微调任务"),
    "fields.unit_layers": ("layers", "层"),
    "fields.unit_share": ("share", "比例"),
    "fields.unit_passes": ("passes", "遍"),
    "fields.unit_steps": ("steps", "步"),
    "fields.unit_records": ("records", "条记录"),
    "fields.unit_batches": ("batches", "批"),
    "fields.unit_processes": ("processes", "个进程"),
    "fields.unit_tokens": ("tokens", "token"),
    "fields.unit_checkpoints": ("checkpoints", "个检查点"),
    "fields.unit_threads": ("threads", "线程"),
    "fields.unit_times": ("times", "次"),
    "fields.kind_truth": ("true, false", "true、false"),
    "fields.kind_number": ("number", "数"),
    "fields.kind_text": ("text", "文本"),
    "fields.kind_names": ("names", "名称"),
    "fields.kind_folder": ("folder or id", "文件夹或名称"),
    "fields.kind_place": ("folder", "文件夹"),
    "fields.kind_sources": ("file, folder or list", "文件、文件夹或列表"),
    "fields.kind_fields": ("fields of its own", "自有字段"),
    "fields.kind_columns": ("names: names", "名称: 名称"),
    "fields.head": ("| field | kind | default | meaning |", "| 字段 | 种类 | 默认值 | 含义 |"),
    "fields.start_header": (
        "A job for `tunedoc train`. Only model and data are needed; take away the # of what you want to change.",
        "供 `tunedoc train` 使用的任务。只需填写 model 和 data；要更改某项时去掉行首的 #。",
    ),
}
