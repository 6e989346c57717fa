"""Words about the environment in question and its packages."""

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
    "packages.changed": ("{count} packages differ from {row}", "{count} 个软件包与 {row} 不一致"),
    "packages.row_gone": (
        "built from `{row}`, which the catalogue does not have",
        "由 `{row}` 构建，但目录中没有此项",
    ),
    "packages.missing_one": ("{name} is missing; {wanted} was asked for", "缺少 {name}；应为 {wanted}"),
    "packages.other_one": ("{name} is {have}; {wanted} was asked for", "{name} 为 {have}；应为 {wanted}"),
    "packages.title_torch": ("PyTorch", "PyTorch"),
    "packages.no_torch": ("missing from the training environment", "训练环境中没有 PyTorch"),
    "packages.torch_other": ("{version}, a build that tunedoc knows nothing about", "{version}，tunedoc 不了解此版本"),
    "packages.torch_cpu": ("{version}, for the processor", "{version}，处理器版本"),
    "packages.torch_cuda": ("{version}, for the GPU", "{version}，GPU 版本"),
    "packages.torch_cuda_without_gpu": (
        "{version} carries CUDA, but there is no NVIDIA GPU; it works on the processor",
        "{version} 带有 CUDA，但没有 NVIDIA 显卡；将在处理器上运行",
    ),
    "packages.torch_untold": (
        "{version} needs a GPU that could not be asked about",
        "{version} 需要显卡，但无法查询显卡信息",
    ),
    "packages.torch_cuda_version": ("built for CUDA {cuda}", "为 CUDA {cuda} 构建"),
    "packages.torch_targets": ("compute capabilities: {targets}", "支持的计算能力：{targets}"),
    "packages.torch_driver": ("needs driver {needs} or newer", "需要驱动 {needs} 或更新版本"),
    "packages.gpu_name": ("{name}", "{name}"),
    "packages.version": ("{name} {version}", "{name} {version}"),
    "packages.plain": ("{version}", "{version}"),
    "packages.gpu": ("{name} ({architecture}, {family})", "{name}（{architecture}，{family}）"),
    "packages.cause_no_stack": (
        "tunedoc's catalogue holds combinations that are known to work together; none is for this system.",
        "tunedoc 的目录只包含已知可协同工作的组合；没有适用于此系统的组合。",
    ),
    "packages.cause_unproved": (
        "the small test run at the end of its installation never passed.",
        "安装结束时的小测试从未通过。",
    ),
    "packages.cause_withdrawn": (
        "a fault was found in this combination after it had been published.",
        "该组合发布后发现了问题。",
    ),
    "packages.cause_changed": (
        "something was installed, upgraded or removed in it after it was proved to work, so that proof no longer "
        "counts.",
        "通过验证后又在其中安装、升级或删除了软件包，原来的验证不再有效。",
    ),
    "packages.cause_cpu_stack": (
        "what is needed to choose a CUDA combination was not told, so the one for the processor was taken.",
        "缺少选择 CUDA 组合所需的信息，因此选用了处理器组合。",
    ),
    "packages.title_others": ("Other Pythons with PyTorch", "其他带有 PyTorch 的 Python"),
    "packages.others": ("{count} found", "找到 {count} 个"),
    "packages.other_torch": ("{path}: torch {torch}", "{path}：torch {torch}"),
    "packages.other_cpu": (
        "{path} holds a CPU-only torch ({torch}); started with that Python, nothing uses the GPU",
        "{path} 中是仅 CPU 的 torch（{torch}）；用该 Python 启动时不会使用显卡",
    ),
}
