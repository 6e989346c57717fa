"""Words about uv, which fetches and installs packages, and about where packages come from."""

WORDS: dict[str, tuple[str, str]] = {
    "uv.bad_pip_file": ("pip's configuration cannot be read: {detail}", "无法读取 pip 的配置：{detail}"),
    "uv.bad_pip_file_hint": (
        "correct the file, or set `PIP_CONFIG_FILE` to one that is right; `pip config debug` lists them all",
        "请修正该文件，或将 `PIP_CONFIG_FILE` 指向正确的文件；`pip config debug` 可列出所有配置文件",
    ),
    "uv.folder_unreadable": (
        "the wheel folder {folder} cannot be read: {detail}",
        "无法读取软件包文件夹 {folder}：{detail}",
    ),
    "uv.missing": ("uv, which installs packages for tunedoc, is missing", "缺少 tunedoc 用来安装软件包的 uv"),
    "uv.missing_hint": (
        "install tunedoc again: `python -m pip install --force-reinstall uv`",
        "请重新安装：`python -m pip install --force-reinstall uv`",
    ),
    "uv.the_source": ("a source of packages", "软件包来源"),
    "uv.no_network": ("{source} cannot be reached: {detail}", "无法连接 {source}：{detail}"),
    "uv.no_network_hint": (
        "check the network, or name a mirror or a wheel folder with `pip config set global.index-url URL` or "
        "`pip config set global.find-links FOLDER`; tunedoc uses what pip is configured with",
        "请检查网络，或用 `pip config set global.index-url 地址`、`pip config set global.find-links 文件夹` "
        "指定镜像或本地软件包文件夹；tunedoc 会沿用 pip 的配置",
    ),
    "uv.no_trust": (
        "the certificate of {source} is not trusted: {detail}",
        "{source} 的证书不受信任：{detail}",
    ),
    "uv.no_trust_hint": (
        "behind a company proxy, name its certificate file: `pip config set global.cert FILE`",
        "如果使用公司代理，请指定其证书文件：`pip config set global.cert 文件`",
    ),
    "uv.no_space": ("no space left while packages were written: {detail}", "写入软件包时磁盘空间不足：{detail}"),
    "uv.no_space_hint": (
        "free some space, or set `UV_CACHE_DIR` to a folder on another volume, and run the same command again",
        "请释放空间，或将 `UV_CACHE_DIR` 设为其他磁盘上的文件夹，然后重新运行同一命令",
    ),
    "uv.wrong_hash": (
        "a package does not have the hash that it should have, so it was not installed: {detail}",
        "软件包的校验值不符，因此没有安装：{detail}",
    ),
    "uv.wrong_hash_hint": (
        "the source may be broken or tampered with; try again, or use another index",
        "该来源可能已损坏或被篡改；请重试，或换用其他索引",
    ),
    "uv.unsatisfiable": ("no set of packages fits: {detail}", "找不到合适的软件包组合：{detail}"),
    "uv.unsatisfiable_hint": (
        "`tunedoc plan -v` shows what is asked for and where it is looked for",
        "`tunedoc plan -v` 可查看所需的软件包及其来源",
    ),
    "uv.no_python": ("Python {version} could not be had: {why}", "无法获取 Python {version}：{why}"),
    "uv.python_vanished": (
        "Python {version} was fetched and does not run",
        "Python {version} 已下载，但无法运行",
    ),
    "uv.no_python_hint": (
        "install Python {version} yourself (python.org, or the system's package manager) and run the same command "
        "again; or name a mirror for it: `--mirror python=URL`",
        "请自行安装 Python {version}（python.org 或系统的软件包管理器），然后重新运行同一命令；"
        "也可指定镜像：`--mirror python=地址`",
    ),
    "uv.failed": ("uv could not finish: {detail}", "uv 未能完成：{detail}"),
    "uv.failed_hint": (
        "run the same command with `-v` to see all that uv says",
        "加上 `-v` 运行同一命令，可查看 uv 的全部输出",
    ),
}
