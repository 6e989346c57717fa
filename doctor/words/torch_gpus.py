"""Words about PyTorch against the GPUs and their driver."""

WORDS: dict[str, tuple[str, str]] = {
    "torch_gpus.torch": ("PyTorch {version} for CUDA {cuda}", "PyTorch {version}（CUDA {cuda} 版）"),
    "torch_gpus.some_torch": ("the installed PyTorch", "已安装的 PyTorch"),
    "torch_gpus.title_too_old_build": ("PyTorch for new GPUs", "PyTorch 对新显卡的支持"),
    "torch_gpus.new_served": ("no GPU is newer than this build", "没有比此版本更新的显卡"),
    "torch_gpus.too_old_build": (
        "{torch} has no code for GPU {index} ({name}, {architecture}, {family})",
        "{torch} 不支持显卡 {index}（{name}，{architecture}，{family}）",
    ),
    "torch_gpus.cause_too_old_build": (
        "this build's newest code is for {newest}, and {family} ({architecture}) came later: every computation "
        'fails with "no kernel image is available". The driver is not at fault. Blackwell (RTX 50) needs torch 2.7 '
        "or newer for CUDA 12.8 or newer (cu128, cu130); cu126 and older builds never have its code.",
        "此版本最新只包含 {newest} 的代码，而 {family}（{architecture}）更新：任何计算都会报 “no kernel image is "
        "available”。驱动没有问题。Blackwell（RTX 50）需要 torch 2.7 或更新、CUDA 12.8 或更新的版本（cu128、"
        "cu130）；cu126 及更旧的版本都不包含。",
    ),
    "torch_gpus.fix_build": ("install another build of PyTorch", "安装另一个版本的 PyTorch"),
    "torch_gpus.by_hand_newer": (
        "run `{command}`; bitsandbytes, xformers and flash-attn have to match the new build",
        "运行 `{command}`；bitsandbytes、xformers 和 flash-attn 也必须与新版本匹配",
    ),
    "torch_gpus.title_dropped": ("PyTorch for old GPUs", "PyTorch 对旧显卡的支持"),
    "torch_gpus.old_served": ("no GPU is older than this build", "没有此版本已放弃支持的旧显卡"),
    "torch_gpus.dropped": (
        "{torch} has no code any more for GPU {index} ({name}, {architecture}, {family})",
        "{torch} 已不再支持显卡 {index}（{name}，{architecture}，{family}）",
    ),
    "torch_gpus.cause_dropped": (
        'this build begins at {oldest}, so {family} ({architecture}) gets "no kernel image is available". Newer '
        "CUDA left Maxwell, Pascal and Volta out; the builds for CUDA 12.6 (cu126) still serve them, up to torch "
        "2.14.",
        "此版本从 {oldest} 开始支持，因此 {family}（{architecture}）会报 “no kernel image is available”。较新的 "
        "CUDA 不再支持 Maxwell、Pascal 和 Volta；CUDA 12.6（cu126）的版本仍然支持，直到 torch 2.14。",
    ),
    "torch_gpus.by_hand_older": (
        "run `{command}` (torch 2.14 is the last release with cu126)",
        "运行 `{command}`（torch 2.14 是最后一个提供 cu126 的版本）",
    ),
    "torch_gpus.cause_no_longer": (
        "{family} is too old for every PyTorch since CUDA 12; no wheel of today has code for it.",
        "{family} 对于 CUDA 12 以来的所有 PyTorch 都太旧；现有安装包都不支持。",
    ),
    "torch_gpus.fix_other_gpu": ("work without this GPU", "不使用此显卡"),
    "torch_gpus.by_hand_other_gpu": (
        "use the CPU build (`tunedoc install` chooses it) or a newer GPU, a GTX 10 or better",
        "使用 CPU 版本（`tunedoc install` 会自动选择），或更换 GTX 10 及以上的显卡",
    ),
    "torch_gpus.title_mixed": ("One PyTorch for all GPUs", "同一 PyTorch 支持所有显卡"),
    "torch_gpus.mixed_ok": ("one build can serve them all", "同一版本可以支持所有显卡"),
    "torch_gpus.mixed": (
        "{torch} serves {served} but not {lost}; these two cards need different builds",
        "{torch} 支持 {served} 但不支持 {lost}；这两块显卡需要不同的版本",
    ),
    "torch_gpus.cause_mixed": (
        "{served} and {lost} are too far apart: builds for CUDA 12.8 and newer begin where the older card ends, "
        "and builds for CUDA 12.6 have no code for Blackwell.",
        "{served} 与 {lost} 相差太远：CUDA 12.8 及更新的版本不再支持旧卡，而 CUDA 12.6 的版本不支持 Blackwell。",
    ),
    "torch_gpus.by_hand_both": (
        "use torch {torch}, whose Windows build for CUDA 12.8 is the only one with code for both: `{command}` "
        "(bitsandbytes for CUDA 12.8 has no code for the old card, so 4-bit training runs on the new one alone)",
        "使用 torch {torch}，它的 Windows CUDA 12.8 版是唯一同时支持两者的版本：`{command}`（bitsandbytes 的 CUDA "
        "12.8 库不支持旧卡，因此 4 位训练只能在新卡上运行）",
    ),
    "torch_gpus.fix_hide": ("work with one of the GPUs", "只使用其中一块显卡"),
    "torch_gpus.by_hand_hide": (
        "show only {served} to CUDA: set `CUDA_VISIBLE_DEVICES={uuid}`",
        "让 CUDA 只看到 {served}：设置 `CUDA_VISIBLE_DEVICES={uuid}`",
    ),
    "torch_gpus.title_driver": ("Driver for this PyTorch", "此 PyTorch 所需的驱动"),
    "torch_gpus.driver_ok": ("new enough for {version}", "足以运行 {version}"),
    "torch_gpus.driver_cuda": ("the driver runs CUDA up to {cuda}", "驱动最高支持 CUDA {cuda}"),
    "torch_gpus.driver_old": (
        "the NVIDIA driver {have} is too old for PyTorch {version}: CUDA {cuda} needs {needs} or newer",
        "NVIDIA 驱动 {have} 对 PyTorch {version} 来说太旧：CUDA {cuda} 需要 {needs} 或更新版本",
    ),
    "torch_gpus.driver_behind": (
        "the NVIDIA driver is too old for PyTorch {version}: it runs CUDA up to {newest}, CUDA {cuda} needs driver "
        "{needs}",
        "NVIDIA 驱动对 PyTorch {version} 来说太旧：最高支持 CUDA {newest}，而 CUDA {cuda} 需要驱动 {needs}",
    ),
    "torch_gpus.cause_driver": (
        "this PyTorch carries CUDA {cuda}, which runs with driver {needs} or newer; with an older one CUDA does "
        "not start and PyTorch falls back to the processor. A CUDA toolkit would not help: the wheel brings its "
        "own.",
        "此 PyTorch 自带 CUDA {cuda}，需要驱动 {needs} 或更新版本；驱动太旧时 CUDA 无法启动，PyTorch 只能用处理器。"
        "安装 CUDA 工具包没有帮助：安装包里已经自带。",
    ),
    "torch_gpus.by_hand_driver": (
        "update the NVIDIA driver to {needs} or newer from nvidia.com/drivers and restart",
        "从 nvidia.com/drivers 将 NVIDIA 驱动更新到 {needs} 或更新版本，然后重启",
    ),
    "torch_gpus.by_hand_driver_wsl": (
        "update the NVIDIA driver in Windows (not inside WSL) to {needs} or newer, then run `wsl --shutdown`",
        "在 Windows 中（不是 WSL 内）将 NVIDIA 驱动更新到 {needs} 或更新版本，然后运行 `wsl --shutdown`",
    ),
    "torch_gpus.by_hand_other_build": (
        "or install a build that this driver runs: `{command}`",
        "或安装此驱动能运行的版本：`{command}`",
    ),
    "torch_gpus.cause_dropped_driver": (
        "{cause} The NVIDIA driver is too old for this build's CUDA as well, but a newer driver alone would not help.",
        "{cause}NVIDIA 驱动对此版本的 CUDA 来说也太旧，但只更新驱动没有用。",
    ),
}
