"""Words about taking tunedoc away."""

WORDS: dict[str, tuple[str, str]] = {
    "uninstall.example": (
        "tunedoc uninstall --plan\ntunedoc uninstall --everything",
        "tunedoc uninstall --plan\ntunedoc uninstall --everything",
    ),
    "uninstall.help_everything": (
        "remove models, runs and exports too",
        "同时删除模型、训练记录和导出文件",
    ),
    "uninstall.help_plan": ("only show what would be done", "仅显示将要执行的操作"),
    "uninstall.nothing": (
        "nothing of tunedoc's is in {folder}",
        "{folder} 中没有 tunedoc 的内容",
    ),
    "uninstall.will_undo": ("to be taken back:", "将还原："),
    "uninstall.will_remove": ("to be removed from {folder} ({size}):", "将从 {folder} 删除（共 {size}）："),
    "uninstall.will_keep": ("to be kept in {folder} ({size}):", "保留在 {folder} 中（共 {size}）："),
    "uninstall.line": ("  {name}  {size}", "  {name}  {size}"),
    "uninstall.line_unknown": ("  {name}  {size}, not tunedoc's", "  {name}  {size}，不属于 tunedoc"),
    "uninstall.undone": ("✓ taken back: {change}", "✓ 已还原：{change}"),
    "uninstall.not_undone": (
        "● changed by somebody since, so it was left: {change}",
        "● 之后又被改动过，因此保持不变：{change}",
    ),
    "uninstall.removed": ("removed: {size} are free again", "已删除，释放 {size}"),
    "uninstall.kept": (
        "models, runs and exports are still in {folder}; `--everything` removes them too",
        "模型、训练记录和导出文件仍在 {folder} 中；使用 `--everything` 可一并删除",
    ),
    "uninstall.left": (
        "could not be removed, since a program uses it: {path}",
        "无法删除，正被某个程序使用：{path}",
    ),
    "uninstall.uv_cache": (
        "packages that uv downloaded stay in its own cache, which other programs share; `uv cache clean` empties it",
        "uv 下载的软件包保留在它自己的缓存中（其他程序也会共用）；可用 `uv cache clean` 清空",
    ),
    "uninstall.not_ours": (
        "this does not look like tunedoc's folder, so nothing of it is touched: {folder}",
        "这不像是 tunedoc 的文件夹，因此未做任何改动：{folder}",
    ),
    "uninstall.not_ours_hint": (
        "`TUNEDOC_HOME` says where the folder is; correct it, or remove the folder by hand",
        "该位置由 `TUNEDOC_HOME` 指定；请更正它，或手动删除该文件夹",
    ),
    "uninstall.busy": (
        "a tunedoc is at work in {folder}: nothing was removed",
        "tunedoc 正在 {folder} 中工作：未删除任何内容",
    ),
    "uninstall.busy_hint": (
        "wait until it has ended, or stop it with Ctrl-C, and run this again",
        "请等待其结束，或按 Ctrl-C 停止，然后重新运行",
    ),
}
