"""Words about optional packages: what there is of them for a machine."""

WORDS: dict[str, tuple[str, str]] = {
    "parts.unknown": ("there is no optional package named `{name}`", "没有名为 `{name}` 的可选软件包"),
    "parts.unknown_hint": ("there are: {names}", "可选的有：{names}"),
    "parts.not_here": (
        "{title}: {why}; it takes {missing}",
        "{title}：{why}；{missing}",
    ),
    "parts.no_wheel": ("there is no wheel of it", "没有它的 wheel"),
    "parts.needs": ("it needs {other}, which there is none of here", "它需要 {other}，而这里没有"),
    "parts.other_system": ("there is none for {system}", "没有适用于 {system} 的版本"),
    "parts.no_gpu": ("these packages compute on the CPU", "此组合使用 CPU 计算"),
    "parts.other_torch": ("there is none for torch {torch}", "没有适用于 torch {torch} 的版本"),
    "parts.other_cuda": (
        "there is none for CUDA {cuda} with torch {torch}",
        "没有适用于 CUDA {cuda} 与 torch {torch} 的版本",
    ),
    "parts.other_python": (
        "there is none for Python {python}, but for {wants} there is: `--python`",
        "没有适用于 Python {python} 的版本，但有适用于 {wants} 的：`--python`",
    ),
    "parts.old_gpu": (
        "it has no code for GPU {index} ({gpu}, {have})",
        "它不支持显卡 {index}（{gpu}，{have}）",
    ),
    "parts.old_libc": ("its wheel needs glibc {needs} or newer", "其 wheel 需要 glibc {needs} 或更新版本"),
}
