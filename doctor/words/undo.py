"""Words about taking back what was done."""

WORDS: dict[str, tuple[str, str]] = {
    "undo.example": ("tunedoc undo\ntunedoc undo --list", "tunedoc undo\ntunedoc undo --list"),
    "undo.help_id": (
        "which piece of work (`--list` shows them); without it the newest that can be taken back",
        "要撤销的操作编号（用 `--list` 查看）；省略时撤销最近一次可撤销的操作",
    ),
    "undo.help_list": ("show what was done, newest first", "列出做过的操作，最近的在前"),
    "undo.help_force": (
        "take back even what somebody has changed since",
        "即使之后又被改动过，也一并撤销",
    ),
    "undo.empty": ("nothing was changed yet", "还没有做过任何更改"),
    "undo.nothing": ("there is nothing to take back", "没有可以撤销的操作"),
    "undo.unknown": ("no piece of work is called `{id}`", "没有名为 `{id}` 的操作"),
    "undo.list_hint": ("`tunedoc undo --list` shows what was done", "用 `tunedoc undo --list` 查看做过的操作"),
    "undo.work": ("{id}  {at}  {state}", "{id}  {at}  {state}"),
    "undo.state_done": ("done", "已完成"),
    "undo.state_partly": ("begun and not ended", "未完成"),
    "undo.state_undone": ("not in force any more", "已不再生效"),
    "undo.verdict_undone": ("✓ taken back: {change}", "✓ 已撤销：{change}"),
    "undo.verdict_already": ("· was as before already: {change}", "· 本来就是原样：{change}"),
    "undo.verdict_changed": (
        "● changed by somebody since, so it was left: {change} (`tunedoc undo {id} --force` takes it back anyway)",
        "● 之后又被改动过，因此保持不变：{change}（用 `tunedoc undo {id} --force` 可强制撤销）",
    ),
    "undo.verdict_impossible": (
        "● cannot be taken back, what was before is gone: {change}",
        "● 无法撤销，原来的内容已不存在：{change}",
    ),
    "undo.failed": ("the system refused: {detail}", "系统拒绝了该操作：{detail}"),
    "undo.failed_hint": (
        "put that right and run `tunedoc undo {id}` again; it goes on from there",
        "解决该问题后重新运行 `tunedoc undo {id}`，会从中断处继续",
    ),
}
