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
    "system.hint_macos": ("train on a computer with Windows or Linux", "请在 Windows 或 Linux 电脑上训练"),
    "system.hint_machine": (
        "use a machine with a 64-bit Intel or AMD processor instead of {machine}",
        "请使用 64 位 Intel 或 AMD 处理器的电脑，而不是 {machine}",
    ),
    "system.hint_wsl_1": (
        "in Windows run `wsl --set-version DISTRIBUTION 2`; `wsl -l -v` lists the names",
        "请在 Windows 中运行 `wsl --set-version 发行版名称 2`；`wsl -l -v` 会列出名称",
    ),
    "system.hint_old_windows": ("upgrade to Windows 10 or 11", "请升级到 Windows 10 或 11"),
    "system.hint_windows_10": (
        "this works; Microsoft's free support of Windows 10 ended in October 2025",
        "可以使用；但微软已于 2025 年 10 月停止对 Windows 10 的免费支持",
    ),
    "system.hint_libc": (
        "use a distribution with glibc {needs} or newer, such as Ubuntu 22.04 or Debian 12, or a container of one",
        "请使用 glibc {needs} 或更新的发行版（如 Ubuntu 22.04、Debian 12），或使用其容器",
    ),
    "system.title_python": ("Python", "Python"),
    "system.python": ("{name} {version}, {bits} bit", "{name} {version}，{bits} 位"),
    "system.python_store": ("CPython {version} from the Microsoft Store", "CPython {version}，来自微软商店"),
    "system.python_unknown": ("could not be established", "无法确定"),
    "system.python_path": ("tunedoc runs on {path}", "tunedoc 由 {path} 运行"),
    "system.python_kind": ("origin: {kind}; tag in wheel names: {abi}", "来源：{kind}；软件包标签：{abi}"),
    "system.fix_python": ("use another Python", "换用其他 Python"),
    "system.hint_python_32": (
        "install the 64-bit Python from python.org and run the bootstrap again",
        "请从 python.org 安装 64 位 Python，然后重新运行安装脚本",
    ),
    "system.hint_python_other": (
        "install CPython 3.11, 3.12 or 3.13 from python.org and run the bootstrap again",
        "请从 python.org 安装 CPython 3.11、3.12 或 3.13，然后重新运行安装脚本",
    ),
    "system.hint_python_store": (
        "install Python from python.org and run the bootstrap again",
        "请从 python.org 安装 Python，然后重新运行安装脚本",
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
        "in PowerShell as administrator: "
        "`Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\FileSystem LongPathsEnabled 1`, then sign in "
        "again",
        "以管理员身份在 PowerShell 中运行 "
        "`Set-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\FileSystem LongPathsEnabled 1`，然后重新登录",
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
        "then restart",
        "在“系统 → 高级 → 性能 → 虚拟内存”中将页面文件设为 {size} GiB 或由系统管理，然后重启",
    ),
    "system.page_file_grows": (
        "programs may commit {limit} GiB now; Windows enlarges the page file when training needs more",
        "程序目前最多可提交 {limit} GiB 内存；训练需要更多时 Windows 会自动增大页面文件",
    ),
    "system.cause_page_file": (
        "Windows promises programs no more memory than RAM and page file hold together, and CUDA's libraries and the "
        "card's memory are counted in full: loading them fails with error 1455, the paging file is too small",
        "Windows 承诺给程序的内存不会超过内存与页面文件之和，而 CUDA 库和显存都会全额计入：加载时会报错误 1455（页面文"
        "件太小）",
    ),
    "system.cause_page_file_off": (
        "the page file is switched off, so Windows promises programs no more than the RAM that is there; CUDA's "
        "libraries and the card's memory are counted in full, and loading them fails with error 1455",
        "页面文件已关闭，因此 Windows 承诺给程序的内存不会超过物理内存；CUDA 库和显存都会全额计入，加载时会报错误 1455",
    ),
    "system.cause_long_paths": (
        "without this switch Windows refuses file names beyond 260 characters, and packages lie deep inside their "
        "folders",
        "未开启时 Windows 不允许超过 260 个字符的路径，而软件包的文件夹层级很深",
    ),
    "system.cause_memory": (
        "PyTorch and the model are read into RAM before they reach the card",
        "PyTorch 和模型会先读入内存，再传到显卡",
    ),
    "system.cause_macos": (
        "tunedoc trains on Windows and Linux; no tested combination of packages exists for macOS",
        "tunedoc 支持在 Windows 和 Linux 上训练；目前没有适用于 macOS 的已测试组合",
    ),
    "system.cause_machine": (
        "no tested combination of packages exists for {machine} processors",
        "没有适用于 {machine} 处理器的已测试组合",
    ),
    "system.cause_wsl_1": (
        "WSL 1 translates system calls and has no way to the GPU; only WSL 2 does",
        "WSL 1 只转换系统调用，无法使用显卡；只有 WSL 2 可以",
    ),
    "system.cause_old_windows": (
        "PyTorch's packages and the NVIDIA driver need Windows 10 or 11",
        "PyTorch 的软件包和 NVIDIA 驱动需要 Windows 10 或 11",
    ),
    "system.cause_libc": (
        "PyTorch's packages are linked against glibc {needs}, this system has {have}",
        "PyTorch 的软件包依赖 glibc {needs}，而此系统是 {have}",
    ),
    "system.cause_python_32": (
        "this Python is a 32-bit program, and PyTorch has 64-bit packages only",
        "这是 32 位的 Python，而 PyTorch 只有 64 位软件包",
    ),
    "system.cause_python_other": (
        "PyTorch's packages are made for CPython; there are none for {name}",
        "PyTorch 的软件包是为 CPython 制作的，没有适用于 {name} 的版本",
    ),
    "system.cause_python_store": (
        "a Python from the Microsoft Store runs in a sandbox: what it writes under AppData lands in a private copy "
        "that no other program sees",
        "微软商店版 Python 在沙盒中运行：写入 AppData 的内容会进入其他程序看不到的私有副本",
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
