"""Find out how a text file is encoded: UTF-8, UTF-16, UTF-32 or GBK, or not text at all. Standard library only."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20
_BOMS = (
    # UTF-32's little-endian mark begins with UTF-16's, so it comes first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = ((b"PK\x03\x04", "zip"), (b"\x1f\x8b", "gzip"), (b"PAR1", "Parquet"), (b"GGUF", "GGUF"), (b"%PDF", "PDF"))
_DAMAGED_SHARE = 0.1
"""A file is damaged UTF-8 rather than GBK when fewer than this share of its non-ASCII bytes break the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How the bytes of one file become text."""

    codec: str
    """A name for `open`: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-32 or gb18030."""
    marked: bool
    """The file begins with a byte order mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotText:
    """The file cannot be read as text."""

    kind: str
    """`zip`, `gzip`, `Parquet`, …; empty when it is text in no encoding we know, or damaged."""
    line: int | None
    """The first line that cannot be decoded, from 1."""


def find_encoding(path: Path) -> Encoding | NotText:
    """Read the file once, a piece at a time, and say how it is encoded. Raises OSError."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            bad = _first_bad_line(path, codec)
            return Encoding(codec=codec, marked=True) if bad is None else NotText(kind="", line=bad)
    for magic, kind in _BINARY:
        if head.startswith(magic):
            return NotText(kind=kind, line=None)
    guess = _unmarked_utf16(head)
    if guess is not None and _first_bad_line(path, guess) is None:
        return Encoding(codec=guess, marked=False)
    bad = _first_bad_line(path, "utf-8")
    if bad is None:
        return Encoding(codec="utf-8", marked=False) if b"\0" not in head else NotText(kind="binary", line=None)
    if not _is_damaged_utf8(path) and _first_bad_line(path, "gb18030") is None:
        return Encoding(codec="gb18030", marked=False)
    return NotText(kind="binary" if b"\0" in head else "", line=bad)


def _first_bad_line(path: Path, codec: str) -> int | None:
    """The line of the first byte that does not decode, or None when all do."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    line = 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(codec, "replace")
                return line + good.count("\n")
            if not chunk:
                return None


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 of JSON without a mark shows as zeros in every second place."""
    pairs = len(head) // 2
    if pairs < 4:
        return None
    low, high = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if high > pairs * 0.3 and low < high * 0.1:
        return "utf-16-le"
    if low > pairs * 0.3 and high < low * 0.1:
        return "utf-16-be"
    return None


def _is_damaged_utf8(path: Path) -> bool:
    """Whether most of the non-ASCII bytes do follow UTF-8's rules."""
    with path.open("rb") as stream:
        sample = stream.read(_CHUNK)
        while sample and sample.isascii():
            sample = stream.read(_CHUNK)
    foreign = sum(byte > 127 for byte in sample)
    broken = sample.decode("utf-8", "replace").count("\ufffd")
    return foreign > 0 and broken < foreign * _DAMAGED_SHARE
