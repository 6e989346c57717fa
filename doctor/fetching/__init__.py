"""Fetch large files: several at once, from the best address that answers, hashed, resumed after whatever stopped it.

uv begins an interrupted wheel again from zero, and a CUDA wheel has gigabytes; so these come through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import StepFailed
from doctor.fetching.model import Dropped, Fetching, Patience, Refused, Wanted
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Dropped", "Fetching", "Patience", "Refused", "Wanted", "fetch"]


def fetch(
    wanted: Sequence[Wanted],
    folder: Path,
    *,
    variables: Mapping[str, str],
    report: Callable[[Fetching | Dropped], None] = lambda _: None,
    patience: Patience | None = None,
    more: Callable[[Wanted], tuple[str, ...]] = lambda _: (),
) -> None:
    """Bring every file into `folder` under its name; what is there already and right is not asked for again.

    A file gets its name when its hash is right and its bytes are on the disk; until then it is `<sha256>.partial` and
    keeps what came, whatever stops the work. One fetch a folder at a time.

    `variables` are a process's: proxies, certificates and uv's settings for downloads are taken from them. `report` is
    called in this thread. `more` is asked for further addresses of a file, once and in any thread, when those at hand
    fail or are slow.

    Raises NoNetwork (Refused where only a password is missing), NoSpace, StepFailed.
    """
    for each in wanted:
        if each.file in {"", ".", ".."} or any(sign in each.file for sign in "/\\:\0"):
            raise StepFailed(text("fetching.bad_name", file=each.file))
    # Here, not above: connections take a while to import, and many who know this package fetch nothing.
    from doctor.fetching.work import Work

    folder.mkdir(parents=True, exist_ok=True)
    work = Work(wanted, folder, variables, patience or Patience.of(variables), more)
    try:
        work.follow(report)
    finally:
        work.stop.set()
