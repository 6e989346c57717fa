"""Words about the NVIDIA driver against itself and against the cards that the system lists."""

WORDS: dict[str, tuple[str, str]] = {
    "driver.title_halves": ("Driver, all parts", "驱动各部分"),
    "driver.whole": ("every part is {version}", "各部分均为 {version}"),
    "driver.part_nvml": ("management library: {version}", "管理库：{version}"),
    "driver.part_smi": ("nvidia-smi: {version}", "nvidia-smi：{version}"),
    "driver.part_library": ("CUDA driver library: {version}", "CUDA 驱动库：{version}"),
    "driver.part_kernel": ("kernel module that is loaded: {version}", "已加载的内核模块：{version}"),
    "driver.half_updated": (
        "the kernel module is {kernel}, the driver's libraries are {library}",
        "内核模块是 {kernel}，驱动库是 {library}",
    ),
    "driver.parts_differ": ("its parts are of several versions: {versions}", "各部分版本不一致：{versions}"),
    "driver.cause_half_updated": (
        "the NVIDIA driver was updated while the old kernel module stayed loaded; every CUDA program fails with a "
        "driver/library version mismatch until the new module is loaded",
        "NVIDIA 驱动已更新，但内存中仍是旧的内核模块；在加载新模块之前，所有 CUDA 程序都会因驱动与库版本不一致而失败",
    ),
    "driver.cause_parts": (
        "an update of the NVIDIA driver did not finish, or two installations of it lie over each other",
        "NVIDIA 驱动的更新没有完成，或者装了两份互相覆盖的驱动",
    ),
    "driver.fix_halves": ("load one version of the driver", "让驱动各部分版本一致"),
    "driver.by_hand_half_linux": (
        "restart the computer; should it happen again, install the kernel module of {version} anew (`sudo apt install "
        "--reinstall nvidia-dkms-…` or your distribution's way) and restart",
        "请重启电脑；如果仍然如此，请重新安装 {version} 的内核模块（`sudo apt install --reinstall nvidia-dkms-…`，或按"
        "发行版的方式）后再重启",
    ),
    "driver.by_hand_half_windows": (
        "restart Windows; should it stay so, install the driver from nvidia.com/drivers with `clean installation` "
        "ticked",
        "请重启 Windows；如果仍然如此，请从 nvidia.com/drivers 重新安装驱动并勾选“执行清洁安装”",
    ),
    "driver.by_hand_half_mixed": (
        "restart; should it stay so, remove every NVIDIA driver package and install one of them anew",
        "请重启；如果仍然如此，请卸载所有 NVIDIA 驱动软件包，再只安装其中一个",
    ),
    "driver.title_banner": ("nvidia-smi's banner", "nvidia-smi 的表头"),
    "driver.banner_old": ("the spelling that every tool knows", "各种工具都能识别的写法"),
    "driver.banner_new": (
        "driver {version} writes `CUDA UMD Version`; older tools then say that there is no driver",
        "驱动 {version} 显示为 `CUDA UMD Version`；旧工具会因此误报没有驱动",
    ),
    "driver.banner_why": (
        "nothing is wrong: installers that read the words `CUDA Version` may choose PyTorch for the processor; "
        "tunedoc asks the driver itself",
        "没有问题：按 `CUDA Version` 字样判断的安装程序可能误选 CPU 版 PyTorch；tunedoc 直接询问驱动",
    ),
    "driver.title_undriven": ("Driver for the card", "显卡的驱动"),
    "driver.driven": ("the card's driver answers", "显卡驱动有响应"),
    "driver.listed": ("the system lists {name}", "系统列出：{name}"),
    "driver.shown": ("the driver shows {name}", "驱动显示：{name}"),
    "driver.undriven": (
        "{name} is in this machine, but no NVIDIA driver answers",
        "这台电脑有 {name}，但没有 NVIDIA 驱动响应",
    ),
    "driver.cause_undriven": (
        "the NVIDIA driver is not installed, or Windows runs the card with its basic display driver, which has no CUDA",
        "没有安装 NVIDIA 驱动，或者 Windows 正在用不支持 CUDA 的基本显示驱动运行该显卡",
    ),
    "driver.cause_undriven_linux": (
        "the NVIDIA driver is not installed or its kernel module is not loaded: often nouveau holds the card, or "
        "Secure Boot refuses a module that is not signed",
        "没有安装 NVIDIA 驱动，或没有加载它的内核模块：常见原因是 nouveau 占用了显卡，或安全启动拒绝了未签名的模块",
    ),
    "driver.fix_undriven": ("install the NVIDIA driver", "安装 NVIDIA 驱动"),
    "driver.by_hand_undriven": (
        "install the NVIDIA driver from nvidia.com/drivers (580 or newer) and restart",
        "请从 nvidia.com/drivers 安装 NVIDIA 驱动（580 或更新版本）并重启",
    ),
    "driver.by_hand_undriven_linux": (
        "install your distribution's NVIDIA driver 580 or newer (Ubuntu: `sudo ubuntu-drivers install`), enrol its "
        "key if Secure Boot asks for it, and restart; `sudo dmesg | grep -i nvidia` tells why a module was refused",
        "请安装发行版提供的 580 或更新的 NVIDIA 驱动（Ubuntu：`sudo ubuntu-drivers install`），如安全启动提示则登记密"
        "钥，然后重启；`sudo dmesg | grep -i nvidia` 会说明模块被拒绝的原因",
    ),
    "driver.by_hand_undriven_old": (
        "install NVIDIA driver 580 from nvidia.com/drivers and restart: it is the last branch for {name}, newer ones "
        "leave it out",
        "请从 nvidia.com/drivers 安装 580 版 NVIDIA 驱动并重启：这是支持 {name} 的最后一个分支，更新的驱动不再支持它",
    ),
    "driver.fix_left_out": ("bring the card back", "让显卡恢复可用"),
    "driver.title_left_out": ("NVIDIA cards shown", "NVIDIA 显卡识别"),
    "driver.all_shown": ("the driver shows all {count}", "驱动显示了全部 {count} 块"),
    "driver.left_out": (
        "{name} is in this machine, but the NVIDIA driver does not show it",
        "这台电脑有 {name}，但 NVIDIA 驱动没有显示它",
    ),
    "driver.cause_dropped": (
        "driver {version} has left out the generation of {name} ({capability}): 580 is the last branch for Maxwell, "
        "Pascal and Volta",
        "驱动 {version} 已不再支持 {name}（{capability}）这一代：580 是支持 Maxwell、Pascal 和 Volta 的最后一个分支",
    ),
    "driver.by_hand_older_branch": (
        "install NVIDIA driver 580, which runs old and new cards together, and restart",
        "请安装能同时驱动新旧显卡的 580 版 NVIDIA 驱动并重启",
    ),
    "driver.cause_left_out": (
        "the card is disabled, lacks power, or fell off the bus, so no CUDA program can use it",
        "该显卡被禁用、供电不足或已从总线脱离，因此 CUDA 程序无法使用它",
    ),
    "driver.by_hand_left_out": (
        "look for the card in the device manager (Linux: `sudo dmesg | grep -i -e nvrm -e xid`), enable it, check its "
        "power cables and its seat in the slot, and restart",
        "请在设备管理器中查看该显卡（Linux：`sudo dmesg | grep -i -e nvrm -e xid`），启用它，检查供电线和插槽接触，然"
        "后重启",
    ),
}
