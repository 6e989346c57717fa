"""Words of the planner: `tunedoc train --plan`."""

WORDS: dict[str, tuple[str, str]] = {
    "fit.help_plan": (
        "only say what the job needs: memory by component, placement, disk; nothing is run or downloaded",
        "只说明任务需要什么：各部分内存、放置方式、磁盘；不运行也不下载",
    ),
    "fit.help_calibrate": (
        "run a few steps at two or three lengths and keep what they took, for the planner",
        "以两三种长度各跑几步并记下实际用量，供规划器使用",
    ),
    "fit.help_model": (
        "with `--plan`: another model than the job's, a folder or a hub's `owner/name`",
        "与 `--plan` 一起：换用另一个模型，文件夹或模型站上的 `所有者/名称`",
    ),
    "fit.help_card": (
        "with `--plan`: as if there were these cards, such as `16GiB,16GiB`",
        "与 `--plan` 一起：假设有这些显卡，例如 `16GiB,16GiB`",
    ),
    "fit.help_anyway": (
        "train even where the planner says that memory will not do",
        "即使规划器认为内存不够也进行训练",
    ),
    # What stands in the way of an answer.
    "fit.no_model": (
        "`{name}` is neither a folder with a model, a model that is here, nor a hub's `owner/name`",
        "`{name}` 既不是模型文件夹，也不是本机已有的模型，也不是模型站上的 `所有者/名称`",
    ),
    "fit.no_model_hint": (
        "name a folder with config.json, or a model such as `Qwen/Qwen2.5-7B-Instruct`, of which only headers are read",
        "请给出含有 config.json 的文件夹，或 `Qwen/Qwen2.5-7B-Instruct` 这样的模型名；只会读取文件头，不会下载模型",
    ),
    "fit.no_size": ("config.json does not say `{field}`", "config.json 中没有 `{field}`"),
    "fit.no_size_hint": (
        "the planner knows text models, and models with a text part, in Hugging Face layout",
        "规划器支持 Hugging Face 格式的文本模型，以及带有文本部分的模型",
    ),
    "fit.unreadable": ("the file cannot be read", "无法读取该文件"),
    "fit.bad_config": (
        "the file is not the JSON object that a model's configuration is",
        "该文件不是有效的模型配置 JSON",
    ),
    "fit.bad_header": ("the file's safetensors header cannot be read", "无法读取该文件的 safetensors 文件头"),
    "fit.bad_card": ("`{card}` is no card's memory", "`{card}` 不是有效的显存大小"),
    "fit.bad_card_hint": (
        "write it like `16GiB`, `16GiB,16GiB` or `2x24`",
        "请写成 `16GiB`、`16GiB,16GiB` 或 `2x24` 这样的形式",
    ),
    "fit.trial_failed": (
        "a trial at {length} tokens did not finish at its full batch",
        "长度为 {length} 个词元的试运行未能以完整批次完成",
    ),
    "fit.cannot_keep": ("the calibration cannot be written", "无法写入校准结果"),
    "fit.no_job_or_model": (
        "`--plan` needs a job file, or a model by `--model`",
        "`--plan` 需要任务文件，或用 `--model` 指定模型",
    ),
    "fit.no_job": ("a job file is needed: `tunedoc train JOB.yaml`", "需要任务文件：`tunedoc train 任务.yaml`"),
    "fit.only_with_plan": ("`{option}` goes with `--plan`", "`{option}` 需与 `--plan` 一起使用"),
    # The refusal before a run.
    "fit.refused": (
        "the job does not fit: {what} needs about {needed} and {usable} can be used",
        "任务放不下：{what} 约需 {needed}，可用 {usable}",
    ),
    "fit.refused_hint": (
        "{levers}; `tunedoc train --plan` shows all of it, and `--anyway` tries regardless",
        "{levers}；`tunedoc train --plan` 显示全部细节，`--anyway` 可强行尝试",
    ),
    "fit.refused_no_lever": ("no single change makes it fit", "没有哪一项改动能单独让它放得下"),
    "fit.tight_note": (
        "memory is tight: {what} needs {low} to {high} and {usable} can be used",
        "内存紧张：{what} 需要 {low} 到 {high}，可用 {usable}",
    ),
    "fit.smaller_batches_note": (
        "micro-batches of {batch} records do not fit at their longest: the trainer makes them smaller when it must",
        "每批 {batch} 条记录在最长时放不下：训练程序会在必要时自动减小批次",
    ),
    # The report.
    "fit.heading": (
        "{name}: {parameters} parameters, {trained} of them trained; {tokens} tokens at once",
        "{name}：{parameters} 个参数，其中训练 {trained} 个；一次计算 {tokens} 个词元",
    ),
    "fit.what_card": ("card {index} ({name})", "显卡 {index}（{name}）"),
    "fit.what_host": ("main memory", "内存"),
    "fit.verdict_fits": ("fits", "放得下"),
    "fit.verdict_tight": ("tight: it may run out of memory", "紧张：可能会内存不足"),
    "fit.verdict_too_large": ("does not fit", "放不下"),
    "fit.kind_one": ("one card", "单卡"),
    "fit.kind_parallel": (
        "{count} cards side by side (`processes: {count}`)",
        "{count} 张卡并行（`processes: {count}`）",
    ),
    "fit.kind_split": (
        "layers spread over {count} cards (`split: layers`): {layers}",
        "按层分到 {count} 张卡（`split: layers`）：{layers}",
    ),
    "fit.kind_host": ("on the CPU", "在 CPU 上"),
    "fit.headline": ("{placement}: {verdict}", "{placement}：{verdict}"),
    "fit.closest": ("nearest: {placement}, {verdict}", "最接近的放法：{placement}，{verdict}"),
    "fit.chosen": ("better laid out: {placement}, {verdict}", "更好的放法：{placement}，{verdict}"),
    "fit.card_line": (
        "{what}: {verdict}; {low} to {high}, most likely {likely}, of {usable} that can be used",
        "{what}：{verdict}；需 {low} 到 {high}，最可能 {likely}，可用 {usable}",
    ),
    "fit.part_weights": ("base model's weights", "基础模型权重"),
    "fit.part_adapter": ("adapter", "适配器"),
    "fit.part_gradients": ("gradients", "梯度"),
    "fit.part_optimizer": ("optimizer's state", "优化器状态"),
    "fit.part_saved": ("saved activations", "保存的激活值"),
    "fit.part_layer": ("the layer at work", "正在计算的层"),
    "fit.part_attention": ("attention matrix", "注意力矩阵"),
    "fit.part_unpacking": ("weights unpacked to 16 bits", "解包为 16 位的权重"),
    "fit.part_logits": ("logits and loss", "输出概率与损失"),
    "fit.part_products": ("workspace of matrix products", "矩阵乘法工作区"),
    "fit.part_slack": ("allocator's slack", "分配器的空余"),
    "fit.part_context": ("CUDA's context", "CUDA 上下文"),
    "fit.part_process": ("Python and libraries", "Python 与各库"),
    "fit.not_at_peak": ("at another moment", "不在峰值时刻"),
    "fit.levers": ("what would save memory", "哪些改动能省内存"),
    "fit.lever_length": ("max_length {before:,} → {after:,} tokens", "max_length {before:,} → {after:,} 个词元"),
    "fit.lever_batch": (
        "per_device_batch_size {before} → {after}, with more accumulation",
        "per_device_batch_size {before} → {after}，相应增加累积步数",
    ),
    "fit.lever_checkpointing": (
        "gradient_checkpointing {before} → {after}: a third slower",
        "gradient_checkpointing {before} → {after}：慢约三分之一",
    ),
    "fit.lever_nf4": (
        "quantisation {before} → {after}: the base model in 4 bits",
        "quantisation {before} → {after}：基础模型用 4 位",
    ),
    "fit.lever_optimizer": ("optimizer {before} → {after}", "optimizer {before} → {after}"),
    "fit.lever_rank": ("lora.rank {before} → {after}", "lora.rank {before} → {after}"),
    "fit.lever_targets": ("lora.targets {before} → {after}", "lora.targets {before} → {after}"),
    "fit.lever_attention": ("attention {before} → {after}", "attention {before} → {after}"),
    "fit.lever_tuning": ("tuning {before} → {after}: an adapter only", "tuning {before} → {after}：只训练适配器"),
    "fit.lever_loss": ("TRL {after} or newer: the loss in tiles", "TRL {after} 或更新版本：分块计算损失"),
    "fit.lever_split": ("split {before} → {after}: over all cards", "split {before} → {after}：分到所有显卡"),
    "fit.lever_together": ("together: {parts}", "一起改：{parts}"),
    "fit.lever_model": (
        "a smaller model: about {after} parameters in place of {before}",
        "更小的模型：约 {after} 个参数，而不是 {before}",
    ),
    "fit.lever_saves": ("saves {saving}", "省 {saving}"),
    "fit.lever_then": ("then it {verdict}", "之后{verdict}"),
    "fit.then_fits": ("fits", "放得下"),
    "fit.then_tight": ("is tight", "仍然紧张"),
    "fit.then_too_large": ("still does not fit", "仍放不下"),
    "fit.host_line": (
        "main memory while loading and training: {low} to {high}; a later merge takes about {merge}",
        "加载和训练时的内存：{low} 到 {high}；之后合并约需 {merge}",
    ),
    "fit.disk_line": (
        "disk: {checkpoints} of checkpoints and {adapter} of adapter",
        "磁盘：检查点 {checkpoints}，适配器 {adapter}",
    ),
    "fit.disk_download": ("{download} to download first", "需先下载 {download}"),
    "fit.from_headers": ("sizes are from the weights' own headers", "大小取自权重文件头"),
    "fit.from_config": (
        "sizes are worked out from config.json alone: no weights were found",
        "大小仅由 config.json 推算：没有找到权重文件",
    ),
    "fit.path": (
        "reckoned for loss path `{loss}`, attention kernel `{kernel}`, {versions}",
        "按损失路径 `{loss}`、注意力内核 `{kernel}`、{versions} 计算",
    ),
    "fit.no_versions": ("the packages that `tunedoc install` brings", "`tunedoc install` 会安装的包"),
    "fit.was_measured": (
        "corrected by a calibration of {count} measurements on this hardware",
        "已按本机的校准（{count} 次测量）修正",
    ),
    "fit.not_measured": (
        "not measured on this machine yet: `tunedoc train --calibrate JOB.yaml` takes a few minutes",
        "尚未在本机测量：`tunedoc train --calibrate 任务.yaml` 只需几分钟",
    ),
    "fit.time": ("about {time} for the run, from measured speed", "按实测速度，整个训练约需 {time}"),
    "fit.energy": ("about {watt_hours} Wh of the card", "显卡耗电约 {watt_hours} 瓦时"),
    # Calibration.
    "fit.trial_begins": ("measuring {length} tokens a record", "正在测量每条 {length} 个词元"),
    "fit.trial_done": (
        "{length} tokens: {measured} measured, {predicted} expected beforehand, {speed} tokens/s",
        "{length} 个词元：实测 {measured}，预计 {predicted}，{speed} 词元/秒",
    ),
    "fit.calibrated": (
        "the planner now goes by these measurements for models of this family here",
        "今后规划器将按这些测量结果估算本机上的同类模型",
    ),
}
