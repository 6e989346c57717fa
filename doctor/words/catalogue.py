"""Words about the catalogue of tested combinations, and why a row does not fit a machine."""

WORDS: dict[str, tuple[str, str]] = {
    "catalogue.unreadable": ("the catalogue cannot be read: {detail}", "无法读取软件目录：{detail}"),
    "catalogue.unreadable_hint": (
        "unset `{variable}` to use the catalogue that came with tunedoc",
        "取消设置 `{variable}` 即可使用 tunedoc 自带的目录",
    ),
    "catalogue.no_toml": ("the catalogue is not TOML: {detail}", "软件目录不是有效的 TOML：{detail}"),
    "catalogue.refused": (
        "the catalogue's row `{row}` is refused: `{name}` {reason}",
        "软件目录的 `{row}` 一项无效：`{name}` {reason}",
    ),
    "catalogue.refused_hint": (
        "correct the file, or unset `TUNEDOC_CATALOGUE` to use the catalogue that came with tunedoc",
        "请修正该文件，或取消设置 `TUNEDOC_CATALOGUE` 以使用 tunedoc 自带的目录",
    ),
    "catalogue.missing": ("is missing", "缺失"),
    "catalogue.unknown_key": ("is not a key of this row", "不是此项中的键"),
    "catalogue.twice": ("is used twice", "重复出现"),
    "catalogue.want_table": ("is not a table", "不是表"),
    "catalogue.want_rows": ("is not a list of tables", "不是表的列表"),
    "catalogue.want_string": ("is not a string with something in it", "不是非空字符串"),
    "catalogue.want_strings": ("is not a list of strings", "不是字符串列表"),
    "catalogue.want_truth": ("is neither true nor false", "既不是 true 也不是 false"),
    "catalogue.want_both": ("is not an English and a Chinese text", "不是一段英文和一段中文"),
    "catalogue.want_columns": (
        "is not a line of the table whose columns are {columns}",
        "不符合该表的列：{columns}",
    ),
    "catalogue.want_number": ("is not a whole number above zero", "不是正整数"),
    "catalogue.want_date": ("is not a date such as 2026-11-21", "不是 2026-11-21 这样的日期"),
    "catalogue.want_choice": ("has {value!r}, which is none of {allowed}", "的值 {value!r} 不在 {allowed} 之中"),
    "catalogue.bad_form": ("has {value!r}, which is not in the right form", "的值 {value!r} 格式不对"),
    "catalogue.other_schema": (
        "is {found}, and this tunedoc reads {known}",
        "为 {found}，而此版本的 tunedoc 只能读取 {known}",
    ),
    "catalogue.no_such_set": ("names {value!r}, which is not under [sets]", "引用了 {value!r}，但 [sets] 中没有"),
    "catalogue.no_such_index": (
        "names {value!r}, which is not under [indexes]",
        "引用了 {value!r}，但 [indexes] 中没有",
    ),
    "catalogue.no_such_part": ("names {value!r}, which is no part", "引用了 {value!r}，但没有这个可选组件"),
    "catalogue.no_release": (
        "names torch {value}, which is not under torch.releases",
        "引用了 torch {value}，但 torch.releases 中没有",
    ),
    "catalogue.no_build": (
        "names {value}, of which torch.builds does not say what it was compiled for on {system}",
        "引用了 {value}，但 torch.builds 没有说明它在 {system} 上支持哪些架构",
    ),
    "catalogue.no_driver": (
        "is for CUDA {value}, for which driver.minimum has no driver",
        "用于 CUDA {value}，但 driver.minimum 中没有对应的驱动",
    ),
    "catalogue.no_library": (
        "names {value}, which has no library for {cuda} under bitsandbytes.libraries",
        "引用了 {value}，但 bitsandbytes.libraries 中没有它用于 {cuda} 的库",
    ),
    "catalogue.set_too_new": (
        "needs torch {needs} or newer, not {have}",
        "需要 torch {needs} 或更新版本，而不是 {have}",
    ),
    "catalogue.nothing_served": (
        "has code for none of the architectures of this torch",
        "不支持此 torch 的任何架构",
    ),
    "catalogue.below_fact": ("is {have}, and the facts say {fact}", "为 {have}，而已知事实为 {fact}"),
    "catalogue.no_python": (
        "leaves none that torch, the set and bitsandbytes all have",
        "为空：没有 torch、软件包集合与 bitsandbytes 都支持的版本",
    ),
    "catalogue.untagged": (
        "names no build: the ordinary index has CUDA builds for Linux",
        "没有指明构建类型：普通索引中的 Linux 版本带有 CUDA",
    ),
    "catalogue.no_torch": ("has no `torch`", "中没有 `torch`"),
    "catalogue.unverified": (
        "is empty, but only a row that ran on a real machine may be recommended",
        "为空，但只有在真实电脑上运行过的组合才能标为 recommended",
    ),
    "catalogue.cuda_on_cpu": ("is cpu, but the row names CUDA parts", "为 cpu，但此项包含 CUDA 组件"),
    "catalogue.withdrawn": ("withdrawn: {why}", "已撤回：{why}"),
    "catalogue.unknown_system": (
        "the operating system could not be established: {why}",
        "无法确定操作系统：{why}",
    ),
    "catalogue.other_system": ("it is for {needs}, this machine runs {have}", "适用于 {needs}，而这台电脑运行 {have}"),
    "catalogue.other_machine": (
        "it is for {needs} processors, this one is {have}",
        "适用于 {needs} 处理器，而这台电脑是 {have}",
    ),
    "catalogue.wsl_1": ("WSL 1 cannot use the GPU; WSL 2 can", "WSL 1 无法使用显卡；WSL 2 可以"),
    "catalogue.old_libc": (
        "its wheels need glibc {needs} or newer, this system has {have}",
        "其软件包需要 glibc {needs} 或更新版本，而此系统是 {have}",
    ),
    "catalogue.no_gpu": ("this machine has no NVIDIA GPU", "这台电脑没有 NVIDIA 显卡"),
    "catalogue.unknown_gpu": (
        "the NVIDIA driver could not be asked about its GPUs: {why}",
        "无法向 NVIDIA 驱动查询显卡：{why}",
    ),
    "catalogue.unknown_driver": (
        "the NVIDIA driver's version could not be established: {why}",
        "无法确定 NVIDIA 驱动的版本：{why}",
    ),
    "catalogue.no_visible_gpu": (
        "no NVIDIA GPU is usable; `CUDA_VISIBLE_DEVICES` may hide them",
        "没有可用的 NVIDIA 显卡；可能被 `CUDA_VISIBLE_DEVICES` 隐藏",
    ),
    "catalogue.unknown_capability": (
        "the compute capability of GPU {index} ({gpu}) could not be established: {why}",
        "无法确定显卡 {index}（{gpu}）的计算能力：{why}",
    ),
    "catalogue.old_gpu": (
        "GPU {index} ({gpu}) has compute capability {have}; {needs} is the oldest it serves",
        "显卡 {index}（{gpu}）的计算能力为 {have}；最低要求为 {needs}",
    ),
    "catalogue.uncovered_gpu": (
        "GPU {index} ({gpu}, {have}) is not among the architectures of this CUDA {cuda} build ({known})",
        "此 CUDA {cuda} 版本支持的架构（{known}）不包括显卡 {index}（{gpu}，{have}）",
    ),
    "catalogue.old_driver": (
        "it needs NVIDIA driver {needs} or newer, this machine has {have}",
        "需要 NVIDIA 驱动 {needs} 或更新版本，而这台电脑是 {have}",
    ),
    "catalogue.no_gloo": (
        "torch {torch} for Windows has no gloo transport, without which {count} GPUs cannot work together",
        "Windows 版 torch {torch} 的 gloo 没有传输层，{count} 块显卡无法协同工作",
    ),
    "catalogue.no_nf4": (
        "GPU {index} ({gpu}, {have}) is not among the architectures of its bitsandbytes ({known})",
        "其 bitsandbytes 支持的架构（{known}）不包括显卡 {index}（{gpu}，{have}）",
    ),
    "catalogue.no_wheels_for_python": (
        "it has wheels for Python {needs}, and what can be used is {have}",
        "其软件包适用于 Python {needs}，而可用的是 {have}",
    ),
    "catalogue.no_room": (
        "it needs {needs} of free disk space, there is {have}",
        "需要 {needs} 可用磁盘空间，目前有 {have}",
    ),
    "catalogue.other_device": ("you asked for {wish}", "您要求使用 {wish}"),
    "catalogue.other_torch": ("you asked for torch {wish}, it has {have}", "您要求 torch {wish}，而它是 {have}"),
    "catalogue.failed": ("it failed its test on this machine: {why}", "它在这台电脑上未通过测试：{why}"),
    "catalogue.no_such_gpu": ("this machine has no GPU {index}", "这台电脑没有编号为 {index} 的显卡"),
    "catalogue.no_such_gpu_hint": ("its NVIDIA GPUs are: {have}", "它的 NVIDIA 显卡编号为：{have}"),
    "catalogue.change_wsl": (
        "change this distribution to WSL 2 (`wsl --set-version <name> 2` in Windows)",
        "把此发行版升级到 WSL 2（在 Windows 中运行 `wsl --set-version <名称> 2`）",
    ),
    "catalogue.change_glibc": (
        "use a Linux with glibc {version} or newer",
        "改用 glibc 不低于 {version} 的 Linux",
    ),
    "catalogue.change_python": (
        "use Python {version}, which tunedoc can install",
        "使用 Python {version}，tunedoc 可以安装",
    ),
    "catalogue.change_disk": ("free {count} GB on the disk", "在磁盘上腾出 {count} GB 空间"),
    "catalogue.change_visible": (
        "unset `CUDA_VISIBLE_DEVICES`, which hides the GPUs",
        "取消设置隐藏了显卡的 `CUDA_VISIBLE_DEVICES`",
    ),
    "catalogue.change_driver": (
        "update the NVIDIA driver to {version} or newer",
        "把 NVIDIA 驱动更新到 {version} 或更新版本",
    ),
    "catalogue.change_gpus": (
        "use only GPU {gpus} ({names}): `--gpus {gpus}`",
        "只使用显卡 {gpus}（{names}）：`--gpus {gpus}`",
    ),
    "catalogue.change_and": ("{first}, and {second}", "{first}，并{second}"),
}
