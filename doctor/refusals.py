"""What the system refused, in words that name the file and, where Windows tells, the program that has it open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.words.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.host.who_holds import Holder

_ACCESS_DENIED, _SHARING, _LOCKED = 5, 32, 33


def refusal(error: OSError, ask: Callable[..., tuple[Holder, ...]] | None = None) -> Text | str:
    """What the system says, as the detail of a message. `ask` tells who has files open; Windows does by default."""
    number = getattr(error, "winerror", None)
    if number not in {_ACCESS_DENIED, _SHARING, _LOCKED}:
        return error.strerror or str(error)
    if ask is None:
        from doctor.host.who_holds import who_holds

        ask = who_holds
    file = file_of(error) or "?"
    holders = ask(*_paths(error))
    if holders:
        named = ", ".join(dict.fromkeys(f"{holder.name} ({holder.pid})" for holder in holders))
        return text("refusals.held_by", file=file, programs=named)
    return text("refusals.denied" if number == _ACCESS_DENIED else "refusals.held", file=file)


def file_of(error: OSError) -> str | None:
    """The file that an error is about: of a rename's two, the new name where something has it, else the old."""
    paths = _paths(error)
    return str(next((path for path in paths if path.exists()), paths[-1])) if paths else None


def hint_for(error: OSError) -> Text | None:
    """What the user can do about it; None where only the system's words help."""
    held = getattr(error, "winerror", None) in {_ACCESS_DENIED, _SHARING, _LOCKED}
    return text("refusals.hint") if held else None


def _paths(error: OSError) -> list[Path]:
    return [Path(_plain(str(name))) for name in (error.filename2, error.filename) if name]


def _plain(name: str) -> str:
    r"""A path as people write it, without `\\?\`."""
    if name.startswith("\\\\?\\UNC\\"):
        return "\\\\" + name[8:]
    return name.removeprefix("\\\\?\\")
