"""Wheels are handed over whole, and a reader that goes away is nobody's trouble."""

from __future__ import annotations

import socket
import struct
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from doctor.plan.lock import Locked
from doctor.uv.counter import counter

if TYPE_CHECKING:
    from pathlib import Path

LINGER = "hh" if sys.platform == "win32" else "ii"
CONTENT = b"wheel " * (1 << 20)


@pytest.fixture
def wheel(tmp_path: Path) -> Locked:
    (tmp_path / "torch-1.0+cpu-py3-none-any.whl").write_bytes(CONTENT)
    return Locked(
        name="torch", version="1.0+cpu", file="torch-1.0+cpu-py3-none-any.whl", url="", sha256="aa", bytes=None
    )


def test_a_wheel_comes_whole(wheel: Locked, tmp_path: Path) -> None:
    with counter(tmp_path, [wheel]) as addresses, urlopen(addresses["aa"]) as answer:
        assert answer.read() == CONTENT


@pytest.mark.parametrize("asked", [b"", b"GET %s HTTP/1.1\r\n\r\n", b"HEAD %s HTTP/1.1\r\n\r\n"])
def test_a_reader_that_breaks_off_is_not_told(
    asked: bytes, wheel: Locked, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with counter(tmp_path, [wheel]) as addresses:
        parts = urlsplit(addresses["aa"])
        for _ in range(3):
            with socket.create_connection((str(parts.hostname), int(parts.port or 0))) as reader:
                reader.sendall(asked.replace(b"%s", parts.path.encode()))
                # Closing now sends a reset and no end.
                reader.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
                )
                time.sleep(0.05)
        with urlopen(addresses["aa"]) as answer:
            assert len(answer.read()) == len(CONTENT)
    assert capfd.readouterr().err == ""
