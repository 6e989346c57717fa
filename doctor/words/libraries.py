"""Words about the shared libraries that torch loads."""

WORDS: dict[str, tuple[str, str]] = {
    "libraries.title_missing": ("Libraries of PyTorch", "PyTorch 的库文件"),
    "libraries.none_missing": ("all found", "全部找到"),
    "libraries.missing_one": ("{library} is missing; {needed_by} needs it", "缺少 {library}；{needed_by} 需要它"),
    "libraries.bad_one": ("{library} {problem}; {needed_by} needs it", "{library} {problem}；{needed_by} 需要它"),
    "libraries.bad_itself": ("{library} {problem}", "{library} {problem}"),
    "libraries.wrong_bits": ("is for another processor or word size ({found})", "的处理器架构或位数不对（{found}）"),
    "libraries.too_old": ("is too old ({found})", "太旧（{found}）"),
    "libraries.damaged": ("is damaged ({found})", "已损坏（{found}）"),
    "libraries.cause_missing": (
        '`import torch` ends in WinError 126, 127 or 193, or "cannot open shared object file": {library} was not '
        "installed completely, was removed by a virus scanner, or comes from another version.",
        "`import torch` 会报 WinError 126、127、193 或 “cannot open shared object file”：{library} 没有安装完整、被"
        "杀毒软件删除，或来自其他版本。",
    ),
    "libraries.cause_missing_vc": (
        "{library} belongs to the Visual C++ runtime, which is not installed or too old; `import torch` ends in "
        "WinError 126.",
        "{library} 属于 Visual C++ 运行库，它没有安装或太旧；`import torch` 会报 WinError 126。",
    ),
    "libraries.fix_missing": ("install PyTorch anew", "重新安装 PyTorch"),
    "libraries.by_hand_missing": (
        "{advice}; if the file goes missing again, look into the virus scanner's quarantine",
        "{advice}；如果文件再次消失，请检查杀毒软件的隔离区",
    ),
    "libraries.cause_libomp": (
        "torch's Windows wheels of 2.4.0 need {library} and do not bring it; installing the same version again changes "
        "nothing",
        "torch 2.4.0 的 Windows 安装包需要 {library}，但没有附带；重新安装同一版本无济于事",
    ),
    "libraries.by_hand_libomp": (
        "install torch 2.4.1 or newer, or the latest Visual C++ redistributable, which brings the file",
        "安装 torch 2.4.1 或更新的版本，或安装带有该文件的最新 Visual C++ 可再发行组件",
    ),
    "libraries.fix_vc": ("install the Visual C++ runtime", "安装 Visual C++ 运行库"),
    "libraries.by_hand_vc": (
        "install the latest Visual C++ redistributable for x64 from "
        "`https://aka.ms/vs/17/release/vc_redist.x64.exe` and restart",
        "从 `https://aka.ms/vs/17/release/vc_redist.x64.exe` 安装最新的 x64 版 Visual C++ 可再发行组件，然后重启",
    ),
    "libraries.title_beside": ("Runtime beside python.exe", "python.exe 旁的运行库"),
    "libraries.beside_ok": ("none that is in the way", "没有造成冲突的文件"),
    "libraries.beside": (
        "{name} {version} lies beside python.exe and is loaded instead of the system's; {needs} or newer is needed",
        "python.exe 旁的 {name} {version} 会代替系统的版本被加载；需要 {needs} 或更新版本",
    ),
    "libraries.cause_beside": (
        "Windows looks beside python.exe first, so this old {name} hides the newer Visual C++ runtime of the "
        'system: a library built for the newer one fails to start (WinError 1114, "DLL initialization routine '
        'failed").',
        "Windows 会先在 python.exe 所在文件夹查找，因此这个旧的 {name} 遮盖了系统中较新的 Visual C++ 运行库：为新版"
        "本构建的库会初始化失败（WinError 1114）。",
    ),
    "libraries.fix_beside": ("take the old runtime out of the way", "移除旧的运行库"),
    "libraries.by_hand_beside": (
        "install the latest Visual C++ redistributable, then copy vcruntime140*.dll and msvcp140*.dll from "
        "`C:\\Windows\\System32` over those beside python.exe, or use a newer Python",
        "安装最新的 Visual C++ 可再发行组件，然后用 `C:\\Windows\\System32` 中的 vcruntime140*.dll 和 "
        "msvcp140*.dll 覆盖 python.exe 旁的文件，或使用更新的 Python",
    ),
    "libraries.title_openmp": ("OpenMP runtimes", "OpenMP 运行库"),
    "libraries.openmp_ok": ("no two that collide", "没有冲突"),
    "libraries.path": ("{path}", "{path}"),
    "libraries.openmp_allowed": (
        "{count} copies of Intel's OpenMP; `KMP_DUPLICATE_LIB_OK` silences the error, results may be wrong",
        "有 {count} 份 Intel OpenMP；`KMP_DUPLICATE_LIB_OK` 掩盖了错误，结果可能出错",
    ),
    "libraries.openmp": (
        "{count} copies of Intel's OpenMP runtime (libiomp5md.dll): {first} and {second}",
        "有 {count} 份 Intel OpenMP 运行库（libiomp5md.dll）：{first} 和 {second}",
    ),
    "libraries.cause_openmp": (
        "two packages each bring their own OpenMP runtime. When both are loaded into one process it stops with "
        '"OMP: Error #15: Initializing libiomp5md.dll".',
        "两个软件包各自带有一份 OpenMP 运行库。同一进程同时加载时会停止并报 “OMP: Error #15: Initializing "
        "libiomp5md.dll”。",
    ),
    "libraries.fix_openmp": ("keep one OpenMP runtime", "只保留一份 OpenMP 运行库"),
    "libraries.by_hand_openmp": (
        "use a clean environment with pip packages only (in conda: `conda install nomkl`); as a stopgap set "
        "`KMP_DUPLICATE_LIB_OK=TRUE`, which may crash or give wrong results",
        "使用只含 pip 软件包的干净环境（conda 中运行 `conda install nomkl`）；作为临时办法可设置 "
        "`KMP_DUPLICATE_LIB_OK=TRUE`，但可能崩溃或结果出错",
    ),
    "libraries.title_user_site": ("Packages from the user's folder", "用户目录中的软件包"),
    "libraries.user_site_ok": ("none that shadows this environment", "没有遮盖此环境的软件包"),
    "libraries.user_site": (
        "this Python also loads from the user's own site-packages: {names}",
        "此 Python 还会从用户的 site-packages 加载：{names}",
    ),
    "libraries.cause_user_site": (
        "packages once installed with `pip install --user` (AppData\\Roaming\\Python or ~/.local) are seen by "
        "every Python of that version, so another build of a library gets mixed into this environment (WinError "
        "127 or 193).",
        "曾用 `pip install --user` 安装的软件包（AppData\\Roaming\\Python 或 ~/.local）会被同版本的所有 Python 看"
        "到，导致其他版本的库混入此环境（WinError 127 或 193）。",
    ),
    "libraries.fix_user_site": ("keep the user's packages out", "不加载用户目录中的软件包"),
    "libraries.by_hand_user_site": (
        "set `PYTHONNOUSERSITE=1`, or outside of any environment run `python -m pip uninstall {names}`, and "
        "install them inside the environment",
        "设置 `PYTHONNOUSERSITE=1`，或在环境之外运行 `python -m pip uninstall {names}`，再在环境内安装",
    ),
    "libraries.title_cuda_packages": ("CUDA packages of PyTorch", "PyTorch 的 CUDA 软件包"),
    "libraries.cuda_ok": ("for CUDA {cuda}, as PyTorch", "CUDA {cuda}，与 PyTorch 一致"),
    "libraries.cuda_packages": (
        "{name} {version} is installed, but PyTorch {torch} was built with CUDA {cuda}",
        "安装了 {name} {version}，但 PyTorch {torch} 是用 CUDA {cuda} 构建的",
    ),
    "libraries.cause_cuda_packages": (
        "torch's Linux wheels load CUDA from nvidia-* packages and pin them exactly; another package changed them, "
        "so cuBLAS, cuDNN and NCCL may not be the ones for CUDA {cuda}.",
        "torch 的 Linux 安装包从 nvidia-* 软件包加载 CUDA 并固定了版本；其他软件包改动了它们，cuBLAS、cuDNN 和 "
        "NCCL 可能不是 CUDA {cuda} 的版本。",
    ),
    "libraries.by_hand_cuda_packages": (
        "run `{command}`, which brings the pinned CUDA packages back",
        "运行 `{command}`，它会恢复所固定的 CUDA 软件包",
    ),
}
