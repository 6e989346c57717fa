"""Words about model folders and the verb `model`."""

WORDS: dict[str, tuple[str, str]] = {
    # What can be wrong with a model folder.
    "model.no_folder": ("there is no such model folder", "没有这个模型文件夹"),
    "model.no_folder_hint": (
        "`tunedoc model list` shows the models that are here; `tunedoc model get` fetches one",
        "`tunedoc model list` 列出已有的模型；`tunedoc model get` 可获取模型",
    ),
    "model.not_a_folder": (
        "a model is a folder with config.json and *.safetensors, and this is a file",
        "模型应是包含 config.json 和 *.safetensors 的文件夹，而这是一个文件",
    ),
    "model.gguf_hint": (
        "a GGUF is made for running, not for training; name the original folder (`tunedoc chat` talks to a GGUF)",
        "GGUF 用于运行而不是训练；请指定原始模型文件夹（`tunedoc chat` 可与 GGUF 对话）",
    ),
    "model.is_adapter": (
        "this folder holds a LoRA adapter, not a whole model",
        "这个文件夹里是 LoRA 适配器，不是完整的模型",
    ),
    "model.is_adapter_hint": (
        "name the folder of the model that the adapter was trained on",
        "请指定训练该适配器时所用的模型文件夹",
    ),
    "model.no_config": ("this is not a model folder: it has no config.json", "这不是模型文件夹：缺少 config.json"),
    "model.no_config_hint": (
        "name the folder that holds config.json, *.safetensors and the tokenizer",
        "请指定包含 config.json、*.safetensors 和分词器的文件夹",
    ),
    "model.bad_json": ("this is not the JSON object it should be ({detail})", "不是有效的 JSON 对象（{detail}）"),
    "model.bad_index": (
        "the index does not say which file holds which tensor",
        "索引没有说明哪个张量在哪个文件里",
    ),
    "model.missing_shards": (
        "the model is incomplete: {count} of {all} weight files are missing, the first is {first}",
        "模型不完整：{all} 个权重文件缺少 {count} 个，第一个是 {first}",
    ),
    "model.no_index": (
        "there are {count} weight files but no model.safetensors.index.json, so nobody can tell whether they are all",
        "有 {count} 个权重文件，但没有 model.safetensors.index.json，无法判断是否齐全",
    ),
    "model.fetch_again_hint": (
        "fetch the model again; a download was probably cut short",
        "请重新获取模型；可能是下载中断了",
    ),
    "model.pickle_only": (
        "the weights are Python pickles ({first}), which can run any code when loaded, so tunedoc does not load them",
        "权重是 Python pickle 文件（{first}），加载时可能执行任意代码；tunedoc 不会加载",
    ),
    "model.pickle_only_hint": (
        "look for a revision of the model with *.safetensors",
        "请寻找提供 *.safetensors 的模型版本",
    ),
    "model.no_weights": (
        "the folder has config.json but no weights (model.safetensors)",
        "文件夹里有 config.json，但没有权重（model.safetensors）",
    ),
    "model.no_weights_hint": (
        "copy the *.safetensors files into it, or fetch the model with `tunedoc model get`",
        "请把 *.safetensors 文件复制进去，或用 `tunedoc model get` 获取模型",
    ),
    "model.no_tensors": ("the weights are empty", "权重文件是空的"),
    "model.lfs_pointer": (
        "this is a Git LFS pointer, not the weights themselves",
        "这只是 Git LFS 指针文件，不是权重本身",
    ),
    "model.lfs_pointer_hint": (
        "run `git lfs pull` in the folder, or fetch the model with `tunedoc model get`",
        "请在该文件夹中运行 `git lfs pull`，或用 `tunedoc model get` 获取模型",
    ),
    "model.truncated": (
        "the weights are damaged: the safetensors header cannot be read",
        "权重已损坏：无法读取 safetensors 文件头",
    ),
    "model.wrong_size": (
        "the weights are damaged: the file has {have} bytes and its header says {want}",
        "权重已损坏：文件有 {have} 字节，而文件头记录的是 {want} 字节",
    ),
    "model.no_tokenizer": (
        "the model has no tokenizer (tokenizer.json or tokenizer.model)",
        "模型缺少分词器（tokenizer.json 或 tokenizer.model）",
    ),
    "model.no_tokenizer_hint": (
        "copy the tokenizer's files from where the model came from",
        "请从模型的来源处复制分词器文件",
    ),
    # Bringing models here.
    "model.example": (
        "tunedoc model get smollm2-135m-instruct\n  tunedoc model get Qwen/Qwen3-0.6B",
        "tunedoc model get smollm2-135m-instruct\n  tunedoc model get Qwen/Qwen3-0.6B",
    ),
    "model.help_action": ("what to do: list, info or get", "操作：list（列出）、info（查看）或 get（获取）"),
    "model.help_name": (
        "`info`: a model's name or folder; `get`: a name from `list`, or OWNER/NAME on a model hub",
        "`info`：模型名称或文件夹；`get`：`list` 中的名称，或模型站上的 所有者/名称",
    ),
    "model.help_mirror": (
        "`get` from a hub: auto, official, cn or a hub's address (default: what HF_ENDPOINT says)",
        "从模型站 `get` 时：auto、official、cn 或模型站地址（默认：HF_ENDPOINT 的设置）",
    ),
    "model.help_revision": (
        "`get` from a hub: branch, tag or commit (default: the newest)",
        "从模型站 `get` 时：分支、标签或提交（默认：最新）",
    ),
    "model.name_needed": ("`model {action}` needs the name of a model", "`model {action}` 需要指定模型名称"),
    "model.name_needed_hint": (
        "`tunedoc model list` shows what there is",
        "`tunedoc model list` 列出可用的模型",
    ),
    "model.unknown": ("there is no model `{named}` here", "这里没有模型 `{named}`"),
    "model.bad_repo": (
        "`{repo}` is neither a model of the catalogue nor OWNER/NAME on a hub",
        "`{repo}` 既不是目录中的模型，也不是模型站上的 所有者/名称",
    ),
    "model.bad_repo_hint": (
        "for example `tunedoc model get Qwen/Qwen3-0.6B`; `tunedoc model list` shows the catalogue",
        "例如 `tunedoc model get Qwen/Qwen3-0.6B`；`tunedoc model list` 列出目录",
    ),
    "model.no_repo": (
        "the hub has no model {repo}, or it is private",
        "模型站上没有 {repo}，或者它是私有的",
    ),
    "model.no_repo_hint": (
        "check the spelling; for a private model set HF_TOKEN",
        "请检查拼写；私有模型需设置 HF_TOKEN",
    ),
    "model.no_revision": ("{repo} has no revision {revision}", "{repo} 没有版本 {revision}"),
    "model.gated": (
        "{repo} is given only to those who accept its licence",
        "{repo} 需要先接受许可协议才能获取",
    ),
    "model.gated_hint": (
        "accept the licence on the model's page, then set HF_TOKEN to a token of your account",
        "请在模型页面接受许可协议，然后将 HF_TOKEN 设为您账户的令牌",
    ),
    "model.offline": (
        "the hub client is set to stay offline (HF_HUB_OFFLINE)",
        "模型站客户端已设为离线（HF_HUB_OFFLINE）",
    ),
    "model.offline_hint": (
        "unset HF_HUB_OFFLINE, or name a model folder that is on this machine",
        "请取消 HF_HUB_OFFLINE，或指定本机上的模型文件夹",
    ),
    "model.no_hub": ("the model hub cannot be reached: {detail}", "无法连接模型站：{detail}"),
    "model.hub_status": ("the model hub answered {status} for {repo}", "模型站对 {repo} 的响应为 {status}"),
    "model.hub_hint": (
        "check the connection, let a mirror be found with `--mirror auto`, or name one with HF_ENDPOINT; "
        "`tunedoc model list` shows models that need no hub",
        "请检查网络，用 `--mirror auto` 自动选择镜像，或用 HF_ENDPOINT 指定镜像；"
        "`tunedoc model list` 可列出无需模型站的模型",
    ),
    "model.repo_no_config": (
        "{repo} holds no model that can be trained: it has no config.json",
        "{repo} 不是可训练的模型：缺少 config.json",
    ),
    "model.repo_no_weights": (
        "{repo} holds no weights as safetensors",
        "{repo} 没有 safetensors 格式的权重",
    ),
    "model.repo_no_config_hint": (
        "GGUF repositories are made for running; look for the original model",
        "GGUF 仓库用于运行；请寻找原始模型",
    ),
    "model.wrong_hash": (
        "{file} is not what the hub said it would be",
        "{file} 与模型站提供的校验值不符",
    ),
    "model.no_member": (
        "the package {package} does not hold {member}",
        "软件包 {package} 中没有 {member}",
    ),
    "model.no_space": (
        "the model needs {need} GB in {folder}, and {free} GB are free",
        "模型需要在 {folder} 占用 {need} GB，而剩余空间只有 {free} GB",
    ),
    "model.no_space_hint": (
        "free some space, or set TUNEDOC_HOME to a folder on another disk",
        "请释放空间，或将 TUNEDOC_HOME 设为其他磁盘上的文件夹",
    ),
    "model.fetching_package": (
        "fetching the package {package} ({size} MB)",
        "正在获取软件包 {package}（{size} MB）",
    ),
    "model.unpacking": ("unpacking {title} (half a minute)", "正在解包 {title}（约半分钟）"),
    "model.downloading": (
        "downloading {repo}: {count} files, {size} MB",
        "正在下载 {repo}：{count} 个文件，共 {size} MB",
    ),
    "model.here": ("{id} is here already: {folder}", "{id} 已存在：{folder}"),
    "model.fetched": ("{id} is here after {seconds} s: {folder}", "{id} 已就绪，用时 {seconds} 秒：{folder}"),
    "model.next": ("train on it with `model: {folder}` in a job file", "在任务文件中写 `model: {folder}` 即可用它训练"),
    "model.column_name": ("name", "名称"),
    "model.column_parameters": ("parameters", "参数量"),
    "model.column_licence": ("licence", "许可"),
    "model.column_size": ("size", "大小"),
    "model.column_state": ("state", "状态"),
    "model.state_here": ("here", "已有"),
    "model.state_get": ("`tunedoc model get {id}`", "`tunedoc model get {id}`"),
    "model.fact_folder": ("folder", "文件夹"),
    "model.fact_architecture": ("architecture", "架构"),
    "model.fact_parameters": ("parameters", "参数量"),
    "model.fact_dtype": ("number format", "数值格式"),
    "model.fact_weight_bytes": ("size of the weights", "权重大小"),
    "model.fact_context_tokens": ("context", "上下文"),
    "model.fact_vocabulary": ("vocabulary", "词表"),
    "model.fact_tokenizer": ("tokenizer", "分词器"),
    "model.fact_has_chat_template": ("chat template", "对话模板"),
    "model.fact_quantised": ("quantised", "量化"),
    "model.fact_licence": ("licence", "许可"),
    "model.fact_source": ("source", "来源"),
    "model.tokens": ("{count} tokens", "{count} 个词元"),
    "model.yes": ("yes", "有"),
    "model.no": ("no", "无"),
    "model.unknown_value": ("not said", "未说明"),
}
