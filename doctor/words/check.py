"""Words of the report that `tunedoc check` gives."""

WORDS: dict[str, tuple[str, str]] = {
    "check.example": ("tunedoc check -v", "tunedoc check -v"),
    "check.help_name": (
        "checks to run, such as nvidia.driver (default: all)",
        "要运行的检查，如 nvidia.driver（默认：全部）",
    ),
    "check.help_from": (
        "examine a file that `tunedoc snapshot` wrote, instead of this machine",
        "检查 `tunedoc snapshot` 生成的文件，而不是这台电脑",
    ),
    "check.help_environment": (
        "judge this Python environment: a virtual or conda environment, a portable folder, or an interpreter "
        "(default: tunedoc's own, else the active one)",
        "检查这个 Python 环境：虚拟环境、conda 环境、整合包文件夹或解释器"
        "（默认：tunedoc 自己的环境，没有时为当前激活的环境）",
    ),
    "check.help_network": (
        "also ask whether the model hub, its mirrors and the package indexes can be reached",
        "同时检查模型站点及其镜像、软件包索引能否连通",
    ),
    "check.no_environment": ("`{path}` holds no Python environment", "`{path}` 不是 Python 环境"),
    "check.no_environment_hint": (
        "name the folder of a virtual or conda environment, one that contains `python_embeded`, or python itself",
        "请指定虚拟环境或 conda 环境的文件夹、含有 `python_embeded` 的整合包文件夹，或 python 解释器本身",
    ),
    "check.not_with_from": (
        "`{option}` looks at this machine and cannot go with `--from`",
        "`{option}` 针对的是这台电脑，不能与 `--from` 同时使用",
    ),
    "check.not_with_from_hint": (
        "leave out one of the two",
        "请去掉其中一个",
    ),
    "check.help_list": ("list the checks and exit", "列出所有检查并退出"),
    "check.no_such_check": ("there is no check `{name}`", "没有 `{name}` 这项检查"),
    "check.no_such_check_hint": ("did you mean `{nearest}`?", "您是想用 `{nearest}` 吗？"),
    "check.all_checks_hint": ("`tunedoc check --list` lists them all", "`tunedoc check --list` 列出所有检查"),
    "check.not_applicable": ("does not apply to this machine", "不适用于这台电脑"),
    "check.why": ("{why}", "{why}"),
    "check.crashed": ("the check itself failed; this is a fault of tunedoc", "检查本身出错；这是 tunedoc 的问题"),
    "check.crashed_why": ("{kind}: {detail}", "{kind}：{detail}"),
    "check.attention": ("{title} ({name})", "{title}（{name}）"),
    "check.more": ("{count} more are well; `-v` shows them", "另有 {count} 项正常；用 `-v` 查看"),
    "check.hint": ("hint: {advice}", "提示：{advice}"),
    "check.verdict_well": (
        "all {count} checks are well: this machine is ready",
        "全部 {count} 项检查均正常：这台电脑已准备就绪",
    ),
    "check.verdict_part": ("nothing needs attention", "没有需要处理的问题"),
    "check.verdict_install": (
        "nothing stands in the way: run `tunedoc install` next",
        "没有发现障碍：接下来请运行 `tunedoc install`",
    ),
    "check.verdict_notes": (
        "nothing needs attention in {count} checks; {notes} are worth knowing",
        "{count} 项检查均无需处理；其中 {notes} 项供参考",
    ),
    "check.verdict_note": (
        "nothing needs attention in {count} checks; 1 is worth knowing",
        "{count} 项检查均无需处理；其中 1 项供参考",
    ),
    "check.verdict_unknown": (
        "nothing needs attention, but {unknown} of {count} checks could not be answered",
        "没有需要处理的问题，但 {count} 项检查中有 {unknown} 项无法得出结果",
    ),
    "check.verdict_attention": (
        "{bad} of {count} checks need attention",
        "{count} 项检查中有 {bad} 项需要处理",
    ),
    "check.verdict_attention_one": (
        "1 of {count} checks needs attention",
        "{count} 项检查中有 1 项需要处理",
    ),
}
