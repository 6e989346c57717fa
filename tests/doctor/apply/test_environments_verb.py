"""`tunedoc env`: what is listed is what is there; using and removing is journalled and taken back; exports install."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import uv

from doctor.apply.exporting_environment import public_address
from doctor.apply.lock_text import pylock, read_packages, requirements
from doctor.environment import RECORD
from tests.environment_bench import MANY, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.environment_bench import Bench


def second(bench: Bench) -> str:
    """Another finished environment: a copy, whose interpreter starts as well as the first's."""
    name = bench.name.rpartition("-")[0] + "-2"
    shutil.copytree(bench.folder, bench.home.environments / name, symlinks=True)
    return name


def undo(bench: Bench) -> tuple[int, dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-m", "doctor", "undo", "--yes", "--json"], env=bench.environ, cwd=ROOT, capture_output=True,
        encoding="utf-8", stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return ran.returncode, json.loads(ran.stdout)


def listed(bench: Bench) -> dict[str, dict[str, Any]]:
    code, envelope = bench.run("list")
    assert code == 0
    return {one["name"]: one for one in envelope["data"]["environments"]}


def error(bench: Bench, *arguments: str) -> dict[str, Any]:
    """The one error of a wrong request."""
    code, envelope = bench.run(*arguments)
    assert code == 2, envelope
    return dict(envelope["errors"][0])


def test_the_list_tells_what_is_there(bench: Bench) -> None:
    name = second(bench)
    (bench.home.environments / "tiny-9" / "venv").mkdir(parents=True)
    first = bench.name
    (bench.home.environments / name / "converter" / "convert_hf_to_gguf.py").unlink()
    found = listed(bench)
    assert {one["name"]: (one["state"], one["in_use"]) for one in found.values()} == {
        first: ("proved", True), name: ("damaged", False), "tiny-9": ("unfinished", False),
    }  # fmt: skip
    assert found[first]["torch"] == "1.0+cpu"
    assert found[first]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found[first]["bytes"] > found["tiny-9"]["bytes"] == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows tells of hard links only file by file")
def test_a_file_with_several_names_counts_once(bench: Bench, tmp_path: Path) -> None:
    before = listed(bench)[bench.name]
    large = bench.folder / "large"
    large.write_bytes(b"x" * 8_000_000)
    os.link(large, bench.folder / "same")
    one = listed(bench)[bench.name]
    assert 8_000_000 <= one["bytes"] - before["bytes"] < 9_000_000
    assert one["frees_bytes"] - before["frees_bytes"] == one["bytes"] - before["bytes"]
    # With a name elsewhere too, removing the environment would not give the room back.
    os.link(large, tmp_path / "elsewhere")
    assert listed(bench)[bench.name]["frees_bytes"] == before["frees_bytes"]


def test_a_file_of_two_environments_counts_once_in_all(bench: Bench) -> None:
    if os.name == "nt":
        pytest.skip("Windows tells of hard links only file by file")
    name = second(bench)
    large = bench.folder / "large"
    large.write_bytes(b"x" * 8_000_000)
    os.link(large, bench.home.environments / name / "large")
    _, envelope = bench.run("list")
    assert sum(one["bytes"] for one in envelope["data"]["environments"]) - envelope["data"]["bytes"] >= 8_000_000


def test_use_switches_and_undo_switches_back(bench: Bench) -> None:
    first, name = bench.name, second(bench)
    code, envelope = bench.run("use", name)
    assert (code, envelope["data"]["changed"], bench.name) == (0, True, name)
    assert bench.run("use", name)[1]["data"]["changed"] is False
    code, envelope = undo(bench)
    assert (code, envelope["data"]["undone"], bench.name) == (0, True, first)


def test_what_is_not_whole_is_not_used(bench: Bench) -> None:
    first, name = bench.name, second(bench)
    folder = bench.home.environments / name
    (metadata,) = folder.rglob("peft-0.1.dist-info")
    metadata.rename(metadata.with_name("gone"))
    assert "repair" in error(bench, "use", name)["hint"]
    (metadata.with_name("gone")).rename(metadata)
    python = next(folder.glob("venv/bin/python"), folder / "venv" / "Scripts" / "python.exe")
    python.unlink()
    python.write_text("nonsense", encoding="utf-8")
    assert "does not start" in error(bench, "use", name)["message"]
    (folder / RECORD).unlink()
    assert "unfinished" in error(bench, "use", name)["message"]
    assert bench.name == first


def test_remove_goes_through_the_trash_and_comes_back(bench: Bench) -> None:
    name = second(bench)
    folder = bench.home.environments / name
    before = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    assert "--force" in error(bench, "remove", bench.name, "--yes")["hint"]
    assert error(bench, "remove", name)["code"] == "usage"  # nobody there to ask
    code, envelope = bench.run("remove", name, "--yes")
    assert (code, envelope["data"]["removed"]) == (0, [name])
    assert not folder.exists()
    assert undo(bench)[0] == 0
    assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == before


def test_what_has_left_the_trash_is_not_promised_back(bench: Bench) -> None:
    name = second(bench)
    bench.run("remove", name, "--yes")
    shutil.rmtree(bench.home.trash)
    code, envelope = undo(bench)
    assert (code, envelope["errors"][0]["code"]) == (2, "usage")


def test_delete_is_at_once(bench: Bench) -> None:
    name = second(bench)
    bench.run("remove", name, "--yes", "--delete")
    assert not (bench.home.environments / name).exists()
    assert list(bench.home.trash.iterdir()) == []


def test_the_one_in_use_goes_when_told(bench: Bench) -> None:
    name = bench.name
    assert bench.run("remove", name, "--yes", "--force")[0] == 0
    assert listed(bench) == {}
    assert undo(bench)[0] == 0
    assert listed(bench)[name]["in_use"] is True


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("use",), "needs a name"),
        (("remove", "--yes"), "needs a name"),
        (("use", "a", "b"), "takes one name"),
        (("list", "a"), "takes no names"),
        (("repair", "nothing-like-it"), "no environment `nothing-like-it`"),
        (("remove", "../..", "--yes"), "no environment `../..`"),
        (("export", ""), "no environment ``"),
    ],
)
def test_a_wrong_request_is_told(bench: Bench, arguments: tuple[str, ...], told: str) -> None:
    assert told in error(bench, *arguments)["message"]


def test_a_name_nearly_right_is_proposed(bench: Bench) -> None:
    assert f"`{bench.name}`" in error(bench, "use", bench.name[:-1] + "7")["hint"]


def test_without_any_environment(bench: Bench) -> None:
    shutil.rmtree(bench.home.environments)
    assert listed(bench) == {}
    assert "tunedoc install" in error(bench, "repair")["hint"]


def test_an_export_installs_in_both_forms(bench: Bench, tmp_path: Path) -> None:
    """With addresses that others can reach: here, of the loopback index, put in by hand."""
    folder = tmp_path / "给别人"
    code, envelope = bench.run("export", "--to", str(folder))
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["pylock.toml", "requirements.txt"]
    assert envelope["data"]["pylock"] == (folder / "pylock.toml").read_text(encoding="utf-8")
    lock = tomllib.loads((folder / "pylock.toml").read_text(encoding="utf-8"))
    assert lock["lock-version"] == "1.0"
    assert {package["name"] for package in lock["packages"]} >= {"torch", "peft", "transformers"}
    # The loopback index is no address for others, and is told to be none.
    assert any(name.startswith("torch-") for name in envelope["data"]["local"])
    packages = read_packages((bench.folder / "pylock.toml").read_text(encoding="utf-8"))
    short = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (folder / "pylock.toml").write_text(pylock(packages, python=short), encoding="utf-8")
    words = requirements(packages, indexes=[bench.source.url], comment="a test")
    (folder / "requirements.txt").write_text(words, encoding="utf-8")
    program = uv.find_uv_bin()
    for number, arguments in enumerate(
        (["sync", "pylock.toml"], ["install", "-r", "requirements.txt", "--require-hashes"])
    ):
        venv = folder / f"venv{number}"
        subprocess.run([program, "venv", "-q", "-p", sys.executable, venv], env=bench.environ, check=True)
        ran = subprocess.run(
            [program, "pip", *arguments, "-q", "-p", venv, "--index-strategy", "unsafe-best-match"], cwd=folder,
            env=bench.environ, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        assert list(venv.rglob(max(MANY)))


def test_an_export_has_no_credentials() -> None:
    assert public_address("https://me:secret@host/a%20b.whl?token=1#sha256=2") == "https://host/a%20b.whl"
    assert public_address("https://host:8080/a.whl") == "https://host:8080/a.whl"


def test_to_standard_output(bench: Bench) -> None:
    for form, beginning in (("pylock", 'lock-version = "1.0"'), ("requirements", "# ")):
        ran = subprocess.run(
            bench.command("export", "--format", form), env=bench.environ, cwd=ROOT, capture_output=True,
            encoding="utf-8", stdin=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        assert ran.stdout.startswith(beginning)


def test_a_file_in_the_folders_place_is_told(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "not a folder" in error(bench, "export", "--to", str(tmp_path / "file"))["message"]
