"""Wishes to a run that goes on, from another process: a file in the run folder, which the run's doctor takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from pathlib import Path

Wish = Literal["pause", "continue", "save", "stop"]

_FILE = "wish"


def wish(run: Path, what: Wish) -> None:
    """Ask the run in this folder for something; a wish that was not heard yet is replaced. Raises OSError.

    Nobody hears it when the run does not go on; `forget_wishes` takes it away before the next session.
    """
    building = run / f"{_FILE}.new"
    building.write_text(what, encoding="utf-8")
    replace_file(building, run / _FILE)


def taken_wish(run: Path) -> Wish | None:
    """What was wished since the last call."""
    file = run / _FILE
    try:
        words = file.read_text(encoding="utf-8")
        file.unlink()
    except OSError:
        # None there; or, on Windows, somebody writes it at this moment.
        return None
    return next((each for each in get_args(Wish) if each == words), None)


def forget_wishes(run: Path) -> None:
    """Take away what was wished when nobody heard."""
    (run / _FILE).unlink(missing_ok=True)
