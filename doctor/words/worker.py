"""Words about programs that run in the training environment."""

WORDS: dict[str, tuple[str, str]] = {
    # What a program says about its failure is English; the kind says the gist in the reader's language.
    "worker.failed_bad_job": ("{message}", "任务设置有误：{message}"),
    "worker.failed_bad_data": ("{message}", "数据有误：{message}"),
    "worker.failed_bad_model": ("{message}", "模型无法使用：{message}"),
    "worker.failed_missing_package": ("{message}", "训练环境缺少软件包：{message}"),
    "worker.failed_out_of_memory": ("out of memory: {message}", "内存或显存不足：{message}"),
    "worker.failed_no_space": ("{message}", "磁盘空间不足：{message}"),
    "worker.failed_diverged": ("{message}", "训练发散：{message}"),
    "worker.failed_interrupted": ("{message}", "已中断：{message}"),
    "worker.failed_crashed": ("{message}", "程序出错：{message}"),
    "worker.died": (
        "the program in the training environment ended without a word (exit code {code}): {tail}",
        "训练环境中的程序没有说明原因就结束了（退出代码 {code}）：{tail}",
    ),
    "worker.hint_bad_job": (
        "correct the job file and run the same command again",
        "请修改任务文件，然后重新运行同一命令",
    ),
    "worker.hint_bad_data": (
        "run `tunedoc data check FILE` to see every problem in the data",
        "运行 `tunedoc data check 文件` 可查看数据中的所有问题",
    ),
    "worker.hint_bad_model": (
        "name a folder with config.json, *.safetensors and the tokenizer, or fetch one with `tunedoc model get`",
        "请指定包含 config.json、*.safetensors 和分词器的文件夹，或用 `tunedoc model get` 获取模型",
    ),
    "worker.hint_missing_package": (
        "run `tunedoc install` to build the training environment anew",
        "运行 `tunedoc install` 重新构建训练环境",
    ),
    "worker.hint_out_of_memory": (
        "halve `per_device_batch_size` (and double `gradient_accumulation`) or `max_length`, then resume",
        "将 `per_device_batch_size` 减半（并将 `gradient_accumulation` 加倍）或缩短 `max_length`，然后继续",
    ),
    "worker.hint_no_space": (
        "free some disk space and run the same command again",
        "请释放磁盘空间，然后重新运行同一命令",
    ),
    "worker.hint_diverged": (
        "lower `learning_rate`, for example to a third, and start again",
        "请降低 `learning_rate`（例如降到三分之一），然后重新开始",
    ),
    "worker.hint_interrupted": (
        "run the same command with `--resume` to go on",
        "加上 `--resume` 运行同一命令即可继续",
    ),
    "worker.hint_crashed": ("the whole story is in {log}", "完整记录见 {log}"),
}
