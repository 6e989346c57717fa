"""Opening a bundle: whole ones are read, all others are refused by name."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from doctor.bundling.model import MANIFEST, UNFINISHED
from doctor.bundling.opening import open_bundle
from doctor.errors import BadInput
from doctor.words.text import render
from tests.package_source import wheel

if TYPE_CHECKING:
    from pathlib import Path

STACK = "tiny-linux"
NAME, CONTENT = wheel("torch", "1.0+cpu", {"torch/__init__.py": ""})
LOCK = "locks/pylock.tiny-linux-py311.toml"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle of one wheel; its name has a blank and Chinese letters."""
    root = tmp_path / "离线 包"
    lock = f"""lock-version = "1.0"
created-by = "tunedoc"

[[packages]]
name = "torch"
version = "1.0+cpu"
wheels = [{{ path = "../wheels/{NAME}", hashes = {{ sha256 = "{digest(CONTENT)}" }} }}]
"""
    files = {f"wheels/{NAME}": CONTENT, LOCK: lock.encode(), "wheels.toml": b"schema = 1\n"}
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    write(
        root,
        {
            "tunedoc_bundle": 1,
            "tunedoc": "0.1.0",
            "made": "2026-11-21T00:00:00+00:00",
            "system": "linux",
            "stack": STACK,
            "device": "cpu",
            "python": "3.11",
            "python_archive": None,
            "models": [],
            "locks": [{"stack": STACK, "python": "3.11", "file": LOCK}],
            "files": {name: {"sha256": digest(words), "bytes": len(words)} for name, words in files.items()},
        },
    )
    return root


def write(root: Path, manifest: dict[str, Any]) -> None:
    (root / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def change(root: Path, **fields: object) -> None:
    write(root, json.loads((root / MANIFEST).read_text(encoding="utf-8")) | fields)


def refusal(root: Path, *, hand_out: bool = False, system: str = "linux") -> str:
    with pytest.raises(BadInput) as caught:
        bundle = open_bundle(root, system=system)
        if hand_out:
            bundle.lock(STACK, "3.11")
    error = caught.value
    assert error.hint is not None
    assert "Traceback" not in render(error.message, "en")
    return error.message.key.removeprefix("bundle.")


def test_a_lock_names_the_bundles_own_wheels(folder: Path) -> None:
    bundle = open_bundle(folder, system="linux")
    lock = bundle.lock(STACK, "3.11")
    assert lock is not None
    (torch,) = lock.packages
    assert (torch.name, torch.version, torch.file) == ("torch", "1.0+cpu", NAME)
    assert torch.url == (folder / "wheels").as_uri() + "/torch-1.0%2Bcpu-py3-none-any.whl"
    assert bundle.catalogue().read_bytes() == b"schema = 1\n"
    assert bundle.wheels == folder / "wheels"
    bundle.check()


def test_a_row_or_a_python_that_is_not_in_it_has_no_lock(folder: Path) -> None:
    bundle = open_bundle(folder)
    assert bundle.lock("another", "3.11") is None
    assert bundle.lock(STACK, "3.12") is None
    assert bundle.python is None


def test_a_python_inside_serves_as_uvs_mirror(folder: Path) -> None:
    change(folder, python_archive="python/1/cpython.tar.gz")
    assert open_bundle(folder).python == folder / "python"


def test_a_folder_without_a_manifest_is_refused(folder: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "nothing here") == "no_bundle"
    (folder / MANIFEST).unlink()
    assert refusal(folder) == "no_bundle"
    (folder / UNFINISHED).write_text("{}", encoding="utf-8")
    assert refusal(folder) == "unfinished"


def test_a_bundle_for_another_system_is_refused(folder: Path) -> None:
    assert refusal(folder, system="windows") == "other_system"


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "wheels" / NAME).unlink()
    assert refusal(folder) == "missing_file"


def test_a_file_that_was_cut_off_is_named(folder: Path) -> None:
    (folder / "wheels" / NAME).write_bytes(CONTENT[:-1])
    assert refusal(folder) == "other_size"


@pytest.mark.parametrize("name", [f"wheels/{NAME}", LOCK])
def test_a_damaged_file_is_named_before_it_is_handed_out(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert refusal(folder, hand_out=True) == "damaged_file"
    with pytest.raises(BadInput):
        open_bundle(folder).check()


@pytest.mark.parametrize(
    "words", ["", "[]", "{}", '{"tunedoc_bundle": 1}', "\x00", '{"tunedoc_bundle": 1, "system": "macos"}']
)
def test_a_damaged_manifest_is_refused(folder: Path, words: str) -> None:
    (folder / MANIFEST).write_text(words, encoding="utf-8")
    assert refusal(folder) == "damaged_manifest"


def test_a_manifest_of_another_form_is_refused(folder: Path) -> None:
    change(folder, tunedoc_bundle=2)
    assert refusal(folder) == "other_schema"


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", "C:/x", "a\\b"])
def test_names_that_lead_out_of_the_folder_are_refused(folder: Path, name: str) -> None:
    change(folder, files={name: {"sha256": "0" * 64, "bytes": 1}})
    assert refusal(folder) == "damaged_manifest"
