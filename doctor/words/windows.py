"""Words about what only Windows has."""

WORDS: dict[str, tuple[str, str]] = {
    "windows.title_runtime": ("Visual C++ runtime", "Visual C++ 运行库"),
    "windows.runtime": ("{version}", "{version}"),
    "windows.runtime_version": ("version {version}", "版本 {version}"),
    "windows.runtime_missing": ("missing files: {names}", "缺少的文件：{names}"),
    "windows.runtime_absent": ("missing; PyTorch cannot be loaded", "缺少；无法加载 PyTorch"),
    "windows.runtime_lacks": ("{names} missing; PyTorch cannot be loaded", "缺少 {names}；无法加载 PyTorch"),
    "windows.runtime_lacks_threads": (
        "{version} has no vcruntime140_threads.dll, which PyTorch {torch} needs",
        "{version} 没有 PyTorch {torch} 所需的 vcruntime140_threads.dll",
    ),
    "windows.runtime_no_threads": (
        "no vcruntime140_threads.dll, which PyTorch 2.14 and newer need; older ones run",
        "没有 vcruntime140_threads.dll，PyTorch 2.14 及更新版本需要它；旧版本可以运行",
    ),
    "windows.runtime_old": (
        "{version} is older than the one PyTorch was compiled with (14.40)",
        "{version} 比编译 PyTorch 所用的版本（14.40）旧",
    ),
    "windows.cause_runtime": (
        "PyTorch's libraries are compiled with Visual C++ and import msvcp140.dll and vcruntime140.dll from this "
        "runtime; without them `import torch` ends in WinError 126",
        "PyTorch 的库由 Visual C++ 编译，需要此运行库中的 msvcp140.dll 和 vcruntime140.dll；缺少时 `import torch` 会报"
        " WinError 126",
    ),
    "windows.cause_threads": (
        "the Visual C++ runtime was installed before vcruntime140_threads.dll belonged to it, and PyTorch {torch} "
        "imports that file: `import torch` ends in WinError 126",
        "安装的 Visual C++ 运行库早于 vcruntime140_threads.dll 加入之时，而 PyTorch {torch} 需要该文件："
        "`import torch` 会报 WinError 126",
    ),
    "windows.cause_old_runtime": (
        "libraries compiled with a newer Visual C++ can crash on an older msvcp140.dll: WinError 1114 when c10.dll is "
        "loaded, or an access violation",
        "用较新的 Visual C++ 编译的库在旧的 msvcp140.dll 上可能崩溃：加载 c10.dll 时报 WinError 1114，或出现访问冲突",
    ),
    "windows.fix_runtime": ("install the Visual C++ runtime", "安装 Visual C++ 运行库"),
    "windows.by_hand_runtime": (
        "install the newest Microsoft Visual C++ Redistributable (x64) from https://aka.ms/vc14/vc_redist.x64.exe and "
        "restart",
        "请从 https://aka.ms/vc14/vc_redist.x64.exe 安装最新的 Microsoft Visual C++ Redistributable（x64）并重启",
    ),
    "windows.title_symlinks": ("Symbolic links", "符号链接"),
    "windows.symlinks_on": ("allowed (developer mode is on)", "允许（开发者模式已开启）"),
    "windows.symlinks_off": (
        "only for administrators; the model cache keeps copies instead, other tools may stop with WinError 1314",
        "仅管理员可用；模型缓存会改为保存副本，其他工具可能因 WinError 1314 中止",
    ),
    "windows.fix_symlinks": ("turn developer mode on", "开启开发者模式"),
    "windows.by_hand_symlinks": (
        "in Settings → System → For developers turn on `Developer Mode`",
        "在“设置 → 系统 → 开发者选项”中开启“开发人员模式”",
    ),
    "windows.title_code_page": ("Code page", "代码页"),
    "windows.code_page_is": ("ANSI code page {page}", "ANSI 代码页 {page}"),
    "windows.python_utf8": ("PYTHONUTF8: {value}", "PYTHONUTF8：{value}"),
    "windows.code_page_utf8": ("UTF-8", "UTF-8"),
    "windows.code_page_other": (
        "{page}: tunedoc reads and writes UTF-8 all the same, other Python programs may fail on text beyond it",
        "{page}：tunedoc 始终使用 UTF-8，但其他 Python 程序处理此代码页之外的文字时可能出错",
    ),
    "windows.fix_code_page": ("let Python use UTF-8", "让 Python 使用 UTF-8"),
    "windows.by_hand_code_page": (
        "run `setx PYTHONUTF8 1` and open a new terminal",
        "请运行 `setx PYTHONUTF8 1` 并打开新的终端",
    ),
    "windows.title_controlled": ("Protected folders", "受保护的文件夹"),
    "windows.controlled_off": ("not protected from programs", "没有限制程序写入"),
    "windows.controlled_elsewhere": (
        "controlled folder access is on, but tunedoc's folders are not among the protected ones",
        "“受控制文件夹的访问”已开启，但不涉及 tunedoc 的文件夹",
    ),
    "windows.controlled_here": (
        "controlled folder access is on and {path} is protected",
        "“受控制文件夹的访问”已开启，{path} 受到保护",
    ),
    "windows.path": ("{path}", "{path}"),
    "windows.cause_controlled": (
        "Windows Defender's controlled folder access refuses writing to Documents, Desktop and the like to programs "
        "that it does not know, Python among them: files then cannot be found or written",
        "Windows Defender 的“受控制文件夹的访问”不允许未知程序（包括 Python）写入文档、桌面等文件夹：会出现找不到或无"
        "法写入文件的错误",
    ),
    "windows.fix_controlled": ("keep the work outside protected folders", "使用不受保护的文件夹"),
    "windows.by_hand_controlled": (
        "move the work out of {path}, such as to C:\\tunedoc, or allow python.exe in Windows Security → Virus & "
        "threat protection → Ransomware protection",
        "请将 {path} 中的工作移到别处（如 C:\\tunedoc），或在“Windows 安全中心 → 病毒和威胁防护 → 勒索软件防护”中允许 "
        "python.exe",
    ),
    "windows.title_smart_app": ("Smart App Control", "智能应用控制"),
    "windows.smart_app_off": ("off", "已关闭"),
    "windows.smart_app_on": (
        "on; it may block PyTorch's libraries (WinError 4551)",
        "已开启；可能会阻止 PyTorch 的库（WinError 4551）",
    ),
    "windows.cause_smart_app": (
        "Smart App Control refuses libraries that carry no signature and that Microsoft does not know well; those of "
        "PyTorch and bitsandbytes carry none, and there is no list of exceptions",
        "智能应用控制会拒绝没有签名且微软不熟悉的库；PyTorch 和 bitsandbytes 的库没有签名，而且无法设置例外",
    ),
    "windows.fix_smart_app": ("turn Smart App Control off", "关闭智能应用控制"),
    "windows.by_hand_smart_app": (
        "in Windows Security → App & browser control → Smart App Control settings choose `Off`; before Windows 11 "
        "24H2 it cannot be turned on again without reinstalling Windows",
        "在“Windows 安全中心 → 应用和浏览器控制 → 智能应用控制设置”中选择“关闭”；Windows 11 24H2 之前的版本关闭后需重"
        "装系统才能再次开启",
    ),
    "windows.title_scripts": ("PowerShell scripts", "PowerShell 脚本"),
    "windows.policy_is": ("execution policy: {policy}", "执行策略：{policy}"),
    "windows.scripts_run": ("allowed ({policy})", "允许运行（{policy}）"),
    "windows.scripts_refused": (
        "refused ({policy}): `Activate.ps1` of an environment does not run; tunedoc needs no activation",
        "不允许运行（{policy}）：无法运行环境的 `Activate.ps1`；tunedoc 不需要激活环境",
    ),
    "windows.fix_scripts": ("allow local scripts", "允许运行本地脚本"),
    "windows.by_hand_scripts": (
        "in PowerShell: `Set-ExecutionPolicy -Scope CurrentUser RemoteSigned`",
        "在 PowerShell 中运行 `Set-ExecutionPolicy -Scope CurrentUser RemoteSigned`",
    ),
    "windows.title_host_name": ("Computer's name", "计算机名"),
    "windows.host_name_ascii": ("ASCII letters only", "仅含 ASCII 字符"),
    "windows.host_name_other": (
        "has letters outside ASCII; training on several GPUs would not find it",
        "含有非 ASCII 字符；多显卡训练时将无法解析",
    ),
    "windows.host_name_several": (
        "has letters outside ASCII; training on several GPUs cannot resolve it",
        "含有非 ASCII 字符；多显卡训练无法解析该名称",
    ),
    "windows.cause_host_name": (
        "gloo, by which several GPUs train together on Windows, looks up the computer's own host name and cannot "
        "resolve one with letters outside ASCII",
        "Windows 上多显卡训练使用的 gloo 会解析计算机自身的名称，而含有非 ASCII 字符的名称无法解析",
    ),
    "windows.fix_host_name": ("rename the computer", "重命名计算机"),
    "windows.by_hand_host_name": (
        "in Settings → System → About choose `Rename this PC`, use letters a–z and digits, and restart; or set "
        "`MASTER_ADDR=127.0.0.1` for programs that start the training themselves",
        "在“设置 → 系统 → 系统信息”中选择“重命名这台电脑”，只使用英文字母和数字，然后重启；自行启动训练的程序可设置 "
        "`MASTER_ADDR=127.0.0.1`",
    ),
    "windows.title_hosts": ("hosts file", "hosts 文件"),
    "windows.hosts_plain": ("gives this computer no other name", "没有为本机设置其他名称"),
    "windows.hosts_name": ("{name}", "{name}"),
    "windows.hosts_foreign": (
        "calls this computer {name}; torchrun may then fail to connect to itself (error 10049)",
        "将本机命名为 {name}；torchrun 可能因此无法连接自身（错误 10049）",
    ),
    "windows.fix_hosts": ("take the entry out of the hosts file", "从 hosts 文件中移除该条目"),
    "windows.by_hand_hosts": (
        "tunedoc uses 127.0.0.1 and is not concerned; for other launchers set `MASTER_ADDR=127.0.0.1`, or remove the "
        "line from C:\\Windows\\System32\\drivers\\etc\\hosts",
        "tunedoc 使用 127.0.0.1，不受影响；其他启动方式请设置 `MASTER_ADDR=127.0.0.1`，或从 "
        "C:\\Windows\\System32\\drivers\\etc\\hosts 中删除该行",
    ),
}
