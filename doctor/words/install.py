"""Words about building the training environment."""

WORDS: dict[str, tuple[str, str]] = {
    "install.example": ("tunedoc install --yes", "tunedoc install --yes"),
    "install.help_rebuild": (
        "build a new environment even where the present one would do",
        "即使现有环境可用，也重新构建",
    ),
    "install.examining": ("examine this machine", "检查这台电脑"),
    "install.resolving": ("find the exact packages of {stack}", "确定 {stack} 的具体软件包"),
    "install.stage_began": ("▸ {message} …", "▸ {message} …"),
    "install.stage_ended": ("✓ {message} ({seconds} s)", "✓ {message}（{seconds} 秒）"),
    "install.ordinary_index": ("the ordinary index", "默认索引"),
    "install.step_resolve": (
        "find exact versions of {count} packages and all they need for Python {python}; torch from {torch_from}",
        "为 Python {python} 确定 {count} 个软件包及其依赖的具体版本；torch 来自 {torch_from}",
    ),
    "install.step_set_aside": ("put away what unfinished installs left: {folders}", "清理未完成安装的残留：{folders}"),
    "install.step_python": (
        "fetch Python {version} into tunedoc's own folder",
        "将 Python {version} 下载到 tunedoc 自己的文件夹",
    ),
    "install.step_python_from": (
        "fetch Python {version} from {source} into tunedoc's own folder",
        "从 {source} 将 Python {version} 下载到 tunedoc 自己的文件夹",
    ),
    "install.step_fetch": (
        "fetch the large packages ({count}, {size}) from {sources}",
        "从 {sources} 下载 {count} 个大型软件包（{size}）",
    ),
    "install.left_to_uv": ("uv tries for itself: {why}", "改由 uv 自行尝试：{why}"),
    "install.amount": ("    {done} of {total}, {speed}/s", "    {done}，共 {total}，{speed}/秒"),
    "install.amount_so_far": ("    {done} so far, {speed}/s", "    已下载 {done}，{speed}/秒"),
    "install.falls_back": (
        "! {stack} does not work on this machine ({why}); looking for the next packages that fit",
        "! {stack} 无法在这台电脑上工作（{why}）；正在寻找下一个合适的组合",
    ),
    "install.none_left": (
        "none of the packages that fit this machine works ({tried}); the first failed because {why}",
        "适合这台电脑的组合都无法工作（{tried}）；第一个失败的原因：{why}",
    ),
    "install.not_in_bundle": ("the bundle does not have it", "离线包中没有"),
    "install.python_of_bundle": (
        "the bundle is made for {version}",
        "离线包适用于 {version}",
    ),
    "install.help_mirror": (
        "where packages come from: auto, cn, official, or an address; without it this machine's configuration decides, "
        "and others help where it fails",
        "软件包来源：auto、cn、official 或网址；省略时由本机配置决定，失败时改用其他来源",
    ),
    "install.help_bundle": (
        "install from the folder that `tunedoc bundle` made, without a network",
        "从 `tunedoc bundle` 制作的文件夹安装，无需网络",
    ),
    "install.help_with": (
        "optional packages too, where there are any for this machine: flash-attn,xformers,liger,…",
        "同时安装适用于本机的可选软件包：flash-attn,xformers,liger,…",
    ),
    "install.help_gpus": ("use these GPUs only, by their numbers: 0,1", "仅使用这些编号的显卡：0,1"),
    "install.help_device": ("packages for the CPU, or none but those for GPUs", "仅选用 CPU 版或仅选用 GPU 版的软件包"),
    "install.help_torch": ("a release of torch, or the beginning of one", "torch 的版本，可只写开头部分"),
    "install.help_python": ("the environment's Python: 3.12", "环境使用的 Python：3.12"),
    "install.bad_gpus": ("{words} are no numbers of GPUs", "{words} 不是显卡编号"),
    "install.bad_gpus_hint": (
        "name them as `nvidia-smi` counts them: `--gpus 0,1`",
        "请按 `nvidia-smi` 中的编号填写：`--gpus 0,1`",
    ),
    "install.gpus_chosen": (
        "it was proved on these GPUs: {gpus}; `tunedoc fix CUDA_VISIBLE_DEVICES={gpus} CUDA_DEVICE_ORDER=PCI_BUS_ID` "
        "lets training use these alone",
        "已在这些显卡上验证：{gpus}；运行 `tunedoc fix CUDA_VISIBLE_DEVICES={gpus} CUDA_DEVICE_ORDER=PCI_BUS_ID` "
        "可让训练仅使用它们",
    ),
    "install.part": ("with {title}: {what}", "附加 {title}：{what}"),
    "install.part_unhashed": (
        "with {title}: {url}; nobody tells its hash, so the lock takes that of this first download",
        "附加 {title}：{url}；没有公布其校验值，因此锁定文件采用首次下载所得的值",
    ),
    "install.help_offline": ("use only what is in uv's cache", "仅使用 uv 缓存中的内容"),
    "install.step_create": ("create {environment} with Python {python}", "使用 Python {python} 创建 {environment}"),
    "install.step_install": ("install {count} packages ({size})", "安装 {count} 个软件包（{size}）"),
    "install.step_install_unresolved": ("install these packages", "安装这些软件包"),
    "install.step_converter": (
        "unpack llama.cpp's converter ({package} {version})",
        "解压 llama.cpp 的转换工具（{package} {version}）",
    ),
    "install.step_prove": ("prove that it works on {devices}: {tests}", "在 {devices} 上验证其可用：{tests}"),
    "install.step_switch": ("use {environment} from now on", "此后使用 {environment}"),
    "install.step_switch_from": (
        "use {environment} from now on, instead of {previous}",
        "此后使用 {environment}，取代 {previous}",
    ),
    "install.done": (
        "the training environment is ready: {folder} ({seconds} s)",
        "训练环境已就绪：{folder}（{seconds} 秒）",
    ),
    "install.reused": (
        "the training environment is in place already: {folder} ({seconds} s)",
        "训练环境已存在：{folder}（{seconds} 秒）",
    ),
    "install.no_space": (
        "the volume of {folder} has {free} free, and the install needs about {needs}",
        "{folder} 所在磁盘剩余 {free}，而安装约需 {needs}",
    ),
    "install.no_space_hint": (
        "free some space, or set `TUNEDOC_HOME` (and `UV_CACHE_DIR`) to a folder on another volume",
        "请释放空间，或将 `TUNEDOC_HOME`（以及 `UV_CACHE_DIR`）设为其他磁盘上的文件夹",
    ),
    "install.not_proved": (
        "the new environment {environment} does not work and is not used: {why}",
        "新环境 {environment} 无法正常工作，因此不会启用：{why}",
    ),
    "install.not_proved_hint": (
        "the whole story is in {log}; `tunedoc check` may name the cause",
        "完整记录见 {log}；`tunedoc check` 或可指出原因",
    ),
    "install.vanished": ("the environment {folder} is gone", "环境 {folder} 已不存在"),
    "install.again_hint": ("run `tunedoc install` again", "请重新运行 `tunedoc install`"),
    "install.busy": (
        "another `tunedoc install` is at work in {folder}",
        "另一个 `tunedoc install` 正在 {folder} 中运行",
    ),
    "install.busy_hint": ("wait until it has ended, or end it", "请等待其结束，或将其终止"),
}
