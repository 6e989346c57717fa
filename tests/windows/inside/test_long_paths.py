r"""A tunedoc folder deeper than 260 characters.

Wine keeps the limit for programs and working folders, but not for files: that Windows gets files in the `\\?\` form,
and programs by names that it takes, is shown on data, in tests/trainer/test_long_paths.py and here.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.apply.environments import empty_trash, set_aside
from doctor.apply.journal import Journal, read_journal
from doctor.host import deep_programs, real
from doctor.host.deep_programs import reachable_home
from doctor.host.real import RealHost
from doctor.host.windows import read_volume
from doctor.own_variables import OwnVariable, read_variables, write_variables
from doctor.paths import Home
from doctor.probe.storage import path_traits
from doctor.uv.program import find_uv
from tests.installing import Machine
from tests.package_source import PackageSource, tiny_wheels, wheel
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
    assert home["free_mib"] > 0 and isinstance(home["filesystem"], str)
    assert (judged.status("storage.free"), judged.status("nvidia.driver")) == ("ok", "ok")


def test_a_deep_home_goes_by_its_short_name(deep: Path) -> None:
    short = reachable_home(deep / "还没有 home")
    assert short.name == "还没有 home"
    assert len(str(short)) < 120 and short.parent.samefile(deep)
    assert reachable_home(Path("C:/lab")) == Path("C:/lab")


def test_a_fix_and_its_way_back_in_a_deep_home(deep: Path) -> None:
    machine = WindowsMachine.at(deep)
    machine.envelope("fix", "HF_HOME=D:\\模型", "--yes")
    assert read_variables(machine.home.variables)["HF_HOME"].value == "D:\\模型"
    assert machine.envelope("undo", "--yes")["exit_code"] == 0
    assert not machine.home.variables.exists()


def test_an_environment_whose_files_lie_deeper_than_the_limit(tmp_path: Path) -> None:
    """Built by the real uv.exe out of tiny wheels, proved, listed, verified, used, and gone again.

    The home itself is not beyond the limit: there Wine 8 lets uv.exe find no file at all.
    """
    folder = tmp_path
    while len(str(folder)) < 140:
        folder /= "很 深的 " + "d" * 20
    folder.mkdir(parents=True)
    deep_module = f"peft/{'x' * 80}/{'y' * 60}.py"
    wheels = tiny_wheels() | dict([wheel("peft", "0.1", {"peft/__init__.py": "", deep_module: "VALUE = 1\n"})])
    with PackageSource(wheels) as source:
        machine = Machine.at(folder, PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="0").known(source.url)
        done = machine.install()
        assert machine.home.environments.samefile(Path(done["folder"]).parent)
        long_name = (
            machine.home.environments / Path(done["folder"]).name / "venv" / "Lib" / "site-packages" / deep_module
        )
        assert len(str(long_name)) > LIMIT and Path(deep_root(long_name)).is_file()
        assert machine.version_in_use("torch") == "1.0+cpu"
        assert machine.install()["reused"] is True
        code, answer, _ = machine.run("env", "list")
        assert (code, answer["data"]["environments"][0]["in_use"]) == (0, True)
        assert machine.run("env", "repair", "--plan")[0] == 0
        code, answer, _ = machine.run("env", "remove", long_name.parents[5].name, "--force", "--delete", "--yes")
        assert (code, Path(done["folder"]).exists()) == (0, False), answer
        assert not any(machine.home.trash.glob("*"))


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
    """By short names. Wine 8 starts no program that deep, by whatever name."""
    if hasattr(ctypes.windll.ntdll, "wine_get_version"):
        pytest.skip("Wine starts no program that lies deeper than 260 characters")
    environment = deep / "环境"
    subprocess.run([find_uv(), "venv", environment, "--python", sys.executable, "--no-project"], check=True,
                   capture_output=True, stdin=subprocess.DEVNULL)  # fmt: skip
    python = environment / "Scripts" / "python.exe"
    assert len(str(python)) > LIMIT
    words = "import json, os, sys; print(json.dumps([os.getcwd(), sys.prefix]))"
    ran = RealHost().run([str(python), "-X", "utf8", "-c", words], cwd=deep)
    assert ran.exit_code == 0, ran.stderr
    where, prefix = (Path(folder) for folder in json.loads(ran.stdout))
    assert where.samefile(deep) and prefix.samefile(environment)


def test_without_short_names_the_deep_program_has_the_form_without_a_limit(
    deep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, object]] = []

    def note(argv: list[str], **options: object) -> subprocess.Popen[str]:
        started.append({"argv": argv, **options})
        raise FileNotFoundError(argv[0])

    monkeypatch.setattr(real.subprocess, "Popen", note)
    monkeypatch.setattr(deep_programs, "short_name", lambda path: "")
    with pytest.raises(real.CommandMissing):
        RealHost().run([str(deep / "python.exe"), "-V"], cwd=deep)
    (start,) = started
    assert start["argv"] == [str(deep / "python.exe"), "-V"]
    assert (start["executable"], start["cwd"]) == (deep_root(deep / "python.exe"), str(deep))


def test_a_volume_is_known_from_deep_down(deep: Path) -> None:
    assert read_volume(str(deep))[0] == read_volume("C:\\")[0]


def test_traits_of_deep_folders(deep: Path) -> None:
    assert set(path_traits(str(deep))) == {"long", "spaces", "non_ascii"}
