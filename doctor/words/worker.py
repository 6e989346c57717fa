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
    "worker.failed_no_group": ("{message}", "训练进程无法相互连接：{message}"),
    "worker.failed_process_lost": ("{message}", "一个训练进程失去联系：{message}"),
    "worker.failed_interrupted": ("{message}", "已中断：{message}"),
    "worker.failed_crashed": ("{message}", "程序出错：{message}"),
    "worker.died": (
        "the program in the training environment ended without a word ({ending}): {tail}",
        "训练环境中的程序没有说明原因就结束了（{ending}）：{tail}",
    ),
    # What an exit code means.
    "worker.exit": ("exit code {code}", "退出代码 {code}"),
    "worker.exit_access_violation": (
        "exit code {code}: it touched memory that is not its own",
        "退出代码 {code}：访问了不属于它的内存",
    ),
    "worker.exit_no_memory": ("exit code {code}: not enough memory", "退出代码 {code}：内存不足"),
    "worker.exit_illegal_instruction": (
        "exit code {code}: an instruction that this processor does not know",
        "退出代码 {code}：处理器不认识的指令",
    ),
    "worker.exit_stack_overflow": ("exit code {code}: its stack overflowed", "退出代码 {code}：栈溢出"),
    "worker.exit_commit_limit": (
        "exit code {code}: Windows had no memory left to promise; a larger page file helps",
        "退出代码 {code}：Windows 可提交的内存已用尽；增大页面文件可以解决",
    ),
    "worker.exit_no_library": ("exit code {code}: a DLL was not found", "退出代码 {code}：找不到某个 DLL"),
    "worker.exit_no_entry_point": (
        "exit code {code}: a DLL lacks a function that is needed",
        "退出代码 {code}：某个 DLL 缺少所需的函数",
    ),
    "worker.exit_library_failed": ("exit code {code}: a DLL could not start", "退出代码 {code}：某个 DLL 无法初始化"),
    "worker.exit_console_closed": (
        "exit code {code}: its console was closed or Ctrl-C reached it",
        "退出代码 {code}：控制台被关闭或收到 Ctrl-C",
    ),
    "worker.exit_heap": ("exit code {code}: its memory was damaged", "退出代码 {code}：内存已损坏"),
    "worker.exit_abort": ("exit code {code}: it gave up by itself (abort)", "退出代码 {code}：程序自行中止（abort）"),
    "worker.exit_bus": (
        "exit code {code}: a file or shared memory behind its memory is gone",
        "退出代码 {code}：其内存映射的文件或共享内存已不存在",
    ),
    "worker.exit_killed": (
        "exit code {code}: it was killed, by somebody or by the system for want of memory",
        "退出代码 {code}：被强行结束，可能是人为，也可能是系统因内存不足而结束它",
    ),
    "worker.exit_terminated": ("exit code {code}: it was told to end", "退出代码 {code}：被要求结束"),
    "worker.process_lost": (
        "process {number} of {processes} ended in the middle of the training ({ending}), and the others were ended "
        "with it{last_words}",
        "{processes} 个训练进程中的第 {number} 个在训练途中结束（{ending}），其余进程也已随之结束{last_words}",
    ),
    "worker.last_words": (": {tail}", "：{tail}"),
    "worker.hint_lost_at_step": (
        "run the same command to go on from step {step}; the log of that process is {log}",
        "运行同一命令即可从第 {step} 步继续；该进程的日志为 {log}",
    ),
    "worker.hint_lost_early": (
        "run the same command to start again; the log of that process is {log}",
        "运行同一命令即可重新开始；该进程的日志为 {log}",
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
    "worker.hint_no_group": (
        "train with `--processes 1`, or look into {log} for what keeps the processes apart",
        "请用 `--processes 1` 训练，或查看 {log} 了解进程为何无法相互连接",
    ),
    "worker.hint_process_lost": (
        "run the same command to go on from the last checkpoint; the whole story is in {log}",
        "运行同一命令即可从最近的检查点继续；完整记录见 {log}",
    ),
    "worker.hint_interrupted": (
        "run the same command with `--resume` to go on",
        "加上 `--resume` 运行同一命令即可继续",
    ),
    "worker.hint_crashed": ("the whole story is in {log}", "完整记录见 {log}"),
}
