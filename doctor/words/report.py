"""Words about reports."""

WORDS: dict[str, tuple[str, str]] = {
    "report.example": (
        "tunedoc report report.md --log train.log",
        "tunedoc report report.md --log train.log",
    ),
    "report.help_file": ("where to write it; without it, to stdout", "写入的文件；省略时输出到 stdout"),
    "report.help_format": (
        "Markdown to paste into a bug report (default), or JSON",
        "Markdown（默认，可直接粘贴到问题反馈中）或 JSON",
    ),
    "report.help_from": (
        "report on the machine that this snapshot describes",
        "针对该快照所描述的电脑生成报告",
    ),
    "report.help_log": (
        "add the end of this log (can be given several times)",
        "附上该日志的末尾部分（可多次使用）",
    ),
    "report.written": ("the report was written to {file}", "报告已写入 {file}"),
    "report.look_over": (
        "names, tokens and addresses were taken out; look it over all the same before you post it",
        "已去除用户名、令牌和地址；发布前仍请自行检查一遍",
    ),
    "report.no_log": ("the log cannot be read: {detail}", "无法读取日志：{detail}"),
    "report.no_log_hint": (
        "logs of tunedoc's own work are in `logs` of its folder and `trainer.log` of a run",
        "tunedoc 自己的日志在其文件夹的 `logs` 中，训练日志是各次运行文件夹中的 `trainer.log`",
    ),
    "report.title": ("tunedoc {version}: report", "tunedoc {version} 报告"),
    "report.from": (
        "catalogue of {catalogue}; taken at {taken}",
        "软件目录日期 {catalogue}；采集时间 {taken}",
    ),
    "report.counts": (
        "{failures} failures, {warnings} warnings, {unknown} unknown, {notes} notes, {well} well",
        "失败 {failures} 项，警告 {warnings} 项，未知 {unknown} 项，提示 {notes} 项，正常 {well} 项",
    ),
    "report.attention": ("Needs attention", "需要注意"),
    "report.others": ("Other findings", "其他检查结果"),
    "report.check": ("check", "检查项"),
    "report.found": ("found", "结果"),
    "report.well": ("well: {checks}", "正常：{checks}"),
    "report.facts": ("Facts", "系统信息"),
    "report.fix": ("fix:", "修复："),
    "report.log": ("End of {name}", "{name} 的末尾"),
}
