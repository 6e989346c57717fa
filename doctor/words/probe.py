"""Why a fact could not be had. A snapshot keeps the English words; `doctor/checks/reasons.py` finds them here again."""

WORDS: dict[str, tuple[str, str]] = {
    "probe.macos": ("macOS has no NVIDIA driver", "macOS 没有 NVIDIA 驱动"),
    "probe.no_library": (
        "no driver library, and no NVIDIA adapter on the bus",
        "没有驱动库，总线上也没有 NVIDIA 显卡",
    ),
    "probe.wsl": (
        "WSL hands a GPU through, but no NVIDIA library with it",
        "WSL 提供了显卡，但没有 NVIDIA 库",
    ),
    "probe.no_bus": ("this system does not show its PCI bus", "系统没有提供 PCI 总线信息"),
    "probe.not_windows": ("not Windows", "不是 Windows"),
    "probe.not_asked": ("not asked", "未查询"),
    "probe.none_built": ("none was built yet", "尚未构建"),
    "probe.not_said": ("the system does not say", "系统没有提供该信息"),
    "probe.too_slow": ("no answer in {seconds} s", "{seconds} 秒内没有响应"),
    "probe.adapter_without_driver": (
        "no driver library, but the machine has {adapters}",
        "没有驱动库，但这台电脑有 {adapters}",
    ),
    "probe.unfinished": (
        "{pointer} names an environment that is unfinished or gone",
        "{pointer} 指向的环境未完成或已不存在",
    ),
    "probe.as_told": ("{why}", "{why}"),
}
