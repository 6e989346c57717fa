"""Words about bundles: everything for a machine without a network, in one folder."""

WORDS: dict[str, tuple[str, str]] = {
    "bundle.example": (
        "tunedoc bundle E:\\tunedoc --for machine.json --model smollm2-135m-instruct",
        "tunedoc bundle E:\\tunedoc --for machine.json --model smollm2-135m-instruct",
    ),
    "bundle.help_folder": (
        "folder to write: a new one, an empty one, or an earlier bundle to go on with",
        "要写入的文件夹：新文件夹、空文件夹，或要继续完成的离线包",
    ),
    "bundle.help_for": (
        "the machine it is for, as `tunedoc snapshot machine.json` writes it there (default: this machine)",
        "目标电脑的信息，在该电脑上用 `tunedoc snapshot machine.json` 生成（默认：本机）",
    ),
    "bundle.help_os": ("system that it is for: windows or linux", "目标系统：windows 或 linux"),
    "bundle.help_python": ("Python that it is for, such as 3.12", "目标 Python 版本，例如 3.12"),
    "bundle.help_stack": (
        "row of the catalogue, instead of the one that fits the machine",
        "指定目录中的组合，而不是按电脑自动选择",
    ),
    "bundle.help_with": ("optional parts, separated by commas", "可选组件，以逗号分隔"),
    "bundle.help_model": ("a base model of the catalogue to put in; may be repeated", "要放入的基础模型，可重复指定"),
    "bundle.help_mirror": (
        "where from: auto, official, cn, or an address (see `tunedoc mirrors`)",
        "下载来源：auto、official、cn 或一个地址（见 `tunedoc mirrors`）",
    ),
    "bundle.offer": (
        "a bundle of {stack} for {system} with Python {python}: {count} packages, {size}; {missing} to fetch",
        "{system} 上使用 Python {python} 的 {stack} 离线包：{count} 个软件包，共 {size}；需下载 {missing}",
    ),
    "bundle.offer_unknown": (
        "{count} sizes are not known, so it will be more",
        "其中 {count} 个大小未知，实际会更大",
    ),
    "bundle.offer_models": ("models in it: {models}", "包含的模型：{models}"),
    "bundle.offer_part": ("with {title}", "包含 {title}"),
    "bundle.offer_python": ("Python {version} comes with it", "将包含 Python {version}"),
    "bundle.offer_no_python": (
        "no Python comes with it, because no place that has it can be reached: the machine must have Python {python}",
        "不包含 Python，因为无法连接其下载来源：目标电脑必须已有 Python {python}",
    ),
    "bundle.guessed": (
        "nothing is known of that machine, so this is the row without a GPU; `--for machine.json` or `--stack` names "
        "another",
        "不了解目标电脑的情况，因此使用不带 GPU 的组合；可用 `--for machine.json` 或 `--stack` 指定",
    ),
    "bundle.resolving": ("find the exact packages of {stack}", "确定 {stack} 的具体软件包"),
    "bundle.fetching": ("fetch {count} wheels", "下载 {count} 个 wheel 文件"),
    "bundle.fetching_program": (
        "fetch tunedoc and the {count} packages it needs",
        "下载 tunedoc 及其所需的 {count} 个软件包",
    ),
    "bundle.fetching_python": ("fetch Python {version}", "下载 Python {version}"),
    "bundle.done": ("the bundle is ready: {folder} ({size})", "离线包已就绪：{folder}（{size}）"),
    "bundle.done_next": (
        "take the folder to the machine and run `{script}` in it",
        "将该文件夹带到目标电脑，并运行其中的 `{script}`",
    ),
    "bundle.without_python": (
        "it has no Python ({why}): the machine must have Python {python}",
        "不包含 Python（{why}）：目标电脑必须已有 Python {python}",
    ),
    "bundle.python_away": ("no place that has it can be reached", "无法连接其下载来源"),
    "bundle.no_archive": (
        "uv fetched Python {version} and left no archive",
        "uv 下载了 Python {version}，但没有留下安装包",
    ),
    "bundle.no_space": (
        "the volume of {folder} has {free} free, and the bundle needs {needs} more",
        "{folder} 所在磁盘剩余 {free}，而离线包还需 {needs}",
    ),
    "bundle.no_space_hint": (
        "free some space or name a folder on another volume; what is there is kept",
        "请释放空间或指定其他磁盘上的文件夹；已有的文件会保留",
    ),
    "bundle.busy": ("another `tunedoc bundle` is at work", "另一个 `tunedoc bundle` 正在运行"),
    "bundle.not_a_folder": ("{folder} is a file", "{folder} 是文件，不是文件夹"),
    "bundle.unreadable": ("{folder} cannot be read: {detail}", "无法读取 {folder}：{detail}"),
    "bundle.not_empty": ("{folder} has other things in it", "{folder} 中已有其他内容"),
    "bundle.not_empty_hint": ("name a new or an empty folder", "请指定新文件夹或空文件夹"),
    "bundle.no_such_stack": ("the catalogue has no row `{stack}`", "目录中没有 `{stack}`"),
    "bundle.no_such_stack_hint": ("`tunedoc plan -v` lists the rows", "`tunedoc plan -v` 可列出所有组合"),
    "bundle.stack_of_other_system": ("{stack} is for {have}, not for {want}", "{stack} 适用于 {have}，不适用于 {want}"),
    "bundle.no_cpu_stack": (
        "the catalogue has no row without a GPU for {system}",
        "目录中没有适用于 {system} 的无 GPU 组合",
    ),
    "bundle.no_such_python": (
        "{stack} has no Python {python}: {known}",
        "{stack} 不支持 Python {python}，可选：{known}",
    ),
    "bundle.no_such_model": (
        "the catalogue has no model `{model}`: {known}",
        "目录中没有模型 `{model}`，可选：{known}",
    ),
    "bundle.no_metadata": (
        "the installed tunedoc cannot be packed: its own files are not listed",
        "无法打包已安装的 tunedoc：缺少其文件清单",
    ),
    "bundle.no_metadata_hint": (
        "install tunedoc again, from its wheel or its source",
        "请从 wheel 文件或源代码重新安装 tunedoc",
    ),
    "bundle.wrong_hash": (
        "{package} does not have the hash that it should have, so it is not taken",
        "{package} 的校验值不符，因此不予采用",
    ),
    "bundle.no_bundle": ("{folder} is no bundle: it has no manifest.json", "{folder} 不是离线包：缺少 manifest.json"),
    "bundle.no_bundle_hint": (
        "name the folder that `tunedoc bundle` wrote; after copying, see whether everything came along",
        "请指定 `tunedoc bundle` 生成的文件夹；复制后请确认内容完整",
    ),
    "bundle.unfinished": ("the bundle {folder} is unfinished", "离线包 {folder} 尚未完成"),
    "bundle.unfinished_hint": (
        "run the same `tunedoc bundle {folder}` again where there is a network; it goes on from there",
        "请在联网的电脑上重新运行同样的 `tunedoc bundle {folder}`，会从中断处继续",
    ),
    "bundle.damaged_manifest": ("the bundle's manifest is damaged: {detail}", "离线包的清单已损坏：{detail}"),
    "bundle.other_schema": (
        "the bundle is of form {have}, and this tunedoc reads form {want}",
        "离线包格式为 {have}，此 tunedoc 只能读取格式 {want}",
    ),
    "bundle.other_schema_hint": (
        "use the tunedoc that came with the bundle: run its install script",
        "请使用离线包自带的 tunedoc：运行其中的安装脚本",
    ),
    "bundle.other_system": (
        "the bundle is for {have}, and this machine has {want}",
        "离线包适用于 {have}，而本机是 {want}",
    ),
    "bundle.other_system_hint": ("make one with `--os {system}`", "请用 `--os {system}` 重新生成"),
    "bundle.missing_file": ("the bundle lacks {file}", "离线包缺少 {file}"),
    "bundle.other_size": ("{file} has {have} bytes instead of {want}", "{file} 为 {have} 字节，应为 {want} 字节"),
    "bundle.damaged_file": ("{file} is damaged: its hash is not the manifest's", "{file} 已损坏：校验值与清单不符"),
    "bundle.copy_again_hint": (
        "copy the bundle again, or run the same `tunedoc bundle` again where there is a network",
        "请重新复制离线包，或在联网的电脑上重新运行同样的 `tunedoc bundle`",
    ),
    "bundle.readme": (
        "# tunedoc {version} without a network\n"
        "\n"
        "Everything that a {system} machine (x86-64) needs to fine-tune a language model with tunedoc: the training\n"
        "environment `{stack}`, tunedoc itself, llama.cpp's binding and converter.\n"
        "\n"
        "1. Copy this whole folder to the machine.\n"
        "2. In the folder, run `{script}` (add `--yes` to be asked nothing).\n"
        "3. The last line it prints is the path of the `tunedoc` command.\n"
        "\n"
        "- Python: {python}\n"
        "- Models: {models}\n"
        "\n"
        "Nothing is asked of any network. Everything goes into tunedoc's own folder (`TUNEDOC_HOME`, if you set it).\n"
        "`manifest.json` has the SHA-256 of every file; a file that was damaged on the way is refused by its name.",
        "# 离线使用 tunedoc {version}\n"
        "\n"
        "此文件夹包含 {system}（x86-64）电脑用 tunedoc 微调语言模型所需的一切：训练环境 `{stack}`、tunedoc 本身、\n"
        "llama.cpp 的 Python 接口和转换工具。\n"
        "\n"
        "1. 将整个文件夹复制到目标电脑。\n"
        "2. 在该文件夹中运行 `{script}`（加上 `--yes` 则不再询问）。\n"
        "3. 最后一行输出是 `tunedoc` 命令的路径。\n"
        "\n"
        "- Python：{python}\n"
        "- 模型：{models}\n"
        "\n"
        "整个过程不访问任何网络。所有内容都放在 tunedoc 自己的文件夹中（可用 `TUNEDOC_HOME` 指定）。\n"
        "`manifest.json` 记录每个文件的 SHA-256；复制途中损坏的文件会被指名拒绝。",
    ),
    "bundle.readme_python": ("{python} is in it", "包含 {python}"),
    "bundle.readme_no_python": (
        "**not in it**, because it could not be fetched; the machine must have Python {python}",
        "**不包含**，因为未能下载；目标电脑必须已有 Python {python}",
    ),
    "bundle.readme_no_models": ("none; bring one as a folder", "无；请自行携带模型文件夹"),
}
