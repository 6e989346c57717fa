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
}
