"""What is to be fetched, and how patient to be: values. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import NoNetwork
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.words.text import Text


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file that is to be had."""

    file: str
    """Its final name."""
    sha256: str
    bytes: int | None
    """Its size, where it is known."""
    urls: tuple[str, ...]
    """Where it is, best first; `file:` for a file of this machine."""


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """An address that is not asked for this file any more."""

    file: str
    place: str
    """The address, without credentials."""
    why: Text


@dataclass(frozen=True, kw_only=True)
class Fetching:
    """How far it is. Sent about twice a second, and once at the end."""

    files: int
    files_done: int
    bytes_done: int
    bytes_total: int | None
    """None while the size of some file is not known."""
    bytes_per_second: float
    """Of what comes in now; kept bytes of an earlier try do not count."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """When an address is given up."""

    stall_seconds: float = 30.0
    """Without a byte for so long the connection counts as broken. uv's own default."""
    slow_seconds: float = 15.0
    slow_bytes_per_second: float = 256 * 1024
    """All files together slower than this for `slow_seconds`: another address is tried, where there is one."""
    retries: int = 3
    """Further tries of an address that brings nothing at all. uv's own default."""
    first_pause_seconds: float = 0.5
    """Before an address is asked again; doubled each time."""
    at_once: int = 4
    """Files at a time: a few fill any line, and more only make each of them slow."""

    @staticmethod
    def of(variables: Mapping[str, str]) -> Patience:
        """As the user has told uv, where he has."""

        def number(name: str, least: int, otherwise: float) -> float:
            words = variables.get(name, "")
            return max(least, int(words)) if words.isdecimal() else otherwise

        usual = Patience()
        return Patience(
            stall_seconds=number("UV_HTTP_TIMEOUT", 1, usual.stall_seconds),
            retries=int(number("UV_HTTP_RETRIES", 0, usual.retries)),
            at_once=int(number("UV_CONCURRENT_DOWNLOADS", 1, usual.at_once)),
        )


class Refused(NoNetwork):
    """Every address wants a user name and password that are not known here."""
