"""Words about packages against each other."""

WORDS: dict[str, tuple[str, str]] = {
    "version_ranges.title_torch": ("Packages for this PyTorch", "软件包与 PyTorch"),
    "version_ranges.title_python": ("Packages for this Python", "软件包与 Python"),
    "version_ranges.title_hub": ("huggingface-hub", "huggingface-hub 版本"),
    "version_ranges.title_tokenizers": ("tokenizers", "tokenizers 版本"),
    "version_ranges.title_safetensors": ("safetensors", "safetensors 版本"),
    "version_ranges.title_trl": ("TRL and transformers", "TRL 与 transformers 版本"),
    "version_ranges.title_peft": ("PEFT and transformers", "PEFT 与 transformers 版本"),
    "version_ranges.title_accelerate": ("accelerate", "accelerate 版本"),
    "version_ranges.title_datasets": ("datasets and pyarrow", "datasets 与 pyarrow 版本"),
    "version_ranges.title_llamafactory": ("Versions for LLaMA-Factory", "LLaMA-Factory 的依赖版本"),
    "version_ranges.title_unsloth": ("Versions for Unsloth", "Unsloth 的依赖版本"),
    "version_ranges.title_sentencepiece": ("sentencepiece", "sentencepiece 分词库"),
    "version_ranges.ok": ("fit each other", "互相匹配"),
    "version_ranges.broken": (
        "{package} {version} needs {other} {wanted}, this is {have}",
        "{package} {version} 需要 {other} {wanted}，而这里是 {have}",
    ),
    "version_ranges.cause_new": (
        "{other} {have} is newer than {package} {version} was written for: names that it imports or arguments that "
        "it passes are gone, or it refuses at the start.",
        "{other} {have} 比 {package} {version} 所支持的更新：它要导入的名称或传递的参数已不存在，或启动时就拒绝运行。",
    ),
    "version_ranges.cause_old": (
        "{package} {version} uses what {other} {have} does not have yet; the versions do not match, and importing "
        "or starting it fails.",
        "{package} {version} 用到了 {other} {have} 尚没有的功能；版本不匹配，导入或启动会失败。",
    ),
    "version_ranges.fix": ("bring the versions together", "使版本互相匹配"),
    "version_ranges.by_hand_torch": (
        "install torch {wanted}, or a {package} that takes this torch",
        "安装 torch {wanted}，或安装支持此 torch 的 {package}",
    ),
    "version_ranges.by_hand_python": (
        "make an environment with Python {wanted} or newer (3.12 is a good choice), or install an older {package}",
        "用 Python {wanted} 或更新版本新建环境（推荐 3.12），或安装较旧的 {package}",
    ),
    "version_ranges.no_sentencepiece": (
        "missing; some models' tokenizers (older Llama, Mistral, Gemma) need it",
        "缺失；部分模型（早期 Llama、Mistral、Gemma）的分词器需要它",
    ),
    "version_ranges.sentencepiece": ("there", "已安装"),
    "version_ranges.by_hand_trl": (
        'upgrade it with `python -m pip install -U "trl>={first}"`, or pin `{command}`; in code of your own write '
        "`processing_class=` for `tokenizer=`",
        '用 `python -m pip install -U "trl>={first}"` 升级，或固定 `{command}`；自己的代码中用 `processing_class=` '
        "代替 `tokenizer=`",
    ),
    "version_ranges.by_hand_new": (
        "upgrade it with `python -m pip install -U {package}`, or pin what it was written for: `{command}`",
        "用 `python -m pip install -U {package}` 升级，或固定它所支持的版本：`{command}`",
    ),
    "version_ranges.by_hand_old": ("upgrade: run `{command}`", "升级：运行 `{command}`"),
}
