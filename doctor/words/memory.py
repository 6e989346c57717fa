"""Words about memory against the work, the processor and containers."""

WORDS: dict[str, tuple[str, str]] = {
    "memory.title_several": ("Memory for every GPU", "多显卡所需内存"),
    "memory.several_ok": ("enough for {count} processes", "足够运行 {count} 个进程"),
    "memory.several_need": (
        "{count} processes need {need} GiB of commit, Windows grants {limit}",
        "{count} 个进程需要提交 {need} GiB 内存，Windows 可提供 {limit} GiB",
    ),
    "memory.several_not_even_one": (
        "not enough for one process: see the page file",
        "不够运行一个进程：请看页面文件一项",
    ),
    "memory.several_short": (
        "programs may commit {limit} GiB; training on {count} GPUs at once needs {need}",
        "程序最多可提交 {limit} GiB 内存；同时用 {count} 块显卡训练需要 {need} GiB",
    ),
    "memory.cause_several": (
        "training on several GPUs starts one process for each, and every process makes Windows promise memory for "
        "CUDA's libraries and for what lies on its card; RAM and page file together do not cover them (WinError 1455)",
        "多显卡训练会为每块显卡启动一个进程，每个进程都要求 Windows 为 CUDA 库和显存内容预留内存；内存加页面文件不够用"
        "（WinError 1455）",
    ),
    "memory.fix_several": ("enlarge the page file", "增大页面文件"),
    "memory.by_hand_several": (
        "enlarge the page file by {size} GiB (System → Advanced → Performance → Virtual memory, or let Windows manage "
        "it) and restart; or train on one card with `CUDA_VISIBLE_DEVICES=0`",
        "请将页面文件增大 {size} GiB（“系统 → 高级 → 性能 → 虚拟内存”，或由系统管理）并重启；或设置 "
        "`CUDA_VISIBLE_DEVICES=0` 只用一块显卡训练",
    ),
    "memory.title_free": ("Free memory", "可用内存"),
    "memory.free": ("{free} GiB", "{free} GiB"),
    "memory.little_free": (
        "{free} of {total} GiB: other programs hold the rest",
        "共 {total} GiB，只有 {free} GiB 可用：其余被其他程序占用",
    ),
    "memory.cause_free": (
        "PyTorch and a model are first read into RAM; with so little free the system swaps, or the training is ended",
        "PyTorch 和模型会先读入内存；可用内存过少时系统会频繁换页，甚至终止训练",
    ),
    "memory.fix_free": ("free some memory", "释放内存"),
    "memory.by_hand_free": (
        "close browsers, games and other large programs, then check again",
        "请关闭浏览器、游戏等占用内存较多的程序，然后重新检查",
    ),
    "memory.title_models": ("Memory for the models", "模型所需内存"),
    "memory.models_fit": ("enough for each of the {count} here", "足够加载这里的每个模型（共 {count} 个）"),
    "memory.model": (
        "{name}: {weights} GiB of weights, largest file {largest} GiB",
        "{name}：权重 {weights} GiB，最大的文件 {largest} GiB",
    ),
    "memory.model_too_large": (
        "loading {name} needs {need} GiB, RAM and page file (swap) hold {limit}",
        "加载 {name} 需要 {need} GiB，而内存加页面文件（交换空间）只有 {limit} GiB",
    ),
    "memory.cause_models": (
        "a weight file is mapped into memory in one piece, so RAM and page file (swap) together must hold the largest "
        "one",
        "每个权重文件都会整体映射到内存，因此内存加页面文件（交换空间）必须容得下最大的文件",
    ),
    "memory.fix_models": ("make room for the model", "为模型腾出内存"),
    "memory.by_hand_models_windows": (
        "enlarge the page file so that RAM and page file come to {need} GiB or more (System → Advanced → Performance →"
        " Virtual memory) and restart, or choose a smaller model",
        "请增大页面文件，使内存加页面文件达到 {need} GiB 以上（“系统 → 高级 → 性能 → 虚拟内存”）并重启，或选择较小的模"
        "型",
    ),
    "memory.by_hand_models_linux": (
        "add swap so that RAM and swap come to {need} GiB or more, or choose a smaller model",
        "请增加交换空间，使内存加交换空间达到 {need} GiB 以上，或选择较小的模型",
    ),
    "memory.title_processor": ("Processor", "处理器"),
    "memory.processor": ("{name}", "{name}"),
    "memory.features": ("instruction sets: {names}", "指令集：{names}"),
    "memory.no_avx2": (
        "{name} has no AVX2; several packages end with an illegal instruction",
        "{name} 没有 AVX2；部分软件包会因非法指令而退出",
    ),
    "memory.cause_processor": (
        "ready-built wheels of llama.cpp and of data libraries are compiled for processors with AVX2 (Intel since "
        "2013, AMD since 2015); without it they stop, and PyTorch is slow",
        "llama.cpp 和数据处理库的预编译包要求处理器支持 AVX2（Intel 自 2013 年、AMD 自 2015 年起）；没有它会直接退出，"
        "PyTorch 也会很慢",
    ),
    "memory.fix_processor": ("use a newer processor", "使用较新的处理器"),
    "memory.by_hand_processor": (
        "in a virtual machine choose the processor type `host`, so that AVX2 shows; otherwise use a newer computer",
        "如果是虚拟机，请把处理器类型设为 `host` 以启用 AVX2；否则请换用较新的电脑",
    ),
    "memory.title_container": ("Container", "容器"),
    "memory.container_gpu": ("it was given a GPU", "已分配显卡"),
    "memory.container_card": ("on the bus: {name}", "总线上有：{name}"),
    "memory.container_without": (
        "{name} is in this machine, but the container was not given it",
        "这台机器有 {name}，但容器没有获得它",
    ),
    "memory.container_none": ("no GPU was handed into this container", "此容器没有获得显卡"),
    "memory.cause_container": (
        "a container sees an NVIDIA GPU only when it is started with one and the host has NVIDIA's container toolkit",
        "只有在启动容器时指定显卡，并且主机装有 NVIDIA 容器工具包时，容器才能使用 NVIDIA 显卡",
    ),
    "memory.fix_container": ("start the container with the GPU", "启动容器时指定显卡"),
    "memory.by_hand_container": (
        "install nvidia-container-toolkit on the host and start the container with `docker run --gpus all …`",
        "请在主机上安装 nvidia-container-toolkit，并用 `docker run --gpus all …` 启动容器",
    ),
}
