"""Words about putting things right."""

WORDS: dict[str, tuple[str, str]] = {
    "fix.example": (
        "tunedoc fix\ntunedoc fix settings.libuv --scope user\ntunedoc fix HF_HOME=D:\\models",
        "tunedoc fix\ntunedoc fix settings.libuv --scope user\ntunedoc fix HF_HOME=D:\\models",
    ),
    "fix.help_id": (
        "a fix or a check by its id, a variable by its name, or NAME=value; without any, all that needs attention",
        "修复项或检查项的编号、变量名，或 NAME=值；省略时处理所有需要注意的问题",
    ),
    "fix.help_scope": (
        "who gets the variables: tunedoc's own processes (default), or every program of yours",
        "变量的作用范围：仅 tunedoc 自己的进程（默认），或您的所有程序",
    ),
    "fix.help_plan": ("only show the plan", "只显示计划"),
    "fix.help_from": (
        "only show the plan for the machine that this snapshot describes",
        "只显示针对该快照所描述电脑的计划",
    ),
    "fix.nothing": ("nothing needs to be put right", "没有需要修复的问题"),
    "fix.will_do": ("tunedoc can do this:", "tunedoc 可以自动完成："),
    "fix.entry": ("  {number}. {title} [{id}]", "  {number}. {title} [{id}]"),
    "fix.by_hand": ("this is for you to do:", "以下需要您手动完成："),
    "fix.entry_by_hand": ("  · {title} [{id}]", "  · {title} [{id}]"),
    "fix.line": ("       {words}", "       {words}"),
    "fix.line_numbered": ("       {number}) {words}", "       {number}) {words}"),
    "fix.line_warning": ("       mind: {words}", "       注意：{words}"),
    "fix.also": ("possible too, when you ask for it: {ids}", "另外还可以按需执行：{ids}"),
    "fix.effect_tunedoc": (
        "variables are set for tunedoc's own processes alone, at once; nothing else on this machine changes, "
        "and `tunedoc undo` takes it back",
        "变量只对 tunedoc 自己的进程生效，立即可用；不影响电脑上的其他程序，可用 `tunedoc undo` 撤销",
    ),
    "fix.effect_windows": (
        "tunedoc has the variables at once, other programs when they are started anew "
        "(a terminal that is open keeps the old ones); `tunedoc undo` takes it back",
        "变量对 tunedoc 立即生效，其他程序重新启动后生效（已打开的终端仍使用旧值）；可用 `tunedoc undo` 撤销",
    ),
    "fix.effect_linux": (
        "tunedoc has the variables at once, other programs after you have logged in anew; `tunedoc undo` takes it back",
        "变量对 tunedoc 立即生效，其他程序在您重新登录后生效；可用 `tunedoc undo` 撤销",
    ),
    "fix.step_keep": ("give tunedoc's processes {name}={value}", "为 tunedoc 的进程设置 {name}={value}"),
    "fix.step_drop": ("keep {name} from tunedoc's processes", "不把 {name} 传给 tunedoc 的进程"),
    "fix.step_trim": ("take the spaces off the value of {name}", "去掉 {name} 的值首尾的空格"),
    "fix.step_set_user": ("set {name}={value} for your account", "为您的账户设置 {name}={value}"),
    "fix.step_remove_user": ("remove {name} from your account's variables", "从您账户的变量中删除 {name}"),
    "fix.step_leftovers": (
        "put aside in tunedoc's own environment what an interrupted pip left: {names}",
        "移走 tunedoc 自己的环境中由中断的 pip 留下的文件夹：{names}",
    ),
    "fix.step_install": (
        "build a training environment that fits this machine (`tunedoc install`; it shows its download and asks)",
        "构建适合这台电脑的训练环境（即 `tunedoc install`，会显示下载量并再次询问）",
    ),
    "fix.title_known": ("put `{id}` right", "修复 `{id}`"),
    "fix.title_variable": ("the variable {name}", "变量 {name}"),
    "fix.nothing_wrong": ("nothing here needs it", "这里没有需要修复的问题"),
    "fix.not_set": ("{name} is not set, and need not be", "{name} 没有设置，也不需要设置"),
    "fix.not_ours": ("tunedoc knows no way to do this itself", "tunedoc 无法自动完成此项"),
    "fix.no_gpu_served": (
        "no GPU of this machine is served by the installed torch; `tunedoc fix environment.install` builds one that is",
        "已安装的 torch 不支持这台电脑的任何显卡；可用 `tunedoc fix environment.install` 重新构建",
    ),
    "fix.not_our_environment": (
        "the environment {path} is yours; tunedoc does not touch it",
        "环境 {path} 属于您自己，tunedoc 不会改动它",
    ),
    "fix.name_folder": (
        "name a folder on a drive with more room: `tunedoc fix HF_HOME=D:\\models`",
        "请指定空间更大的磁盘上的文件夹，例如 `tunedoc fix HF_HOME=D:\\models`",
    ),
    "fix.warn_openmp": (
        "this silences the check instead of removing the second OpenMP runtime: "
        "programs may crash or give wrong results without a word",
        "这只是关闭了检查，多余的 OpenMP 运行库仍在：程序可能崩溃，或不加提示地给出错误结果",
    ),
    "fix.warn_mirror": (
        "models then come from a mirror that Hugging Face does not run; do not send it a token that matters",
        "之后模型将从非 Hugging Face 官方的镜像下载；请勿向其发送重要的访问令牌",
    ),
    "fix.warn_cache": (
        "what was downloaded before stays in the old folder; move it by hand to keep it",
        "之前下载的内容仍在旧文件夹中；如需保留请手动移动",
    ),
    "fix.unknown": ("there is no fix, check or variable called `{id}`", "没有名为 `{id}` 的修复项、检查项或变量"),
    "fix.unknown_hint": ("did you mean `tunedoc fix {nearest}`?", "您是想用 `tunedoc fix {nearest}` 吗？"),
    "fix.unknown_hint_list": (
        "`tunedoc fix --plan` shows what can be put right, `tunedoc check --list` all checks",
        "用 `tunedoc fix --plan` 查看可修复的问题，`tunedoc check --list` 查看所有检查项",
    ),
    "fix.unknown_variable": ("`{name}` is no variable that tunedoc sets", "`{name}` 不是 tunedoc 会设置的变量"),
    "fix.known_variables": ("those are: {names}", "可设置的变量有：{names}"),
    "fix.bad_value": ("{name} cannot be `{value}`", "{name} 的值不能是 `{value}`"),
    "fix.bad_value_hint": (
        "leave the value out and tunedoc chooses one for this machine",
        "省略值即可由 tunedoc 为这台电脑选择",
    ),
    "fix.hand_machine_variable": (
        "{name} is set for the whole machine: as administrator, remove it in System Properties, Environment Variables, "
        "System variables",
        "{name} 是系统级变量：请以管理员身份在“系统属性 > 环境变量 > 系统变量”中删除",
    ),
    "fix.hand_shell_variable": (
        "where {name} is set in a file of your shell (`grep -n {name} ~/.profile ~/.bashrc ~/.zshrc`), remove it there",
        "如果 {name} 写在 shell 的配置文件里（可用 `grep -n {name} ~/.profile ~/.bashrc ~/.zshrc` 查找），请在其中删除",
    ),
    "fix.hand_administrator": (
        "press Win+X and choose Terminal (Admin)",
        "按 Win+X，选择“终端管理员”",
    ),
    "fix.hand_long_paths": (
        "run `reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem /v LongPathsEnabled /t REG_DWORD /d 1 /f`",
        "运行 `reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem /v LongPathsEnabled /t REG_DWORD /d 1 /f`",
    ),
    "fix.hand_restart": ("restart the computer", "重启电脑"),
    "fix.hand_check": ("run `tunedoc check` again", "重新运行 `tunedoc check`"),
    "fix.hand_page_file_open": (
        "run `SystemPropertiesPerformance.exe` and open the tab Advanced",
        "运行 `SystemPropertiesPerformance.exe`，打开“高级”选项卡",
    ),
    "fix.hand_page_file_change": ("under Virtual memory choose Change", "在“虚拟内存”下点击“更改”"),
    "fix.hand_page_file_automatic": (
        "tick `Automatically manage paging file size for all drives`, or choose a drive with room, `Custom size`, "
        "and for both sizes at least as much as the check says",
        "勾选“自动管理所有驱动器的分页文件大小”，或选择空间充足的磁盘并使用“自定义大小”，两个值都不小于检查结果中的要求",
    ),
    "fix.hand_runtime_get": (
        "download `https://aka.ms/vs/17/release/vc_redist.x64.exe` (Microsoft's own)",
        "下载微软官方的 `https://aka.ms/vs/17/release/vc_redist.x64.exe`",
    ),
    "fix.hand_runtime_run": (
        "run it, let it install or repair, and agree when Windows asks for an administrator",
        "运行它并选择安装或修复；Windows 询问管理员权限时选择同意",
    ),
    "fix.hand_developer_open": (
        "open Settings, System, For developers (`start ms-settings:developers`)",
        "打开“设置 > 系统 > 开发者选项”（`start ms-settings:developers`）",
    ),
    "fix.hand_developer_on": ("switch Developer Mode on", "打开“开发人员模式”"),
    "fix.hand_wsl_update": (
        "in Windows (not in WSL), run `wsl --update`",
        "在 Windows 中（不是 WSL 内）运行 `wsl --update`",
    ),
    "fix.hand_wsl_shutdown": (
        "run `wsl --shutdown`; everything that runs in WSL ends",
        "运行 `wsl --shutdown`（WSL 中正在运行的程序都会结束）",
    ),
    "fix.hand_wsl_again": ("open WSL again and run `tunedoc check`", "重新打开 WSL，运行 `tunedoc check`"),
    "fix.hand_tools_get": (
        "download `https://aka.ms/vs/17/release/vs_BuildTools.exe` (Microsoft's own)",
        "下载微软官方的 `https://aka.ms/vs/17/release/vs_BuildTools.exe`",
    ),
    "fix.hand_tools_choose": (
        "run it and choose `Desktop development with C++`",
        "运行它并勾选“使用 C++ 的桌面开发”",
    ),
    "fix.hand_driver_get": (
        "download the newest driver for your card at `https://www.nvidia.com/drivers` (in Windows, for WSL too)",
        "从 `https://www.nvidia.com/drivers` 下载适合您显卡的最新驱动（使用 WSL 时也装在 Windows 中）",
    ),
    "fix.hand_driver_install": (
        "run it, agree when Windows asks for an administrator, and tick `Perform a clean installation` "
        "if an older driver gave trouble",
        "运行安装程序，Windows 询问管理员权限时选择同意；如旧驱动有问题，勾选“执行清洁安装”",
    ),
    "fix.hand_driver_linux": (
        "install the newest NVIDIA driver with your distribution's own packages, as root "
        "(Ubuntu: `sudo ubuntu-drivers install`; Debian: the package `nvidia-driver`)",
        "以 root 身份用发行版自带的软件包安装最新的 NVIDIA 驱动（Ubuntu：`sudo ubuntu-drivers install`；Debian："
        "软件包 `nvidia-driver`）",
    ),
    "fix.did": ("✓ {words}", "✓ {words}"),
    "fix.did_set": ("{name}={value} {whose}", "{whose}设置 {name}={value}"),
    "fix.did_remove": ("no {name} {whose}", "{whose}移除 {name}"),
    "fix.for_tunedoc": ("for tunedoc's processes", "为 tunedoc 的进程"),
    "fix.for_user": ("for your account", "为您的账户"),
    "fix.did_move": ("{source} put aside as {target}", "{source} 已移至 {target}"),
    "fix.did_switch": ("{environment} is the environment in use", "现在使用环境 {environment}"),
    "fix.looking_again": ("look again", "重新检查"),
    "fix.fixed": ("✓ fixed: {title} ({check})", "✓ 已修复：{title}（{check}）"),
    "fix.left": ("● left: {title} ({check})", "● 仍然存在：{title}（{check}）"),
    "fix.new": ("✗ new: {title} ({check})", "✗ 新出现：{title}（{check}）"),
    "fix.was_so": ("everything was as it should be already; nothing was changed", "一切已符合要求，未做任何更改"),
    "fix.undo_with": ("take it back with `tunedoc undo {work}`", "可用 `tunedoc undo {work}` 撤销"),
    "fix.step_failed": ("this could not be done: {what} ({detail})", "无法完成：{what}（{detail}）"),
    "fix.step_failed_hint": (
        "what was done before it stays; `tunedoc undo` takes it back, `tunedoc fix` goes on",
        "之前完成的更改仍然有效；可用 `tunedoc undo` 撤销，或用 `tunedoc fix` 继续",
    ),
    "fix.not_kept": ("the system did not keep it", "系统没有保存该更改"),
    "fix.unfit_value": (
        "the value has quotes, `$` or other signs that login files read in different ways",
        "值中含有引号、`$` 等登录配置文件解释不一致的字符",
    ),
    "fix.no_user_place": (
        "tunedoc knows no place where this system keeps a user's variables",
        "tunedoc 不了解该系统保存用户变量的位置",
    ),
    "fix.no_user_place_hint": ("leave `--scope user` out", "请去掉 `--scope user`"),
    "fix.busy": (
        "another `tunedoc fix` or `undo` is at work in {folder}",
        "另一个 `tunedoc fix` 或 `undo` 正在 {folder} 中运行",
    ),
    "fix.busy_hint": ("wait until it has ended", "请等待其结束"),
}
