"""Words about snapshots: writing one, and reading one that somebody else wrote."""

WORDS: dict[str, tuple[str, str]] = {
    "snapshot.example": ("tunedoc snapshot machine.json", "tunedoc snapshot machine.json"),
    "snapshot.help_file": (
        "where to write it (default: standard output)",
        "写入的文件（默认：标准输出）",
    ),
    "snapshot.written": (
        "written to {file}; your name, host names and passwords are left out, so it can go into a bug report",
        "已写入 {file}；其中不含您的用户名、主机名和密码，可以附在问题报告中",
    ),
    "snapshot.no_folder": ("{file} cannot be written: its folder does not exist", "无法写入 {file}：所在文件夹不存在"),
    "snapshot.is_folder": ("{file} is a folder, not a file", "{file} 是文件夹，不是文件"),
    "snapshot.hint_folder": ("name a file in a folder that exists", "请指定一个已有文件夹中的文件"),
    "snapshot.unreadable": ("the snapshot {file} cannot be read: {detail}", "无法读取快照 {file}：{detail}"),
    "snapshot.no_json": (
        "{file}, line {line}: this is not JSON ({detail})",
        "{file} 第 {line} 行：不是有效的 JSON（{detail}）",
    ),
    "snapshot.too_deep": ("{file} is nested too deeply to be a snapshot", "{file} 嵌套过深，不是快照"),
    "snapshot.wrong_field": (
        "{file} is not a snapshot of a machine: `{name}` {reason}",
        "{file} 不是有效的电脑快照：`{name}` {reason}",
    ),
    "snapshot.missing": ("is missing", "缺失"),
    "snapshot.other_schema": (
        "is {found}, and this tunedoc reads {known}",
        "为 {found}，而此版本的 tunedoc 只能读取 {known}",
    ),
    "snapshot.want_object": ("is not an object", "不是对象"),
    "snapshot.want_list": ("is not a list", "不是列表"),
    "snapshot.want_string": ("is not a string", "不是字符串"),
    "snapshot.want_number": ("is not a whole number", "不是整数"),
    "snapshot.want_boolean": ("is neither true nor false", "既不是 true 也不是 false"),
    "snapshot.want_choice": ("is none of {allowed}", "不在 {allowed} 之中"),
    "snapshot.hint_make_one": (
        "`tunedoc snapshot machine.json` writes a good one",
        "用 `tunedoc snapshot machine.json` 可生成有效的快照",
    ),
}
