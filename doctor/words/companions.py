"""Words about torchvision and torchaudio."""

WORDS: dict[str, tuple[str, str]] = {
    "companions.title": ("torchvision, torchaudio", "torchvision 和 torchaudio"),
    "companions.ok": ("made for this PyTorch", "与 PyTorch 匹配"),
    "companions.release": (
        "{name} {version} does not match: it was made for PyTorch {wanted}, not for {torch}",
        "{name} {version} 不匹配：它对应 PyTorch {wanted}，而不是 {torch}",
    ),
    "companions.cause_release": (
        "{name}'s library is linked against one release of torch. With another it does not load (WinError 127, "
        '"undefined symbol") or its operators are missing ("operator torchvision::nms does not exist").',
        "{name} 的库只与一个 torch 版本链接。换成其他版本时无法加载（WinError 127、“undefined symbol”），或缺少算子"
        "（“operator torchvision::nms does not exist”）。",
    ),
    "companions.fix": ("install the {name} that belongs to this PyTorch", "安装与此 PyTorch 匹配的 {name}"),
    "companions.by_hand": (
        "install both from the same index in one command: `{command}`; or uninstall the one that nothing needs",
        "用一条命令从同一索引安装：`{command}`；如果用不到，也可以卸载它",
    ),
    "companions.title_build": ("torchvision, torchaudio: build", "torchvision 和 torchaudio 的构建"),
    "companions.build_ok": ("for the same device as PyTorch", "与 PyTorch 的设备一致"),
    "companions.build": (
        "{name} {version} is another build than PyTorch {torch}",
        "{name} {version} 与 PyTorch {torch} 的构建类型不同",
    ),
    "companions.cause_build": (
        "it came from another index than torch: {name} for the CPU, or for another CUDA, has no operators for this "
        "torch's GPU code.",
        "它与 torch 来自不同的索引：CPU 版或其他 CUDA 版的 {name} 没有适用于此 torch GPU 代码的算子。",
    ),
}
