"""Words about CUDA toolkits, compilers and loose CUDA libraries."""

WORDS: dict[str, tuple[str, str]] = {
    "toolkits.title_path": ("CUDA_PATH", "CUDA_PATH"),
    "toolkits.cuda_path": ("CUDA_PATH or CUDA_HOME: {value}", "CUDA_PATH 或 CUDA_HOME：{value}"),
    "toolkits.found": ("toolkit {version} at {path}", "工具包 {version}：{path}"),
    "toolkits.path_right": ("{value}", "{value}"),
    "toolkits.path_gone": (
        "points to {value}, where no CUDA toolkit is; PyTorch brings its own CUDA and does not mind",
        "指向 {value}，但那里没有 CUDA 工具包；PyTorch 自带 CUDA，不受影响",
    ),
    "toolkits.fix_path": ("correct CUDA_PATH", "更正 CUDA_PATH"),
    "toolkits.by_hand_path": (
        "unset `CUDA_PATH` (or `CUDA_HOME`), or set it to a toolkit that is there; only compiling extensions needs it",
        "请取消设置 `CUDA_PATH`（或 `CUDA_HOME`），或指向已安装的工具包；只有编译扩展时才需要它",
    ),
    "toolkits.title_nvcc": ("CUDA compiler", "CUDA 编译器"),
    "toolkits.nvcc_is": ("nvcc on PATH: CUDA {version}", "PATH 中的 nvcc：CUDA {version}"),
    "toolkits.torch_is": ("PyTorch was built for CUDA {cuda}", "PyTorch 使用 CUDA {cuda} 编译"),
    "toolkits.nvcc_same": ("CUDA {version}, as PyTorch", "CUDA {version}，与 PyTorch 相同"),
    "toolkits.nvcc_other": (
        "CUDA {version}, PyTorch brings its own {cuda}: harmless unless extensions are compiled",
        "CUDA {version}，PyTorch 自带 {cuda}：除非编译扩展，否则没有影响",
    ),
    "toolkits.title_loose": ("Loose CUDA libraries", "零散的 CUDA 库"),
    "toolkits.loose_none": ("none on the search path", "搜索路径中没有"),
    "toolkits.loose_at": ("{place}: {name} in {path}", "{place}：{name}，位于 {path}"),
    "toolkits.loose": (
        "{name} on {place}; PyTorch loads the ones from its wheel first",
        "{place} 中有 {name}；PyTorch 会优先加载自带的库",
    ),
    "toolkits.stub": (
        "LD_LIBRARY_PATH leads to a libcuda that is a stub ({path}); CUDA finds no driver",
        "LD_LIBRARY_PATH 指向了占位用的 libcuda（{path}）；CUDA 会找不到驱动",
    ),
    "toolkits.cause_stub": (
        "the stub libcuda of the CUDA toolkit is for linking only; loaded in place of the driver's library it ends "
        "every program with `CUDA driver is a stub library` (error 34)",
        "CUDA 工具包中的 libcuda 占位库只用于链接；被当作驱动库加载时，所有程序都会报 `CUDA driver is a stub library`"
        "（错误 34）",
    ),
    "toolkits.fix_loose": ("take the folder out of LD_LIBRARY_PATH", "从 LD_LIBRARY_PATH 中移除该文件夹"),
    "toolkits.by_hand_stub": (
        "take the folder of {path} out of `LD_LIBRARY_PATH` (look into ~/.bashrc) and open a new shell",
        "请从 `LD_LIBRARY_PATH` 中移除 {path} 所在的文件夹（检查 ~/.bashrc），并打开新的终端",
    ),
    "toolkits.compat": (
        "LD_LIBRARY_PATH leads to a compatibility libcuda ({path}), which GeForce cards refuse",
        "LD_LIBRARY_PATH 指向了兼容版 libcuda（{path}），GeForce 显卡不支持它",
    ),
    "toolkits.cause_compat": (
        "CUDA's forward compatibility library replaces the driver's libcuda and works on data-centre GPUs only; on a "
        "GeForce it ends with error 804 or 803",
        "CUDA 的前向兼容库会替换驱动的 libcuda，且只支持数据中心显卡；在 GeForce 上会报错误 804 或 803",
    ),
    "toolkits.by_hand_compat": (
        "take the folder of {path} out of `LD_LIBRARY_PATH`, or uninstall the `cuda-compat` package, and update the "
        "NVIDIA driver instead",
        "请从 `LD_LIBRARY_PATH` 中移除 {path} 所在的文件夹或卸载 `cuda-compat` 软件包，并改为更新 NVIDIA 驱动",
    ),
    "toolkits.title_compiler": ("C++ compiler", "C++ 编译器"),
    "toolkits.tools": ("{name}, MSVC {msvc}", "{name}，MSVC {msvc}"),
    "toolkits.compiler": ("{name}", "{name}"),
    "toolkits.compiler_none": (
        "none; tunedoc needs none: every package comes ready built",
        "没有；tunedoc 不需要：所有软件包均已预先编译",
    ),
    "toolkits.compiler_wanted": (
        "none; {name} compiles code when it is built from source, its ready-built wheels need none",
        "没有；从源码构建 {name} 时需要编译，使用预编译包则不需要",
    ),
    "toolkits.fix_compiler": ("install the C++ build tools", "安装 C++ 生成工具"),
    "toolkits.by_hand_compiler": (
        "only to compile packages yourself: `winget install Microsoft.VisualStudio.2022.BuildTools`, with the "
        "workload `Desktop development with C++`",
        "仅在需要自行编译软件包时：运行 `winget install Microsoft.VisualStudio.2022.BuildTools`，并勾选“使用 C++ 的桌"
        "面开发”",
    ),
}
