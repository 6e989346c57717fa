"""Words about a Linux under Windows."""

WORDS: dict[str, tuple[str, str]] = {
    "wsl.title_stub": ("Windows' driver in WSL", "WSL 中的 Windows 驱动"),
    "wsl.stub_there": ("/usr/lib/wsl/lib holds it", "位于 /usr/lib/wsl/lib"),
    "wsl.stub_missing": (
        "no libcuda.so.1 in /usr/lib/wsl/lib; CUDA does not work here",
        "/usr/lib/wsl/lib 中没有 libcuda.so.1；此处无法使用 CUDA",
    ),
    "wsl.cause_stub": (
        "WSL uses the NVIDIA driver of Windows through libcuda in /usr/lib/wsl/lib; it is missing when Windows has no "
        "NVIDIA driver, or WSL is too old to hand it in",
        "WSL 通过 /usr/lib/wsl/lib 中的 libcuda 使用 Windows 的 NVIDIA 驱动；Windows 没有安装 NVIDIA 驱动或 WSL 版本过"
        "旧时会缺少它",
    ),
    "wsl.fix_stub": ("let Windows hand its driver in", "让 Windows 提供驱动"),
    "wsl.by_hand_stub": (
        "in Windows install the NVIDIA driver from nvidia.com/drivers, then run `wsl --update` and `wsl --shutdown`",
        "在 Windows 中从 nvidia.com/drivers 安装 NVIDIA 驱动，然后运行 `wsl --update` 和 `wsl --shutdown`",
    ),
    "wsl.title_driver": ("Linux driver in WSL", "WSL 中的 Linux 驱动"),
    "wsl.driver_alone": ("none, as it should be", "没有（应当如此）"),
    "wsl.driver_at": ("{path}", "{path}"),
    "wsl.driver_shadowed": (
        "a Linux driver's libcuda is installed in WSL and hides the one of Windows",
        "WSL 中安装了 Linux 驱动的 libcuda，遮住了 Windows 的驱动库",
    ),
    "wsl.cause_driver": (
        "an NVIDIA driver package for Linux was installed inside WSL, often along with the `cuda` package; its "
        "libcuda finds no kernel module there, so CUDA fails although Windows' driver is well",
        "WSL 内安装了 Linux 版 NVIDIA 驱动（常随 `cuda` 软件包一起安装）；它的 libcuda 找不到内核模块，因此即使 "
        "Windows 驱动正常，CUDA 也会失败",
    ),
    "wsl.fix_driver": ("remove the Linux driver from WSL", "从 WSL 中移除 Linux 驱动"),
    "wsl.by_hand_driver": (
        "in WSL run `sudo apt purge 'libnvidia-*' 'nvidia-driver-*' cuda-drivers`, then in Windows `wsl --shutdown`; "
        "a CUDA toolkit, if one is needed, is `cuda-toolkit` without the driver",
        "在 WSL 中运行 `sudo apt purge 'libnvidia-*' 'nvidia-driver-*' cuda-drivers`，再在 Windows 中运行 "
        "`wsl --shutdown`；如需 CUDA 工具包，请安装不含驱动的 `cuda-toolkit`",
    ),
    "wsl.title_kernel": ("WSL kernel", "WSL 内核"),
    "wsl.kernel": ("{version}", "{version}"),
    "wsl.kernel_old": ("{version} is older than {needs}", "{version} 早于 {needs}"),
    "wsl.cause_kernel": (
        "NVIDIA's driver for WSL needs a newer WSL kernel to reach the GPU reliably",
        "NVIDIA 的 WSL 驱动需要较新的 WSL 内核才能可靠地使用显卡",
    ),
    "wsl.fix_kernel": ("update WSL", "更新 WSL"),
    "wsl.by_hand_kernel": (
        "in Windows run `wsl --update`, then `wsl --shutdown`",
        "在 Windows 中运行 `wsl --update`，然后运行 `wsl --shutdown`",
    ),
    "wsl.title_folder": ("Working folder in WSL", "WSL 工作文件夹"),
    "wsl.folder_linux": ("on the Linux disk", "位于 Linux 磁盘"),
    "wsl.folder_windows": (
        "on a Windows drive; reading models and many small files from there is several times slower",
        "位于 Windows 磁盘；从那里读取模型和大量小文件会慢数倍",
    ),
    "wsl.fix_folder": ("work on the Linux disk", "在 Linux 磁盘上工作"),
    "wsl.by_hand_folder": (
        "move models and data from /mnt/… to a folder such as ~/work",
        "请将模型和数据从 /mnt/… 移到 ~/work 之类的文件夹",
    ),
    "wsl.title_memory": ("Memory for WSL", "分配给 WSL 的内存"),
    "wsl.memory": (".wslconfig allows {limit} GiB", ".wslconfig 允许 {limit} GiB"),
    "wsl.memory_fair": (
        ".wslconfig allows {limit} GiB: enough for models of up to some 4 billion parameters",
        ".wslconfig 允许 {limit} GiB：约够 40 亿参数以下的模型",
    ),
    "wsl.memory_little": (
        ".wslconfig allows {limit} GiB: too little to load models",
        ".wslconfig 只允许 {limit} GiB：不足以加载模型",
    ),
    "wsl.cause_memory": (
        "the limit `memory=` in .wslconfig holds for everything in WSL; when it is used up, Linux ends the training "
        "(`Killed`)",
        ".wslconfig 中的 `memory=` 限制了整个 WSL；用完后 Linux 会直接结束训练进程（`Killed`）",
    ),
    "wsl.fix_memory": ("raise WSL's limit", "提高 WSL 的内存限制"),
    "wsl.by_hand_memory": (
        "in Windows raise `memory=` under `[wsl2]` in %UserProfile%\\.wslconfig, then run `wsl --shutdown`",
        "在 Windows 中提高 %UserProfile%\\.wslconfig 里 `[wsl2]` 下的 `memory=`，然后运行 `wsl --shutdown`",
    ),
}
