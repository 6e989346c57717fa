"""Words about volumes and paths."""

WORDS: dict[str, tuple[str, str]] = {
    "storage.title_free": ("Disk space", "磁盘空间"),
    "storage.title_path": ("tunedoc's folder", "tunedoc 的文件夹"),
    "storage.unknown": ("could not be established", "无法确定"),
    "storage.free": ("{free} GiB free", "剩余 {free} GiB"),
    "storage.short": (
        "{free} GiB free at {path}, {need} are needed",
        "{path} 所在磁盘剩余 {free} GiB，需要 {need} GiB",
    ),
    "storage.disk": (
        "{purpose}: {path}, {free} of {total} GiB free, {filesystem}",
        "{purpose}：{path}，共 {total} GiB，剩余 {free} GiB，{filesystem}",
    ),
    "storage.purpose_home": ("tunedoc's folder", "tunedoc 的文件夹"),
    "storage.purpose_temporary": ("temporary files", "临时文件"),
    "storage.purpose_hub_cache": ("model cache", "模型缓存"),
    "storage.purpose_working": ("working folder", "工作文件夹"),
    "storage.fix_free": ("free some space", "释放磁盘空间"),
    "storage.by_hand_free_home": (
        "free {missing} GiB there, or set `TUNEDOC_HOME` to a folder on a larger disk",
        "请在该磁盘释放 {missing} GiB，或将 `TUNEDOC_HOME` 设为更大磁盘上的文件夹",
    ),
    "storage.by_hand_free": ("free {missing} GiB on the disk of {path}", "请在 {path} 所在磁盘释放 {missing} GiB"),
    "storage.home": ("{path} on {filesystem}", "{path}，文件系统为 {filesystem}"),
    "storage.plain": ("{path}", "{path}"),
    "storage.synced": (
        "in a folder that is synchronised with the cloud, which would upload gigabytes and lock files in use",
        "位于云同步文件夹中，会上传数 GB 数据并锁定使用中的文件",
    ),
    "storage.remote": (
        "not on a local disk; loading PyTorch from there takes minutes",
        "不在本地磁盘上；从那里加载 PyTorch 需要数分钟",
    ),
    "storage.long": (
        "the path is long; packages below it can go past 260 characters",
        "路径较长；其下的软件包路径可能超过 260 个字符",
    ),
    "storage.non_ascii": (
        "the path has characters outside ASCII; tunedoc works with it, other tools may not",
        "路径含有非 ASCII 字符；tunedoc 可以使用，但其他工具可能不行",
    ),
    "storage.spaces": (
        "the path has spaces; tunedoc works with it, other tools may not",
        "路径含有空格；tunedoc 可以使用，但其他工具可能不行",
    ),
    "storage.title_working": ("Working folder", "工作文件夹"),
    "storage.working_synced": ("in a folder that is synchronised with the cloud", "位于云同步文件夹中"),
    "storage.working_remote": (
        "not on a local disk; reading data and models from there is slow",
        "不在本地磁盘上；从那里读取数据和模型较慢",
    ),
    "storage.fix_working": ("work in another folder", "换一个工作文件夹"),
    "storage.by_hand_working": (
        "move data and results to a folder outside OneDrive, Dropbox and the like, such as C:\\work or ~/work",
        "请将数据和结果移到 OneDrive、Dropbox 等云同步之外的文件夹，如 C:\\work 或 ~/work",
    ),
    "storage.title_filesystem": ("File systems", "文件系统"),
    "storage.filesystems": ("{names}", "{names}"),
    "storage.fat": (
        "{path} is on FAT32, which holds no file above 4 GiB",
        "{path} 位于 FAT32，无法保存超过 4 GiB 的文件",
    ),
    "storage.exfat": (
        "{path} is on exFAT, which has no links: the model cache keeps copies there",
        "{path} 位于 exFAT，不支持链接：模型缓存会保存副本",
    ),
    "storage.cause_fat": (
        "weight files and GGUF files are often larger than 4 GiB, and writing them stops there with `File too large`",
        "权重文件和 GGUF 文件常超过 4 GiB，写到这一大小就会失败",
    ),
    "storage.fix_filesystem": ("use a disk with NTFS or ext4", "使用 NTFS 或 ext4 的磁盘"),
    "storage.by_hand_filesystem": (
        "set `TUNEDOC_HOME` and `HF_HOME` to folders on a disk with NTFS or ext4",
        "请将 `TUNEDOC_HOME` 和 `HF_HOME` 设为 NTFS 或 ext4 磁盘上的文件夹",
    ),
    "storage.cause_free_install": (
        "the environment, what is downloaded for it, one small model and its results all lie in tunedoc's folder",
        "环境、下载的软件包、一个小模型及其结果都保存在 tunedoc 的文件夹中",
    ),
    "storage.cause_free_work": (
        "a model, its training runs and its exports lie in tunedoc's folder",
        "模型、训练结果和导出文件都保存在 tunedoc 的文件夹中",
    ),
    "storage.cause_free_passing": (
        "wheels are unpacked and models pass through this disk on their way",
        "软件包解压和模型下载都会经过此磁盘",
    ),
    "storage.cause_synced": (
        "OneDrive and its like upload every file and hold it open meanwhile, so renaming a checkpoint fails with "
        "WinError 5 or 32, and gigabytes are sent",
        "OneDrive 等会上传每个文件并在此期间占用它，导致重命名检查点时报 WinError 5 或 32，还会上传数 GB 数据",
    ),
    "storage.cause_remote": (
        "an environment has tens of thousands of small files, and a network share or a Windows drive seen from WSL "
        "takes far longer for each",
        "环境包含数万个小文件，网络共享或 WSL 中的 Windows 磁盘读取每个文件都慢得多",
    ),
    "storage.cause_long": (
        "Windows refuses paths beyond 260 characters unless long paths are on, and packages add up to 150 of their own",
        "未开启长路径时 Windows 不允许超过 260 个字符的路径，而软件包自身的路径可达 150 个字符",
    ),
    "storage.fix_path": ("move tunedoc's folder", "移动 tunedoc 的文件夹"),
    "storage.by_hand_path": (
        "set `TUNEDOC_HOME` to a folder on a local Linux disk, such as ~/tunedoc, and install again",
        "请将 `TUNEDOC_HOME` 设为本地 Linux 磁盘上的文件夹（如 ~/tunedoc），然后重新安装",
    ),
    "storage.by_hand_path_windows": (
        "set `TUNEDOC_HOME` to a short folder on a local disk, such as C:\\tunedoc, and install again",
        "请将 `TUNEDOC_HOME` 设为本地磁盘上的短路径（如 C:\\tunedoc），然后重新安装",
    ),
}
