"""A loss plot as shapes, and as SVG: lines, markers and words in colours that the colour-blind tell apart. Pure.

The colours are Okabe and Ito's; runs differ in the shape of their markers and in the dashes of their lines too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

from doctor.quick_dataclass import dataclass
from doctor.runs.curves import frame_of, thinned, tick_words, ticks
from doctor.words.text import render, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from doctor.runs.curves import Curve, Frame, Points
    from doctor.words.text import Language, Text

Shape = Literal["circle", "square", "triangle", "diamond"]

WIDTH, HEIGHT = 1200, 700
_LEFT, _TOP, _RIGHT, _BOTTOM = 100, 84, 40, 84
INK, GREY, GRID, PAPER = "#222222", "#666666", "#e2e2e2", "#ffffff"
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_HELD_OUT = "#d55e00"
"""Of a single run, whose held-out losses are told from its training losses by colour too."""
_SHAPES: tuple[Shape, ...] = ("circle", "square", "triangle", "diamond")
_DASHES: tuple[tuple[int, ...], ...] = ((), (12, 5), (3, 4), (12, 4, 3, 4))
_MOST_POINTS = 1600
"""More would stand on the same columns of the picture."""
_LONGEST_NAME = 40


@dataclass(frozen=True, kw_only=True)
class Line:
    """Points that a pen joins."""

    points: Points
    colour: str
    width: float
    opacity: float = 1.0
    dashes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A small filled shape around a point, with a rim of paper."""

    x: float
    y: float
    shape: Shape
    colour: str
    radius: float = 6.0


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words. `y` is the line that letters stand on."""

    x: float
    y: float
    words: str
    size: int
    colour: str = INK
    anchor: Literal["start", "middle", "end"] = "start"
    upright: bool = False
    """Turned to be read from below."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Shapes in the order in which they are drawn."""

    shapes: tuple[Line | Marker | Label, ...]
    width: int = WIDTH
    height: int = HEIGHT


def loss_picture(curves: Sequence[Curve], language: Language) -> Picture:
    """The losses of one run, or of several beside each other."""

    def say(message: Text) -> str:
        return render(message, language)

    frame = frame_of(curves)
    title = curves[0].name if len(curves) == 1 else say(text("runs.plot_compare", count=len(curves)))
    shapes: list[Line | Marker | Label] = [
        Label(x=_LEFT, y=48, words=say(text("runs.plot_title", name=_short(title))), size=26)
    ]
    if frame is None:
        empty = say(text("runs.plot_empty"))
        shapes.append(Label(x=WIDTH / 2, y=HEIGHT / 2, words=empty, size=22, colour=GREY, anchor="middle"))
        return Picture(shapes=tuple(shapes))
    shapes += _axes(frame, say(text("runs.plot_steps")), say(text("runs.plot_loss")))
    single = len(curves) == 1
    for number, curve in enumerate(curves):
        shapes += _curve(curve, number, frame, single=single)
    shapes += _legend(curves, say)
    return Picture(shapes=tuple(shapes))


def as_svg(picture: Picture) -> str:
    """The picture as an SVG file that needs nothing else."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}" '
        f'width="{picture.width}" height="{picture.height}" font-family="Segoe UI, Helvetica, Arial, '
        'Microsoft YaHei, PingFang SC, Noto Sans CJK SC, sans-serif">',
        f'<rect width="{picture.width}" height="{picture.height}" fill="{PAPER}"/>',
    ]
    for shape in picture.shapes:
        match shape:
            case Line():
                lines.append(_svg_line(shape))
            case Marker():
                lines.append(_svg_marker(shape))
            case Label():
                turned = f' transform="rotate(-90 {_n(shape.x)} {_n(shape.y)})"' if shape.upright else ""
                lines.append(
                    f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{shape.size}" fill="{shape.colour}" '
                    f'text-anchor="{shape.anchor}"{turned}>{escape(_clean(shape.words))}</text>'
                )
    return "\n".join([*lines, "</svg>", ""])


def corners(marker: Marker) -> Points:
    """The corners of a marker that is not a circle."""
    x, y, r = marker.x, marker.y, marker.radius
    match marker.shape:
        case "square":
            return ((x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r))
        case "triangle":
            return ((x, y - r * 1.2), (x + r * 1.15, y + r * 0.85), (x - r * 1.15, y + r * 0.85))
        case "diamond":
            return ((x, y - r * 1.35), (x + r * 1.35, y), (x, y + r * 1.35), (x - r * 1.35, y))
        case "circle":
            return ()


def _axes(frame: Frame, across: str, along: str) -> list[Line | Marker | Label]:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    shapes: list[Line | Marker | Label] = []
    values = ticks(frame.low, frame.high, 8)
    for value in values:
        y = _at(frame, frame.left, value)[1]
        shapes.append(Line(points=((_LEFT, y), (right, y)), colour=GRID, width=1))
        words = tick_words(value, values[1] - values[0] if len(values) > 1 else 1.0)
        shapes.append(Label(x=_LEFT - 10, y=y + 6, words=words, size=17, colour=GREY, anchor="end"))
    steps = [value for value in ticks(frame.left, frame.right, 10) if value == int(value)]
    for value in steps:
        x = _at(frame, value, frame.low)[0]
        shapes.append(Line(points=((x, bottom), (x, bottom + 6)), colour=GREY, width=1))
        shapes.append(Label(x=x, y=bottom + 26, words=f"{value:.0f}", size=17, colour=GREY, anchor="middle"))
    shapes.append(Line(points=((_LEFT, _TOP), (_LEFT, bottom), (right, bottom)), colour=GREY, width=1.4))
    middle = (_LEFT + right) / 2
    shapes.append(Label(x=middle, y=HEIGHT - 22, words=across, size=19, anchor="middle"))
    shapes.append(Label(x=34, y=(_TOP + bottom) / 2, words=along, size=19, anchor="middle", upright=True))
    return shapes


def _curve(curve: Curve, number: int, frame: Frame, *, single: bool) -> list[Line | Marker | Label]:
    colour = _COLOURS[number % len(_COLOURS)]
    held_out = _HELD_OUT if single else colour
    shape = _shape(number, single=single)

    def placed(points: Points) -> Points:
        return tuple(_at(frame, x, y) for x, y in thinned(points, _MOST_POINTS))

    shapes: list[Line | Marker | Label] = []
    if len(curve.raw) > 1:
        shapes.append(Line(points=placed(curve.raw), colour=colour, width=1.2, opacity=0.35))
        shapes.append(Line(points=placed(curve.smooth), colour=colour, width=3, dashes=_dashes(number)))
    elif curve.raw:
        x, y = _at(frame, *curve.raw[0])
        shapes.append(Marker(x=x, y=y, shape="circle", colour=colour, radius=4))
    points = placed(curve.held_out)
    if len(points) > 1:
        shapes.append(Line(points=points, colour=held_out, width=1.6, dashes=(7, 5)))
    shapes += [Marker(x=x, y=y, shape=shape, colour=held_out) for x, y in points]
    return shapes


def _legend(curves: Sequence[Curve], say: Callable[[Text], str]) -> list[Line | Marker | Label]:
    single = len(curves) == 1
    ink = _COLOURS[0] if single else GREY
    entries: list[tuple[list[Line | Marker | Label], str]] = []
    y, shapes = _TOP + 18.0, list[Line | Marker | Label]()
    begin = WIDTH - _RIGHT - 330.0

    def line(at: float, colour: str, width: float, opacity: float = 1.0, dashes: tuple[int, ...] = ()) -> Line:
        return Line(points=((begin, at), (begin + 44, at)), colour=colour, width=width, opacity=opacity, dashes=dashes)

    if not single:
        for number, curve in enumerate(curves):
            colour = _COLOURS[number % len(_COLOURS)]
            marker = Marker(x=begin + 22, y=0, shape=_shape(number, single=False), colour=colour)
            entries.append(([line(0, colour, 3, dashes=_dashes(number)), marker], _short(curve.name)))
    if any(len(curve.raw) > 1 for curve in curves):
        entries.append(([line(0, ink, 1.2, 0.5)], say(text("runs.plot_raw"))))
        entries.append(([line(0, ink, 3)], say(text("runs.plot_smooth"))))
    if any(curve.held_out for curve in curves):
        colour = _HELD_OUT if single else GREY
        marker = Marker(x=begin + 22, y=0, shape="circle" if not single else _shape(0, single=True), colour=colour)
        entries.append(([line(0, colour, 1.6, dashes=(7, 5)), marker], say(text("runs.plot_held_out"))))
    for drawn, words in entries:
        for each in drawn:
            if isinstance(each, Line):
                points = tuple((x, y) for x, _ in each.points)
                shapes.append(Line(points=points, colour=each.colour, width=each.width, opacity=each.opacity,
                                   dashes=each.dashes))  # fmt: skip
            elif isinstance(each, Marker):
                shapes.append(Marker(x=each.x, y=y, shape=each.shape, colour=each.colour))
        shapes.append(Label(x=begin + 56, y=y + 6, words=words, size=18))
        y += 28
    return shapes


def _shape(number: int, *, single: bool) -> Shape:
    return "square" if single else _SHAPES[number % len(_SHAPES)]


def _dashes(number: int) -> tuple[int, ...]:
    """Colours come round after six runs, dashes after four, so twelve runs look different."""
    return _DASHES[number % len(_DASHES)]


def _at(frame: Frame, x: float, y: float) -> tuple[float, float]:
    across, down = frame.place(x, y, WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM)
    return _LEFT + across, _TOP + down


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _svg_line(line: Line) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in line.points)
    dashes = f' stroke-dasharray="{" ".join(map(str, line.dashes))}"' if line.dashes else ""
    opacity = f' stroke-opacity="{line.opacity:g}"' if line.opacity < 1 else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="{line.width:g}" '
        f'stroke-linejoin="round"{opacity}{dashes}/>'
    )


def _svg_marker(marker: Marker) -> str:
    rim = f'fill="{marker.colour}" stroke="{PAPER}" stroke-width="1.5"'
    if marker.shape == "circle":
        return f'<circle cx="{_n(marker.x)}" cy="{_n(marker.y)}" r="{marker.radius:g}" {rim}/>'
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in corners(marker))
    return f'<polygon points="{points}" {rim}/>'


def _clean(words: str) -> str:
    """Without the control characters that XML has no way to write."""
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _n(number: float) -> str:
    return f"{number:.1f}"
