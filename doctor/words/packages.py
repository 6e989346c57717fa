"""Words about the training environment's packages."""

WORDS: dict[str, tuple[str, str]] = {
    "packages.title_stack": ("Stack for this machine", "适合的组合"),
    "packages.stack": ("{row}", "{row}"),
    "packages.cpu_stack": ("{row}; the GPU would stay unused", "{row}；显卡将不会被使用"),
    "packages.stack_unknown": ("could not be chosen: the system is not known", "无法选择：系统未知"),
    "packages.stack_for_now": (
        "{row} for now; whether a CUDA stack fits is not known",
        "暂为 {row}；不能确定 CUDA 组合是否适合",
    ),
    "packages.by_hand_no_stack": (
        "`tunedoc plan` says of every stack why it does not fit",
        "`tunedoc plan` 会说明每个组合不适合的原因",
    ),
    "packages.no_stack": ("no tested combination of packages fits", "没有适合的已测试组合"),
    "packages.rejected": ("not {row}: {reason}", "未选 {row}：{reason}"),
    "packages.fix_stack": ("let a CUDA stack fit", "使 CUDA 组合可用"),
    "packages.by_hand_cpu_stack": (
        "the best stack was passed over because {reason}",
        "未选用最佳组合的原因：{reason}",
    ),
    "packages.title_present": ("Training environment", "训练环境"),
    "packages.absent": ("none yet", "尚未安装"),
    "packages.damaged": ("unfinished, damaged or not readable", "不完整、已损坏或无法读取"),
    "packages.unproved": ("was never proved to work", "从未通过验证"),
    "packages.present": ("{row}, proved when it was built", "{row}，构建时已通过验证"),
    "packages.withdrawn": ("{row} was withdrawn: {why}", "{row} 已撤回：{why}"),
    "packages.place": ("at {path}, Python {python}", "位于 {path}，Python {python}"),
    "packages.count": ("{count} packages", "{count} 个软件包"),
    "packages.fix_install": (
        "run `tunedoc install` to build a training environment that fits",
        "运行 `tunedoc install` 构建合适的训练环境",
    ),
    "packages.title_changed": ("Packages as built", "软件包一致性"),
    "packages.unchanged": ("all {count} that were asked for are as built", "指定的 {count} 个软件包均与构建时一致"),
    "packages.changed": (
        "{count} packages differ from {row}",
        "{count} 个软件包与 {row} 不一致",
    ),
    "packages.row_gone": (
        "built from `{row}`, which the catalogue does not have",
        "由 `{row}` 构建，但目录中没有此项",
    ),
    "packages.missing_one": ("{name} is missing; {wanted} was asked for", "缺少 {name}；应为 {wanted}"),
    "packages.other_one": ("{name} is {have}; {wanted} was asked for", "{name} 为 {have}；应为 {wanted}"),
    "packages.title_torch": ("PyTorch", "PyTorch"),
    "packages.no_torch": ("missing from the training environment", "训练环境中没有 PyTorch"),
    "packages.torch_other": (
        "{version}, a build that tunedoc knows nothing about",
        "{version}，tunedoc 不了解此版本",
    ),
    "packages.torch_cpu": ("{version}, for the processor", "{version}，处理器版本"),
    "packages.torch_cuda": ("{version}, has code for every GPU here", "{version}，支持这台电脑的所有显卡"),
    "packages.torch_cpu_with_gpu": (
        "{version} is the build for the processor; the GPU stays unused",
        "{version} 是处理器版本；显卡不会被使用",
    ),
    "packages.torch_cuda_without_gpu": (
        "{version} carries CUDA, but there is no NVIDIA GPU; it works on the processor",
        "{version} 带有 CUDA，但没有 NVIDIA 显卡；将在处理器上运行",
    ),
    "packages.torch_untold": (
        "{version} needs a GPU that could not be asked about",
        "{version} 需要显卡，但无法查询显卡信息",
    ),
    "packages.torch_driver_old": (
        "{version} needs NVIDIA driver {needs}, this is {have}",
        "{version} 需要 NVIDIA 驱动 {needs}，而当前是 {have}",
    ),
    "packages.torch_uncovered": (
        "{version} has no code for GPU {index} ({name}, {have}); every computation on it fails",
        "{version} 不支持显卡 {index}（{name}，{have}）；在其上的任何计算都会失败",
    ),
    "packages.torch_cuda_version": ("built for CUDA {cuda}", "为 CUDA {cuda} 构建"),
    "packages.torch_targets": ("compute capabilities: {targets}", "支持的计算能力：{targets}"),
    "packages.torch_driver": ("needs driver {needs} or newer", "需要驱动 {needs} 或更新版本"),
    "packages.gpu_name": ("{name}", "{name}"),
    "packages.by_hand_torch_driver": (
        "install NVIDIA driver {needs} or newer, or run `tunedoc install` for a stack that fits this one",
        "请安装 {needs} 或更新版本的 NVIDIA 驱动，或运行 `tunedoc install` 安装适合当前驱动的组合",
    ),
    "packages.title_companions": ("torchvision, torchaudio", "torchvision 和 torchaudio"),
    "packages.companions_ok": ("made for this PyTorch", "与 PyTorch 匹配"),
    "packages.companion_release": (
        "{name} {version} was made for PyTorch {wanted}, not for {torch}",
        "{name} {version} 对应 PyTorch {wanted}，而不是 {torch}",
    ),
    "packages.companion_tag": (
        "{name} {version} is another build than PyTorch {torch}",
        "{name} {version} 与 PyTorch {torch} 的构建类型不同",
    ),
    "packages.version": ("{name} {version}", "{name} {version}"),
    "packages.title_bitsandbytes": ("bitsandbytes", "bitsandbytes"),
    "packages.plain": ("{version}", "{version}"),
    "packages.no_bitsandbytes": ("missing; 4-bit training is not possible", "缺失；无法进行 4 位训练"),
    "packages.bitsandbytes_old": (
        "{version} has no library for CUDA {cuda}; {needs} is the first that has",
        "{version} 没有适用于 CUDA {cuda} 的库；从 {needs} 起才有",
    ),
    "packages.bitsandbytes_gpu": (
        "4-bit training needs compute capability {needs}; {name} has {have}",
        "4 位训练需要计算能力 {needs}；{name} 为 {have}",
    ),
    "packages.title_gloo": ("Training on several GPUs", "多显卡训练"),
    "packages.gloo": ("PyTorch {version} has gloo", "PyTorch {version} 带有 gloo"),
    "packages.no_gloo": (
        "PyTorch {version} for Windows was built without gloo; 2.7 and 2.11 or newer have it",
        "Windows 版 PyTorch {version} 不带 gloo；2.7 以及 2.11 或更新版本带有",
    ),
    "packages.title_libuv": ("USE_LIBUV", "USE_LIBUV"),
    "packages.libuv_ok": ("not asked for", "未启用"),
    "packages.libuv_default": (
        "PyTorch {version} asks for libuv unless told not to, and its Windows build has none",
        "PyTorch {version} 默认使用 libuv，而其 Windows 版本并不带 libuv",
    ),
    "packages.libuv_forced": (
        "set to 1, but no PyTorch for Windows has libuv; several GPUs cannot start together",
        "设为 1，但 Windows 版 PyTorch 均不带 libuv；多显卡训练无法启动",
    ),
    "packages.libuv_value": ("USE_LIBUV = {value}", "USE_LIBUV = {value}"),
    "packages.fix_libuv": ("switch libuv off", "关闭 libuv"),
    "packages.by_hand_libuv": (
        "run `setx USE_LIBUV 0` and open a new terminal",
        "运行 `setx USE_LIBUV 0` 并打开新的终端",
    ),
}
