"""Words about graphics boards: slot, power, heat, screen, and adapters of other makers."""

WORDS: dict[str, tuple[str, str]] = {
    "boards.title_link": ("PCI Express", "PCI Express"),
    "boards.link_of": (
        "GPU {index} ({name}): generation {generation}, {width} of {most} lanes",
        "显卡 {index}（{name}）：第 {generation} 代，使用 {width} 条通道（最多 {most} 条）",
    ),
    "boards.link_ok": ("wide enough", "带宽足够"),
    "boards.link_modest": (
        "{name} runs on PCIe {generation}.0 x{width}: loading models takes longer, training does not",
        "{name} 运行在 PCIe {generation}.0 x{width}：加载模型较慢，训练不受影响",
    ),
    "boards.link_narrow": (
        "{name} runs on PCIe {generation}.0 x{width}: too slow to train on several GPUs at once",
        "{name} 运行在 PCIe {generation}.0 x{width}：同时用多块显卡训练会很慢",
    ),
    "boards.cause_link": (
        "the card sits in a narrow slot or on a riser, and consumer cards exchange gradients by way of PCI Express",
        "显卡插在窄插槽或转接线上，而消费级显卡要通过 PCI Express 交换梯度",
    ),
    "boards.fix_link": ("give the card more lanes", "增加显卡的通道数"),
    "boards.by_hand_link": (
        "move the card to a slot of x8 or x16 and look into the mainboard's manual on which slots share lanes; or "
        "train on one card only",
        "请将显卡移到 x8 或 x16 插槽，并在主板手册中查看哪些插槽共享通道；或只用一块显卡训练",
    ),
    "boards.title_heat": ("GPU temperature", "显卡温度"),
    "boards.heat_of": ("{name}: {degrees} °C", "{name}：{degrees} °C"),
    "boards.cool": ("{degrees} °C", "{degrees} °C"),
    "boards.warm": ("{name} is at {degrees} °C; it slows down soon", "{name} 已达 {degrees} °C，即将降频"),
    "boards.hot": ("{name} is at {degrees} °C and slows down", "{name} 已达 {degrees} °C，正在降频"),
    "boards.cause_heat": (
        "the card protects itself by lowering its clock; fans that stand still, dust or a closed case let it get so "
        "hot",
        "显卡会降低频率来保护自己；风扇停转、积灰或机箱不通风会使其过热",
    ),
    "boards.fix_heat": ("cool the card", "为显卡降温"),
    "boards.by_hand_heat": (
        "see that the card's fans turn and the case has air, or lower its power limit (as administrator: "
        "`nvidia-smi -pl WATTS`)",
        "请确认显卡风扇在转、机箱通风，或降低功率限制（以管理员身份运行 `nvidia-smi -pl 瓦数`）",
    ),
    "boards.title_power": ("Power limit", "功率限制"),
    "boards.power_of": ("{name}: {watts} W, usual {usual} W", "{name}：{watts} W，通常为 {usual} W"),
    "boards.power_ok": ("as the maker set it", "与厂商设定相符"),
    "boards.power_low": (
        "{name} is held to {watts} W of {usual} W: cooler and quieter, but slower",
        "{name} 被限制在 {watts} W（通常 {usual} W）：更凉更安静，但更慢",
    ),
    "boards.title_display": ("Screen", "显示器"),
    "boards.display_on": ("{name} drives a screen", "{name} 连接了显示器"),
    "boards.display_off": ("{name} drives no screen", "{name} 没有连接显示器"),
    "boards.display_none": ("no NVIDIA card drives it", "没有由 NVIDIA 显卡输出"),
    "boards.display_fine": ("driven by {name}", "由 {name} 输出"),
    "boards.display_could_move": (
        "driven by {name}; plugged into {integrated} instead, it would leave some 1 GiB more for training",
        "由 {name} 输出；改接 {integrated} 可多留出约 1 GiB 显存用于训练",
    ),
    "boards.display_on_largest": (
        "driven by {name}, the card with the most memory; on {other} it would be less in the way",
        "由显存最大的 {name} 输出；改接 {other} 影响更小",
    ),
    "boards.title_adapters": ("Graphics adapters", "图形适配器"),
    "boards.adapter": ("{name}", "{name}"),
    "boards.adapters": ("{count} listed", "共 {count} 个"),
    "boards.hybrid": (
        "{integrated} draws the screen, {name} computes; Windows counts both, CUDA only the NVIDIA card, as 0",
        "{integrated} 负责显示，{name} 负责计算；Windows 会给两者编号，CUDA 只看到 NVIDIA 显卡，编号为 0",
    ),
    "boards.no_compute": ("none that could train", "没有可用于训练的显卡"),
    "boards.integrated_only": (
        "{name} is part of the processor and has no CUDA: training runs on the processor",
        "{name} 是处理器的核显，不支持 CUDA：将用处理器训练",
    ),
    "boards.amd_only": (
        "{name} has no CUDA, and none of the tested stacks is for ROCm: training runs on the processor",
        "{name} 不支持 CUDA，已测试的组合中也没有 ROCm 版本：将用处理器训练",
    ),
    "boards.intel_only": (
        "{name} has no CUDA, and none of the tested stacks is for XPU: training runs on the processor",
        "{name} 不支持 CUDA，已测试的组合中也没有 XPU 版本：将用处理器训练",
    ),
}
