"""Words about fetching large files."""

WORDS: dict[str, tuple[str, str]] = {
    "fetching.status": ("it answered {status}", "服务器返回 {status}"),
    "fetching.stalled": ("nothing came any more", "数据传输停滞"),
    "fetching.cut_off": ("it broke off before the end", "传输中途断开"),
    "fetching.broken": ("the connection broke: {detail}", "连接中断：{detail}"),
    "fetching.no_trust": ("its certificate is not trusted: {detail}", "其证书不受信任：{detail}"),
    "fetching.bad_address": ("it is no address", "地址无效"),
    "fetching.encoded": ("it sends the file in another encoding", "它以其他编码方式发送文件"),
    "fetching.other_range": ("it sends another part than was asked for", "它发送的不是所请求的部分"),
    "fetching.other_size": ("it has a file of another length", "它的文件长度不同"),
    "fetching.wrong_size": ("its file has {have} bytes instead of {want}", "其文件为 {have} 字节，应为 {want} 字节"),
    "fetching.too_long": ("it sends more than {want} bytes", "它发送的数据超过 {want} 字节"),
    "fetching.wrong_hash": (
        "its file is not the right one: sha256 should be {want} and is {have}",
        "其文件不正确：sha256 应为 {want}，实际为 {have}",
    ),
    "fetching.no_file": ("the file cannot be read: {detail}", "无法读取文件：{detail}"),
    "fetching.dropped": ("{place} is left out for {file}: {why}", "{file} 不再从 {place} 获取：{why}"),
    "fetching.no_address": ("nothing says where {file} is", "不知道从何处获取 {file}"),
    "fetching.bad_name": ("{file!r} is no name for a file", "{file!r} 不能用作文件名"),
    "fetching.all_wrong": (
        "no source has the right {file}; {source}: {why}",
        "没有来源提供正确的 {file}；{source}：{why}",
    ),
    "fetching.all_wrong_hint": (
        "the source may be broken or tampered with, or lag behind; try again later, or use another with `--mirror`",
        "该来源可能已损坏、被篡改或尚未同步；请稍后重试，或用 `--mirror` 换用其他来源",
    ),
    "fetching.unreachable": (
        "{file} cannot be fetched from {source}: {why}",
        "无法从 {source} 获取 {file}：{why}",
    ),
    "fetching.unreachable_hint": (
        "check the network, or use another source with `--mirror`; what came is kept, and the same command goes on "
        "from there",
        "请检查网络，或用 `--mirror` 换用其他来源；已下载的部分会保留，重新运行同一命令即可继续",
    ),
    "fetching.no_space": ("no space left in {folder}", "{folder} 所在磁盘空间不足"),
    "fetching.no_space_hint": (
        "free some space, or set `TUNEDOC_HOME` to a folder on another volume; the same command goes on from there",
        "请释放空间，或将 `TUNEDOC_HOME` 设为其他磁盘上的文件夹；重新运行同一命令即可继续",
    ),
    "fetching.no_write": ("{folder} cannot be written: {detail}", "无法写入 {folder}：{detail}"),
    "fetching.no_write_hint": (
        "see who owns the folder, and whether another program uses the files in it",
        "请检查该文件夹的所有者，以及是否有其他程序正在使用其中的文件",
    ),
}
