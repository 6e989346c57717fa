"""Words of the verb `train`."""

WORDS: dict[str, tuple[str, str]] = {
    "train.example": (
        "tunedoc train my-job.yaml\n\n"
        "my-job.yaml:\n  model: smollm2-135m-instruct\n  data: my-records.jsonl\n  epochs: 3",
        "tunedoc train 我的任务.yaml\n\n"
        "我的任务.yaml：\n  model: smollm2-135m-instruct\n  data: 我的数据.jsonl\n  epochs: 3",
    ),
    "train.help_job": (
        "the job: a YAML file with at least `model:` and `data:`",
        "任务：至少写明 `model:` 和 `data:` 的 YAML 文件",
    ),
    "train.help_resume": (
        "go on with a run that was stopped; says so when it is finished already",
        "继续已停止的训练；如果已经完成则会说明",
    ),
    "train.help_restart": (
        "start over; the old run is moved to tunedoc's trash",
        "重新开始；旧的训练会移到 tunedoc 的回收站",
    ),
    "train.help_processes": (
        "processes that train together, one for each GPU (otherwise the job's `processes`)",
        "一起训练的进程数，每个 GPU 一个（默认取任务中的 `processes`）",
    ),
    # What stands in the way.
    "train.bad_processes": ("`--processes` takes a number from 1 to 64", "`--processes` 的取值范围是 1 到 64"),
    "train.bad_processes_hint": (
        "one process for each GPU, such as `--processes 2`",
        "每个 GPU 一个进程，例如 `--processes 2`",
    ),
    "train.too_few_gpus": (
        "the job wants {wanted} processes, one for each GPU, and this machine has {there}",
        "任务需要 {wanted} 个进程，每个 GPU 一个，而本机有 {there} 个 GPU",
    ),
    "train.too_few_visible": (
        "the job wants {wanted} processes, one for each GPU, and CUDA_VISIBLE_DEVICES leaves {there}: `{value}`",
        "任务需要 {wanted} 个进程，每个 GPU 一个，而 CUDA_VISIBLE_DEVICES 只留下 {there} 个：`{value}`",
    ),
    "train.too_few_hint": (
        "say `--processes {there}`, or change `processes` in the job",
        "请使用 `--processes {there}`，或修改任务中的 `processes`",
    ),
    "train.no_gloo": (
        "torch {version} for Windows is built without gloo's transport, so its processes cannot train together",
        "Windows 版 torch {version} 编译时没有包含 gloo 传输层，多个进程无法一起训练",
    ),
    "train.no_gloo_hint": (
        "use torch 2.7.1 or older, or 2.11 or newer (`tunedoc install` builds the tested one), or train with "
        "`--processes 1`",
        "请使用 torch 2.7.1 或更早版本，或 2.11 及更新版本（`tunedoc install` 会构建经过测试的版本），"
        "或用 `--processes 1` 训练",
    ),
    "train.batch_changed_hint": (
        "per_device_batch_size × gradient_accumulation × processes was {before} and is {after} now: make it "
        "{before} again to go on, name another `output`, or add `--restart` to start over",
        "per_device_batch_size × gradient_accumulation × processes 原为 {before}，现为 {after}：改回 {before} "
        "即可继续；也可以指定另一个 `output`，或加上 `--restart` 重新开始",
    ),
    "train.output_is_file": ("`output` names a file, and a run needs a folder", "`output` 是文件，而训练需要文件夹"),
    "train.output_taken": (
        "the folder holds other things than a run, and nothing is written among them",
        "文件夹里有与训练无关的内容，不会写入其中",
    ),
    "train.output_hint": (
        "name a new or empty folder as `output`, or leave the field out",
        "请将 `output` 设为新的或空的文件夹，或省略该字段",
    ),
    "train.nothing_to_resume": ("there is no run here to resume", "这里没有可继续的训练"),
    "train.start_hint": ("run the same command without `--resume` to start it", "去掉 `--resume` 运行同一命令即可开始"),
    "train.finished_already": ("this run is finished already", "这次训练已经完成"),
    "train.finished_hint": (
        "name another `output` in the job, or add `--restart` to train it anew (the old run goes to the trash)",
        "请在任务中指定另一个 `output`，或加上 `--restart` 重新训练（旧的训练会移到回收站）",
    ),
    "train.job_changed": (
        "the job's `{field}` is not what this run was begun with, so the run cannot go on",
        "任务的 `{field}` 与这次训练开始时不同，无法继续",
    ),
    "train.job_changed_hint": (
        "put the old value back to go on, name another `output`, or add `--restart` to start over",
        "改回原值即可继续；也可以指定另一个 `output`，或加上 `--restart` 重新开始",
    ),
    "train.busy": ("another tunedoc is training in this folder", "另一个 tunedoc 正在此文件夹中训练"),
    "train.busy_hint": (
        "wait until it has finished, or name another `output` in the job",
        "请等待其完成，或在任务中指定另一个 `output`",
    ),
    "train.no_space": (
        "too little disk space for the run: about {needed} MiB are needed and {free} MiB are free",
        "磁盘空间不足：训练约需 {needed} MiB，可用 {free} MiB",
    ),
    "train.no_space_hint": (
        "free some space, lower `save_limit`, or name an `output` on another disk; nothing was written",
        "请释放空间、减小 `save_limit`，或将 `output` 设到其他磁盘；没有写入任何内容",
    ),
    "train.ended_hard": ("the trainer was ended at once, as asked", "已按要求立即结束训练程序"),
    "train.ended_hard_hint": (
        "run the same command to go on from the last checkpoint",
        "运行同一命令即可从最近的检查点继续",
    ),
    # While it goes on.
    "train.stage_data": ("read {records} records ({seconds} s)", "已读取 {records} 条记录（{seconds} 秒）"),
    "train.stage_meet": (
        "{processes} processes train together ({seconds} s)",
        "{processes} 个进程一起训练（{seconds} 秒）",
    ),
    "train.stage_model": (
        "loaded the model: {parameters:,} parameters, {precision} on {device}, {threads} threads ({seconds} s)",
        "已加载模型：{parameters:,} 个参数，{precision}，{device}，{threads} 个线程（{seconds} 秒）",
    ),
    "train.stage_tokenise": (
        "{records} records to learn from and {held_out} held out: {tokens:,} tokens, the longest record has {longest} "
        "({seconds} s)",
        "{records} 条用于训练，{held_out} 条留作检验：共 {tokens:,} 个词元，最长的记录有 {longest} 个（{seconds} 秒）",
    ),
    "train.stage_prepare": (
        "ready to train: {trainable:,} numbers, {steps} steps ({seconds} s)",
        "训练准备就绪：{trainable:,} 个可训练参数，{steps} 步（{seconds} 秒）",
    ),
    "train.stage_measure": ("measured the held-out records ({seconds} s)", "已测量检验记录（{seconds} 秒）"),
    "train.judged": (
        "the better answer scores higher in {percent} % of them, by {margin} on average",
        "其中 {percent}% 的较好回答得分更高，平均高出 {margin}",
    ),
    "train.evaluated": (
        "held-out loss at step {step}: {loss} ({records} records)",
        "第 {step} 步的检验损失：{loss}（{records} 条记录）",
    ),
    "train.resuming": ("going on from the checkpoint of step {step}", "从第 {step} 步的检查点继续"),
    "train.stopping": (
        "stopping: the trainer finishes its step and saves (Ctrl-C again ends it at once)",
        "正在停止：训练程序会完成当前步骤并保存（再按一次 Ctrl-C 立即结束）",
    ),
    "train.progress": (
        "step {step}/{steps} · loss {loss} · {speed} tokens/s · {left} left · {memory} GiB",
        "第 {step}/{steps} 步 · 损失 {loss} · {speed} 词元/秒 · 剩余 {left} · {memory} GiB",
    ),
    "train.saved": ("saved a checkpoint at step {step}", "已保存第 {step} 步的检查点"),
    "train.warned_truncated": (
        "{records} of {all} records are longer than {max_length} tokens and were cut ({tokens} tokens in all); "
        "{left_out} have no answer left and are left out; a higher `max_length` keeps them",
        "{all} 条记录中有 {records} 条超过 {max_length} 个词元，已截断（共 {tokens} 个词元）；其中 {left_out} 条"
        "截断后没有回答，已略去；增大 `max_length` 可保留",
    ),
    "train.warned_no_chat_template": (
        "the model has no chat template (a base model?); a plain one stands in and is saved with the adapter",
        "模型没有对话模板（可能是基础模型）；将使用简单模板，并随适配器一起保存",
    ),
    "train.warned_never_stops": (
        "the model's chat template puts no end token after an answer, so the model will not learn to stop",
        "模型的对话模板在回答之后没有结束标记，模型学不会停下来",
    ),
    "train.warned_checkpoint_aside": (
        "{name} is incomplete or damaged and was put aside in {folder}",
        "{name} 不完整或已损坏，已移到 {folder}",
    ),
    "train.warned_waiting": (
        "an earlier trainer still saves in this folder; waiting for it",
        "之前的训练程序仍在此文件夹中保存；正在等待",
    ),
    "train.warned_group_by_file": (
        "the processes could not meet over a port of this machine ({reason}); they are started once more and meet by "
        "a file",
        "进程无法通过本机端口相互连接（{reason}）；将重新启动并改用文件连接",
    ),
    "train.warned_tracker_failed": (
        "{name} is told no more, for it failed ({why}); the training goes on, and metrics.csv has everything",
        "{name} 出错（{why}），此后不再向它上报；训练继续进行，全部指标仍在 metrics.csv 中",
    ),
    "train.sampled": ("  at step {step}, “{prompt}”: {answer}", "  第 {step} 步，“{prompt}”：{answer}"),
    "train.warned_smaller_tokens": (
        "memory was short: micro-batches now take at most {after} tokens, where they took {before}; no record is lost, "
        "and the steps learn the same",
        "内存不足：每个微批次的词元上限由 {before} 降为 {after}；没有丢失记录，每一步学到的内容不变",
    ),
    "train.warned_smaller_records": (
        "memory was short: micro-batches now take at most {after} records, where they took {before}; no record is "
        "lost, and the steps learn the same",
        "内存不足：每个微批次的记录上限由 {before} 降为 {after}；没有丢失记录，每一步学到的内容不变",
    ),
    "train.warned_paused": ("paused after step {step}", "已在第 {step} 步之后暂停"),
    "train.warned_continued": ("going on after step {step}", "从第 {step} 步之后继续"),
    "train.warned_too_hot": (
        "{card} is at {celsius} °C, and the driver slows it down from {limit} °C: training pauses until it has cooled",
        "{card} 温度为 {celsius} °C，达到 {limit} °C 时驱动会降频：训练暂停，待其降温后继续",
    ),
    "train.warned_spilled": (
        "{card}'s own memory is full, and the driver keeps {shared} MiB of the run in the computer's, which is many "
        "times slower: micro-batches are made smaller",
        "{card} 的显存已满，驱动把本次训练的 {shared} MiB 放到了内存中，速度会慢很多倍：将缩小微批次",
    ),
    "train.warned_restarted": ("the old run is now in {folder}", "旧的训练现在位于 {folder}"),
    # The end.
    "train.stopped": ("stopped at step {step}; everything is kept in {run}", "已停在第 {step} 步；一切保存在 {run}"),
    "train.resume_hint": ("`{command}` goes on from there", "运行 `{command}` 即可继续"),
    "train.was_finished": ("this run is finished already: {run}", "这次训练已经完成：{run}"),
    "train.summary": (
        "trained {steps} steps in {time} ({speed} tokens/s): {run}",
        "训练了 {steps} 步，用时 {time}（{speed} 词元/秒）：{run}",
    ),
    "train.summary_loss": (
        "held-out loss: {before} before, {after} after",
        "检验损失：训练前 {before}，训练后 {after}",
    ),
    "train.summary_next": (
        "the adapter is in {adapter}; `tunedoc export {run}` makes GGUF files of it",
        "适配器在 {adapter}；`tunedoc export {run}` 可将其转换为 GGUF 文件",
    ),
    "train.summary_next_model": (
        "the model is in {model}; `tunedoc export {run}` makes GGUF files of it",
        "模型在 {model}；`tunedoc export {run}` 可将其转换为 GGUF 文件",
    ),
}
