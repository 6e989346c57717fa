"""Words about the operating system, memory and Python."""

WORDS: dict[str, tuple[str, str]] = {
    "system.title_build": ("Operating system", "操作系统"),
    "system.build": ("{name}, {machine}", "{name}，{machine}"),
    "system.build_wsl": ("{name} in WSL {wsl}, {machine}", "WSL {wsl} 中的 {name}，{machine}"),
    "system.build_unsupported": ("{name}, {machine}: not supported", "{name}，{machine}：不受支持"),
    "system.build_unknown": ("could not be established", "无法确定"),
    "system.version": ("version {version}", "版本 {version}"),
    "system.libc": ("C library: {libc}", "C 库：{libc}"),
    "system.fix_build": ("use a supported system", "使用受支持的系统"),
    "system.hint_macos": (
        "tunedoc trains on Windows and Linux; no tested combination of packages exists for macOS",
        "tunedoc 支持在 Windows 和 Linux 上训练；目前没有适用于 macOS 的已测试组合",
    ),
    "system.hint_machine": (
        "no tested combination of packages exists for {machine} processors; use a 64-bit Intel or AMD machine",
        "没有适用于 {machine} 处理器的已测试组合；请使用 64 位 Intel 或 AMD 电脑",
    ),
    "system.hint_wsl_1": (
        "WSL 1 cannot reach the GPU; in Windows run `wsl --set-version DISTRIBUTION 2`",
        "WSL 1 无法使用显卡；请在 Windows 中运行 `wsl --set-version 发行版名称 2`",
    ),
    "system.hint_old_windows": (
        "PyTorch needs Windows 10 or 11; upgrade Windows",
        "PyTorch 需要 Windows 10 或 11；请升级 Windows",
    ),
    "system.hint_windows_10": (
        "this works; Microsoft's free support of Windows 10 ended in October 2025",
        "可以使用；但微软已于 2025 年 10 月停止对 Windows 10 的免费支持",
    ),
    "system.hint_libc": (
        "PyTorch's packages need glibc {needs} or newer, this system has {have}; use a newer distribution",
        "PyTorch 的软件包需要 glibc {needs} 或更新版本，而此系统是 {have}；请使用较新的发行版",
    ),
    "system.title_python": ("Python", "Python"),
    "system.python": ("{name} {version}, {bits} bit", "{name} {version}，{bits} 位"),
    "system.python_store": (
        "CPython {version} from the Microsoft Store",
        "CPython {version}，来自微软商店",
    ),
    "system.python_unknown": ("could not be established", "无法确定"),
    "system.python_path": ("tunedoc runs on {path}", "tunedoc 由 {path} 运行"),
    "system.python_kind": ("origin: {kind}; tag in wheel names: {abi}", "来源：{kind}；软件包标签：{abi}"),
    "system.fix_python": ("use another Python", "换用其他 Python"),
    "system.hint_python_32": (
        "PyTorch has no 32-bit packages; install the 64-bit Python from python.org and run the bootstrap again",
        "PyTorch 没有 32 位软件包；请从 python.org 安装 64 位 Python，然后重新运行安装脚本",
    ),
    "system.hint_python_other": (
        "PyTorch has no packages for {name}; install CPython 3.11, 3.12 or 3.13",
        "PyTorch 没有适用于 {name} 的软件包；请安装 CPython 3.11、3.12 或 3.13",
    ),
    "system.hint_python_store": (
        "the Python of the Microsoft Store keeps what it writes under AppData in a private copy; install Python from "
        "python.org and run the bootstrap again",
        "微软商店版 Python 会把写入 AppData 的内容放进私有副本；请从 python.org 安装 Python，然后重新运行安装脚本",
    ),
    "system.hint_python_free_threaded": (
        "this is the free-threaded build; the training environment gets an ordinary Python of its own",
        "这是自由线程版本；训练环境会使用普通版本的 Python",
    ),
    "system.hint_python_version": (
        "the training environment needs Python {wanted}; `tunedoc install` looks for one beside this {have}",
        "训练环境需要 Python {wanted}；`tunedoc install` 会在当前的 {have} 之外另行查找",
    ),
    "system.title_long_paths": ("Long paths", "长路径"),
    "system.long_paths_on": ("on", "已开启"),
    "system.long_paths_off": (
        "off; installing PyTorch can fail at 260 characters",
        "未开启；安装 PyTorch 时可能因路径超过 260 个字符而失败",
    ),
    "system.long_paths_unknown": ("could not be read from the registry", "无法从注册表读取"),
    "system.long_paths_value": ("LongPathsEnabled = {value}", "LongPathsEnabled 的值：{value}"),
    "system.fix_long_paths": ("allow paths of more than 260 characters", "允许超过 260 个字符的路径"),
    "system.by_hand_long_paths": (
        "in PowerShell as administrator: `Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\FileSystem "
        "LongPathsEnabled 1`, then sign in again",
        "以管理员身份在 PowerShell 中运行 `Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\FileSystem "
        "LongPathsEnabled 1`，然后重新登录",
    ),
    "system.title_page_file": ("Page file", "页面文件"),
    "system.page_file_ok": ("programs may commit {limit} GiB", "程序最多可提交 {limit} GiB 内存"),
    "system.page_file_small": (
        "programs may commit {limit} GiB, training needs {need}",
        "程序最多可提交 {limit} GiB 内存，而训练需要 {need} GiB",
    ),
    "system.page_file_unknown": ("the commit limit could not be read", "无法读取提交限制"),
    "system.commit": ("commit limit {limit} GiB, memory {total} GiB", "提交限制 {limit} GiB，内存 {total} GiB"),
    "system.commit_need": (
        "needed: {need} GiB, of it {cards} GiB for the largest card",
        "需要 {need} GiB，其中最大的显卡占 {cards} GiB",
    ),
    "system.fix_page_file": ("enlarge the page file", "增大页面文件"),
    "system.by_hand_page_file": (
        "in System → Advanced → Performance → Virtual memory set the page file to {size} GiB or to system-managed, "
        "then restart; otherwise loading CUDA fails with error 1455",
        "在“系统 → 高级 → 性能 → 虚拟内存”中将页面文件设为 {size} GiB 或由系统管理，然后重启；"
        "否则加载 CUDA 时会出现错误 1455",
    ),
    "system.title_memory": ("Memory", "内存"),
    "system.memory": ("{total} GiB", "{total} GiB"),
    "system.memory_unknown": ("could not be established", "无法确定"),
    "system.memory_tight": ("{total} GiB: enough for small models only", "{total} GiB：只够训练小模型"),
    "system.memory_too_small": ("{total} GiB: too little to train", "{total} GiB：不足以训练"),
    "system.memory_available": ("available now: {available} GiB", "当前可用：{available} GiB"),
    "system.memory_swap": ("swap or page file: {swap} GiB", "交换空间或页面文件：{swap} GiB"),
    "system.fix_memory": ("more memory", "增加内存"),
    "system.by_hand_memory": (
        "close other programs and choose a model below half a billion parameters, or add memory",
        "请关闭其他程序并选择 5 亿参数以下的模型，或增加内存",
    ),
}
