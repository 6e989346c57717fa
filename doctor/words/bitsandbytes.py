"""Words about bitsandbytes."""

WORDS: dict[str, tuple[str, str]] = {
    "bitsandbytes.title": ("bitsandbytes", "bitsandbytes"),
    "bitsandbytes.missing": ("missing; 4-bit training is not possible", "缺失；无法进行 4 位训练"),
    "bitsandbytes.fix_upgrade": ("install a current bitsandbytes", "安装新版 bitsandbytes"),
    "bitsandbytes.by_hand_upgrade": (
        "run `python -m pip install --force-reinstall --no-deps -U bitsandbytes`; since 0.43 it has Windows "
        "wheels, since 0.48 a library for CUDA 13.0",
        "运行 `python -m pip install --force-reinstall --no-deps -U bitsandbytes`；0.43 起有 Windows 版，0.48 起带"
        "有 CUDA 13.0 的库",
    ),
    "bitsandbytes.title_fork": ("bitsandbytes-windows", "bitsandbytes-windows 分支"),
    "bitsandbytes.no_fork": ("not installed, as it should be", "未安装，正常"),
    "bitsandbytes.fork": (
        "the abandoned fork bitsandbytes-windows {version} is installed",
        "安装了已停止维护的分支 bitsandbytes-windows {version}",
    ),
    "bitsandbytes.cause_fork": (
        "this fork stopped long ago and writes into the same folder as bitsandbytes, so the two overwrite each "
        "other's files; it has no library for any CUDA of today.",
        "该分支早已停止更新，并且与 bitsandbytes 写入同一文件夹，会互相覆盖文件；它没有适用于当前任何 CUDA 的库。",
    ),
    "bitsandbytes.by_hand_fork": (
        "run `python -m pip uninstall -y bitsandbytes bitsandbytes-windows`, then `python -m pip install -U "
        "bitsandbytes` (0.43 or newer has Windows wheels)",
        "运行 `python -m pip uninstall -y bitsandbytes bitsandbytes-windows`，再运行 `python -m pip install -U "
        "bitsandbytes`（0.43 起有 Windows 版）",
    ),
    "bitsandbytes.title_system": ("bitsandbytes for this system", "bitsandbytes 与系统"),
    "bitsandbytes.system_ok": ("{version} is for this system", "{version} 适用于此系统"),
    "bitsandbytes.linux_release": (
        "bitsandbytes {version} was made for Linux only; {first} is the first for Windows",
        "bitsandbytes {version} 只支持 Linux；从 {first} 起才支持 Windows",
    ),
    "bitsandbytes.no_libraries": (
        "bitsandbytes {version} holds no library at all",
        "bitsandbytes {version} 不含任何库文件",
    ),
    "bitsandbytes.other_system": (
        "bitsandbytes {version} holds libraries for {have}, not for {here}",
        "bitsandbytes {version} 的库文件是 {have} 的，而不是 {here} 的",
    ),
    "bitsandbytes.cause_system": (
        "it looks for files that this system does not have, such as `libcudart.so` on Windows. torch, CUDA and the "
        "GPU are not at fault, and paths need not be set.",
        "它会寻找此系统上不存在的文件，例如 Windows 上的 `libcudart.so`。torch、CUDA 和显卡都没有问题，也不需要设置"
        "路径。",
    ),
    "bitsandbytes.title_cuda": ("bitsandbytes for this CUDA", "bitsandbytes 与 CUDA"),
    "bitsandbytes.cuda_ok": ("has a library for CUDA {cuda}", "带有 CUDA {cuda} 的库"),
    "bitsandbytes.libraries": ("libraries for CUDA {libraries}", "带有 CUDA {libraries} 的库"),
    "bitsandbytes.old": (
        "bitsandbytes {version} has no library for CUDA {cuda}; {needs} is the first that has",
        "bitsandbytes {version} 没有适用于 CUDA {cuda} 的库；从 {needs} 起才有",
    ),
    "bitsandbytes.no_library": (
        "bitsandbytes {version} has no library for CUDA {cuda}",
        "bitsandbytes {version} 没有适用于 CUDA {cuda} 的库",
    ),
    "bitsandbytes.cause_cuda": (
        "bitsandbytes ships one library for each CUDA and loads the one that torch was built with: "
        "`libbitsandbytes_cuda{tag}` is not in this package. Installing a CUDA toolkit would not add it.",
        "bitsandbytes 为每个 CUDA 版本各带一个库，并加载与 torch 一致的那个：此软件包中没有 "
        "`libbitsandbytes_cuda{tag}`。安装 CUDA 工具包不会增加它。",
    ),
    "bitsandbytes.title_cpu_library": ("bitsandbytes for the GPU", "bitsandbytes 的 GPU 库"),
    "bitsandbytes.cuda_there": ("has CUDA libraries", "带有 CUDA 库"),
    "bitsandbytes.cpu_only": (
        "bitsandbytes {version} holds the CPU library only",
        "bitsandbytes {version} 只带有 CPU 库",
    ),
    "bitsandbytes.cause_cpu_only": (
        "this package was built from source without CUDA, or is an incomplete wheel: 4-bit and 8-bit training on "
        "the GPU cannot work with it.",
        "此软件包是在没有 CUDA 的情况下从源码构建的，或安装不完整：无法在显卡上进行 4 位和 8 位训练。",
    ),
    "bitsandbytes.title_gpu": ("bitsandbytes for these GPUs", "bitsandbytes 与显卡"),
    "bitsandbytes.gpu_ok": ("has code for every GPU", "支持所有显卡"),
    "bitsandbytes.library": ("it loads the library for CUDA {cuda}", "加载 CUDA {cuda} 的库"),
    "bitsandbytes.serves": ("which begins at compute capability {needs}", "支持的计算能力从 {needs} 开始"),
    "bitsandbytes.gpu": (
        "bitsandbytes {version} has no 4-bit code for {name}: its library for CUDA {cuda} begins at {needs}",
        "bitsandbytes {version} 没有适用于 {name} 的 4 位代码：其 CUDA {cuda} 库从 {needs} 开始支持",
    ),
    "bitsandbytes.cause_gpu": (
        "the library for CUDA {cuda} was compiled for compute capability {needs} and newer; on this GPU NF4 fails, "
        "although torch itself may work.",
        "CUDA {cuda} 的库是为计算能力 {needs} 及以上编译的；在此显卡上 NF4 会失败，即使 torch 本身可以工作。",
    ),
    "bitsandbytes.fix_gpu": ("make 4-bit training possible on this GPU", "使此显卡可以进行 4 位训练"),
    "bitsandbytes.by_hand_gpu": (
        "train in 16 bit (LoRA without quantisation) on this GPU, or use a newer one: 4-bit needs compute "
        "capability 6.0",
        "在此显卡上用 16 位训练（不量化的 LoRA），或使用更新的显卡：4 位需要计算能力 6.0",
    ),
    "bitsandbytes.by_hand_gpu_cu126": (
        "use torch for CUDA 12.6, whose bitsandbytes library serves compute capability 6.0 and newer: `{command}`",
        "使用 CUDA 12.6 的 torch，其 bitsandbytes 库支持计算能力 6.0 及以上：`{command}`",
    ),
    "bitsandbytes.by_hand_gpu_other": (
        "do the 4-bit training on the newer card alone, and give this one 16-bit work or none",
        "只在较新的显卡上进行 4 位训练，此显卡只做 16 位训练或不使用",
    ),
}
