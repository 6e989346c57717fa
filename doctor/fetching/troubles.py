"""What goes wrong with connections and disks, and what it means: try again, try elsewhere, or stop."""

from __future__ import annotations

import errno
import ssl
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from doctor.errors import NoSpace, StepFailed
from doctor.refusals import refusal
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

from doctor.words.text import Text

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_ON_WINDOWS = {39, 112}
_REFUSED = {401, 403, 407}
_BUSY = {408, 425, 429}


class Again(Exception):
    """It may go better another time."""

    def __init__(self, why: Text, pause_seconds: float = 0.0) -> None:
        super().__init__()
        self.why, self.pause_seconds = why, pause_seconds


class Useless(Exception):
    """This address has nothing for us."""

    def __init__(self, why: Text, *, refused: bool = False) -> None:
        super().__init__()
        self.why, self.refused = why, refused


class Slow(Exception):
    """Another address may be faster."""


class Stopped(Exception):
    """The work was called off."""


def judged(error: HTTPError) -> Again | Useless:
    """What an answer with an error status means."""
    why = text("fetching.status", status=error.code)
    if error.code in _BUSY or error.code >= 500:
        asked = (error.headers or Message()).get("Retry-After", "")
        return Again(why, pause_seconds=min(float(asked), 30.0) if asked.isdigit() else 0.0)
    return Useless(why, refused=error.code in _REFUSED)


@contextmanager
def talking() -> Iterator[None]:
    """What a connection may raise, as what it means here."""
    try:
        yield
    except TimeoutError:
        raise Again(text("fetching.stalled")) from None
    except URLError as exc:
        raise _meaning(exc.reason) from None
    except (HTTPException, OSError, ValueError) as exc:
        raise _meaning(exc) from None


def _meaning(reason: object) -> Again | Useless:
    if isinstance(reason, TimeoutError):
        return Again(text("fetching.stalled"))
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Useless(text("fetching.no_trust", detail=reason.verify_message))
    if isinstance(reason, ValueError) and not isinstance(reason, OSError):
        return Useless(text("fetching.bad_address"))
    if isinstance(reason, OSError):
        return Again(text("fetching.broken", detail=reason.strerror or str(reason) or type(reason).__name__))
    return Again(text("fetching.broken", detail=str(reason) or type(reason).__name__))


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """What a disk may raise. Raises NoSpace, StepFailed."""
    try:
        yield
    except OSError as exc:
        if exc.errno in _FULL or getattr(exc, "winerror", None) in _FULL_ON_WINDOWS:
            raise NoSpace(
                text("fetching.no_space", folder=str(file.parent)), hint=text("fetching.no_space_hint")
            ) from exc
        raise StepFailed(
            text("fetching.no_write", folder=str(file.parent), detail=refusal(exc)),
            hint=text("fetching.no_write_hint"),
        ) from exc
