"""Compare runs: what differs in their jobs and in what they were made of, and their losses at the same places."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Any

from doctor.quick_dataclass import dataclass
from doctor.runs.inputs import read_inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.runs.reading import Run
    from trainer.metrics import Row

_PLACES = 10
"""Lines of a table that can be taken in at a glance."""
_OWN_FIELDS = frozenset({"output"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field whose value is not the same in all runs."""

    field: str
    values: tuple[str, ...]
    """In the order of the runs; empty where it cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The losses of all runs at one step, or after as many tokens."""

    at: int
    losses: tuple[float | None, ...]
    """None where a run did not come that far."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two or more runs beside each other."""

    runs: tuple[Run, ...]
    job: tuple[Difference, ...]
    versions: tuple[Difference, ...]
    inputs: tuple[Difference, ...]
    """Data and model files by their hashes, where they were written down."""
    by_step: tuple[Place, ...]
    """Training losses at steps that all have in common as far as they go."""
    by_tokens: tuple[Place, ...]
    """Training losses after the same number of real tokens, between two steps by the line that joins them."""
    held_out: tuple[Place, ...]
    """Held-out losses at the steps where any was measured."""
    same_losses: bool
    """Every loss at every common step is the same to the last digit, and there is one at least."""


def compare(runs: Sequence[Run]) -> Comparison:
    """All that can be said of runs beside each other."""
    losses = [{row.step: row.loss for row in run.rows if row.loss is not None} for run in runs]
    held_out = [{row.step: row.held_out_loss for row in run.rows if row.held_out_loss is not None} for run in runs]
    common = sorted(set.intersection(*(set(each) for each in losses))) if losses else []
    return Comparison(
        runs=tuple(runs),
        job=_differences([_flat(dataclasses.asdict(run.job)) if run.job is not None else {} for run in runs]),
        versions=_differences([dict(run.versions) for run in runs]),
        inputs=_differences([_inputs(run) for run in runs]),
        by_step=tuple(Place(at=step, losses=tuple(each[step] for each in losses)) for step in _some(common)),
        by_tokens=_by_tokens(runs),
        held_out=tuple(
            Place(at=step, losses=tuple(each.get(step) for each in held_out))
            for step in _some(sorted(set().union(*held_out)))
        ),
        same_losses=bool(common) and all(len({_bits(each[step]) for each in losses}) == 1 for step in common),
    )


def _bits(loss: float) -> str:
    """NaN is the same as NaN here."""
    return repr(loss)


def _some(places: Sequence[int]) -> list[int]:
    """The first, the last, and some between them, evenly spread."""
    if len(places) <= _PLACES:
        return list(places)
    return [places[round(number * (len(places) - 1) / (_PLACES - 1))] for number in range(_PLACES)]


def _by_tokens(runs: Sequence[Run]) -> tuple[Place, ...]:
    curves = [_curve(run.rows) for run in runs]
    if not all(curves):
        return ()
    # Beyond the second longest there is nothing to compare with.
    begin, end = max(curve[0][0] for curve in curves), sorted(curve[-1][0] for curve in curves)[-2:][0]
    if begin >= end:
        return ()
    places = [round(begin + (end - begin) * number / (_PLACES - 1)) for number in range(_PLACES)]
    return tuple(Place(at=at, losses=tuple(_between(curve, at) for curve in curves)) for at in dict.fromkeys(places))


def _curve(rows: Sequence[Row]) -> list[tuple[int, float]]:
    found: list[tuple[int, float]] = []
    for row in rows:
        if row.loss is not None and math.isfinite(row.loss) and row.tokens and (not found or row.tokens > found[-1][0]):
            found.append((row.tokens, row.loss))
    return found


def _between(curve: Sequence[tuple[int, float]], at: int) -> float | None:
    if at < curve[0][0] or at > curve[-1][0]:
        return None
    before = curve[0]
    for point in curve:
        if point[0] >= at:
            share = (at - before[0]) / (point[0] - before[0]) if point[0] > before[0] else 1.0
            return before[1] + (point[1] - before[1]) * share
        before = point
    return before[1]


def _differences(records: Sequence[dict[str, Any]]) -> tuple[Difference, ...]:
    names = dict.fromkeys(name for record in records for name in record)
    found = []
    for name in names:
        values = tuple(_shown(record[name]) if name in record else "" for record in records)
        if len(set(values)) > 1:
            found.append(Difference(field=name, values=values))
    return tuple(found)


def _flat(fields: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields by names such as `lora.rank`."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if prefix + name in _OWN_FIELDS:
            continue
        if isinstance(value, dict) and value:
            found |= _flat(value, f"{prefix}{name}.")
        elif name in {"data", "held_out_data"} and isinstance(value, list | tuple):
            found[prefix + name] = [_source(each) for each in value]
        else:
            found[prefix + name] = value
    return found


def _source(source: Any) -> Any:
    """A source as its path where nothing else is said of it."""
    if not isinstance(source, dict):
        return source
    said = {name: value for name, value in source.items() if value not in (1.0, "auto", {}, "")}
    return said.get("path", "") if said.keys() <= {"path"} else said


def _inputs(run: Run) -> dict[str, Any]:
    record = read_inputs(run.folder)
    if record is None:
        return {}
    found: dict[str, Any] = {}
    for group, key, digest in (("data", "path", "sha256"), ("held_out_data", "path", "sha256")):
        for file in record.get(group) or ():
            if isinstance(file, dict):
                found[f"{group}: {file.get(key)}"] = str(file.get(digest))[:12]
    for file in record["model"].get("files") or ():
        if isinstance(file, dict):
            found[f"model: {file.get('name')}"] = str(file.get("ends_sha256"))[:12]
    return found


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
