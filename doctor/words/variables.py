"""Words about environment variables."""

WORDS: dict[str, tuple[str, str]] = {
    "variables.quoted": ("{name} = `{value}`", "{name} = `{value}`"),
    "variables.by_hand_unset": (
        "remove `{name}` from the environment variables and open a new terminal",
        "请从环境变量中删除 `{name}`，然后打开新的终端",
    ),
    "variables.title_spaces": ("Spaces in variables", "变量中的空格"),
    "variables.no_spaces": ("none", "没有"),
    "variables.space": (
        "{name} is `{value}`, with a space at its end or beginning",
        "{name} 的值是 `{value}`，首尾带有空格",
    ),
    "variables.cause_space": (
        "`set X=1 && program` in cmd.exe puts the space before `&&` into the value, and programs that compare it "
        "letter by letter no longer know it",
        "在 cmd.exe 中使用 `set X=1 && 程序` 会把 `&&` 前的空格也写入变量，逐字比较的程序就无法识别该值",
    ),
    "variables.fix_space": ("take the space out", "去掉空格"),
    "variables.by_hand_space": (
        'set it anew without the space, in cmd.exe with quotes: `set "{name}={value}"`',
        '请重新设置并去掉空格，在 cmd.exe 中使用引号：`set "{name}={value}"`',
    ),
    "variables.title_openmp": ("Several OpenMP runtimes", "多份 OpenMP 运行库"),
    "variables.openmp_unset": ("not set", "未设置"),
    "variables.openmp_set": (
        "set: two OpenMP runtimes may run in one process, with crashes or silently wrong numbers",
        "已设置：同一进程可能运行两份 OpenMP，可能崩溃或产生错误结果而不提示",
    ),
    "variables.cause_openmp": (
        "KMP_DUPLICATE_LIB_OK hides the error about a second libiomp5md.dll instead of curing it; Intel calls it "
        "unsafe",
        "KMP_DUPLICATE_LIB_OK 只是隐藏了加载第二份 libiomp5md.dll 的错误，并没有解决问题；Intel 说明这是不安全的",
    ),
    "variables.fix_openmp": ("unset KMP_DUPLICATE_LIB_OK", "取消设置 KMP_DUPLICATE_LIB_OK"),
    "variables.by_hand_openmp": (
        "remove `KMP_DUPLICATE_LIB_OK` from the environment variables; should the OpenMP error come back, keep one "
        "libiomp5md.dll: a clean environment without conda's MKL has only PyTorch's",
        "请从环境变量中删除 `KMP_DUPLICATE_LIB_OK`；如果 OpenMP 错误再次出现，请只保留一份 libiomp5md.dll：不含 conda "
        "MKL 的干净环境只有 PyTorch 自带的一份",
    ),
    "variables.title_allocator": ("CUDA memory settings", "CUDA 显存分配设置"),
    "variables.allocator_unset": ("PyTorch's own", "使用 PyTorch 默认值"),
    "variables.allocator": ("{value}", "{value}"),
    "variables.allocator_windows": (
        "expandable_segments does nothing on Windows; PyTorch warns and goes on",
        "expandable_segments 在 Windows 上不起作用；PyTorch 会给出警告并继续",
    ),
    "variables.allocator_malformed": (
        "{name} has `{option}`, which PyTorch cannot read; it stops when CUDA starts",
        "{name} 中的 `{option}` 无法被 PyTorch 识别；CUDA 初始化时会中止",
    ),
    "variables.cause_allocator": (
        "the setting must be a list of `option:value` with known values; for anything else PyTorch's allocator raises "
        "an error before the first computation",
        "该设置必须是 `选项:值` 的列表且取值有效；否则 PyTorch 的分配器会在首次计算前报错",
    ),
    "variables.fix_allocator": ("correct the allocator setting", "更正分配器设置"),
    "variables.by_hand_allocator": (
        "unset `{name}`, or write it as in `max_split_size_mb:128` or `expandable_segments:True`, with commas between "
        "options and a size above 20",
        "请取消设置 `{name}`，或写成 `max_split_size_mb:128`、`expandable_segments:True` 的形式，选项之间用逗号分隔，"
        "大小须大于 20",
    ),
    "variables.title_debugging": ("Debugging switches", "调试开关"),
    "variables.debugging_off": ("off", "已关闭"),
    "variables.debugging_on": ("{name} is on; training runs slower", "{name} 已开启；训练会变慢"),
    "variables.cause_debugging": (
        "the switch makes PyTorch wait for every CUDA call, or allocate anew each time; it is meant for finding an "
        "error and was left on",
        "该开关会让 PyTorch 等待每次 CUDA 调用或每次重新分配显存；它用于排查错误，但没有关闭",
    ),
    "variables.fix_debugging": ("turn the switch off", "关闭该开关"),
    "variables.title_offline": ("Offline mode", "离线模式"),
    "variables.online": ("off", "已关闭"),
    "variables.offline": (
        "{name} is on: only models that are already here can be used",
        "{name} 已开启：只能使用本机已有的模型",
    ),
    "variables.offline_without_models": (
        "{name} is on, and no model is here: nothing can be downloaded",
        "{name} 已开启，而本机没有模型：无法下载",
    ),
    "variables.cause_offline": (
        "with this variable huggingface_hub and transformers refuse to use the network, as if it were down",
        "设置此变量后，huggingface_hub 和 transformers 会拒绝使用网络，就像断网一样",
    ),
    "variables.fix_offline": ("allow downloads again", "重新允许下载"),
    "variables.title_hub": ("Model hub", "模型中心"),
    "variables.hub_ordinary": ("the ordinary one, huggingface.co", "默认的 huggingface.co"),
    "variables.hub_other": ("{value}, as HF_ENDPOINT says", "{value}（由 HF_ENDPOINT 指定）"),
    "variables.hub_no_address": (
        "HF_ENDPOINT is `{value}`, which is no address",
        "HF_ENDPOINT 的值 `{value}` 不是网址",
    ),
    "variables.cause_hub": (
        "huggingface_hub puts this value before every path; without `https://` and a name every download fails",
        "huggingface_hub 会把它作为所有路径的前缀；缺少 `https://` 和域名时所有下载都会失败",
    ),
    "variables.fix_hub": ("correct HF_ENDPOINT", "更正 HF_ENDPOINT"),
    "variables.by_hand_hub": (
        "set `HF_ENDPOINT=https://hf-mirror.com` for the mirror, or unset it for huggingface.co",
        "使用镜像请设置 `HF_ENDPOINT=https://hf-mirror.com`，使用 huggingface.co 请取消设置",
    ),
    "variables.title_proxy": ("Proxy", "代理"),
    "variables.proxy_none": ("none", "没有"),
    "variables.proxy": ("set by {names}; downloads go through it", "由 {names} 指定；下载会经过代理"),
    "variables.proxy_scheme": (
        "{name} begins with `{scheme}://`, which Python's libraries do not know",
        "{name} 以 `{scheme}://` 开头，Python 的库不支持",
    ),
    "variables.cause_proxy": (
        "httpx and requests, by which models and packages are downloaded, stop at a proxy address of an unknown "
        "scheme, even for addresses that need no proxy",
        "下载模型和软件包所用的 httpx 和 requests 遇到未知协议的代理地址会直接报错，即使目标地址不需要代理",
    ),
    "variables.fix_proxy": ("correct the proxy's address", "更正代理地址"),
    "variables.by_hand_proxy": (
        "set `{name}` to the proxy's HTTP address, such as `http://127.0.0.1:7890`, or to `socks5://…`, or unset it; "
        "check both spellings, upper and lower case",
        "请将 `{name}` 设为代理的 HTTP 地址（如 `http://127.0.0.1:7890`）或 `socks5://…`，或取消设置；大小写两种写法都"
        "要检查",
    ),
    "variables.title_certificates": ("Certificates", "证书"),
    "variables.certificates_ordinary": ("the ordinary ones", "默认证书"),
    "variables.certificates": (
        "{names} names others: right behind a proxy of an organisation, otherwise a cause of TLS errors",
        "{names} 指定了其他证书：在单位代理后属正常，否则可能引起 TLS 错误",
    ),
}
