"""Words about variables and configuration files."""

WORDS: dict[str, tuple[str, str]] = {
    "settings.title_index": ("Package sources", "软件包来源"),
    "settings.unknown": ("could not be read", "无法读取"),
    "settings.ordinary": ("the ordinary index", "默认索引"),
    "settings.own": ("set by {names}", "由 {names} 指定"),
    "settings.not_encrypted": (
        "an index is reached without encryption; every package is checked against its hash all the same",
        "有索引未使用加密连接；但每个软件包仍会校验哈希值",
    ),
    "settings.one": ("{name} = {value} ({origin})", "{name} = {value}（{origin}）"),
    "settings.pip_unreadable": ("pip's {file} cannot be parsed ({detail})", "无法解析 pip 的 {file}（{detail}）"),
    "settings.cause_pip_file": (
        "pip reads this file before it does anything, and stops when a line of it is no setting",
        "pip 运行前会先读取此文件，遇到无法识别的行就会中止",
    ),
    "settings.fix_pip_file": ("correct pip's configuration", "修正 pip 的配置"),
    "settings.by_hand_pip_file": ("correct {file}, or remove it", "请修正或删除 {file}"),
}
