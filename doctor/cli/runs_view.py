"""How runs are shown: the table of all, one with its curve, several beside each other; and their records for JSON."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from doctor.runs.checkpoints import checkpoints_of
from doctor.runs.curves import curve_of, letter_plot
from doctor.runs.inputs import changes, read_inputs
from doctor.runs.reading import folder_bytes, samples_of, seconds_of
from doctor.sizing import size_words
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from doctor.cli.face import Face
    from doctor.cli.render import Screen
    from doctor.runs.comparing import Comparison, Difference, Place
    from doctor.runs.reading import Run
    from doctor.words.text import Text
    from trainer.metrics import Sample

_PLOT_WIDTH, _PLOT_HEIGHT = 76, 16
_MARKS = {"finished": "✓", "running": "▸", "unfinished": "●", "damaged": "✗"}
_LONGEST_ANSWER = 200


def runs_table(runs: Sequence[tuple[Run, int]], screen: Screen) -> Table:
    """All runs with their sizes in bytes."""
    words = screen.words
    table = _table(
        words(text("runs.column_name")), words(text("runs.column_state")), words(text("runs.column_model")),
        right=(words(text("runs.column_step")), words(text("runs.column_loss")), words(text("runs.column_held_out")),
               words(text("runs.column_size")), words(text("runs.column_age"))),
    )  # fmt: skip
    for run, size in runs:
        table.add_row(
            run.name, f"{_MARKS[run.state]} {words(text(f'runs.state_{run.state}'))}", run.model or "-",
            f"{run.step}/{run.steps}" if run.steps else str(run.step), f"{run.losses[-1]:.3f}" if run.losses else "-",
            _from_to(run.held_out),
            size_words(size), words(age(run.touched)),
        )  # fmt: skip
    return table


def show_run(run: Run, data: dict[str, Any], face: Face) -> None:
    """One run, from its state to what it answered. `data` is `shown_record` of it."""
    screen = face.screen
    lines: list[Text | str] = [
        text("runs.line_state", name=run.name, mark=_MARKS[run.state], state=text(f"runs.state_{run.state}")),
        text("runs.line_folder", folder=str(run.folder), size=size_words(data["bytes"])),
    ]
    if run.begun:
        lines.append(text("runs.line_begun", at=run.begun[:19].replace("T", " ")))
    if run.finished:
        lines.append(text("runs.line_finished", at=run.finished[:19].replace("T", " ")))
    if run.failure:
        lines.append(text("runs.line_failure", why=run.failure))
    if run.job is not None:
        lines += _job_lines(run, data)
    else:
        lines.append(text("runs.line_no_job"))
    if run.versions:
        versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
        lines.append(text("runs.line_versions", versions=versions))
    if run.step:
        lines.append(text("runs.line_steps", step=run.step, steps=run.steps or "?"))
    if run.losses:
        first, last = f"{run.losses[0]:.4f}", f"{run.losses[-1]:.4f}"
        lines.append(text("runs.line_loss", first=first, last=last, low=f"{min(run.losses):.4f}"))
    if run.held_out:
        lines.append(text("runs.line_held_out", first=f"{run.held_out[0]:.4f}", last=f"{run.held_out[-1]:.4f}"))
    for line in lines:
        screen.show(line)
    for line in ["", *letter_plot(curve_of(run), _PLOT_WIDTH, _PLOT_HEIGHT)] if run.losses or run.held_out else []:
        screen.show(line)
    if run.losses or run.held_out:
        screen.show(text("runs.plot_key"))
        screen.show("")
    for checkpoint in data["checkpoints"]:
        kind = "whole" if checkpoint["resumable"] else "weights" if checkpoint["whole"] else "incomplete"
        size = size_words(checkpoint["bytes"])
        screen.show(text(f"runs.checkpoint_{kind}", step=checkpoint["step"], size=size))
    _show_samples(samples_of(run), face)


def age(touched: float) -> Text:
    """How long ago something was written, in the largest unit that fits."""
    minutes = max(0, round((time.time() - touched) / 60))
    if minutes < 60:
        return text("runs.age_minutes", count=minutes)
    if minutes < 48 * 60:
        return text("runs.age_hours", count=round(minutes / 60))
    return text("runs.age_days", count=round(minutes / 60 / 24))


def show_comparison(comparison: Comparison, screen: Screen) -> None:
    """Several runs: what differs, then the losses at the same places."""
    names = [run.name for run in comparison.runs]
    groups = (
        ("runs.differ_job", comparison.job),
        ("runs.differ_versions", comparison.versions),
        ("runs.differ_inputs", comparison.inputs),
    )
    for key, differences in groups:
        if differences:
            screen.show(text(key))
            screen.show(_differences(names, differences))
    if not any(differences for _, differences in groups):
        screen.show(text("runs.no_differences"))
    places = (
        ("runs.losses_by_step", comparison.by_step),
        ("runs.losses_by_tokens", comparison.by_tokens),
        ("runs.losses_held_out", comparison.held_out),
    )
    for key, found in places:
        if found:
            screen.show("")
            screen.show(text(key))
            screen.show(_places(names, found))
    if comparison.same_losses:
        screen.show(text("runs.same_losses"))
    elif not comparison.by_step:
        screen.show(text("runs.no_common_steps"))


# ------------------------------------------------------------------------------------------------------- for JSON


def run_record(run: Run, size: int) -> dict[str, Any]:
    """A run as `list --json` has it."""
    return {
        "name": run.name,
        "folder": str(run.folder),
        "state": run.state,
        "model": run.job.model if run.job is not None else None,
        "method": run.job.method if run.job is not None else None,
        "step": run.step,
        "steps": run.steps,
        "loss_first": _finite(run.losses[0]) if run.losses else None,
        "loss_last": _finite(run.losses[-1]) if run.losses else None,
        "held_out_first": _finite(run.held_out[0]) if run.held_out else None,
        "held_out_last": _finite(run.held_out[-1]) if run.held_out else None,
        "begun": run.begun or None,
        "finished": run.finished or None,
        "age_seconds": round(max(0.0, time.time() - run.touched)),
        "bytes": size,
        "failure": run.failure or None,
    }


def shown_record(run: Run) -> dict[str, Any]:
    """A run as `show --json` has it."""
    import dataclasses

    inputs = read_inputs(run.folder)
    changed = changes(inputs, run.job) if inputs is not None and run.job is not None else None
    return {
        **run_record(run, folder_bytes(run.folder)),
        "job": dataclasses.asdict(run.job) if run.job is not None else None,
        "versions": run.versions,
        "seconds": _seconds(run),
        "inputs": inputs,
        "changes": None if changed is None else [dataclasses.asdict(each) for each in changed],
        "metrics": [
            {field.name: _finite(getattr(row, field.name)) for field in dataclasses.fields(row)} for row in run.rows
        ],
        "checkpoints": [
            {
                "folder": str(each.folder),
                "step": each.step,
                "bytes": each.bytes,
                "whole": each.whole,
                "resumable": each.resumable,
            }
            for each in checkpoints_of(run.folder)
        ],
        "samples": [dataclasses.asdict(sample) for sample in samples_of(run)],
    }


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """A comparison as `compare --json` has it."""

    def differences(found: Sequence[Difference]) -> list[dict[str, Any]]:
        return [{"field": each.field, "values": list(each.values)} for each in found]

    def places(found: Sequence[Place], name: str) -> list[dict[str, Any]]:
        return [{name: each.at, "losses": [_finite(loss) for loss in each.losses]} for each in found]

    return {
        "runs": [str(run.folder) for run in comparison.runs],
        "job": differences(comparison.job),
        "versions": differences(comparison.versions),
        "inputs": differences(comparison.inputs),
        "by_step": places(comparison.by_step, "step"),
        "by_tokens": places(comparison.by_tokens, "tokens"),
        "held_out": places(comparison.held_out, "step"),
        "same_losses": comparison.same_losses,
    }


# --------------------------------------------------------------------------------------------------------- pieces


def _job_lines(run: Run, data: dict[str, Any]) -> list[Text | str]:
    assert run.job is not None
    lines: list[Text | str] = [
        text("runs.line_model", model=run.job.model),
        text("runs.line_data", data=", ".join(source.path for source in run.job.data)),
        text("runs.line_method", method=run.job.method, tuning=run.job.tuning),
    ]
    if data["changes"] is None:
        lines.append(text("runs.inputs_unknown"))
    elif not data["changes"]:
        lines.append(text("runs.inputs_same"))
    for change in data["changes"] or ():
        what = text(f"runs.what_{change['what']}")
        lines.append(text(f"runs.change_{change['kind']}", what=what, path=change["path"]))
    return lines


def _show_samples(samples: Sequence[Sample], face: Face) -> None:
    """What was answered first and last, or everything if asked for."""
    steps = sorted({sample.step for sample in samples})
    shown = steps if face.verbose else steps[:1] + steps[1:][-1:]
    for number in sorted({sample.number for sample in samples}):
        mine = [sample for sample in samples if sample.number == number]
        face.screen.show(text("runs.sample_prompt", prompt=mine[0].prompt))
        for sample in mine:
            if sample.step in shown:
                answer = " ".join(sample.answer.split())
                cut = answer if len(answer) <= _LONGEST_ANSWER else answer[:_LONGEST_ANSWER] + "…"
                face.screen.show(text("runs.sample_answer", step=sample.step, answer=cut))


def _table(*left: str, right: Sequence[str] = ()) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(left):
        # The state, second, is short and the same for many; names are long and may stand on two lines.
        table.add_column(name, overflow="fold", no_wrap=place == 1 and len(right) > 1)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _differences(names: Sequence[str], differences: Sequence[Difference]) -> Table:
    table = _table("", *names)
    for each in differences:
        table.add_row(each.field, *(value or "-" for value in each.values))
    return table


def _places(names: Sequence[str], places: Sequence[Place]) -> Table:
    table = _table(right=("", *names))
    for place in places:
        table.add_row(str(place.at), *("-" if loss is None else f"{loss:.4f}" for loss in place.losses))
    return table


def _from_to(losses: Sequence[float]) -> str:
    return f"{losses[0]:.2f} → {losses[-1]:.2f}" if losses else "-"


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _seconds(run: Run) -> float | None:
    """Training time of a finished run, else from the first event to the last measurement."""
    told = run.record.get("seconds")
    if isinstance(told, int | float):
        return float(told)
    first, last = seconds_of(run.begun), seconds_of(run.rows[-1].time) if run.rows else None
    return round(last - first, 1) if first is not None and last is not None else None
