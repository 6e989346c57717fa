"""Wheels as archives: names, members, and all that can be wrong with them."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from doctor.reading.wheel_file import WheelError, WheelFile, wheel_name
from tests.index_made_up import binary_wheel

NAME = "thing-1.0-py3-none-any.whl"


def opened(content: bytes, name: str = NAME) -> WheelFile:
    return WheelFile(io.BytesIO(content), name)


@pytest.mark.parametrize(
    ("file", "package", "version", "system", "machine", "glibc"),
    [
        ("torch-2.13.0+cu130-cp312-cp312-win_amd64.whl", "torch", "2.13.0+cu130", "windows", "x86_64", ""),
        ("torch-2.13.0-cp312-cp312-manylinux_2_28_x86_64.whl", "torch", "2.13.0", "linux", "x86_64", "2.28"),
        ("flash_attn-2.8.3-cp312-cp312-linux_x86_64.whl", "flash-attn", "2.8.3", "linux", "x86_64", ""),
        ("a-1-cp312-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl", "a", "1", "linux", "x86_64", "2.17"),
        ("a-1-1-cp312-cp312-macosx_14_0_arm64.whl", "a", "1", "macos", "arm64", ""),
        ("triton_windows-3.7.1.post27-cp312-cp312-win_amd64.whl", "triton-windows", "3.7.1.post27", "windows", "x86_64", ""),  # noqa: E501
        (NAME, "thing", "1.0", "", "", ""),
    ],
)  # fmt: skip
def test_a_name_tells(file: str, package: str, version: str, system: str, machine: str, glibc: str) -> None:
    name = wheel_name(file)
    assert (name.package, name.version, name.system, name.machine, name.glibc) == (
        package, version, system, machine, glibc,
    )  # fmt: skip


@pytest.mark.parametrize("file", ["thing.zip", "thing-1.0.whl", "-1.0-py3-none-any.whl", "../x-1-py3-none-any.whl", ""])
def test_what_is_no_name_of_a_wheel_is_refused(file: str) -> None:
    with pytest.raises(WheelError):
        wheel_name(file)


@pytest.mark.parametrize(
    ("file", "python", "runs"),
    [
        ("a-1-cp312-cp312-win_amd64.whl", "3.12", True),
        ("a-1-cp312-cp312-win_amd64.whl", "3.13", False),
        ("a-1-cp314-cp314t-win_amd64.whl", "3.14", False),
        ("a-1-cp312-abi3-win_amd64.whl", "3.14", True),
        ("a-1-cp312-abi3-win_amd64.whl", "3.11", False),
        ("a-1-py39-none-win_amd64.whl", "3.12", True),
        ("a-1-py39-none-win_amd64.whl", "3.8", False),
        ("a-1-py3-none-any.whl", "3.14", True),
        ("a-1-py2.py3-none-any.whl", "3.9", True),
        ("a-1-py2-none-any.whl", "3.9", False),
    ],
)
def test_a_name_tells_its_pythons(file: str, python: str, runs: bool) -> None:
    assert wheel_name(file).runs_on(python) is runs


def test_members_are_read_in_any_order_and_unpacked_once() -> None:
    content = bytes(range(256)) * 9000
    with opened(binary_wheel(NAME, {"a.so": content})) as wheel:
        library = wheel.library("a.so")
        library.seek(1_500_000)
        assert library.read(300) == content[1_500_000:1_500_300]
        library.seek(10)
        assert library.read(5) == content[10:15]
        assert library.seek(0, 2) == len(content) and library.read(4) == b""
        assert b"".join(library.from_start()) == content
        library.close()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_wheel_that_is_cut_short_is_no_archive(share: float) -> None:
    content = binary_wheel(NAME, {"a.py": "x" * 5000})
    with pytest.raises(WheelError, match="no archive, or cut short"):
        opened(content[: int(len(content) * share)])


def test_a_directory_that_points_elsewhere_is_damage() -> None:
    content = bytearray(binary_wheel(NAME, {"a.py": "x" * 5000}))
    at = content.rindex(b"PK\x05\x06")
    struct.pack_into("<I", content, at + 16, 7)
    with pytest.raises(WheelError):
        wheel = opened(bytes(content))
        wheel.text("a.py")


def test_a_member_with_other_bytes_than_its_checksum_is_damaged() -> None:
    content = bytearray(binary_wheel(NAME, {"a.py": "x" * 50_000}))
    start = content.index(b"a.py") + 4
    content[start + 5 : start + 9] = b"\xff\xff\xff\xff"
    with opened(bytes(content)) as wheel, pytest.raises(WheelError, match=r"a\.py is damaged"):
        wheel.text("a.py")


def test_a_member_that_claims_to_be_enormous_is_refused() -> None:
    content = bytearray(binary_wheel(NAME, {"a.so": b"\0" * 1000}))
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 0xFFFFFFF0)
    with pytest.raises(WheelError, match="claims 4294967280 bytes"):
        opened(bytes(content))


def test_a_packed_bomb_is_no_text() -> None:
    content = binary_wheel(NAME, {"thing-1.0.dist-info/WHEEL": b"\0" * 9_000_000})
    with opened(content) as wheel, pytest.raises(WheelError, match="too large"):
        wheel.dist_info("WHEEL")


def test_an_unknown_way_of_packing_is_damage() -> None:
    content = bytearray(binary_wheel(NAME, {"a.py": "x" * 500}))
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", content, content.index(mark) + place, 97)
    with opened(bytes(content)) as wheel, pytest.raises(WheelError, match="damaged"):
        wheel.text("a.py")


def test_an_encrypted_member_is_damage() -> None:
    content = bytearray(binary_wheel(NAME, {"a.py": "x" * 500}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", content, content.index(mark) + place, 1)
    with opened(bytes(content)) as wheel, pytest.raises(WheelError, match="damaged"):
        wheel.text("a.py")


def test_an_archive_that_is_no_wheel_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.py", "")
    with opened(buffer.getvalue()) as wheel, pytest.raises(WheelError, match="no METADATA"):
        wheel.dist_info("METADATA")
