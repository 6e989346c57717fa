"""Loss curves: smoothed values, ticks of axes, and a plot made of letters. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.runs.reading import Run

Points = tuple[tuple[float, float], ...]

RAW, SMOOTH, HELD_OUT = ".", "*", "o"
"""Letters that every console has."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A run's losses by step. Values that are no numbers are left out."""

    name: str
    raw: Points
    smooth: Points
    held_out: Points


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The part of the plane that is shown."""

    left: float
    right: float
    low: float
    high: float

    def place(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """A point in a field of this size whose origin is the upper left corner."""
        return (
            (x - self.left) / (self.right - self.left) * width,
            (self.high - y) / (self.high - self.low) * height,
        )


def curve_of(run: Run) -> Curve:
    """What a run measured, to be drawn."""
    raw = tuple((float(row.step), row.loss) for row in run.rows if row.loss is not None and math.isfinite(row.loss))
    held_out = tuple(
        (float(row.step), row.held_out_loss)
        for row in run.rows
        if row.held_out_loss is not None and math.isfinite(row.held_out_loss)
    )
    return Curve(name=run.name, raw=raw, smooth=smoothed(raw), held_out=held_out)


def smoothed(points: Points) -> Points:
    """Exponential means over about a twentieth of the points, weighed so that the first is not favoured."""
    span = max(3.0, len(points) / 20)
    keep = 1 - 2 / (span + 1)
    total = weight = 0.0
    found = []
    for x, y in points:
        total, weight = total * keep + y, weight * keep + 1
        found.append((x, total / weight))
    return tuple(found)


def frame_of(curves: Sequence[Curve]) -> Frame | None:
    """A frame in which all curves have room; None where there is nothing to show."""
    points = [point for curve in curves for part in (curve.raw, curve.held_out) for point in part]
    if not points:
        return None
    left, right = min(0.0, *(x for x, _ in points)), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    margin = (high - low) * 0.05 or max(abs(high) * 0.05, 0.05)
    return Frame(left=left, right=right if right > left else left + 1, low=low - margin, high=high + margin)


def ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round numbers between two others, about so many: steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return []
    power = 10.0 ** math.floor(math.log10(span / wanted))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if span / (power * factor) <= wanted)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def tick_words(value: float, step: float) -> str:
    """A number on an axis with as many digits as its steps need."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return f"{value:.{min(digits, 8)}f}"


def thinned(points: Points, most: int) -> Points:
    """At most about so many points: of each group the lowest and the highest, so that peaks stay."""
    if len(points) <= most:
        return points
    groups = max(1, most // 2)
    found: list[tuple[float, float]] = []
    for group in range(groups):
        part = points[group * len(points) // groups : (group + 1) * len(points) // groups]
        if part:
            ends = {min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])}
            found += sorted(ends)
    return tuple(found)


def letter_plot(curve: Curve, width: int, height: int) -> list[str]:
    """A curve as lines of letters with axes: `.` each step, `*` smoothed, `o` on the held-out records."""
    frame = frame_of([curve])
    if frame is None:
        return []
    marks = ticks(frame.low, frame.high, max(2, height // 3))
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    names = {_row(mark, frame, height): tick_words(mark, step) for mark in marks}
    edge = max((len(name) for name in names.values()), default=1)
    across = max(10, width - edge - 3)
    field = [[" "] * across for _ in range(height)]
    for points, letter in ((curve.raw, RAW), (curve.smooth, SMOOTH), (curve.held_out, HELD_OUT)):
        for x, y in points:
            place = round((x - frame.left) / (frame.right - frame.left) * (across - 1))
            field[_row(y, frame, height)][place] = letter
    lines = [f"{names.get(row, ''):>{edge}} |{''.join(field[row]).rstrip()}" for row in range(height)]
    lines.append(f"{'':>{edge}} +{'-' * across}")
    first, last = f"{frame.left:.0f}", f"{frame.right:.0f}"
    lines.append(f"{'':>{edge}}  {first}{last:>{max(1, across - len(first))}}")
    return [line.rstrip() for line in lines]


def _row(y: float, frame: Frame, height: int) -> int:
    return min(height - 1, max(0, round((frame.high - y) / (frame.high - frame.low) * (height - 1))))
