"""Locks are read and written again without losing what installs them."""

from __future__ import annotations

import tomllib

import pytest

from doctor.apply.lock_text import pylock, read_packages, requirements
from doctor.errors import StepFailed


def hashes(pair: str) -> str:
    return f'hashes = {{ sha256 = "{pair * 32}" }}'


LOCK = f"""lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "torch"
version = "2.13.0+cu130"
wheels = [{{ url = "https://h/torch-2.13.0%2Bcu130-cp312-cp312-win_amd64.whl", size = 5, {hashes("ab")} }}]

[[packages]]
name = "flash-attn"
archive = {{ url = "https://h/flash_attn-2.8.3%2Bcu130torch2.13-cp312-cp312-win_amd64.whl", {hashes("cd")} }}

[[packages]]
name = "anyio"
version = "4.16.0"
marker = "sys_platform != 'emscripten'"
wheels = [{{ path = "anyio-4.16.0-py3-none-any.whl", {hashes("ef")} }}]
"""


def test_what_was_asked_for_by_its_address_is_a_package_like_others() -> None:
    packages = {package.name: package for package in read_packages(LOCK)}
    assert packages["flash-attn"].version == "2.8.3+cu130torch2.13"
    assert packages["torch"].wheels[0].bytes == 5
    assert packages["anyio"].wheels[0].path == "anyio-4.16.0-py3-none-any.whl"


def test_written_and_read_again_it_is_the_same() -> None:
    packages = read_packages(LOCK)
    words = pylock(packages, python="3.12", system="windows")
    again = tomllib.loads(words)
    assert again["requires-python"] == "==3.12.*"
    assert again["environments"] == ["sys_platform == 'win32' and platform_machine == 'AMD64'"]
    assert [(p.name, p.version, p.marker, p.wheels) for p in read_packages(words)] == [
        (p.name, p.version, p.marker, p.wheels) for p in packages
    ]


def test_requirements_name_by_address_what_no_ordinary_index_has() -> None:
    lines = requirements(read_packages(LOCK), indexes=(), comment="one\ntwo").splitlines()
    assert lines[:2] == ["# one", "# two"]
    assert "anyio==4.16.0 ; sys_platform != 'emscripten' \\" in lines
    assert "torch @ https://h/torch-2.13.0%2Bcu130-cp312-cp312-win_amd64.whl \\" in lines
    assert any(line.startswith("flash-attn @ https://h/flash_attn-2.8.3") for line in lines)
    assert lines.count(f"    --hash=sha256:{'cd' * 32}") == 1


@pytest.mark.parametrize("words", ["nonsense [", "a = 1", '[[packages]]\nname = "x"\n'])
def test_what_is_no_lock_is_told(words: str) -> None:
    with pytest.raises(StepFailed):
        read_packages(words)
