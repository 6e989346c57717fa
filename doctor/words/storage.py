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
    "storage.by_hand_free": (
        "free {missing} GiB on the disk of {path}",
        "请在 {path} 所在磁盘释放 {missing} GiB",
    ),
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
