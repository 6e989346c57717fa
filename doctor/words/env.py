"""Words about training environments and the verb `env`."""

WORDS: dict[str, tuple[str, str]] = {
    "env.example": (
        "tunedoc env list\ntunedoc env repair\ntunedoc env export --to FOLDER",
        "tunedoc env list\ntunedoc env repair\ntunedoc env export --to 文件夹",
    ),
    "env.help_action": ("what to do", "要做什么"),
    "env.help_names": (
        "an environment as `tunedoc env list` names it; `repair` and `export` take the one in use without it",
        "环境名称（见 `tunedoc env list`）；`repair` 和 `export` 省略时使用当前环境",
    ),
    "env.help_force": ("remove even the environment in use", "即使是当前使用的环境也移除"),
    "env.help_delete": (
        "delete at once instead of putting it into the trash; cannot be taken back",
        "直接删除而不放入回收区；无法撤销",
    ),
    "env.help_plan": ("only tell what is damaged, change nothing", "只说明哪里损坏，不做任何更改"),
    "env.help_to": ("folder for pylock.toml and requirements.txt", "存放 pylock.toml 和 requirements.txt 的文件夹"),
    "env.help_format": (
        "what to write to standard output when there is no `--to`: `pylock` (default) or `requirements`",
        "没有 `--to` 时输出到标准输出的格式：`pylock`（默认）或 `requirements`",
    ),
    "env.name_needed": ("`tunedoc env {action}` needs a name", "`tunedoc env {action}` 需要环境名称"),
    "env.one_name": ("`tunedoc env {action}` takes one name", "`tunedoc env {action}` 只接受一个名称"),
    "env.no_names": ("`tunedoc env list` takes no names", "`tunedoc env list` 不接受名称"),
    "env.list_hint": ("`tunedoc env list` shows the environments", "用 `tunedoc env list` 查看所有环境"),
    "env.install_hint": ("`tunedoc install` builds one", "用 `tunedoc install` 构建环境"),
    "env.none_in_use": ("no training environment is in use", "当前没有使用中的训练环境"),
    "env.unknown": ("there is no environment `{name}`", "没有名为 `{name}` 的环境"),
    "env.unknown_hint": ("did you mean `{nearest}`?", "您是想用 `{nearest}` 吗？"),
    "env.unfinished": (
        "the environment `{name}` is unfinished: an install was stopped before its end",
        "环境 `{name}` 未完成：安装在结束之前被中断",
    ),
    "env.unfinished_hint": (
        "`tunedoc install` builds a new one and clears it away; `tunedoc env remove {name}` only clears it away",
        "`tunedoc install` 会构建新环境并清理它；`tunedoc env remove {name}` 仅清理它",
    ),
    "env.damaged": (
        "parts of the environment `{name}` are gone or damaged",
        "环境 `{name}` 的部分内容缺失或损坏",
    ),
    "env.no_start": ("the interpreter {python} does not start", "解释器 {python} 无法启动"),
    "env.repair_hint": ("`tunedoc env repair {name}` puts it right", "用 `tunedoc env repair {name}` 修复"),
    "env.busy": (
        "another tunedoc is at work on the environments in {folder}",
        "另一个 tunedoc 正在处理 {folder} 中的环境",
    ),
    "env.busy_hint": ("wait until it has ended, or end it", "请等待其结束，或将其终止"),
    "env.refused": ("the system does not let go of {what}: {detail}", "系统不允许更改 {what}：{detail}"),
    "env.refused_hint": (
        "end the programs that use it (a training, a chat, a terminal in that folder) and run the same command again",
        "请关闭正在使用它的程序（训练、对话、位于该文件夹的终端），然后重新运行同一命令",
    ),
    # list
    "env.column_name": ("name", "名称"),
    "env.column_state": ("state", "状态"),
    "env.column_torch": ("torch", "torch"),
    "env.column_python": ("Python", "Python"),
    "env.column_size": ("size", "大小"),
    "env.column_frees": ("removing frees", "移除可释放"),
    "env.column_stack": ("built from", "来源"),
    "env.state_proved": ("proved", "已验证"),
    "env.state_unproved": ("not proved", "未验证"),
    "env.state_damaged": ("damaged", "损坏"),
    "env.state_unfinished": ("unfinished", "未完成"),
    "env.in_use": ("● {name}", "● {name}"),
    "env.not_in_use": ("  {name}", "  {name}"),
    "env.none": ("there is no training environment yet", "还没有训练环境"),
    "env.total": (
        "together {size} on disk; ● is in use",
        "共占用磁盘 {size}；● 为当前使用的环境",
    ),
    # use
    "env.using": ("in use from now on: {name} ({python})", "此后使用：{name}（{python}）"),
    "env.using_already": ("in use already: {name} ({python})", "已在使用：{name}（{python}）"),
    "env.undo_note": ("`tunedoc undo` takes it back", "用 `tunedoc undo` 撤销"),
    # remove
    "env.remove_line": ("remove {name}", "移除 {name}"),
    "env.remove_line_frees": ("remove {name}, which frees {size}", "移除 {name}，可释放 {size}"),
    "env.remove_in_use": ("`{name}` is the environment in use", "`{name}` 是当前使用的环境"),
    "env.remove_in_use_hint": (
        "use another one first (`tunedoc env use`), or remove it all the same with `--force`",
        "请先改用其他环境（`tunedoc env use`），或加 `--force` 强制移除",
    ),
    "env.removed": ("put into the trash: {name}", "已放入回收区：{name}"),
    "env.deleted": ("deleted: {name}", "已删除：{name}"),
    "env.removed_note": (
        "`tunedoc undo` brings it back until the next install empties the trash; the disk is free then",
        "在下次安装清空回收区之前，可用 `tunedoc undo` 恢复；清空后磁盘空间才会释放",
    ),
    "env.left": (
        "a program still uses {folder}; the next install deletes the rest",
        "仍有程序在使用 {folder}；下次安装时会删除剩余部分",
    ),
    # repair
    "env.comparing": ("compare every file of {name} with its list", "逐一核对 {name} 的文件"),
    "env.replacing": ("replace what is damaged: {packages}", "替换损坏的部分：{packages}"),
    "env.mending_interpreter": ("make the interpreter of {name} again", "重新创建 {name} 的解释器"),
    "env.proving": ("prove that it works: {tests}", "验证其可用：{tests}"),
    "env.not_proved": ("{name} was put right and still does not work: {why}", "{name} 已修复，但仍无法正常工作：{why}"),
    "env.not_proved_hint": (
        "the whole story is in {log}; `tunedoc check` may name the cause, `tunedoc install --rebuild` builds a new one",
        "完整记录见 {log}；`tunedoc check` 或可指出原因，`tunedoc install --rebuild` 可重新构建",
    ),
    "env.still_damaged": ("{name} is still damaged after a repair: {what}", "{name} 修复后仍有损坏：{what}"),
    "env.rebuild_hint": (
        "`tunedoc install --rebuild` builds a new environment",
        "用 `tunedoc install --rebuild` 构建新环境",
    ),
    "env.lock_unreadable": (
        "the list of what the environment was built from cannot be read: {detail}",
        "无法读取环境的构建清单：{detail}",
    ),
    "env.whole": (
        "{name} is whole: {files} files ({size}) are as they should be ({seconds} s)",
        "{name} 完好：{files} 个文件（{size}）均正确（{seconds} 秒）",
    ),
    "env.damage_files": (
        "✗ {package} {version}: {altered} altered, {missing} missing",
        "✗ {package} {version}：{altered} 个文件被改动，{missing} 个缺失",
    ),
    "env.damage_list": (
        "✗ {package} {version}: its own list of files is damaged",
        "✗ {package} {version}：其文件清单已损坏",
    ),
    "env.damage_gone": ("✗ {package} {version}: gone", "✗ {package} {version}：缺失"),
    "env.damage_version": (
        "✗ {package}: {found} is there instead of {version}",
        "✗ {package}：现为 {found}，应为 {version}",
    ),
    "env.damage_file": ("    {path}", "    {path}"),
    "env.damage_more": ("    and {count} more", "    以及另外 {count} 个"),
    "env.damage_converter": ("✗ llama.cpp's converter is damaged", "✗ llama.cpp 的转换工具已损坏"),
    "env.damage_interpreter": ("✗ its interpreter does not start", "✗ 解释器无法启动"),
    "env.added": (
        "· somebody's own, left alone: {what}",
        "· 用户自行添加，保持不变：{what}",
    ),
    "env.added_damaged": (
        "● damaged, and not tunedoc's to replace: {what}",
        "● 已损坏，但不属于 tunedoc，无法替换：{what}",
    ),
    "env.and_more": ("{what} and {count} more", "{what} 以及另外 {count} 个"),
    "env.repaired": (
        "✓ {name} is whole again; proved: {proofs} ({seconds} s)",
        "✓ {name} 已修复；验证通过：{proofs}（{seconds} 秒）",
    ),
    "env.to_repair": ("`tunedoc env repair {name}` puts it right", "用 `tunedoc env repair {name}` 修复"),
    # export
    "env.exported": ("written: {files}", "已写入：{files}"),
    "env.export_local": (
        "only this machine has these wheels, so others cannot fetch them: {what}",
        "以下 wheel 只存在于这台电脑，其他电脑无法获取：{what}",
    ),
    "env.export_comment": (
        "{name}: {stack} for Python {python}, written by tunedoc {version}\n"
        "llama.cpp's converter and the proofs are tunedoc's own; `tunedoc install` brings both",
        "{name}：{stack}，适用于 Python {python}，由 tunedoc {version} 生成\n"
        "llama.cpp 的转换工具和验证由 tunedoc 提供，`tunedoc install` 会一并安装",
    ),
    "env.export_not_a_folder": ("{folder} is a file, not a folder", "{folder} 是文件，不是文件夹"),
    "env.export_not_a_folder_hint": ("name a folder with `--to`", "请用 `--to` 指定文件夹"),
}
