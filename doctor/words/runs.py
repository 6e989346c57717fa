"""Words of the verb `runs`, and on plots of losses."""

WORDS: dict[str, tuple[str, str]] = {
    "runs.example": (
        "tunedoc runs list\ntunedoc runs show my-job --plot loss.png\ntunedoc runs compare my-job my-job-2\n"
        "tunedoc runs replay my-job\ntunedoc runs prune --plan",
        "tunedoc runs list\ntunedoc runs show 我的任务 --plot loss.png\ntunedoc runs compare 我的任务 我的任务-2\n"
        "tunedoc runs replay 我的任务\ntunedoc runs prune --plan",
    ),
    "runs.help_action": (
        "list: all runs; show: one; compare: two or more; replay: train again as a run was trained; prune: remove what "
        "is no longer needed; pause, continue, save, stop: ask it of a run that goes on in another window",
        "list：所有训练；show：查看一次；compare：比较两次或多次；replay：按原样重新训练；prune：清理不再需要的内容；"
        "pause、continue、save、stop：对另一个窗口中正在进行的训练提出要求",
    ),
    "runs.help_names": (
        "runs as `tunedoc runs list` names them, or their folders; `prune` takes all without one",
        "训练名称（见 `tunedoc runs list`）或其文件夹；`prune` 省略时处理全部",
    ),
    "runs.help_plot": (
        "`show`, `compare`: draw the losses to this file, .svg or .png",
        "`show`、`compare`：将损失曲线画到此文件（.svg 或 .png）",
    ),
    "runs.help_output": (
        "`replay`: the new run's folder (otherwise beside the others in tunedoc's)",
        "`replay`：新训练的文件夹（默认放在 tunedoc 的训练文件夹中）",
    ),
    "runs.help_anyway": (
        "`replay`: train although data or model have changed since",
        "`replay`：即使数据或模型已经改变也照样训练",
    ),
    "runs.help_keep": (
        "`prune`: checkpoints that each run keeps (1)",
        "`prune`：每次训练保留的检查点数量（默认 1）",
    ),
    "runs.help_plan": ("`prune`: only show what would go", "`prune`：只显示会清理的内容"),
    "runs.help_delete": (
        "`prune`: delete at once instead of putting it into the trash; cannot be taken back",
        "`prune`：直接删除而不放入回收站；无法撤销",
    ),
    # Wishes.
    "runs.asked_pause": ("`{name}` pauses after its step", "`{name}` 将在完成当前步骤后暂停"),
    "runs.asked_continue": ("`{name}` goes on", "`{name}` 将继续"),
    "runs.asked_save": ("`{name}` saves a checkpoint after its step", "`{name}` 将在完成当前步骤后保存检查点"),
    "runs.asked_stop": ("`{name}` saves and stops after its step", "`{name}` 将在完成当前步骤后保存并停止"),
    "runs.not_going_on": ("the run `{name}` is not going on", "训练 `{name}` 并未在进行"),
    "runs.go_on_hint": ("`tunedoc train JOB` goes on with it", "用 `tunedoc train 任务文件` 继续"),
    # What stands in the way.
    "runs.no_names": ("`tunedoc runs list` takes no names", "`tunedoc runs list` 不接受名称"),
    "runs.no_names_hint": ("`tunedoc runs show RUN` shows one", "用 `tunedoc runs show 名称` 查看其中一次"),
    "runs.one_name": ("`tunedoc runs {action}` takes the name of one run", "`tunedoc runs {action}` 需要一个训练名称"),
    "runs.two_names": (
        "`tunedoc runs compare` takes the names of two runs or more",
        "`tunedoc runs compare` 需要两个或更多训练名称",
    ),
    "runs.bad_keep": ("`--keep` takes a number from 1 on", "`--keep` 的取值从 1 开始"),
    "runs.option_of": ("`{option}` goes with `{actions}` only", "`{option}` 只能与 `{actions}` 一起使用"),
    "runs.no_run": ("there is no run `{name}`", "没有名为 `{name}` 的训练"),
    "runs.nearest": ("did you mean `{name}`?", "您是想用 `{name}` 吗？"),
    "runs.list_hint": ("`tunedoc runs list` shows the runs", "用 `tunedoc runs list` 查看所有训练"),
    "runs.plot_ending": (
        "`{file}` says no kind of picture that can be drawn",
        "从 `{file}` 看不出可以绘制的图片格式",
    ),
    "runs.plot_ending_hint": ("let its name end in .svg or .png", "请让文件名以 .svg 或 .png 结尾"),
    "runs.plot_folder": ("there is no folder `{folder}`", "没有文件夹 `{folder}`"),
    "runs.plotted": ("the losses are drawn in {file}", "损失曲线已画到 {file}"),
    # list
    "runs.none": (
        "no runs in {folder} yet; `tunedoc demo` makes one, on a small real model",
        "{folder} 中还没有训练；`tunedoc demo` 可用一个真实的小模型做一次",
    ),
    "runs.show_hint": ("`tunedoc runs show {name}` tells more", "用 `tunedoc runs show {name}` 查看详情"),
    "runs.column_name": ("run", "训练"),
    "runs.column_state": ("state", "状态"),
    "runs.column_model": ("model", "模型"),
    "runs.column_step": ("step", "步"),
    "runs.column_loss": ("loss", "损失"),
    "runs.column_held_out": ("held-out", "留出集"),
    "runs.column_size": ("size", "大小"),
    "runs.column_age": ("written", "写入于"),
    "runs.state_running": ("running", "进行中"),
    "runs.state_unfinished": ("not finished", "未完成"),
    "runs.state_finished": ("finished", "已完成"),
    "runs.state_damaged": ("damaged", "已损坏"),
    "runs.age_minutes": ("{count} min ago", "{count} 分钟前"),
    "runs.age_hours": ("{count} h ago", "{count} 小时前"),
    "runs.age_days": ("{count} d ago", "{count} 天前"),
    # show
    "runs.line_state": ("{mark} {name}: {state}", "{mark} {name}：{state}"),
    "runs.line_folder": ("folder: {folder} ({size})", "文件夹：{folder}（{size}）"),
    "runs.line_begun": ("begun {at} (UTC)", "开始于 {at}（UTC）"),
    "runs.line_finished": ("finished {at} (UTC)", "完成于 {at}（UTC）"),
    "runs.line_failure": ("the last session failed: {why}", "上一次训练失败：{why}"),
    "runs.line_no_job": (
        "its job.json cannot be read, so it can be neither gone on with nor repeated",
        "job.json 无法读取，因此既不能继续也不能重做",
    ),
    "runs.line_model": ("model: {model}", "模型：{model}"),
    "runs.line_data": ("data: {data}", "数据：{data}"),
    "runs.line_method": ("method: {method}, {tuning}", "方法：{method}，{tuning}"),
    "runs.line_versions": ("trained with {versions}", "训练所用版本：{versions}"),
    "runs.line_steps": ("step {step} of {steps}", "第 {step} 步，共 {steps} 步"),
    "runs.line_loss": ("loss: first {first}, last {last}, lowest {low}", "损失：开始 {first}，最后 {last}，最低 {low}"),
    "runs.line_held_out": (
        "loss on held-out records: first {first}, last {last}",
        "留出集损失：开始 {first}，最后 {last}",
    ),
    "runs.inputs_same": (
        "data and model are as they were when it was trained",
        "数据和模型与训练时相同",
    ),
    "runs.inputs_unknown": (
        "it did not write down what its data and model were, so nobody can say whether they are the same still",
        "这次训练没有记录当时的数据和模型，无法判断它们是否仍然相同",
    ),
    "runs.plot_key": (
        "  . each step   * smoothed   o held-out records   (across: optimizer steps)",
        "  . 每步   * 平滑   o 留出集   （横轴：优化器步数）",
    ),
    "runs.checkpoint_whole": ("checkpoint at step {step}: {size}", "第 {step} 步的检查点：{size}"),
    "runs.checkpoint_weights": (
        "checkpoint at step {step}: {size}, weights alone: training cannot go on from it",
        "第 {step} 步的检查点：{size}，只有权重，不能由此继续训练",
    ),
    "runs.checkpoint_incomplete": (
        "checkpoint at step {step}: {size}, incomplete",
        "第 {step} 步的检查点：{size}，不完整",
    ),
    "runs.sample_prompt": ("asked “{prompt}”, it answered", "提问“{prompt}”，回答："),
    "runs.sample_answer": ("  at step {step}: {answer}", "  第 {step} 步：{answer}"),
    # compare
    "runs.differ_job": ("different in the job:", "任务设置的不同之处："),
    "runs.differ_versions": ("trained with different versions:", "训练所用版本的不同之处："),
    "runs.differ_inputs": ("made of different files (hashes):", "所用文件的不同之处（哈希值）："),
    "runs.no_differences": (
        "their jobs, versions and files are the same, as far as they are written down",
        "就已有记录而言，任务设置、版本和文件都相同",
    ),
    "runs.losses_by_step": ("loss at the same steps:", "相同步数时的损失："),
    "runs.losses_by_tokens": ("loss after as many tokens:", "相同词元数时的损失："),
    "runs.losses_held_out": ("loss on held-out records, by step:", "各步的留出集损失："),
    "runs.same_losses": (
        "the loss of every step that they share is the same to the last digit",
        "所有共同步的损失完全相同",
    ),
    "runs.no_common_steps": ("they share no steps", "没有共同的步"),
    # replay
    "runs.no_job": ("the job of `{name}` cannot be read", "无法读取 `{name}` 的任务"),
    "runs.no_job_hint": (
        "its folder is damaged; train from your job file with `tunedoc train JOB.yaml`",
        "该文件夹已损坏；请用 `tunedoc train 任务.yaml` 从任务文件训练",
    ),
    "runs.input_gone": ("what the run was trained with is gone: `{path}`", "这次训练所用的内容已不存在：`{path}`"),
    "runs.input_gone_hint": ("put it back in its place", "请将其放回原处"),
    "runs.what_data": ("data", "数据"),
    "runs.what_model": ("model", "模型"),
    "runs.change_changed": ("{what} changed since: {path}", "{what}已改变：{path}"),
    "runs.change_missing": ("{what} missing since: {path}", "{what}已缺失：{path}"),
    "runs.change_added": ("{what} added since: {path}", "{what}新增：{path}"),
    "runs.changed": (
        "data or model are not what `{name}` was trained with ({count} files)",
        "数据或模型与 `{name}` 训练时不同（{count} 个文件）",
    ),
    "runs.changed_hint": (
        "`tunedoc runs replay {name} --anyway` trains with them as they are now",
        "用 `tunedoc runs replay {name} --anyway` 按现状训练",
    ),
    "runs.not_known": (
        "the run did not write down what its data and model were; they are taken as they are now",
        "这次训练没有记录当时的数据和模型；将按现状训练",
    ),
    "runs.replaying": ("training `{name}` again, in {folder}", "正在 {folder} 中重新训练 `{name}`"),
    "runs.replayed_same": (
        "trained again, with the same loss at every step to the last digit: {run}",
        "已重新训练，每一步的损失都完全相同：{run}",
    ),
    "runs.replayed_other": (
        "trained again, with other losses than the first time: {run}",
        "已重新训练，损失与第一次不同：{run}",
    ),
    "runs.compare_hint": (
        "`tunedoc runs compare {first} {second}` shows them beside each other",
        "用 `tunedoc runs compare {first} {second}` 并列查看",
    ),
    # prune
    "runs.left_running": ("`{name}` is running and stays as it is", "`{name}` 正在进行，保持原样"),
    "runs.left_damaged": ("`{name}` is damaged and stays as it is", "`{name}` 已损坏，保持原样"),
    "runs.piece": ("{run}/{inside}  {size}  {reason}", "{run}/{inside}  {size}  {reason}"),
    "runs.piece_total": ("{count} pieces, {size}", "共 {count} 项，{size}"),
    "runs.reason_old_checkpoint": ("old checkpoint", "旧检查点"),
    "runs.reason_incomplete": ("incomplete checkpoint", "不完整的检查点"),
    "runs.reason_aside": ("put aside as incomplete", "因不完整而另存"),
    "runs.reason_half_written": ("half written", "只写了一半"),
    "runs.reason_optimizer_state": (
        "optimizer's state, which a finished run needs no more",
        "优化器状态，训练完成后不再需要",
    ),
    "runs.nothing_to_prune": ("there is nothing to remove", "没有可清理的内容"),
    "runs.busy": ("`{name}` is in use by another tunedoc", "另一个 tunedoc 正在使用 `{name}`"),
    "runs.other_volume": (
        "this run lies on another volume than tunedoc's trash",
        "这次训练与 tunedoc 的回收站不在同一个卷上",
    ),
    "runs.other_volume_hint": ("add `--delete` to delete at once", "加上 `--delete` 可直接删除"),
    "runs.left_piece": ("in use, and left as it is: {path}", "正在使用，保持原样：{path}"),
    "runs.deleted": ("deleted {count} pieces, {size}", "已删除 {count} 项，{size}"),
    "runs.trashed": (
        "moved {count} pieces ({size}) to the trash: {folder}; empty it to have the space back",
        "已将 {count} 项（{size}）移到回收站：{folder}；清空后才会腾出空间",
    ),
    # Trackers.
    "runs.unknown_tracker": (
        "`trackers` names `{name}`, and there are {known}",
        "`trackers`中的 `{name}` 不存在，可用的有 {known}",
    ),
    "runs.no_tracker": (
        "`trackers` names {name}, and the training environment has no package `{package}`",
        "`trackers` 中有 {name}，但训练环境中没有软件包 `{package}`",
    ),
    "runs.no_tracker_hint": (
        'add it with `uv pip install --python "{python}" {package}`, or take {name} out of `trackers`; metrics.csv and '
        "TensorBoard's files are written without it",
        '用 `uv pip install --python "{python}" {package}` 添加它，或从 `trackers` 中去掉 {name}；metrics.csv 和 '
        "TensorBoard 文件不依赖它",
    ),
    # On plots. The Chinese words are drawn with strokes of our own (doctor/runs/strokes.py).
    "runs.plot_title": ("Loss: {name}", "损失：{name}"),
    "runs.plot_compare": ("{count} runs", "{count} 次训练"),
    "runs.plot_empty": ("no losses yet", "无损失"),
    "runs.plot_steps": ("optimizer step", "步"),
    "runs.plot_loss": ("loss", "损失"),
    "runs.plot_raw": ("each step", "每步"),
    "runs.plot_smooth": ("smoothed", "平滑"),
    "runs.plot_held_out": ("held-out records", "留出集"),
}
