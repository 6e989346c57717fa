"""Words about the NVIDIA driver and its GPUs."""

WORDS: dict[str, tuple[str, str]] = {
    "nvidia.title_driver": ("NVIDIA driver", "NVIDIA 驱动"),
    "nvidia.driver": ("{version}", "{version}"),
    "nvidia.driver_fair": ("{version}; a newer one allows a better stack", "{version}；更新驱动可使用更好的组合"),
    "nvidia.driver_old": (
        "{version} is too old; these cards need {needs} or newer",
        "{version} 过旧；这些显卡需要 {needs} 或更新版本",
    ),
    "nvidia.absent": (
        "no NVIDIA GPU; training runs on the processor, which suits small models",
        "没有 NVIDIA 显卡；将用处理器训练，适合小模型",
    ),
    "nvidia.unasked": (
        "could not be asked; whether there is a usable GPU is not known",
        "无法查询；不能确定是否有可用的显卡",
    ),
    "nvidia.newest_cuda": ("newest CUDA that it runs: {cuda}", "支持的最高 CUDA 版本：{cuda}"),
    "nvidia.row_needs": ("{row} needs {driver} or newer", "{row} 需要 {driver} 或更新版本"),
    "nvidia.newer_helps": (
        "with {needs} or newer, {row} could be used instead of {have}",
        "驱动升级到 {needs} 或更新版本后，可用 {row} 代替 {have}",
    ),
    "nvidia.fix_driver": ("install the NVIDIA driver", "安装 NVIDIA 驱动"),
    "nvidia.by_hand_driver": (
        "install NVIDIA driver {needs} or newer from nvidia.com/drivers and restart",
        "请从 nvidia.com/drivers 安装 {needs} 或更新版本的 NVIDIA 驱动并重启",
    ),
    "nvidia.by_hand_driver_repair": (
        "run `nvidia-smi`; if it fails too, restart, then install the NVIDIA driver anew",
        "请运行 `nvidia-smi`；如果也失败，请先重启，再重新安装 NVIDIA 驱动",
    ),
    "nvidia.by_hand_no_gpus": (
        "the driver runs but shows no GPU: look for the card in the device manager, check its power cable, restart",
        "驱动正常但没有显示显卡：请在设备管理器中查看显卡，检查供电线并重启",
    ),
    "nvidia.in_windows": (
        "{advice} (in Windows: WSL uses the driver of Windows)",
        "{advice}（在 Windows 中操作：WSL 使用 Windows 的驱动）",
    ),
    "nvidia.cause_driver_old": (
        "the NVIDIA driver {version} is too old for the CUDA version that current PyTorch builds bring along; they "
        "need {needs} or newer and otherwise see no GPU",
        "NVIDIA 驱动 {version} 太旧，不支持当前 PyTorch 自带的 CUDA 版本；需要 {needs} 或更新版本，否则检测不到显卡",
    ),
    "nvidia.cause_no_gpus": (
        "the card is disabled, lacks power or fell off the bus, or a container was not given it",
        "显卡被禁用、供电不足或已从总线脱离，或者容器没有获得显卡",
    ),
    "nvidia.cause_end_of_life": (
        "{name} is of the {family} generation ({sm}), which NVIDIA's drivers and CUDA dropped years ago: no newer "
        "driver brings it back, and no current PyTorch has code for it",
        "{name} 属于 {family} 架构（{sm}），NVIDIA 的驱动和 CUDA 多年前已停止支持：更新驱动也无济于事，当前的 PyTorch "
        "没有支持它的代码",
    ),
    "nvidia.cause_unserved": (
        "{name} ({family}, {sm}) lies outside what the tested combinations can compute on: 4-bit training needs "
        "compute capability 6.0 or newer",
        "{name}（{family}，{sm}）不在已测试组合的支持范围内：4 位训练需要计算能力 6.0 或更高",
    ),
    "nvidia.cause_visible_none": (
        "an empty CUDA_VISIBLE_DEVICES, or -1 in its first place, hides every GPU from CUDA, so "
        "torch.cuda.is_available() is False though the driver is well",
        "CUDA_VISIBLE_DEVICES 为空或首项为 -1 时，CUDA 看不到任何显卡，即使驱动正常，torch.cuda.is_available() 也会是 "
        "False",
    ),
    "nvidia.cause_visible_cut": (
        "CUDA reads CUDA_VISIBLE_DEVICES up to the first entry that names no GPU and silently drops the rest; indices "
        "begin at 0",
        "CUDA 读取 CUDA_VISIBLE_DEVICES 时，遇到第一个无效项就会停止并忽略其余各项；编号从 0 开始",
    ),
    "nvidia.cause_visible_twice": (
        "when CUDA_VISIBLE_DEVICES names one GPU twice, CUDA shows none at all",
        "CUDA_VISIBLE_DEVICES 重复指定同一显卡时，CUDA 不会显示任何显卡",
    ),
    "nvidia.visible_told": ("CUDA_VISIBLE_DEVICES = {value}", "CUDA_VISIBLE_DEVICES 的值：{value}"),
    "nvidia.cause_mixed": (
        "current builds of PyTorch have code either for {new} ({new_sm}) or for {old} ({old_sm}): builds for CUDA "
        "12.8 and newer leave old cards out, those for CUDA 12.6 know no new ones",
        "当前的 PyTorch 要么支持 {new}（{new_sm}），要么支持 {old}（{old_sm}）：CUDA 12.8 及更新的版本不支持旧卡，"
        "CUDA 12.6 版本不支持新卡",
    ),
    "nvidia.fix_mixed_both": ("use the one release that serves both", "使用同时支持两者的版本"),
    "nvidia.by_hand_mixed_both": (
        "to use them together in an environment of your own, take the one release that has code for both: `{command}`",
        "如需在自己的环境中同时使用它们，请安装唯一同时支持两者的版本：`{command}`",
    ),
    "nvidia.title_gpus": ("GPUs", "显卡"),
    "nvidia.one": ("{name}, {memory} GiB", "{name}，{memory} GiB"),
    "nvidia.several": ("{count} x {name}, {memory} GiB each", "{count} 块 {name}，每块 {memory} GiB"),
    "nvidia.list": ("{names}", "{names}"),
    "nvidia.gpu": (
        "GPU {index}: {name}, compute capability {capability}, {memory} GiB",
        "显卡 {index}：{name}，计算能力 {capability}，{memory} GiB",
    ),
    "nvidia.no_gpus": ("the driver shows none", "驱动没有显示任何显卡"),
    "nvidia.gpu_silent": (
        "GPU {index} ({name}) does not answer; it may have failed",
        "显卡 {index}（{name}）没有响应，可能已出现故障",
    ),
    "nvidia.gpu_memory_silent": (
        "GPU {index} ({name}) does not say how much memory it has",
        "显卡 {index}（{name}）没有报告显存大小",
    ),
    "nvidia.gpu_unserved": (
        "GPU {index} ({name}, {capability}): no tested stack has code for it",
        "显卡 {index}（{name}，{capability}）：没有支持它的已测试组合",
    ),
    "nvidia.fix_gpus": ("leave the card out", "不使用该显卡"),
    "nvidia.by_hand_hide": (
        "set `CUDA_VISIBLE_DEVICES` to the other cards (numbers or UUIDs from `nvidia-smi -L`); this one cannot take "
        "part",
        "请将 `CUDA_VISIBLE_DEVICES` 设为其他显卡；这块显卡无法参与训练",
    ),
    "nvidia.by_hand_other_gpu": (
        "training runs on the processor here; a GeForce RTX 20 or newer can do it on the GPU",
        "这台电脑将用处理器训练；GeForce RTX 20 或更新的显卡才能用显卡训练",
    ),
    "nvidia.title_visible": ("Visible GPUs", "可见显卡"),
    "nvidia.visible_all": ("none hidden", "没有被隐藏的显卡"),
    "nvidia.visible_some": (
        "{shown} of {count}, as CUDA_VISIBLE_DEVICES says",
        "{count} 块中的 {shown} 块（由 CUDA_VISIBLE_DEVICES 指定）",
    ),
    "nvidia.visible_none": ("CUDA_VISIBLE_DEVICES hides every GPU", "CUDA_VISIBLE_DEVICES 隐藏了所有显卡"),
    "nvidia.visible_beyond": (
        "CUDA_VISIBLE_DEVICES names GPU {entry}, but there are {count}; CUDA ignores it and all after it",
        "CUDA_VISIBLE_DEVICES 指定了显卡 {entry}，但只有 {count} 块；CUDA 会忽略它及其后的所有显卡",
    ),
    "nvidia.visible_malformed": (
        "CUDA_VISIBLE_DEVICES has `{entry}`, which names no GPU; CUDA ignores it and all after it",
        "CUDA_VISIBLE_DEVICES 中的 `{entry}` 不是任何显卡；CUDA 会忽略它及其后的所有显卡",
    ),
    "nvidia.visible_twice": (
        "CUDA_VISIBLE_DEVICES names a GPU twice, which hides them all",
        "CUDA_VISIBLE_DEVICES 重复指定了同一显卡，会导致所有显卡被隐藏",
    ),
    "nvidia.visible_unknown": ("the environment variables could not be read", "无法读取环境变量"),
    "nvidia.visible_value": ("CUDA_VISIBLE_DEVICES = {value}", "CUDA_VISIBLE_DEVICES 的值：{value}"),
    "nvidia.visible_order": (
        "numbers follow CUDA's order, fastest first, unless CUDA_DEVICE_ORDER is PCI_BUS_ID",
        "除非 CUDA_DEVICE_ORDER 为 PCI_BUS_ID，否则编号按 CUDA 的顺序（最快的在前）",
    ),
    "nvidia.fix_visible": ("show the GPUs to CUDA", "让 CUDA 看到显卡"),
    "nvidia.by_hand_visible": (
        "unset `CUDA_VISIBLE_DEVICES`, or set it to numbers or UUIDs that `nvidia-smi -L` lists, parted by commas",
        "请取消设置 `CUDA_VISIBLE_DEVICES`，或设为 `nvidia-smi -L` 列出的编号或 UUID，用逗号分隔",
    ),
    "nvidia.title_mixed": ("GPUs together", "多显卡搭配"),
    "nvidia.mixed_alike": ("alike", "型号相同"),
    "nvidia.mixed_unequal": (
        "unequal; the smaller memory and the slower card set the pace of training on both",
        "型号不同；同时训练时受显存较小、速度较慢的显卡限制",
    ),
    "nvidia.mixed_no_row": (
        "no tested stack has code for all of these cards at once",
        "没有同时支持这些显卡的已测试组合",
    ),
    "nvidia.mixed_unknown": ("a card does not say what it is", "有显卡没有报告自身信息"),
    "nvidia.fix_mixed": ("train on one kind of card", "只用一种显卡训练"),
    "nvidia.by_hand_mixed": (
        "to train on {name} alone set `CUDA_VISIBLE_DEVICES={uuid}`, then run `tunedoc install`",
        "如只用 {name} 训练，请设置 `CUDA_VISIBLE_DEVICES={uuid}`，然后运行 `tunedoc install`",
    ),
}
