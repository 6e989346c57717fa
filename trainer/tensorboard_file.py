"""TensorBoard's event files, written without TensorBoard: records with checksums around hand-made protocol buffers.

The formats are TensorFlow's: a record is its length, the length's checksum, the bytes and their checksum (CRC-32C,
masked); an `Event` holds a time, a step and a summary of values. `tensorboard --logdir RUN` shows them.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "tensorboard"

_POLYNOMIAL = 0x82F63B78
_MASK = 0xA282EAD8
_STRING = 7
"""TensorFlow's number for the type of texts."""
_START = 1
"""Of a session: what an older file says from this step on does not count."""


class TensorboardFile:
    """One event file. A run that goes on writes a new one, and takes the older ones away."""

    def __init__(self, folder: Path, *, from_step: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("events.out.tfevents.*"):
            # One that TensorBoard holds open on Windows stays: the session's start below tells from where it is void.
            remove_tree(old, patient=False)
        # TensorBoard reads the files in the order of their names.
        stamp = time.time()
        self._stream = (folder / f"events.out.tfevents.{stamp:017.6f}.tunedoc").open("ab")
        self._write(_event(stamp, 0, _bytes(3, b"brain.Event:2")))
        self._write(_event(stamp, from_step + 1, _bytes(7, _number(1, _START))))

    def scalars(self, values: Mapping[str, float], *, step: int, at: float) -> None:
        """Values by their tags, `train/loss` and the like. `at` is a time in seconds since 1970."""
        summary = b"".join(_bytes(1, _bytes(1, tag.encode()) + _float(2, value)) for tag, value in values.items())
        self._write(_event(at, step, _bytes(5, summary)))

    def text(self, tag: str, words: str, *, step: int, at: float) -> None:
        """A text, which TensorBoard shows as Markdown."""
        shape = _bytes(2, _number(1, 1))
        tensor = _number(1, _STRING) + _bytes(2, shape) + _bytes(8, words.encode("utf-8", "replace"))
        metadata = _bytes(1, _bytes(1, b"text"))
        value = _bytes(1, tag.encode()) + _bytes(9, metadata) + _bytes(8, tensor)
        self._write(_event(at, step, _bytes(5, _bytes(1, value))))

    def close(self) -> None:
        self._stream.close()

    def _write(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        self._stream.write(length + _checksum(length) + event + _checksum(event))
        self._stream.flush()


def _event(at: float, step: int, what: bytes) -> bytes:
    return b"\x09" + struct.pack("<d", at) + _number(2, step) + what


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _float(field: int, value: float) -> bytes:
    try:
        packed = struct.pack("<f", value)
    except OverflowError:
        packed = struct.pack("<f", float("inf") if value > 0 else float("-inf"))
    return _varint(field << 3 | 5) + packed


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _table() -> list[int]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (_POLYNOMIAL if number & 1 else 0)
        table.append(number)
    return table


_TABLE = _table()


def _checksum(content: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF)
