"""Words about the Pythons on this machine."""

WORDS: dict[str, tuple[str, str]] = {
    "pythons.title_first": ("First Python on PATH", "PATH 中的首个 Python"),
    "pythons.one": ("{version}, {bits} bit: {path}", "{version}，{bits} 位：{path}"),
    "pythons.first": ("{version}, {path}", "{version}，{path}"),
    "pythons.stub": (
        "Windows' placeholder: `python` opens the Microsoft Store",
        "Windows 的占位程序：运行 `python` 会打开微软商店",
    ),
    "pythons.fix_stub": ("turn the placeholder off", "关闭占位程序"),
    "pythons.by_hand_stub": (
        "tunedoc is not concerned; for other tools turn off python.exe and python3.exe in Settings → Apps → Advanced "
        "app settings → App execution aliases",
        "tunedoc 不受影响；其他工具需要时，请在“设置 → 应用 → 高级应用设置 → 应用执行别名”中关闭 python.exe 和 "
        "python3.exe",
    ),
    "pythons.unserved": (
        "{version}, {bits} bit: the tested stacks are not made for it",
        "{version}，{bits} 位：已测试的组合不支持此版本",
    ),
    "pythons.fix_first": ("use another Python for training", "训练时换用其他 Python"),
    "pythons.by_hand_better": (
        "tunedoc takes {version} ({path}); for other tools call that one by its path",
        "tunedoc 会使用 {version}（{path}）；其他工具请用完整路径调用它",
    ),
    "pythons.by_hand_none": (
        "tunedoc brings a Python of its own; for other tools install 64-bit Python {versions} from python.org",
        "tunedoc 会自带 Python；其他工具请从 python.org 安装 64 位 Python {versions}",
    ),
    "pythons.variable": ("{name} = {value}", "{name} = {value}"),
    "pythons.title_home": ("PYTHONHOME", "PYTHONHOME"),
    "pythons.home_unset": ("not set", "未设置"),
    "pythons.home_set": (
        "set to {value}; every other Python starts with that one's library",
        "设为 {value}；其他 Python 启动时都会使用它的标准库",
    ),
    "pythons.cause_home": (
        "PYTHONHOME makes every Python take its standard library from one place; one of another version then ends "
        "with `No module named 'encodings'` or loads the wrong files",
        "PYTHONHOME 会让所有 Python 都从同一位置读取标准库；版本不同的 Python 会报 `No module named 'encodings'` 或加"
        "载错误的文件",
    ),
    "pythons.fix_home": ("unset PYTHONHOME", "取消设置 PYTHONHOME"),
    "pythons.by_hand_home": (
        "remove `PYTHONHOME` from the environment variables of your account and of the system, then open a new "
        "terminal",
        "请从用户和系统环境变量中删除 `PYTHONHOME`，然后打开新的终端",
    ),
    "pythons.title_path": ("PYTHONPATH", "PYTHONPATH"),
    "pythons.path_unset": ("not set", "未设置"),
    "pythons.path_set": (
        "set; tunedoc leaves it out, other programs look there first for modules",
        "已设置；tunedoc 会忽略它，其他程序会优先从那里查找模块",
    ),
    "pythons.path_packages": (
        "leads every Python to the packages of one installation",
        "会让所有 Python 都使用某一安装的软件包",
    ),
    "pythons.cause_path": (
        "PYTHONPATH names a site-packages folder, whose packages come before those of any environment: torch of one "
        "version meets libraries of another",
        "PYTHONPATH 指向某个 site-packages 文件夹，其中的软件包优先于任何环境：不同版本的 torch 和库会混在一起",
    ),
    "pythons.fix_path": ("unset PYTHONPATH", "取消设置 PYTHONPATH"),
    "pythons.by_hand_path": (
        "remove `PYTHONPATH` from the environment variables and open a new terminal; install what is needed into the "
        "environment itself",
        "请从环境变量中删除 `PYTHONPATH` 并打开新的终端；需要的软件包应安装到环境内部",
    ),
    "pythons.title_active": ("Active environments", "已激活的环境"),
    "pythons.one_active": ("not more than one", "不超过一个"),
    "pythons.two_active": (
        "a conda environment and a venv are active at once; pip and python may belong to different ones",
        "同时激活了 conda 环境和 venv；pip 与 python 可能属于不同的环境",
    ),
    "pythons.fix_active": ("leave one of them", "退出其中一个"),
    "pythons.by_hand_active": (
        "run `conda deactivate` until no conda environment is active, then call `python -m pip` instead of `pip`",
        "请多次运行 `conda deactivate` 直到退出 conda 环境，并用 `python -m pip` 代替 `pip`",
    ),
}
