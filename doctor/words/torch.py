"""Words about the installed PyTorch by itself."""

WORDS: dict[str, tuple[str, str]] = {
    "torch.cause_missing": (
        "the environment has no torch: nothing can be trained in it",
        "该环境中没有 torch，无法进行训练",
    ),
    "torch.fix_install": ("install PyTorch", "安装 PyTorch"),
    "torch.by_hand_install": ("run `{command}` in this environment", "在此环境中运行 `{command}`"),
    "torch.by_hand_choose": (
        "for an RTX 50 run `{new}`; for a GTX 10 or any card up to RTX 40 run `{old}`",
        "RTX 50 系列请运行 `{new}`；GTX 10 至 RTX 40 系列请运行 `{old}`",
    ),
    "torch.title_cpu_build": ("PyTorch for the GPU", "PyTorch 的 GPU 版本"),
    "torch.cpu_with_gpu": (
        "PyTorch {version} is a CPU-only build; {name} stays unused",
        "PyTorch {version} 是仅 CPU 版本；{name} 不会被使用",
    ),
    "torch.cpu_untold": (
        "PyTorch {version} is a CPU-only build; whether there is an NVIDIA GPU is not known",
        "PyTorch {version} 是仅 CPU 版本；不清楚是否有 NVIDIA 显卡",
    ),
    "torch.cpu_right": (
        "{version}, the CPU build: right for a machine without an NVIDIA GPU",
        "{version}，CPU 版本：没有 NVIDIA 显卡时正合适",
    ),
    "torch.cause_cpu_build": (
        "pip took the default index, which for Windows holds CPU builds only; a CUDA build has to be asked for by "
        "its own index (`--index-url`). Driver and GPU are not at fault.",
        "pip 使用了默认索引，其中的 Windows 版只有 CPU 版本；CUDA 版本必须用 `--index-url` 指定其专用索引。驱动和显"
        "卡没有问题。",
    ),
    "torch.fix_cuda_build": ("replace it with a CUDA build", "换成 CUDA 版本"),
    "torch.title_unavailable": ("GPU seen by PyTorch", "PyTorch 能否看到显卡"),
    "torch.cuda_seen": ("{version} sees a GPU", "{version} 能看到显卡"),
    "torch.cuda_not_seen": ("PyTorch {version} says that no GPU is available", "PyTorch {version} 报告没有可用的显卡"),
    "torch.cause_unavailable": (
        "build, driver and GPU fit each other, so something stands between them: `CUDA_VISIBLE_DEVICES` hides the "
        "GPU, another Python was run than the one that was listed, or the driver was updated without a restart.",
        "PyTorch 版本、驱动和显卡互相匹配，问题出在中间环节：`CUDA_VISIBLE_DEVICES` 隐藏了显卡、实际运行的是另一个 "
        "Python，或者更新驱动后没有重启。",
    ),
    "torch.fix_unavailable": ("find what hides the GPU", "找出是什么隐藏了显卡"),
    "torch.by_hand_unavailable": (
        "restart the computer, unset `CUDA_VISIBLE_DEVICES`, and ask the Python that does the work: `python -c "
        '"import sys, torch; print(sys.executable, torch.__version__, torch.cuda.is_available())"`',
        '重启电脑，取消 `CUDA_VISIBLE_DEVICES`，并用实际工作的 Python 查询：`python -c "import sys, torch; '
        'print(sys.executable, torch.__version__, torch.cuda.is_available())"`',
    ),
    "torch.title_python": ("Python for PyTorch", "PyTorch 适用的 Python"),
    "torch.python_ok": ("Python {python} has wheels of PyTorch", "Python {python} 有对应的 PyTorch 安装包"),
    "torch.python_32": (
        "this is a 32-bit Python {python}; PyTorch exists for 64 bit only",
        "这是 32 位的 Python {python}；PyTorch 只有 64 位版本",
    ),
    "torch.cause_python_32": (
        "PyTorch has never had wheels for a 32-bit Python, so pip finds no matching distribution or an ancient "
        "placeholder.",
        "PyTorch 从未提供 32 位 Python 的安装包，因此 pip 找不到匹配的版本，或只找到很旧的占位包。",
    ),
    "torch.python_free": (
        "PyTorch has no wheel for the free-threaded Python {python}",
        "PyTorch 没有适用于自由线程版 Python {python} 的安装包",
    ),
    "torch.cause_python_free": (
        "wheels for free-threaded Python exist for 3.13t, 3.14t and 3.15t only.",
        "自由线程版的安装包只有 3.13t、3.14t 和 3.15t。",
    ),
    "torch.python_free_threaded": (
        "the free-threaded Python {python}; few packages have wheels for it",
        "自由线程版 Python {python}；很多软件包没有对应的安装包",
    ),
    "torch.python_new": (
        "Python {python} is newer than any wheel of PyTorch",
        "Python {python} 比所有 PyTorch 安装包都新",
    ),
    "torch.cause_python_new": (
        "a wheel is made for one version of Python; the newest PyTorch (2.15) has them for Python 3.11 to 3.15.",
        "安装包只对应一个 Python 版本；最新的 PyTorch（2.15）只提供 Python 3.11 至 3.15 的安装包。",
    ),
    "torch.python_old": ("Python {python} gets only old releases of PyTorch", "Python {python} 只能安装旧版 PyTorch"),
    "torch.cause_python_old": (
        "torch 2.9 and newer need Python 3.10, torch 2.15 needs 3.11; Python 3.9 ends with torch 2.8, Python 3.8 "
        "with 2.4.",
        "torch 2.9 起需要 Python 3.10，torch 2.15 需要 3.11；Python 3.9 最高到 torch 2.8，Python 3.8 最高到 2.4。",
    ),
    "torch.fix_python": ("use a Python that PyTorch supports", "使用 PyTorch 支持的 Python"),
    "torch.by_hand_python": (
        "install a supported Python, 3.12 for 64 bit, and make a new environment with it: `py -3.12 -m venv .venv`",
        "安装受支持的 64 位 Python 3.12，并用它新建环境：`py -3.12 -m venv .venv`",
    ),
    "torch.title_leftovers": ("Left by an interrupted pip", "pip 中断的残留"),
    "torch.no_leftovers": ("nothing", "没有"),
    "torch.leftovers": ("folders of a half-removed package: {names}", "残留了未删除干净的软件包文件夹：{names}"),
    "torch.cause_leftovers": (
        "pip renames a package to `~…` before it removes it. It stopped there, mostly because a running program "
        "held a file, so the new package may be incomplete.",
        "pip 在删除软件包之前会先把它改名为 `~…`。通常因为有程序占用文件，它停在了这一步，新的软件包可能不完整。",
    ),
    "torch.fix_leftovers": ("remove the leftovers and install again", "删除残留并重新安装"),
    "torch.by_hand_leftovers": (
        "close every program that uses this Python, delete {names} from its site-packages, then install the "
        "package again with `python -m pip install --force-reinstall`",
        "关闭所有使用此 Python 的程序，从 site-packages 中删除 {names}，再用 `python -m pip install "
        "--force-reinstall` 重新安装",
    ),
    "torch.title_duplicates": ("Packages installed twice", "重复安装的软件包"),
    "torch.no_duplicates": ("none", "没有"),
    "torch.duplicates": ("more than one version is registered of: {names}", "登记了多个版本：{names}"),
    "torch.cause_duplicates": (
        "two installers wrote into one environment, or an update was interrupted: which files belong to which "
        "version is anybody's guess.",
        "两个安装程序写入了同一个环境，或更新被中断：无法确定哪些文件属于哪个版本。",
    ),
    "torch.fix_duplicates": ("install them once", "只保留一个版本"),
    "torch.by_hand_duplicates": (
        "run `python -m pip uninstall {names}` until pip says that nothing is installed, then install them again",
        "反复运行 `python -m pip uninstall {names}`，直到 pip 提示未安装，然后重新安装",
    ),
    "torch.title_numpy": ("NumPy for PyTorch", "PyTorch 适用的 NumPy"),
    "torch.numpy_ok": ("NumPy {numpy} fits", "NumPy {numpy} 匹配"),
    "torch.numpy_2": (
        "PyTorch {version} was compiled for NumPy 1, but NumPy {numpy} is installed",
        "PyTorch {version} 是为 NumPy 1 编译的，但安装的是 NumPy {numpy}",
    ),
    "torch.cause_numpy": (
        "a module that was compiled using NumPy 1.x cannot run in NumPy 2: arrays cannot be handed to torch, and "
        "other packages may crash.",
        "用 NumPy 1.x 编译的模块无法在 NumPy 2 中运行：数组不能传给 torch，其他软件包也可能崩溃。",
    ),
    "torch.fix_numpy": ("bring NumPy and PyTorch together", "使 NumPy 与 PyTorch 匹配"),
    "torch.by_hand_numpy": (
        'run `python -m pip install "numpy<2"`, or upgrade torch to {first} or newer',
        '运行 `python -m pip install "numpy<2"`，或将 torch 升级到 {first} 或更新版本',
    ),
    "torch.cause_cpu_build_other": (
        "torch came from the `cpu` index, or conda's solver chose a build without CUDA; a CUDA build has to be "
        "asked for by its own index (`--index-url`). Driver and GPU are not at fault.",
        "torch 来自 `cpu` 索引，或 conda 选择了不带 CUDA 的版本；CUDA 版本必须用 `--index-url` 指定其专用索引。驱动"
        "和显卡没有问题。",
    ),
}
