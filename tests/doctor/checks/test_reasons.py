"""Reasons inside Unknowns, in the reader's language."""

from __future__ import annotations

import pytest

from doctor.checks.reasons import told
from doctor.words.text import render


@pytest.mark.parametrize(
    ("why", "chinese"),
    [
        ("no answer in 10 s", "10 秒内没有响应"),
        ("no driver library, but the machine has 10de:2d04", "没有驱动库，但这台电脑有 10de:2d04"),
        ("none was built yet", "尚未构建"),
        ("OSError: something else", "OSError: something else"),
    ],
)
def test_a_reason_is_told_in_the_readers_language(why: str, chinese: str) -> None:
    assert render(told(why), "en") == why
    assert render(told(why), "zh") == chinese
