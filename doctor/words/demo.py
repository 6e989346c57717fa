"""Words of `tunedoc demo`."""

WORDS: dict[str, tuple[str, str]] = {
    "demo.description": (
        "The whole job once, on a small real model: check, install, fine-tune, export, and llama.cpp answering before "
        "and after. What an earlier run made is used again.",
        "用一个真实的小模型完整演示一遍：检查、安装、微调、导出，"
        "并由 llama.cpp 在微调前后回答同样的问题。已完成的部分会直接使用。",
    ),
    "demo.example": ("tunedoc demo --yes --offline-ok", "tunedoc demo --yes --offline-ok"),
    "demo.help_model": (
        "base model: `{default}` (default, comes with no hub), a folder in Hugging Face layout, or a name on the hub",
        "基础模型：`{default}`（默认，无需模型站）、Hugging Face 格式的文件夹，或模型站上的名称",
    ),
    "demo.help_offline": (
        "never ask a model hub; only the package index is used",
        "不访问任何模型站，只使用软件包索引",
    ),
    "demo.help_restart": ("train again even if an earlier run is complete", "即使之前已训练完成，也重新训练"),
    "demo.offline_model": (
        "`{model}` is not on this machine, and `--offline-ok` forbids asking a model hub",
        "本机没有 `{model}`，而 `--offline-ok` 禁止访问模型站",
    ),
    "demo.offline_model_hint": (
        "leave `--model` out to use `{default}`, or fetch the model first with `tunedoc model get {model}`",
        "不加 `--model` 即使用 `{default}`，或先用 `tunedoc model get {model}` 获取模型",
    ),
    "demo.stage_check": ("check this machine", "检查电脑"),
    "demo.stage_install": ("training environment", "训练环境"),
    "demo.stage_model": ("base model", "基础模型"),
    "demo.stage_before": ("base model as GGUF, asked three questions", "基础模型转为 GGUF 并回答三个问题"),
    "demo.stage_train": ("fine-tune with LoRA", "LoRA 微调"),
    "demo.stage_export": ("export to GGUF", "导出 GGUF"),
    "demo.stage_after": ("tuned model, asked the same", "微调后的模型回答同样的问题"),
    "demo.began": ("▸ {stage} …", "▸ {stage} …"),
    "demo.ended": ("✓ {stage}: {detail} ({seconds:.1f} s)", "✓ {stage}：{detail}（{seconds:.1f} 秒）"),
    "demo.reused": ("✓ {stage}: {detail} (from an earlier run)", "✓ {stage}：{detail}（之前已完成）"),
    "demo.checked": (
        "{ok} well, {attention} need attention, {unknown} unknown",
        "{ok} 项正常，{attention} 项需要注意，{unknown} 项未知",
    ),
    "demo.installed": ("{stack}, built and proved", "{stack}，已构建并通过验证"),
    "demo.installed_before": ("{stack}", "{stack}"),
    "demo.model": ("{name}, {parameters:.1f} million parameters", "{name}，{parameters:.1f} 百万参数"),
    "demo.trained": (
        "{steps} steps; loss on held-out records {before:.3f} → {after:.3f}",
        "{steps} 步；留出记录的损失 {before:.3f} → {after:.3f}",
    ),
    "demo.stopped": ("stopped; the training so far is kept", "已停止；训练进度已保存"),
    "demo.stopped_hint": ("run the same command again to go on from there", "再次运行同一命令即可继续"),
    "demo.loss_did_not_fall": (
        "the loss on held-out records did not fall ({before:.3f} → {after:.3f})",
        "留出记录的损失没有下降（{before:.3f} → {after:.3f}）",
    ),
    "demo.loss_hint": (
        "run the demo with `--restart`; if it happens again, please report it with `tunedoc snapshot`",
        "请加 `--restart` 再运行一次；如果再次出现，请连同 `tunedoc snapshot` 的结果一起报告",
    ),
    "demo.exported": ("{files}", "{files}"),
    "demo.answered": ("{count} answers", "{count} 个回答"),
    "demo.question": ("question", "问题"),
    "demo.before": ("before ({type})", "微调前（{type}）"),
    "demo.after": ("after ({type})", "微调后（{type}）"),
    "demo.summary": (
        "{seconds:.0f} s in all; used again from an earlier run: {reused}",
        "共用时 {seconds:.0f} 秒；直接使用了之前的：{reused}",
    ),
    "demo.nothing": ("nothing", "无"),
    "demo.next": (
        "talk to it: {command} chat {file}",
        "与它对话：{command} chat {file}",
    ),
}
