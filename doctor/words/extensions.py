"""Words about xformers, Triton, llama-cpp-python and deepspeed."""

WORDS: dict[str, tuple[str, str]] = {
    "extensions.title_xformers": ("xformers for this PyTorch", "xformers 与 PyTorch"),
    "extensions.xformers_ok": ("{version} matches", "{version} 匹配"),
    "extensions.xformers": (
        "xformers {version} was built for PyTorch {wanted}, not for {torch}",
        "xformers {version} 是为 PyTorch {wanted} 构建的，而不是 {torch}",
    ),
    "extensions.cause_xformers": (
        "its C++/CUDA extensions load only beside the torch they were built for, version and CUDA alike. With a "
        "mismatch they are left out with a warning only: slower, or an error later on.",
        "其 C++/CUDA 扩展只能与构建时的 torch（版本和 CUDA 都一致）一起加载。不匹配时只给出警告并停用：要么变慢，要"
        "么之后报错。",
    ),
    "extensions.fix_xformers": ("install the xformers that matches, or do without", "安装匹配的 xformers，或不使用它"),
    "extensions.by_hand_xformers": (
        "run `python -m pip uninstall -y xformers`: PyTorch's own attention (`sdpa`) does its work; or install the "
        "release built for this torch from `https://download.pytorch.org/whl/{index}`",
        "运行 `python -m pip uninstall -y xformers`：PyTorch 自带的注意力（`sdpa`）可以代替它；或从 "
        "`https://download.pytorch.org/whl/{index}` 安装为此 torch 构建的版本",
    ),
    "extensions.title_xformers_gpu": ("xformers for these GPUs", "xformers 与显卡"),
    "extensions.xformers_gpu_ok": ("{version} serves every GPU", "{version} 支持所有显卡"),
    "extensions.xformers_gpu": ("xformers {version} has no code for {name}", "xformers {version} 不支持 {name}"),
    "extensions.cause_xformers_gpu": (
        "its wheels begin at compute capability 7.5 (Turing) since 0.0.31; Pascal and Volta were left out.",
        "自 0.0.31 起，其安装包从计算能力 7.5（Turing）开始支持；不再包含 Pascal 和 Volta。",
    ),
    "extensions.fix_sdpa": ("use PyTorch's own attention", "使用 PyTorch 自带的注意力"),
    "extensions.by_hand_xformers_gpu": (
        "run `python -m pip uninstall -y xformers`: PyTorch's own attention (`sdpa`) works on this GPU",
        "运行 `python -m pip uninstall -y xformers`：PyTorch 自带的注意力（`sdpa`）可在此显卡上工作",
    ),
    "extensions.title_triton": ("Triton for this PyTorch", "Triton 与 PyTorch"),
    "extensions.triton_ok": ("{version} matches", "{version} 匹配"),
    "extensions.triton": (
        "{name} {version} does not pair with PyTorch {torch}, which wants Triton {wanted}",
        "{name} {version} 与 PyTorch {torch} 不匹配，后者需要 Triton {wanted}",
    ),
    "extensions.cause_triton": (
        "each torch release is written for one release of Triton: torch {torch} looks for names such as "
        "`triton_key` and `AttrsDescriptor` where Triton {wanted} has them.",
        "每个 torch 版本都对应一个 Triton 版本：torch {torch} 会在 Triton {wanted} 的位置寻找 `triton_key`、"
        "`AttrsDescriptor` 等名称。",
    ),
    "extensions.fix_triton": ("install the Triton that matches", "安装匹配的 Triton"),
    "extensions.by_hand_triton": (
        "run `{command}` with this environment's Python",
        "用此环境的 Python 运行 `{command}`",
    ),
    "extensions.title_triton_windows": ("Triton on Windows", "Windows 上的 Triton"),
    "extensions.triton_windows_ok": ("nothing in the way", "没有冲突"),
    "extensions.two_tritons": (
        "triton {first} and triton-windows {second} are both installed",
        "同时安装了 triton {first} 和 triton-windows {second}",
    ),
    "extensions.cause_two_tritons": (
        "both write into the folder `triton`, so each has overwritten some of the other's files.",
        "两者都写入 `triton` 文件夹，互相覆盖了部分文件。",
    ),
    "extensions.by_hand_two_tritons": (
        "run `python -m pip uninstall -y triton triton-windows`, then `{command}`",
        "运行 `python -m pip uninstall -y triton triton-windows`，再运行 `{command}`",
    ),
    "extensions.no_triton": ("{name} needs Triton, which is missing", "{name} 需要 Triton，但没有安装"),
    "extensions.cause_no_triton": (
        "the package `triton` has no Windows wheels, so {name} cannot bring it along; the Windows build is called "
        "triton-windows.",
        "`triton` 没有 Windows 安装包，{name} 无法自动安装它；Windows 版名为 triton-windows。",
    ),
    "extensions.title_triton_gpu": ("Triton for these GPUs", "Triton 与显卡"),
    "extensions.triton_gpu_ok": ("{version} serves every GPU", "{version} 支持所有显卡"),
    "extensions.triton_new_gpu": (
        "Triton {version} does not know {name}; 3.3 is the first that does",
        "Triton {version} 不支持 {name}；从 3.3 起才支持",
    ),
    "extensions.cause_triton_new_gpu": (
        "its compiler (ptxas) is too old for Blackwell: an RTX 50 needs Triton 3.3, torch 2.7 and CUDA 12.8 or newer.",
        "其编译器（ptxas）对 Blackwell 来说太旧：RTX 50 需要 Triton 3.3、torch 2.7 和 CUDA 12.8 或更新版本。",
    ),
    "extensions.triton_old_gpu": (
        "Triton {version} does not support {name}; `torch.compile` will not work there, training does",
        "Triton {version} 不支持 {name}；`torch.compile` 无法使用，但可以训练",
    ),
    "extensions.title_llama": ("llama-cpp-python", "llama-cpp-python 的后端"),
    "extensions.llama_ok": ("built for {backend}", "{backend} 版本"),
    "extensions.llama_cpu": (
        "llama-cpp-python {version} is a CPU build; {name} stays unused",
        "llama-cpp-python {version} 是 CPU 版本；{name} 不会被使用",
    ),
    "extensions.cause_llama": (
        "the index has llama-cpp-python as source only, and compiling it without `CMAKE_ARGS=-DGGML_CUDA=on` gives "
        "a CPU build; with `--extra-index-url` pip prefers that newer source. That torch sees the GPU says nothing "
        "about it.",
        "默认索引中的 llama-cpp-python 只有源码，编译时没有 `CMAKE_ARGS=-DGGML_CUDA=on` 就得到 CPU 版本；使用 "
        "`--extra-index-url` 时 pip 会优先选择更新的源码。torch 能看到显卡与此无关。",
    ),
    "extensions.fix_llama": ("install a CUDA wheel", "安装 CUDA 版"),
    "extensions.by_hand_llama": (
        "run `{command}` (a prebuilt CUDA wheel; no compiler needed)",
        "运行 `{command}`（预编译的 CUDA 版，不需要编译器）",
    ),
    "extensions.title_deepspeed": ("DeepSpeed on Windows", "Windows 上的 DeepSpeed"),
    "extensions.deepspeed_source": (
        "{version} was built here: Windows wheels end at 0.16.5, and several GPUs and async_io do not work on Windows",
        "{version} 是自行编译的：Windows 安装包到 0.16.5 为止，并且 Windows 上不支持多显卡和 async_io",
    ),
    "extensions.deepspeed_wheel": ("{version}, for one GPU", "{version}，仅支持单显卡"),
}
