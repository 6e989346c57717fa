"""Find out how a text file is encoded: UTF-8, UTF-16, UTF-32, GBK or Windows' Western letters, or no text at all.

A file with some damage is still read: the lines or records that hold it are told. Standard library only.
"""

from __future__ import annotations

import codecs
import re
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
_BINARY = (
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf", "7z"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"GGUF", "GGUF"),
    (b"%PDF", "PDF"),
    (b"SQLite format 3", "SQLite"),
    (b"\xd0\xcf\x11\xe0", "Office"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BINARY_SHARE = 0.02
"""A file with more control characters than this share of its beginning is no text."""
_DAMAGED_SHARE = 0.1
"""A file is damaged UTF-8 rather than GBK when fewer than this share of its non-ASCII bytes break the rules."""
_LONE_SHARE = 0.5
"""Letters beyond ASCII stand alone in Western texts and in company in Chinese ones."""
_LONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How the bytes of one file become text."""

    codec: str
    """A name for `open`: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-32, gb18030 or cp1252."""
    marked: bool
    """The file begins with a byte order mark."""
    damaged: bool = False
    """Some bytes do not decode. `errors` makes them letters that no whole text holds."""

    @property
    def errors(self) -> str:
        """What `open` is to do with bytes that do not decode."""
        if not self.damaged:
            return "strict"
        # The multibyte codecs cannot escape bytes that are ASCII by themselves.
        return "surrogateescape" if self.codec.startswith("utf-8") else "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotText:
    """The file cannot be read as text."""

    kind: str
    """`zip`, `gzip`, `Parquet`, …; empty when it is text in no encoding we know."""
    line: int | None
    """The first line that cannot be decoded, from 1."""


def find_encoding(path: Path) -> Encoding | NotText:
    """Read the file once, a piece at a time, and say how it is encoded. Raises OSError."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    for magic, kind in _BINARY:
        if head.startswith(magic):
            return NotText(kind=kind, line=None)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return Encoding(codec=codec, marked=True, damaged=_first_bad_line(path, codec) is not None)
    guess = _unmarked_utf16(head)
    if guess is not None:
        bad = _first_bad_line(path, guess)
        if bad is None or bad > 1:
            return Encoding(codec=guess, marked=False, damaged=bad is not None)
    if len(_CONTROL.findall(head)) > max(2, len(head) * _BINARY_SHARE):
        return NotText(kind="binary", line=None)
    bad = _first_bad_line(path, "utf-8")
    if bad is None:
        return Encoding(codec="utf-8", marked=False)
    foreign, broken, lone, good_lines, bad_lines = _look_at_foreign(path)
    if broken < foreign * _DAMAGED_SHARE or good_lines > bad_lines:
        return Encoding(codec="utf-8", marked=False, damaged=True)
    if lone > foreign * _LONE_SHARE:
        if _first_bad_line(path, "cp1252") is None:
            return Encoding(codec="cp1252", marked=False)
    elif _first_bad_line(path, "gb18030") is None:
        return Encoding(codec="gb18030", marked=False)
    elif _is_mostly(path, "gb18030"):
        return Encoding(codec="gb18030", marked=False, damaged=True)
    if good_lines:
        return Encoding(codec="utf-8", marked=False, damaged=True)
    return NotText(kind="", line=bad)


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
    """UTF-16 without a mark: JSON's own letters show as zeros in every second place, and in no other."""
    pairs = len(head) // 2
    if pairs < 4:
        return None
    low, high = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if high > pairs * 0.05 and low <= high * 0.1 and head[1] == 0:
        return "utf-16-le"
    if low > pairs * 0.05 and high <= low * 0.1 and head[0] == 0:
        return "utf-16-be"
    return None


def _look_at_foreign(path: Path) -> tuple[int, int, int, int, int]:
    """Of the first pieces with anything beyond ASCII: its bytes, those that break UTF-8's rules, those that stand
    alone, and the lines with such bytes that are UTF-8 and that are not."""
    with path.open("rb") as stream:
        sample = stream.read(_CHUNK)
        while sample and sample.isascii():
            sample = stream.read(_CHUNK)
        sample += stream.read(_CHUNK)
    foreign = len(sample) - len(re.sub(rb"[\x80-\xff]", b"", sample))
    broken = sample.decode("utf-8", "replace").count("\ufffd") - sample.count("\ufffd".encode())
    good = bad = 0
    for line in sample.split(b"\n")[:-1] or [sample]:
        if not line.isascii():
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return foreign, broken, len(_LONE.findall(sample)), good, bad


def _is_mostly(path: Path, codec: str) -> bool:
    with path.open("rb") as stream:
        sample = stream.read(_CHUNK)
    return sample.decode(codec, "replace").count("\ufffd") < len(sample) * 0.01
