r"""A tunedoc folder deeper than 260 characters. Wine does not keep the limit, so what is shown here is that nothing of
tunedoc's own breaks on such names; that Windows gets them in the `\\?\` form is shown on data, here and in
tests/doctor/host/test_deep_programs.py and tests/trainer/test_long_paths.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.apply.environments import empty_trash, set_aside
from doctor.apply.journal import Journal, read_journal
from doctor.host import deep_programs, real
from doctor.host.real import RealHost
from doctor.host.windows import read_volume
from doctor.own_variables import OwnVariable, read_variables, write_variables
from doctor.paths import Home
from doctor.probe.storage import path_traits
from tests.installing import Machine
from tests.package_source import PackageSource, tiny_wheels
from tests.windows.inside.windows_machine import TWO_CARDS, WindowsMachine
from trainer.file_moves import remove_tree, replace_file
from trainer.long_paths import deep_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.windows.inside.windows_machine import SimulatedDriver

LIMIT = 260


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder whose own name is beyond the limit."""
    folder = tmp_path
    while len(str(folder)) <= LIMIT:
        folder /= "很 深的 folder " + "d" * 30
    folder.mkdir(parents=True)
    yield folder
    assert remove_tree(tmp_path / folder.relative_to(tmp_path).parts[0]), "something in it could not be removed"


def test_check_in_a_deep_home(deep: Path, driver: SimulatedDriver) -> None:
    machine = WindowsMachine.at(deep)
    snapshot, judged = machine.look(**driver.saying(TWO_CARDS))
    (home,) = [disk for disk in snapshot["disks"] if disk["purpose"] == "home"]
    assert "long" in home["traits"] and home["free_mib"] > 0 and isinstance(home["filesystem"], str)
    assert judged.status("storage.path") == "warning" and "260" in judged.said("storage.path")
    assert judged.status("nvidia.driver") == "ok"


def test_a_fix_and_its_way_back_in_a_deep_home(deep: Path) -> None:
    machine = WindowsMachine.at(deep)
    machine.envelope("fix", "HF_HOME=D:\\模型", "--yes")
    assert read_variables(machine.home.variables)["HF_HOME"].value == "D:\\模型"
    assert machine.envelope("undo", "--yes")["exit_code"] == 0
    assert not machine.home.variables.exists()


def test_an_environment_in_a_deep_home(deep: Path) -> None:
    """Built by the real uv.exe out of tiny wheels, proved, listed, used, and gone again."""
    with PackageSource(tiny_wheels()) as source:
        machine = Machine.at(deep, PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="0").known(source.url)
        done = machine.install()
        assert len(done["folder"]) > LIMIT
        assert machine.version_in_use("torch") == "1.0+cpu"
        assert machine.install()["reused"] is True
        code, answer, _ = machine.run("env", "list")
        assert (code, answer["data"]["environments"][0]["in_use"]) == (0, True)
        assert answer["data"]["bytes"] > 0
        code, answer, _ = machine.run("env", "remove", Path(done["folder"]).name, "--force", "--yes")
        assert (code, Path(done["folder"]).exists()) == (0, False), answer


def test_journal_and_variables_in_a_deep_home(deep: Path) -> None:
    home = Home(deep / "home")
    Journal(home.journal, "work-1").note("step", "before", folder=str(deep))
    Journal(home.journal, "work-1").note("step", "after")
    assert [line["phase"] for line in read_journal(home.journal)] == ["before", "after"]
    write_variables(home.variables, {"USE_LIBUV": OwnVariable("0", None)})
    write_variables(home.variables, {"USE_LIBUV": OwnVariable("1", None)})
    assert read_variables(home.variables)["USE_LIBUV"].value == "1"


def test_what_is_put_aside_in_a_deep_home_is_gone(deep: Path) -> None:
    home = Home(deep / "home")
    inner = home.environments / "stack-1" / ("n" * 100) / ("m" * 100)
    inner.mkdir(parents=True)
    (inner / "file.txt").write_text("x", encoding="utf-8")
    set_aside(home, home.environments / "stack-1")
    empty_trash(home)
    assert list(home.trash.iterdir()) == []


@pytest.mark.parametrize("name", ["运行 run.jsonl", "模型 model-Q4_K_M.gguf"])
def test_runs_and_exports_get_their_names_in_deep_folders(deep: Path, name: str) -> None:
    partial = deep / f"{name}.partial"
    partial.write_bytes(b"new")
    (deep / name).write_bytes(b"old")
    replace_file(partial, deep / name)
    assert ((deep / name).read_bytes(), partial.exists()) == (b"new", False)


def test_a_program_is_started_deep_down_and_works_there(deep: Path) -> None:
    environment = deep / "环境"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(environment)],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    python = environment / "Scripts" / "python.exe"
    assert len(str(python)) > LIMIT
    words = "import json, os, sys; print(json.dumps([os.getcwd(), sys.prefix]))"
    ran = RealHost().run([str(python), "-X", "utf8", "-c", words], cwd=deep)
    assert ran.exit_code == 0, ran.stderr
    where, prefix = json.loads(ran.stdout)
    assert Path(where).samefile(deep)
    assert Path(prefix.removeprefix("\\\\?\\")).samefile(environment)


def test_windows_gets_the_deep_program_in_the_form_without_a_limit(deep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, object]] = []

    def note(argv: list[str], **options: object) -> subprocess.Popen[str]:
        started.append({"argv": argv, **options})
        raise FileNotFoundError(argv[0])

    monkeypatch.setattr(real.subprocess, "Popen", note)
    monkeypatch.setattr(deep_programs, "short_name", lambda path: "\\\\?\\C:\\SHORT~1")
    with pytest.raises(real.CommandMissing):
        RealHost().run([str(deep / "python.exe"), "-V"], cwd=deep)
    (start,) = started
    assert start["argv"] == [str(deep / "python.exe"), "-V"]
    assert (start["executable"], start["cwd"]) == (deep_root(deep / "python.exe"), "C:\\SHORT~1")


def test_a_volume_is_known_from_deep_down(deep: Path) -> None:
    assert read_volume(str(deep))[0] == read_volume("C:\\")[0]


def test_traits_of_deep_folders(deep: Path) -> None:
    assert set(path_traits(str(deep))) == {"long", "spaces", "non_ascii"}
