"""Open wheels wherever they lie (files, folders, addresses, an index) and read the facts out of them."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from doctor.errors import BadInput, UsageError
from doctor.fetching.addresses import without_credentials
from doctor.quick_dataclass import dataclass
from doctor.reading.wheel_facts import Depth, read_wheel
from doctor.reading.wheel_file import WheelError, WheelFile
from doctor.refreshing.web import NoRanges
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doctor.reading.wheel_facts import WheelFacts
    from doctor.refreshing.web import RemoteFile, Web

SAMPLE_BYTES = 32 * 1024 * 1024
"""Of the code for GPUs in one library of a remote wheel, unless all is asked for: 0.1 GB instead of 0.5 GB of torch
2.13's wheel, and the same architectures."""

_REMOTE = ("http://", "https://")


@dataclass(frozen=True, kw_only=True)
class ReadWheel:
    """One wheel that was read."""

    place: str
    """File or address."""
    facts: WheelFacts
    whole_bytes: int
    read_bytes: int
    """Fetched over the network; the whole size for a file of this machine."""


def places_of(place: str) -> tuple[str, ...]:
    """A folder as the wheels in it; a file or an address as it is. Raises UsageError for what is not there."""
    if place.startswith(_REMOTE) or Path(place).is_file():
        return (place,)
    if not Path(place).is_dir():
        raise UsageError(text("refreshing.no_such_file", file=place), hint=text("refreshing.nothing_to_read_hint"))
    files = tuple(str(file) for file in sorted(Path(place).glob("*.whl")))
    if not files:
        raise UsageError(text("refreshing.no_wheels", folder=place), hint=text("refreshing.nothing_to_read_hint"))
    return files


def read_place(
    place: str, web: Web, *, whole: bool = False, on_member: Callable[[str, str], None] | None = None
) -> ReadWheel:
    """The wheel behind a path or an address. Raises BadInput for what is no wheel, NoNetwork, OSError."""
    if place.startswith(_REMOTE):
        return _read_address(place, web, whole=whole, on_member=on_member)
    file = Path(place)
    with file.open("rb") as stream, _bad_input(place):
        size = file.stat().st_size
        facts = _facts(stream, file.name, Depth(), on_member)
        return ReadWheel(place=place, facts=facts, whole_bytes=size, read_bytes=size)


def _read_address(url: str, web: Web, *, whole: bool, on_member: Callable[[str, str], None] | None) -> ReadWheel:
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    with _bad_input(url):
        try:
            remote: RemoteFile = web.file(url)
        except NoRanges:
            with tempfile.TemporaryFile() as stream:
                size = web.whole(url, stream)
                facts = _facts(stream, name, Depth(), on_member)
            return ReadWheel(place=url, facts=facts, whole_bytes=size, read_bytes=size)
        depth = Depth(container_bytes=None if whole else SAMPLE_BYTES)
        facts = _facts(cast("IO[bytes]", remote), name, depth, on_member)
        return ReadWheel(place=url, facts=facts, whole_bytes=remote.size, read_bytes=remote.fetched_bytes)


def _facts(stream: IO[bytes], name: str, depth: Depth, on_member: Callable[[str, str], None] | None) -> WheelFacts:
    with WheelFile(stream, name) as wheel:
        return read_wheel(wheel, depth, (lambda member: on_member(name, member)) if on_member else None)


@contextmanager
def _bad_input(place: str) -> Iterator[None]:
    try:
        yield
    except WheelError as exc:
        raise BadInput(
            text("refreshing.bad_wheel", detail=str(exc)),
            hint=text("refreshing.bad_wheel_hint"),
            file=without_credentials(place),
        ) from exc
