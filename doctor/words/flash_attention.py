"""Words about flash-attn."""

WORDS: dict[str, tuple[str, str]] = {
    "flash_attention.title_build": ("flash-attn for this PyTorch", "flash-attn 与 PyTorch"),
    "flash_attention.made_for": (
        "flash-attn was built for PyTorch {torch}, CUDA {cuda}, Python {python}",
        "flash-attn 是为 PyTorch {torch}、CUDA {cuda}、Python {python} 构建的",
    ),
    "flash_attention.build_ok": ("{version} was built for it", "{version} 与之匹配"),
    "flash_attention.mismatch": (
        "flash-attn {version} does not match this environment: {difference}",
        "flash-attn {version} 与此环境不匹配：{difference}",
    ),
    "flash_attention.other_torch": (
        "built for PyTorch {made}, this is {have}",
        "为 PyTorch {made} 构建，而这里是 {have}",
    ),
    "flash_attention.other_cuda": (
        "built for CUDA {made}, PyTorch has {have}",
        "为 CUDA {made} 构建，而 PyTorch 为 {have}",
    ),
    "flash_attention.other_python": (
        "built for Python {made}, this is {have}",
        "为 Python {made} 构建，而这里是 {have}",
    ),
    "flash_attention.other_abi": (
        "built with the C++ ABI cxx11abi{made}, PyTorch with cxx11abi{have}",
        "以 C++ ABI cxx11abi{made} 构建，而 PyTorch 为 cxx11abi{have}",
    ),
    "flash_attention.cause_build": (
        "flash-attn's library is compiled against one release of torch, one CUDA, one Python and one C++ ABI. With "
        'another it does not load: "undefined symbol" on Linux, "DLL load failed" on Windows.',
        "flash-attn 的库只对应一个 torch 版本、一个 CUDA、一个 Python 和一种 C++ ABI。不匹配时无法加载：Linux 上报 "
        "“undefined symbol”，Windows 上报 “DLL load failed”。",
    ),
    "flash_attention.fix": ("install the flash-attn that matches, or do without", "安装匹配的 flash-attn，或不使用它"),
    "flash_attention.by_hand_build": (
        "run `python -m pip uninstall -y flash-attn`, then install the wheel whose name has torch{torch}, CUDA "
        "{cuda} and this Python from the releases of Dao-AILab/flash-attention; PyTorch's own attention (`sdpa`) "
        "works without it",
        "运行 `python -m pip uninstall -y flash-attn`，然后从 Dao-AILab/flash-attention 的发布页安装文件名含 "
        "torch{torch}、CUDA {cuda} 和此 Python 版本的安装包；不装它也可以使用 PyTorch 自带的注意力（`sdpa`）",
    ),
    "flash_attention.by_hand_windows": (
        "run `python -m pip uninstall -y flash-attn`, then install a prebuilt Windows wheel made for torch "
        "{torch}, CUDA {cuda} and this Python (mjun0812/flash-attention-prebuild-wheels has them); PyTorch's own "
        "attention (`sdpa`) works without it",
        "运行 `python -m pip uninstall -y flash-attn`，然后安装为 torch {torch}、CUDA {cuda} 和此 Python 预编译的 "
        "Windows 安装包（见 mjun0812/flash-attention-prebuild-wheels）；不装它也可以使用 PyTorch 自带的注意力（"
        "`sdpa`）",
    ),
    "flash_attention.title_system": ("flash-attn for this system", "flash-attn 与系统"),
    "flash_attention.system_ok": ("{version} is for this system", "{version} 适用于此系统"),
    "flash_attention.other_system": (
        "flash-attn {version} was built for {have}, this is {here}",
        "flash-attn {version} 是为 {have} 构建的，而这里是 {here}",
    ),
    "flash_attention.cause_system": (
        "the project's own wheels are for Linux only, so a copy of them cannot load here.",
        "官方安装包只有 Linux 版，复制过来也无法加载。",
    ),
    "flash_attention.by_hand_system": (
        "run `python -m pip uninstall -y flash-attn`; on Windows take a prebuilt Windows wheel "
        "(mjun0812/flash-attention-prebuild-wheels) or PyTorch's own attention (`sdpa`)",
        "运行 `python -m pip uninstall -y flash-attn`；在 Windows 上使用预编译的 Windows 安装包（"
        "mjun0812/flash-attention-prebuild-wheels），或使用 PyTorch 自带的注意力（`sdpa`）",
    ),
    "flash_attention.title_gpu": ("flash-attn for these GPUs", "flash-attn 与显卡"),
    "flash_attention.gpu_ok": ("{version} serves every GPU", "{version} 支持所有显卡"),
    "flash_attention.old_gpu": (
        "flash-attn {version} needs an Ampere GPU or newer; {name} is older",
        "flash-attn {version} 需要 Ampere 或更新的显卡；{name} 太旧",
    ),
    "flash_attention.cause_old_gpu": (
        'FlashAttention 2 is written for compute capability 8.0 and newer (RTX 30 and up): "FlashAttention only '
        'supports Ampere GPUs or newer". Turing, Volta and Pascal cannot run it.',
        "FlashAttention 2 只支持计算能力 8.0 及以上（RTX 30 系列起），否则报 “FlashAttention only supports Ampere "
        "GPUs or newer”。Turing、Volta 和 Pascal 无法运行。",
    ),
    "flash_attention.fix_gpu": ("use an attention that this GPU runs", "使用此显卡支持的注意力实现"),
    "flash_attention.by_hand_sdpa": (
        'use PyTorch\'s own attention: `attn_implementation="sdpa"` (in LLaMA-Factory `flash_attn: sdpa`), and '
        "uninstall flash-attn",
        '使用 PyTorch 自带的注意力：`attn_implementation="sdpa"`（LLaMA-Factory 中为 `flash_attn: sdpa`），并卸载 '
        "flash-attn",
    ),
    "flash_attention.new_gpu": ("flash-attn {version} has no code for {name}", "flash-attn {version} 不支持 {name}"),
    "flash_attention.cause_new_gpu": (
        "code for Blackwell (sm_120) is there only in 2.7.3 and newer built with CUDA 12.8 or newer; the project's "
        "own wheels have it from 2.8.0 on.",
        "只有以 CUDA 12.8 或更新版本构建的 2.7.3 及以上才包含 Blackwell（sm_120）的代码；官方安装包从 2.8.0 起才有。",
    ),
    "flash_attention.by_hand_new_gpu": (
        "install flash-attn 2.8.0 or newer built with CUDA 12.8 or newer, or use PyTorch's own attention (`sdpa`)",
        "安装以 CUDA 12.8 或更新版本构建的 flash-attn 2.8.0 或更新版本，或使用 PyTorch 自带的注意力（`sdpa`）",
    ),
}
