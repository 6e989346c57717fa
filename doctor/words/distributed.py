"""Words about training on several GPUs together."""

WORDS: dict[str, tuple[str, str]] = {
    "distributed.title_gloo": ("Training on several GPUs", "多显卡训练"),
    "distributed.gloo": ("PyTorch {version} has gloo", "PyTorch {version} 带有 gloo"),
    "distributed.no_gloo": (
        "PyTorch {version} for Windows was built without gloo's transport; 2.7 and 2.11 or newer have it",
        "Windows 版 PyTorch {version} 不带 gloo 的传输层；2.7 以及 2.11 或更新版本带有",
    ),
    "distributed.cause_gloo": (
        "on Windows gloo alone carries gradients between GPUs (there is no NCCL), and the Windows wheels of torch "
        '2.8 to 2.10 lack its transport: "makeDeviceForHostname(): unsupported gloo device".',
        "在 Windows 上只有 gloo 能在显卡之间传递梯度（没有 NCCL），而 torch 2.8 至 2.10 的 Windows 安装包缺少其传输"
        "层，会报 “makeDeviceForHostname(): unsupported gloo device”。",
    ),
    "distributed.fix_gloo": ("use a torch that has gloo", "使用带有 gloo 的 torch"),
    "distributed.by_hand_gloo": (
        "install torch 2.11 or newer (or 2.7.1), or train on one GPU: set `CUDA_VISIBLE_DEVICES=0`",
        "安装 torch 2.11 或更新版本（或 2.7.1），或只用一块显卡训练：设置 `CUDA_VISIBLE_DEVICES=0`",
    ),
    "distributed.title_libuv": ("USE_LIBUV", "USE_LIBUV"),
    "distributed.libuv_ok": ("not asked for", "未启用"),
    "distributed.libuv_built": ("this PyTorch has libuv", "此 PyTorch 带有 libuv"),
    "distributed.libuv_default": (
        "PyTorch {version} asks for libuv unless told not to, and its Windows build has none",
        "PyTorch {version} 默认使用 libuv，而其 Windows 版本并不带 libuv",
    ),
    "distributed.libuv_forced": (
        "set to 1, but no PyTorch for Windows has libuv; several GPUs cannot start together",
        "设为 1，但 Windows 版 PyTorch 均不带 libuv；多显卡训练无法启动",
    ),
    "distributed.libuv_blank": (
        "set to 0 with a blank behind it, which PyTorch does not take for 0",
        "设为 0 但后面带有空格，PyTorch 不会把它当作 0",
    ),
    "distributed.libuv_value": ("USE_LIBUV = {value}", "USE_LIBUV = {value}"),
    "distributed.cause_libuv": (
        "processes meet through torch's TCPStore, and no Windows wheel has its libuv form: \"use_libuv was "
        'requested but PyTorch was build without libuv support". It matters for several GPUs only.',
        "各进程通过 torch 的 TCPStore 会合，而 Windows 安装包都不带其 libuv 形式，会报 “use_libuv was requested "
        "but PyTorch was build without libuv support”。只影响多显卡训练。",
    ),
    "distributed.fix_libuv": ("switch libuv off", "关闭 libuv"),
    "distributed.by_hand_libuv": (
        "run `setx USE_LIBUV 0` and open a new terminal (torchrun does not heed it; there only one GPU helps: "
        "`CUDA_VISIBLE_DEVICES=0`)",
        "运行 `setx USE_LIBUV 0` 并打开新的终端（torchrun 不理会它，此时只能用一块显卡：`CUDA_VISIBLE_DEVICES=0`）",
    ),
    "distributed.title_torchrun": ("torchrun on Windows", "Windows 上的 torchrun"),
    "distributed.torchrun_unused": ("nothing here starts it", "没有软件会启动它"),
    "distributed.torchrun": (
        "{name} starts torchrun for the {count} GPUs that it sees, and torchrun cannot start on Windows with "
        "PyTorch {version}",
        "{name} 看到 {count} 块显卡就会启动 torchrun，而 Windows 上的 PyTorch {version} 无法启动 torchrun",
    ),
    "distributed.cause_torchrun": (
        "torchrun asks for a libuv store, which Windows builds of torch 2.4 and newer do not have, and {name} then "
        "asks for NCCL, which does not exist on Windows. `USE_LIBUV=0` alone does not help.",
        "torchrun 需要 libuv，而 torch 2.4 及更新的 Windows 版都不带；{name} 之后还会要求 NCCL，而 Windows 上没有 "
        "NCCL。仅设置 `USE_LIBUV=0` 没有用。",
    ),
    "distributed.fix_torchrun": ("show it a single GPU", "只让它看到一块显卡"),
    "distributed.by_hand_torchrun": (
        "set `CUDA_VISIBLE_DEVICES={index}` before starting it (one GPU), use WSL2 or Linux for several, or train "
        "with `tunedoc train`, which has its own launcher",
        "启动前设置 `CUDA_VISIBLE_DEVICES={index}`（只用一块显卡）；多显卡请用 WSL2 或 Linux，或使用自带启动器的 "
        "`tunedoc train`",
    ),
    "distributed.title_pair": ("These GPUs together", "这些显卡能否协同训练"),
    "distributed.pair": (
        "{count} GPUs can train data-parallel over {carrier}",
        "{count} 块显卡可以通过 {carrier} 进行数据并行训练",
    ),
    "distributed.pair_uncovered": (
        "not together: PyTorch {version} has no code for {name}",
        "不能协同：PyTorch {version} 不支持 {name}",
    ),
    "distributed.pair_no_gloo": (
        "not data-parallel: PyTorch {version} for Windows has no gloo transport; splitting a model over them works",
        "不能数据并行：Windows 版 PyTorch {version} 没有 gloo 传输层；可以把模型拆分到多块显卡",
    ),
    "distributed.pair_unequal": (
        "data-parallel over {carrier} is possible, but the smallest card ({memory} GiB) sets the limit for all",
        "可以通过 {carrier} 数据并行，但受最小的显卡（{memory} GiB）限制",
    ),
}
