"""Loss plots: curves as letters, as SVG and as PNG that readers of those formats take."""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from doctor.errors import BadInput
from doctor.runs.curves import Curve, curve_of, frame_of, letter_plot, smoothed, thinned, tick_words, ticks
from doctor.runs.picture import Label, as_svg, loss_picture
from doctor.runs.plots import plot, write_plots
from doctor.runs.raster import as_png
from doctor.runs.reading import read_run
from doctor.runs.strokes import strokes_of
from doctor.words.runs import WORDS
from tests.run_folders_made_up import made_up_run

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


def curve(name: str, count: int) -> Curve:
    raw = tuple((float(step), 1 + 2 * math.exp(-step / 20) + (step % 3) / 10) for step in range(1, count + 1))
    return Curve(name=name, raw=raw, smooth=smoothed(raw), held_out=((0.0, 3.2), (float(count), 1.3)))


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of a PNG of ours, its checksums checked."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, parts = 8, dict[bytes, bytes]()
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert zlib.crc32(kind + content) == int.from_bytes(png[place + 8 + length : place + 12 + length], "big")
        parts[kind] = content
        place += 12 + length
    width, height, depth, colours, *_ = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, colours) == (8, 2)
    rows = zlib.decompress(parts[b"IDAT"])
    length = width * 3 + 1
    assert len(rows) == length * height
    return width, height, [rows[begin + 1 : begin + length] for begin in range(0, len(rows), length)]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 10, [0, 2, 4, 6, 8, 10]), (1.02, 1.31, [1.05, 1.1, 1.15, 1.2, 1.25, 1.3]), (-1, 1, [-1, -0.5, 0, 0.5, 1])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high, 6) == pytest.approx(expected)


def test_tick_words_have_the_digits_that_their_steps_need() -> None:
    assert [tick_words(value, 0.05) for value in (1.05, 1.1)] == ["1.05", "1.10"]
    assert tick_words(20, 10) == "20"


def test_smoothed_values_begin_with_the_first_and_lie_between() -> None:
    points = smoothed(((1.0, 4.0), (2.0, 2.0), (3.0, 2.0)))
    assert points[0] == (1.0, 4.0)
    assert 2.0 < points[2][1] < points[1][1] < 4.0


def test_of_many_points_the_peaks_stay() -> None:
    points = tuple((float(x), 100.0 if x == 5003 else x % 7.0) for x in range(10_000))
    few = thinned(points, 400)
    assert len(few) <= 400
    assert (5003.0, 100.0) in few


def test_a_plot_of_letters_falls_from_left_to_right() -> None:
    lines = letter_plot(curve("a", 60), 76, 16)
    assert len(lines) == 18
    assert all(len(line) <= 76 and line.isascii() for line in lines)
    tops = [row for row, line in enumerate(lines[:16]) if "*" in line[:20]]
    ends = [row for row, line in enumerate(lines[:16]) if "*" in line[60:]]
    assert max(tops) < min(ends)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_points_are_drawn_too(count: int) -> None:
    raw = tuple((float(step), 2.0) for step in range(1, count + 1))
    few = Curve(name="few", raw=raw, smooth=smoothed(raw), held_out=())
    assert bool(letter_plot(few, 40, 8)) == bool(count)
    assert (frame_of([few]) is None) == (count == 0)
    ElementTree.fromstring(as_svg(loss_picture([few], "en")))
    pixels(as_png(loss_picture([few], "zh")))


def test_an_svg_has_curves_markers_and_words_in_both_languages() -> None:
    for language, words in (("en", "held-out records"), ("zh", "留出集")):
        root = ElementTree.fromstring(as_svg(loss_picture([curve('<a> & "b"\x1b', 50)], language)))
        said = [each.text for each in root.iter(f"{SVG}text")]
        assert words in said
        assert any('<a> & "b"?' in (each or "") for each in said)
        assert len(list(root.iter(f"{SVG}polygon"))) == 3  # two held-out points and the legend's


def test_runs_beside_each_other_differ_in_more_than_colour() -> None:
    root = ElementTree.fromstring(as_svg(loss_picture([curve("a", 50), curve("b", 50), curve("c", 50)], "en")))
    thick = [line for line in root.iter(f"{SVG}polyline") if line.get("stroke-width") == "3"]
    assert len({line.get("stroke") for line in thick[:3]}) == 3
    assert len({line.get("stroke-dasharray") for line in thick[:3]}) == 3


def test_a_png_shows_the_curve_where_it_is() -> None:
    width, height, rows = pixels(as_png(loss_picture([curve("a", 50)], "en")))
    assert (width, height) == (1200, 700)
    blue = bytes.fromhex("0072b2")
    columns = [x for x in range(110, 1150, 40) if any(row[x * 3 : x * 3 + 3] == blue for row in rows)]
    assert len(columns) > 20


def test_every_word_on_a_plot_can_be_drawn() -> None:
    box = strokes_of("\u2603", 20)[0]
    for key, (english, chinese) in WORDS.items():
        if key.startswith("runs.plot_") and key.split("_")[1] in {
            "title", "compare", "empty", "steps", "loss", "raw", "smooth", "held",
        }:  # fmt: skip
            for letter in english.replace("{name}", "").replace("{count}", "") + chinese.replace("{name}", "").replace(
                "{count}", ""
            ):
                assert letter.isspace() or strokes_of(letter, 20)[0] != box, letter


def test_letters_stand_on_their_line_and_have_a_width() -> None:
    strokes, width = strokes_of("Loss 12.5", 20)
    assert max(y for stroke in strokes for _, y in stroke) <= 0.01
    assert 60 < width < 110
    assert strokes_of("", 20) == ([], 0.0)


def test_plots_are_written_beside_a_run_and_on_demand(tmp_path: Path) -> None:
    root = made_up_run(tmp_path / "我的 run", [3.0, 2.0, 1.0]).root
    write_plots(root, "zh")
    pixels((root / "loss.png").read_bytes())
    assert "损失：我的 run" in (root / "loss.svg").read_text(encoding="utf-8")
    run = read_run(root)
    assert run is not None
    assert curve_of(run).held_out == ((0.0, 3.25), (3.0, 1.25))
    plot([run, run], tmp_path / "两个.SVG", "en")
    assert "Loss: 2 runs" in (tmp_path / "两个.SVG").read_text(encoding="utf-8")
    for name in ("loss.jpg", "loss", "none/loss.png"):
        with pytest.raises(BadInput):
            plot([run], tmp_path / name, "en")


def test_the_end_of_words_is_known_for_labels_that_end_somewhere() -> None:
    labels = [shape for shape in loss_picture([curve("a", 50)], "en").shapes if isinstance(shape, Label)]
    assert {label.anchor for label in labels} == {"start", "middle", "end"}
