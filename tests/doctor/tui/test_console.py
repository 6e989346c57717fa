"""Stand-ins for letters that a console lacks, pictures, folded lines, work that is stopped, run folders."""

from __future__ import annotations

import threading
import unicodedata
from itertools import pairwise

import pytest

from doctor.cli.findings import columns
from doctor.tui.console import Fitting, shows_language
from doctor.tui.folding import breaks
from doctor.tui.pictures import bar, curve
from doctor.tui.stoppable import StoppableWork

DRAWN = "╭─╮│╰╯━┃█░▁▔▎▊▐✓✗●·…→▸“”×°⠋中文，▼▲"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "cp850", "cp936", "latin-1", "cp932"])
def test_stand_ins_can_be_shown_and_are_as_wide(encoding: str) -> None:
    fitting = Fitting(encoding)
    assert fitting.enabled
    for letter in DRAWN:
        shown = fitting.fit(letter)
        shown.encode(encoding)
        assert columns(shown) == columns(letter)


def test_frames_and_bars_become_plain_signs() -> None:
    fitting = Fitting("cp1252")
    assert fitting.fit("╭─ a ─╮│[██░░]╰✓✗●→") == "+- a -+|[##..]++xo>"


def test_east_asian_consoles_get_no_letter_of_doubtful_width() -> None:
    assert Fitting("cp936").fit("─│█●中文") == "-|#o中文"
    assert all(unicodedata.east_asian_width(letter) != "A" for letter in Fitting("cp936").fit(DRAWN))


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "cp65001"])
def test_a_console_of_unicode_is_left_alone(encoding: str) -> None:
    assert not Fitting(encoding).enabled
    assert shows_language("zh", "utf-8")


@pytest.mark.parametrize(("encoding", "chinese"), [("cp936", True), ("gb18030", True), ("cp1252", False)])
def test_whether_a_console_shows_chinese(encoding: str, chinese: bool) -> None:
    assert shows_language("zh", encoding) is chinese
    assert shows_language("en", encoding)


@pytest.mark.parametrize(
    ("used", "total", "picture"),
    [(0, 10, "[░░░░]"), (1, 1000, "[█░░░]"), (5, 10, "[██░░]"), (12, 10, "[████]"), (1, 0, "[░░░░]")],
)
def test_a_bar_is_as_full_as_what_it_shows(used: int, total: int, picture: str) -> None:
    assert bar(used, total, 4) == picture


def test_a_curve_goes_from_high_to_low() -> None:
    assert curve([4, 3, 2, 1], 4) == "█▆▃▁"
    assert curve([4, 4, 1, 1], 2) == "█▁"
    assert curve([2.0], 10) == "▁"
    assert curve([], 10) == ""


@pytest.mark.parametrize("width", [3, 7, 20, 41])
def test_folded_lines_are_never_wider_and_lose_nothing(width: int) -> None:
    words = (
        "Tab 和 Shift-Tab 在各部分之间移动，方向键在部分内移动（回车按下按钮）；`tunedoc install` 之后averylongword。"
    )
    places = [0, *breaks(words, width), len(words)]
    lines = [words[start:end] for start, end in pairwise(places)]
    assert "".join(lines) == words
    assert all(columns(line.rstrip()) <= width + 2 for line in lines)
    if width >= 20:
        assert not any(line.startswith(tuple("，。；）")) for line in lines)


def test_work_in_a_thread_is_stopped_where_it_is_and_not_after_its_end() -> None:
    stoppable = StoppableWork(matters=True)
    begun, go_on = threading.Event(), threading.Event()
    said: list[str] = []

    def work() -> None:
        try:
            with stoppable.running():
                begun.set()
                while True:
                    go_on.wait(0.02)
        except KeyboardInterrupt:
            said.append("stopped")
        # Work that is over cannot be stopped any more.
        stoppable.stop()
        for _ in range(1000):
            threading.get_ident()
        said.append("ended")

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    assert stoppable.goes_on
    stoppable.stop()
    thread.join()
    assert said == ["stopped", "ended"]
    assert not stoppable.goes_on
