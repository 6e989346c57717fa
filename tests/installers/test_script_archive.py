"""The archive of scripts: what it holds, that its hashes are right, and that making it twice gives the same."""

from __future__ import annotations

import hashlib
import re
import zipfile
from typing import TYPE_CHECKING

from installers.script_archive import PROGRAMS, script_archive
from tests.installers.release_folder import INSTALLERS
from tests.package_source import wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_it_holds_what_the_scripts_need_with_their_hashes_and_is_the_same_every_time(tmp_path: Path) -> None:
    name, content = wheel("tunedoc", "9.1", {"doctor/__init__.py": ""})
    (tmp_path / name).write_bytes(content)
    archive = script_archive(tmp_path, tmp_path / name, version="9.1", epoch=1_700_000_000)
    first = archive.read_bytes()
    assert archive.name == "tunedoc-9.1-scripts.zip"
    with zipfile.ZipFile(archive) as packed:
        held = {entry.filename.partition("/")[2]: packed.read(entry) for entry in packed.infolist()}
        assert packed.getinfo("tunedoc-9.1/install.sh").external_attr >> 16 == 0o100755
    told = dict(reversed(line.split("  ")) for line in held.pop("SHA256SUMS").decode().splitlines())
    assert told == {name: hashlib.sha256(content).hexdigest() for name, content in held.items()}
    assert held[name] == content
    for name, content in held.items():
        if name.endswith((".cmd", ".ps1")):
            assert content.count(b"\r\n") == content.count(b"\n") > 5, name
        elif not name.endswith(".whl"):
            assert b"\r" not in content, name
    assert (
        script_archive(tmp_path, tmp_path / sorted(held)[-1], version="9.1", epoch=1_700_000_000).read_bytes() == first
    )


def test_every_program_that_is_imported_is_in_it() -> None:
    for name in PROGRAMS:
        words = (INSTALLERS / name).read_text(encoding="utf-8")
        for module in re.findall(r"^from (\w+) import", words, re.MULTILINE):
            if (INSTALLERS / f"{module}.py").is_file():
                assert f"{module}.py" in PROGRAMS
    wanted = re.search(r"^PARTS = \((.*)\)$", (INSTALLERS / "set_up.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert wanted is not None
    assert set(PROGRAMS) | {"doctor.lock.txt"} == set(re.findall(r'"([^"]+)"', wanted[1]))
