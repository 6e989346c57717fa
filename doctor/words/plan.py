"""Words about plans: what fits a machine, and what would be done."""

WORDS: dict[str, tuple[str, str]] = {
    "plan.example": (
        "tunedoc plan -v\ntunedoc plan --gpus 0 --with flash-attn,liger\n"
        "tunedoc plan --from machine.json --lock pylock.toml",
        "tunedoc plan -v\ntunedoc plan --gpus 0 --with flash-attn,liger\n"
        "tunedoc plan --from machine.json --lock pylock.toml",
    ),
    "plan.help_from": (
        "plan for the machine that this snapshot describes (`tunedoc snapshot` writes one)",
        "为该快照所描述的电脑制定计划（快照由 `tunedoc snapshot` 生成）",
    ),
    "plan.help_offline": (
        "plan without the network: with a Python of this machine, and what is in uv's cache",
        "不使用网络制定计划：使用本机已有的 Python 和 uv 缓存中的内容",
    ),
    "plan.help_lock": (
        "also find the exact packages with their sizes, and write them to FILE (pylock.toml, PEP 751)",
        "同时确定具体的软件包及大小，并写入 FILE（pylock.toml，PEP 751）",
    ),
    "plan.no_file": ("the snapshot cannot be read: {detail}", "无法读取快照：{detail}"),
    "plan.not_text": ("the snapshot is not UTF-8 text", "快照不是 UTF-8 文本"),
    "plan.machine_hint": (
        "write a snapshot with `tunedoc snapshot machine.json`",
        "可用 `tunedoc snapshot machine.json` 生成快照",
    ),
    "plan.chosen_cpu": (
        "packages for this machine: {stack} (torch {torch}, computes on the CPU)",
        "适合这台电脑的软件包：{stack}（torch {torch}，使用 CPU 计算）",
    ),
    "plan.chosen_cuda": (
        "packages for this machine: {stack} (torch {torch}, CUDA {cuda})",
        "适合这台电脑的软件包：{stack}（torch {torch}，CUDA {cuda}）",
    ),
    "plan.no_gpu_row": ("no CUDA packages: {reason}", "不使用 CUDA 软件包：{reason}"),
    "plan.rejected": ("better ones, and why they do not fit:", "更好的组合及其不适用的原因："),
    "plan.rejection": ("  {stack}: {reason}", "  {stack}：{reason}"),
    "plan.python_own": ("Python {version}, the one that runs tunedoc", "Python {version}，即运行 tunedoc 的 Python"),
    "plan.python_other": (
        "Python {version}, which uv finds or fetches: {why}",
        "Python {version}，由 uv 查找或下载：{why}",
    ),
    "plan.python_unknown": (
        "the one that runs tunedoc could not be examined ({why})",
        "无法检查运行 tunedoc 的 Python（{why}）",
    ),
    "plan.python_version": (
        "tunedoc runs on {have}, and there are packages for {wants}",
        "tunedoc 运行在 {have} 上，而软件包适用于 {wants}",
    ),
    "plan.python_wished": ("you asked for {version}", "您指定了 {version}"),
    "plan.python_kind": (
        "tunedoc runs on {have}, and the packages need CPython",
        "tunedoc 运行在 {have} 上，而软件包需要 CPython",
    ),
    "plan.python_bits": ("the one that runs tunedoc is a 32-bit build", "运行 tunedoc 的 Python 是 32 位版本"),
    "plan.python_store": (
        "environments made with the Microsoft Store's Python break when it is updated",
        "Microsoft Store 版 Python 更新后，用它创建的环境会失效",
    ),
    "plan.reused": (
        "nothing to do: {environment} was built from the same packages and is whole",
        "无需操作：{environment} 由相同的软件包构建且完好无损",
    ),
    "plan.packages": ("{count} packages:", "{count} 个软件包："),
    "plan.package": ("  {name} {version} {size}", "  {name} {version} {size}"),
    "plan.size_unknown": ("size unknown", "大小未知"),
    "plan.why": ("  {words}", "  {words}"),
    "plan.why_cpu": (
        "torch {torch}: the build that computes on the CPU, without gigabytes of CUDA libraries",
        "torch {torch}：使用 CPU 计算的构建，不含数 GB 的 CUDA 库",
    ),
    "plan.why_torch": (
        "torch {torch} has machine code for {code}, which runs on GPU {index} ({gpu}, {have})",
        "torch {torch} 含有 {code} 的机器码，可在显卡 {index}（{gpu}，{have}）上运行",
    ),
    "plan.why_driver": (
        "NVIDIA driver {have} runs CUDA {cuda}, which needs {needs} or newer",
        "NVIDIA 驱动 {have} 可运行 CUDA {cuda}（要求 {needs} 或更新版本）",
    ),
    "plan.why_nf4": (
        "bitsandbytes {version} loads a library for CUDA {cuda} with code for {code}: 4-bit base models",
        "bitsandbytes {version} 会加载适用于 CUDA {cuda} 的库，支持 {code}：可使用 4 位底座模型",
    ),
    "plan.why_nf4_row": ("bitsandbytes {version}: 4-bit base models", "bitsandbytes {version}：可使用 4 位底座模型"),
    "plan.why_no_nf4": (
        "no library of bitsandbytes has code for all of these GPUs: base models are held in 16 bits",
        "没有同时支持这些显卡的 bitsandbytes 库：底座模型以 16 位保存",
    ),
    "plan.why_index": (
        "torch comes from {index} alone, whatever index is configured here",
        "torch 仅来自 {index}，不受本机所配置索引的影响",
    ),
    "plan.why_ordinary": (
        "torch comes from the ordinary index, which has CPU builds for Windows",
        "torch 来自普通索引，其中的 Windows 版本使用 CPU",
    ),
    "plan.changes": ("what would give something better:", "怎样可以更好："),
    "plan.change": ("  {stack}: {words}", "  {stack}：{words}"),
    "plan.disk_change": (
        "not enough free disk space for these packages: {words}",
        "磁盘空间不足以安装这些软件包：{words}",
    ),
    "plan.hash": ("    sha256 {sha256}", "    sha256 {sha256}"),
    "plan.steps": ("steps:", "步骤："),
    "plan.step": ("  {number}. {step}", "  {number}. {step}"),
    "plan.download": (
        "download at most {size}; needs about {disk} of free disk space while it works",
        "最多下载 {size}；过程中约需 {disk} 可用磁盘空间",
    ),
    "plan.unknown_sizes": (
        "for {count} packages no source tells the size",
        "有 {count} 个软件包的大小未知",
    ),
    "plan.lock_written": ("the lock was written to {file}", "锁定文件已写入 {file}"),
    "plan.empty_catalogue": ("the catalogue has no rows", "软件目录为空"),
    "plan.empty_catalogue_hint": (
        "unset `TUNEDOC_CATALOGUE` to use the catalogue that came with tunedoc",
        "取消设置 `TUNEDOC_CATALOGUE` 即可使用 tunedoc 自带的目录",
    ),
    "plan.no_stack": (
        "no packages fit this machine; the nearest, {stack}, does not: {reason}",
        "没有适合这台电脑的软件包；最接近的 {stack} 也不适用：{reason}",
    ),
    "plan.no_stack_hint": (
        "`tunedoc check -v` shows what this machine says about itself",
        "`tunedoc check -v` 可查看这台电脑的详细信息",
    ),
    "plan.no_stack_change": ("{words}: {stack} would fit", "{words}，即可使用 {stack}"),
    "plan.lock_refused": ("the resolved packages are refused: {reason}", "解析出的软件包不可用：{reason}"),
    "plan.lock_refused_hint": (
        "an index or wheel folder of pip's configuration serves something else under these names; "
        "`pip config list` shows them",
        "pip 配置中的某个索引或软件包文件夹以这些名称提供了别的内容；`pip config list` 可查看配置",
    ),
    "plan.lock_unreadable": ("the lock is not TOML ({detail})", "锁定文件不是有效的 TOML（{detail}）"),
    "plan.lock_no_wheel": (
        "{name} {version} has no wheel for this machine",
        "{name} {version} 没有适用于这台电脑的 wheel",
    ),
    "plan.lock_no_hash": ("{name} {version} has no hash", "{name} {version} 没有校验值"),
    "plan.lock_other_version": (
        "{name} should be {want} and is {have}",
        "{name} 应为 {want}，实际为 {have}",
    ),
    "plan.lock_other_build": (
        "{name} {version} is of another build than torch {torch}",
        "{name} {version} 与 torch {torch} 不是同一种构建",
    ),
    "plan.lock_other_source": (
        "{name} should come from {want} and comes from {have}",
        "{name} 应来自 {want}，实际来自 {have}",
    ),
    "plan.lock_cuda_on_cpu": (
        "{name} {version} is for NVIDIA GPUs, and these packages are for a CPU",
        "{name} {version} 用于 NVIDIA 显卡，而此组合仅使用 CPU",
    ),
}
