"""Nobody sits at the null device, a pipe or a file, whatever the system says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from doctor.host.terminals import is_terminal


def test_nobody_sits_at_the_null_device(tmp_path: Path) -> None:
    with Path(os.devnull).open(encoding="utf-8") as stream:
        assert not is_terminal(stream)
    with (tmp_path / "file").open("w", encoding="utf-8") as stream:
        assert not is_terminal(stream)
    assert not is_terminal(None)


@pytest.mark.skipif(sys.platform == "win32", reason="a console cannot be made by a program without one")
def test_somebody_sits_at_a_terminal() -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, encoding="utf-8") as stream:
        assert is_terminal(stream)
    os.close(ours)
