"""Words about the network as it answered."""

WORDS: dict[str, tuple[str, str]] = {
    "network.title_hub": ("Model hub reached", "模型中心连接"),
    "network.hub": ("{address}", "{address}"),
    "network.answers": ("{address} answers in {latency} ms", "{address} 在 {latency} 毫秒内响应"),
    "network.fails": ("{address}: {problem}", "{address}：{problem}"),
    "network.problem_none": ("no answer", "没有响应"),
    "network.problem_name": ("its name cannot be resolved", "无法解析域名"),
    "network.problem_timeout": ("no answer in time", "响应超时"),
    "network.problem_refused": ("the connection was refused", "连接被拒绝"),
    "network.problem_tls": ("its certificate is not trusted", "证书不受信任"),
    "network.problem_proxy": ("the proxy does not answer", "代理没有响应"),
    "network.problem_forbidden": ("access is forbidden", "禁止访问"),
    "network.problem_server": ("the server reports an error", "服务器返回错误"),
    "network.problem_other": ("the connection failed", "连接失败"),
    "network.hub_slow": (
        "{address} takes {latency} ms to answer; downloads may stall",
        "{address} 需要 {latency} 毫秒才响应；下载可能中断",
    ),
    "network.hub_see_below": (
        "{address} could not be asked; see certificates and proxy",
        "无法查询 {address}；请看证书和代理两项",
    ),
    "network.mirror_used": ("{address}, the mirror that HF_ENDPOINT names", "{address}（HF_ENDPOINT 指定的镜像）"),
    "network.hub_mirror": ("{address} cannot be reached, but its mirror can", "无法连接 {address}，但可以连接其镜像"),
    "network.cause_hub": (
        "this network does not let huggingface.co through, so models and data sets cannot be downloaded from it; the "
        "mirror hf-mirror.com has the same files under the same names",
        "当前网络无法访问 huggingface.co，因此无法从那里下载模型和数据集；镜像 hf-mirror.com 以相同名称提供相同文件",
    ),
    "network.fix_mirror": ("download from the mirror", "改用镜像下载"),
    "network.by_hand_mirror": (
        "set `HF_ENDPOINT={mirror}` before the program starts, or use ModelScope or a proxy",
        "请在启动程序前设置 `HF_ENDPOINT={mirror}`，或使用 ModelScope 或代理",
    ),
    "network.hub_away": ("neither {address} nor its mirror can be reached", "{address} 及其镜像均无法连接"),
    "network.cause_hub_alone": (
        "the computer has no connection to the internet, or the network needs a proxy that is not set",
        "电脑没有联网，或者网络需要代理但没有设置",
    ),
    "network.fix_network": ("connect to the internet", "连接网络"),
    "network.by_hand_network": (
        "check the connection, set `HTTPS_PROXY=http://HOST:PORT` if the network needs a proxy, or bring the model by "
        "other means and give its folder",
        "请检查网络连接；如网络需要代理请设置 `HTTPS_PROXY=http://主机:端口`；或用其他方式取得模型并指定其文件夹",
    ),
    "network.title_indexes": ("Package indexes reached", "软件包索引连接"),
    "network.indexes_ok": ("they answer", "有响应"),
    "network.index_away": (
        "{address} cannot be reached; nothing can be installed from it",
        "无法连接 {address}；不能从那里安装软件包",
    ),
    "network.nothing_answers": ("nothing on the network answers", "网络上没有任何响应"),
    "network.cause_index": (
        "this network does not let the package index through, or it is too slow to answer",
        "当前网络无法访问该软件包索引，或其响应过慢",
    ),
    "network.fix_index": ("use a mirror of the index", "使用索引镜像"),
    "network.by_hand_index": (
        "set a mirror of the index with `pip config set global.index-url https://MIRROR/simple`, or a proxy",
        "请设置镜像，例如 `pip config set global.index-url https://镜像地址/simple`，或使用代理",
    ),
    "network.by_hand_torch": (
        "use a mirror of PyTorch's index, such as https://mirror.nju.edu.cn/pytorch/whl/cu130 in place of "
        "https://download.pytorch.org/whl/cu130, or a proxy; a mirror of PyPI has no CUDA builds for Windows",
        "请使用 PyTorch 索引的镜像，例如用 https://mirror.nju.edu.cn/pytorch/whl/cu130 代替 "
        "https://download.pytorch.org/whl/cu130 ，或使用代理；PyPI 的镜像没有 Windows 的 CUDA 版本",
    ),
    "network.title_certificates": ("Certificates of the network", "网络证书"),
    "network.signed": ("{address}: signed by {issuer}", "{address}：由 {issuer} 签发"),
    "network.trusted": ("signed by public authorities", "由公共机构签发"),
    "network.read_along": (
        "signed by {issuer}: a program or proxy in between reads along",
        "由 {issuer} 签发：中间有程序或代理在解密流量",
    ),
    "network.tls": ("the certificate of {address} is not trusted", "{address} 的证书不受信任"),
    "network.cause_tls": (
        "a proxy or a virus scanner puts its own certificate in place of the server's, and Python does not know who "
        "signed it",
        "代理或杀毒软件用自己的证书替换了服务器证书，而 Python 不认识其签发者",
    ),
    "network.fix_tls": ("trust the proxy's certificate", "信任代理的证书"),
    "network.by_hand_tls": (
        "get the root certificate from whoever runs the proxy and set `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE` to its "
        "file; or turn off HTTPS scanning in the virus scanner",
        "请向代理管理员索取根证书，并将 `SSL_CERT_FILE` 和 `REQUESTS_CA_BUNDLE` 设为其文件；或关闭杀毒软件的 HTTPS 扫"
        "描",
    ),
    "network.title_proxy": ("Proxy in use", "代理使用"),
    "network.proxy_none": ("no proxy", "未使用代理"),
    "network.proxy_used": ("requests go through a proxy", "请求经过代理"),
    "network.proxy_broken": ("the proxy for {address} does not answer", "访问 {address} 的代理没有响应"),
    "network.cause_proxy": (
        "a proxy is set, but the program that should answer there does not run, or the address is out of date",
        "设置了代理，但对应的代理程序没有运行，或地址已失效",
    ),
    "network.fix_proxy": ("start the proxy or unset it", "启动代理或取消设置"),
    "network.by_hand_proxy": (
        "start the proxy program, or unset `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` (Windows: also in Settings → "
        "Network & internet → Proxy)",
        "请启动代理程序，或取消设置 `HTTP_PROXY`、`HTTPS_PROXY` 和 `ALL_PROXY`（Windows 还需检查“设置 → 网络和 "
        "Internet → 代理”）",
    ),
}
