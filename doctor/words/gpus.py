"""Words about what the GPUs can do for training."""

WORDS: dict[str, tuple[str, str]] = {
    "gpus.title_memory": ("GPU memory", "显存"),
    "gpus.memory": ("{memory} GiB on the largest card", "最大的显卡有 {memory} GiB"),
    "gpus.memory_of": ("{name}: {memory} GiB", "{name}：{memory} GiB"),
    "gpus.memory_small": (
        "{memory} GiB: 4-bit LoRA of models up to some {billions} billion parameters",
        "{memory} GiB：可用 4 位 LoRA 训练约 {billions}B 参数以下的模型",
    ),
    "gpus.memory_too_small": (
        "{name} has {memory} GiB: too little to train on",
        "{name} 只有 {memory} GiB：不足以用于训练",
    ),
    "gpus.cause_memory": (
        "the weights, their gradients and the activations of even a small language model take more than 3 GiB of VRAM",
        "即使是小型语言模型，权重、梯度和激活值也需要超过 3 GiB 的显存",
    ),
    "gpus.fix_memory": ("train elsewhere", "换用其他设备训练"),
    "gpus.by_hand_memory": (
        "train a model below half a billion parameters on the processor: hide the card with `CUDA_VISIBLE_DEVICES=-1`",
        "请用处理器训练 5 亿参数以下的模型：设置 `CUDA_VISIBLE_DEVICES=-1` 隐藏该显卡",
    ),
    "gpus.title_busy": ("GPU memory in use", "显存占用"),
    "gpus.free": ("mostly free", "大部分空闲"),
    "gpus.free_of": (
        "GPU {index}: {free} of {total} GiB free; held by: {names}",
        "显卡 {index}：共 {total} GiB，空闲 {free} GiB；占用程序：{names}",
    ),
    "gpus.busy": (
        "GPU {index} ({name}) has {free} of {total} GiB free",
        "显卡 {index}（{name}）共 {total} GiB，只有 {free} GiB 空闲",
    ),
    "gpus.cause_busy": (
        "other programs hold most of the card's VRAM; training would run out of memory, or on Windows spill into the "
        "far slower shared memory",
        "其他程序占用了大部分显存；训练会因显存不足而失败，在 Windows 上还可能溢出到慢得多的共享内存",
    ),
    "gpus.fix_busy": ("free the card's memory", "释放显存"),
    "gpus.by_hand_busy_named": ("close {names}, then check again", "请关闭 {names}，然后重新检查"),
    "gpus.by_hand_busy": (
        "run `nvidia-smi` to see which programs use the card, close them, then check again",
        "请运行 `nvidia-smi` 查看占用显卡的程序，关闭它们，然后重新检查",
    ),
    "gpus.title_precision": ("Number formats", "数值格式"),
    "gpus.capability_of": ("{name}: compute capability {capability}", "{name}：计算能力 {capability}"),
    "gpus.precision_all": ("bf16, fp16 and 4-bit", "支持 bf16、fp16 和 4 位"),
    "gpus.precision_fp16": (
        "{name} ({family}) has no bf16; training uses fp16 with loss scaling",
        "{name}（{family}）不支持 bf16；训练会使用带损失缩放的 fp16",
    ),
    "gpus.precision_fp32": (
        "{name} ({family}) computes neither bf16 nor fast fp16; training works, slowly, in fp32",
        "{name}（{family}）既不支持 bf16，fp16 也很慢；可以训练，但会以较慢的 fp32 计算",
    ),
    "gpus.precision_no_nf4": (
        "{name} ({family}) cannot compute 4-bit NF4 and has no bf16",
        "{name}（{family}）无法进行 4 位 NF4 计算，也不支持 bf16",
    ),
    "gpus.title_generation": ("GPU generation", "显卡架构"),
    "gpus.generation_of": ("{name}: {family}, {sm}", "{name}：{family}，{sm}"),
    "gpus.generation_current": ("{family}: served by current drivers and CUDA", "{family}：当前驱动和 CUDA 均支持"),
    "gpus.generation_ending": (
        "{name} ({family}, {sm}): CUDA 12.6 builds only; driver 580 and PyTorch 2.14 are the last for it",
        "{name}（{family}，{sm}）：只能用 CUDA 12.6 版本；驱动 580 和 PyTorch 2.14 是最后支持它的版本",
    ),
    "gpus.generation_ended": (
        "{name} ({family}, {sm}): no current driver, CUDA or PyTorch serves it any more",
        "{name}（{family}，{sm}）：当前的驱动、CUDA 和 PyTorch 均已不再支持",
    ),
    "gpus.title_order": ("Order of the GPUs", "显卡编号顺序"),
    "gpus.order_pci": ("nvidia-smi's order: {names}", "nvidia-smi 的顺序：{names}"),
    "gpus.order_cuda": ("CUDA's order, fastest first: {names}", "CUDA 的顺序（最快的在前）：{names}"),
    "gpus.order_fixed": (
        "CUDA_DEVICE_ORDER makes CUDA count as nvidia-smi does",
        "CUDA_DEVICE_ORDER 使 CUDA 与 nvidia-smi 编号一致",
    ),
    "gpus.order_same": ("CUDA and nvidia-smi count alike", "CUDA 与 nvidia-smi 编号一致"),
    "gpus.order_differs": (
        "CUDA counts the cards fastest first, nvidia-smi by slot: GPU 0 is not the same card to both",
        "CUDA 按速度编号，nvidia-smi 按插槽编号：两者的 0 号显卡不是同一块",
    ),
    "gpus.order_wrong_card": (
        "CUDA_VISIBLE_DEVICES={value} means another card to CUDA than the one nvidia-smi calls so",
        "CUDA_VISIBLE_DEVICES={value} 对 CUDA 而言与 nvidia-smi 中同编号的显卡不是同一块",
    ),
    "gpus.cause_order": (
        "the cards are unlike, and unless CUDA_DEVICE_ORDER is PCI_BUS_ID, CUDA's index counts the fastest card "
        "first, while nvidia-smi's order follows the PCI bus",
        "显卡型号不同；除非 CUDA_DEVICE_ORDER 为 PCI_BUS_ID，否则 CUDA 把最快的显卡编为 0 号，而 nvidia-smi 按 PCI 总"
        "线排序",
    ),
    "gpus.fix_order": ("make CUDA count as nvidia-smi does", "让 CUDA 与 nvidia-smi 编号一致"),
    "gpus.by_hand_order": (
        "set `CUDA_DEVICE_ORDER=PCI_BUS_ID` together with `CUDA_VISIBLE_DEVICES`, or name the card by its UUID from "
        "`nvidia-smi -L`",
        "请在设置 `CUDA_VISIBLE_DEVICES` 的同时设置 `CUDA_DEVICE_ORDER=PCI_BUS_ID`，或使用 `nvidia-smi -L` 列出的 "
        "UUID 指定显卡",
    ),
    "gpus.title_model": ("Driver mode", "驱动模式"),
    "gpus.model_of": ("{name}: {model}", "{name}：{model}"),
    "gpus.model_alike": ("the same for every card", "各显卡一致"),
    "gpus.model_mixed": (
        "{name} runs in TCC mode, another card in WDDM: this works in Windows, but WSL sees only WDDM cards",
        "{name} 使用 TCC 模式，其他显卡使用 WDDM：在 Windows 中可用，但 WSL 只能看到 WDDM 模式的显卡",
    ),
    "gpus.model_tcc_wsl": ("{name} runs in TCC mode, which WSL cannot use", "{name} 使用 TCC 模式，WSL 无法使用"),
    "gpus.cause_model": (
        "WSL hands cards through by Windows' WDDM alone; with a card in TCC mode nvidia-smi and CUDA fail inside WSL",
        "WSL 只能通过 Windows 的 WDDM 使用显卡；存在 TCC 模式的显卡时，WSL 中的 nvidia-smi 和 CUDA 会失败",
    ),
    "gpus.fix_model": ("switch the card to WDDM", "将显卡切换为 WDDM"),
    "gpus.by_hand_model": (
        "in Windows, as administrator: `nvidia-smi -i {index} -dm 0`, then restart; a card that has no WDDM must be "
        "disabled in the device manager",
        "在 Windows 中以管理员身份运行 `nvidia-smi -i {index} -dm 0`，然后重启；不支持 WDDM 的显卡须在设备管理器中禁用",
    ),
}
