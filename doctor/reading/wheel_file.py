"""A wheel read from the inside, member by member, without unpacking it to disk or trusting what it says. Pure."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_PIECE = 1024 * 1024
_MOST_MEMBERS = 200_000
_MOST_BYTES = 16 * 1024**3
"""Of one member, unpacked. The largest libraries of today have 2 GiB."""
_MOST_RATIO = 1100
"""Deflate cannot do more than 1032 to 1: whoever promises more bytes than that lies."""
_MOST_TEXT = 8 * 1024 * 1024
_MOST_KEPT = 4 * 1024**3

_NAME = late_pattern(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*)-(?P<version>[0-9][A-Za-z0-9.!+_]*)(-(?P<build>\d[A-Za-z0-9_]*))?"
    r"-(?P<python>[a-z0-9_.]+)-(?P<abi>[a-z0-9_.]+)-(?P<platform>[A-Za-z0-9_.]+)\.whl"
)
_MANYLINUX = late_pattern(r"manylinux_(\d+)_(\d+)_(\w+)")
_OLD_MANYLINUX = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_CPYTHON = late_pattern(r"cp(\d)(\d+)")


class WheelError(Exception):
    """Not a wheel, or one that is damaged or cut short; the message says which."""


@dataclass(frozen=True, kw_only=True)
class WheelName:
    """What the name of a wheel says."""

    file: str
    package: str
    """Normalised: `flash-attn`."""
    version: str
    """Local tag included: `2.13.0+cu130`."""
    pythons: tuple[str, ...]
    """Tags as written: `cp312`, `py3`."""
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def system(self) -> str:
        """`windows`, `linux`, `macos`, or empty for any."""
        first = self.platforms[0]
        if first.startswith("win"):
            return "windows"
        return "linux" if "linux" in first else "macos" if first.startswith("macosx") else ""

    @property
    def machine(self) -> str:
        """`x86_64`, `arm64`, or empty for any."""
        first = self.platforms[0]
        if first.endswith(("x86_64", "amd64")):
            return "x86_64"
        return "arm64" if first.endswith(("aarch64", "arm64")) else ""

    @property
    def glibc(self) -> str:
        """The oldest glibc that its platform tags allow; empty where they do not say."""
        found: list[tuple[int, int]] = []
        for platform in self.platforms:
            if match := _MANYLINUX.match(platform):
                found.append((int(match[1]), int(match[2])))
            elif (old := _OLD_MANYLINUX.get(platform.partition("_")[0])) is not None:
                found.append(old)
        return ".".join(map(str, min(found))) if found else ""

    def runs_on(self, python: str) -> bool:
        """Whether a CPython such as `3.12` takes it, as far as the tags say."""
        major, _, minor = python.partition(".")
        for tag in self.pythons:
            if tag in (f"py{major}", f"cp{major}{minor}", f"py{major}{minor}"):
                return not any(abi.endswith("t") and abi.startswith("cp") for abi in self.abis)
            match = _CPYTHON.fullmatch(tag)
            if match and "abi3" in self.abis and match[1] == major and int(match[2]) <= int(minor):
                return True
            if tag.startswith(f"py{major}") and tag[3:].isdigit() and int(tag[3:]) <= int(minor):
                return True
        return False


def wheel_name(file: str) -> WheelName:
    """Take a wheel's file name apart. Raises WheelError."""
    match = _NAME.fullmatch(file)
    if match is None:
        raise WheelError(f"{file!r} is no name of a wheel")
    return WheelName(
        file=file,
        package=re.sub(r"[-_.]+", "-", match["name"]).lower(),
        version=match["version"].replace("_", "-"),
        pythons=tuple(match["python"].split(".")),
        abis=tuple(match["abi"].split(".")),
        platforms=tuple(match["platform"].split(".")),
    )


class WheelFile:
    """The members of a wheel. A context manager; opening raises WheelError, OSError.

    `stream` needs `read`, `seek` and `tell` alone: a file, or ranges of one that lies behind an address.
    """

    def __init__(self, stream: IO[bytes], file: str) -> None:
        self.name = wheel_name(file)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as exc:
            raise WheelError(f"no archive, or cut short: {exc}") from exc
        self._members = {info.filename: info for info in self._zip.infolist()}
        if len(self._members) > _MOST_MEMBERS:
            raise WheelError(f"{len(self._members)} members are too many")
        for info in self._members.values():
            if info.file_size > _MOST_BYTES or info.file_size > _MOST_RATIO * (info.compress_size + 1):
                raise WheelError(f"{info.filename} claims {info.file_size} bytes out of {info.compress_size}")

    def __enter__(self) -> WheelFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def members(self) -> tuple[str, ...]:
        """In the order of the archive's directory."""
        return tuple(self._members)

    def unpacked_bytes(self, member: str) -> int:
        return self._members[member].file_size

    def text(self, member: str) -> str:
        """A small text. Empty where there is no such member. Raises WheelError, OSError."""
        if member not in self._members:
            return ""
        if self._members[member].file_size > _MOST_TEXT:
            raise WheelError(f"{member} is too large for a text")
        return b"".join(self.pieces(member)).decode("utf-8", "replace")

    def pieces(self, member: str) -> Iterator[bytes]:
        """A member from its beginning to its end, unpacked. Raises WheelError, OSError."""
        try:
            with self._zip.open(self._members[member]) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError) as exc:
            raise WheelError(f"{member} is damaged: {exc or 'cut short'}") from exc

    def dist_info(self, name: str) -> str:
        """A text of the wheel's own record, such as METADATA. Raises WheelError where it has none, OSError."""
        for member in self._members:
            folder, _, rest = member.partition("/")
            if rest == name and folder.endswith(".dist-info"):
                return self.text(member)
        raise WheelError(f"no {name} in it, so this is no wheel")

    def library(self, member: str) -> LateMember:
        """A member whose bytes can be read in any order: what was unpacked so far is kept in a nameless file."""
        return LateMember(self.pieces(member), self._members[member].file_size)


class LateMember(io.RawIOBase):
    """A member of an archive as a file that can be read anywhere; it is unpacked as far as somebody reads."""

    def __init__(self, pieces: Iterator[bytes], size: int) -> None:
        if size > _MOST_KEPT:
            raise WheelError(f"{size} bytes are too many to look into")
        self._pieces = pieces
        self._size = size
        self._at = self._unpacked = 0
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115  (closed with this one)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Raises WheelError, OSError."""
        end = self._size if size < 0 else min(self._at + size, self._size)
        while self._unpacked < end:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._kept.seek(self._unpacked)
            self._kept.write(piece)
            self._unpacked += len(piece)
        self._kept.seek(self._at)
        found = self._kept.read(max(end - self._at, 0))
        self._at += len(found)
        return found

    def from_start(self) -> Iterator[bytes]:
        """All of it, piece by piece. Raises WheelError, OSError."""
        at = 0
        while at < self._size:
            self.seek(at)
            piece = self.read(_PIECE)
            if not piece:
                return
            at += len(piece)
            yield piece

    def close(self) -> None:
        self._kept.close()
        super().close()
