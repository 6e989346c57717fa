"""Fixes are journalled before they are done, survive being killed anywhere, and are taken back without harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from doctor.apply.changes import (
    EnvironmentSwitch,
    FolderMove,
    Ground,
    OwnVariableChange,
    UserVariableChange,
    from_record,
    reverse,
    to_record,
)
from doctor.apply.fixes import carry_out_fixes, new_work
from doctor.apply.journal import Journal, read_journal
from doctor.apply.undoing import choose_work, history, undo
from doctor.environment import ENVIRONMENT_VERSION, RECORD
from doctor.errors import StepFailed, UsageError
from doctor.host.real import RealHost
from doctor.host.user_variables import UserValue
from doctor.own_variables import OwnVariable, overlay, read_variables, write_variables
from doctor.paths import Home
from doctor.plan.fix_model import (
    BuildEnvironment,
    FixPlan,
    FixStep,
    KeepVariable,
    MoveLeftovers,
    PlannedFix,
    RemoveUserVariable,
    SetUserVariable,
    TrimVariable,
)
from doctor.words.text import text

ROOT = Path(__file__).parent.parent.parent.parent


class ShelfVariables:
    """A place for a user's variables that is a dictionary, and can be told to refuse."""

    place = "a shelf"
    effect = "new_programs"

    def __init__(self, **values: str) -> None:
        self.values = {name: UserValue(value) for name, value in values.items()}
        self.refuses = False

    def read(self, name: str) -> UserValue | None:
        return self.values.get(name)

    def write(self, name: str, value: UserValue | None) -> None:
        if self.refuses:
            raise PermissionError(13, "Access is denied")
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value


class QuietHost(RealHost):
    """This machine, whose own environment is left alone."""

    def __init__(self, **environ: str) -> None:
        super().__init__()
        self.environ = environ

    def take(self, changes: Any) -> None:
        kept = {**self.environ, **{name: value for name, value in changes.items() if value is not None}}
        self.environ = {name: value for name, value in kept.items() if changes.get(name, value) is not None}


@dataclass
class Scene:
    ground: Ground
    shelf: ShelfVariables

    def do(self, *steps: FixStep, build: Any = lambda: True) -> str:
        fix = PlannedFix(id="x", title=text("fix.nothing"), steps=steps)
        plan = FixPlan(scope="user", fixes=(fix,))
        return carry_out_fixes(plan, self.ground, build=build, report=lambda _: None).work

    def take_back(self, wanted: str | None = None, *, force: bool = False) -> list[str]:
        work = choose_work(history(self.ground), self.ground, wanted)
        return [result.verdict for result in undo(work, self.ground, force=force, report=lambda _: None)]

    @property
    def own(self) -> dict[str, OwnVariable]:
        return read_variables(self.ground.home.variables)

    @property
    def environ(self) -> dict[str, str]:
        return dict(self.ground.host.environ)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return list(read_journal(self.ground.home.journal))


@pytest.fixture
def scene(home: Home) -> Scene:
    return made(home)


def made(home: Home, shelf: dict[str, str] | None = None, **environ: str) -> Scene:
    place = ShelfVariables(**(shelf or {}))
    return Scene(Ground(host=QuietHost(**environ), home=home, user=place), place)  # type: ignore[arg-type]


def test_the_old_value_is_journalled_before_it_is_changed(home: Home) -> None:
    scene = made(home, {"USE_LIBUV": "1"}, USE_LIBUV="1")
    scene.shelf.values["USE_LIBUV"] = UserValue("1", "expand")
    scene.do(KeepVariable(name="USE_LIBUV", value="0"), SetUserVariable(name="USE_LIBUV", value="0"))
    before = [line["undo"] for line in scene.lines if line["phase"] == "before"]
    assert before[0]["after"] == {"value": "0", "instead_of": "1"}
    assert before[1]["before"] == {"value": "1", "kind": "expand"}
    # A value of the kind REG_EXPAND_SZ keeps its kind.
    assert scene.shelf.read("USE_LIBUV") == UserValue("0", "expand")
    assert scene.environ["USE_LIBUV"] == "0"


def test_undo_puts_everything_back(home: Home) -> None:
    scene = made(home, {"USE_LIBUV": "1", "KMP_DUPLICATE_LIB_OK": "TRUE"}, USE_LIBUV="1")
    scene.do(
        KeepVariable(name="USE_LIBUV", value="0"),
        SetUserVariable(name="USE_LIBUV", value="0"),
        RemoveUserVariable(name="KMP_DUPLICATE_LIB_OK"),
        KeepVariable(name="PYTHONUTF8", value="1"),
    )
    assert scene.take_back() == ["undone"] * 4
    assert scene.own == {}
    assert not scene.ground.home.variables.exists()
    assert scene.environ == {"USE_LIBUV": "1"}
    assert scene.shelf.values == {"USE_LIBUV": UserValue("1"), "KMP_DUPLICATE_LIB_OK": UserValue("TRUE")}
    with pytest.raises(UsageError):
        scene.take_back()


def test_what_is_so_already_is_not_done_again(scene: Scene) -> None:
    step = KeepVariable(name="USE_LIBUV", value="0")
    assert scene.do(step) != ""
    assert scene.do(step, SetUserVariable(name="USE_LIBUV", value="0")) != ""
    assert scene.do(step, SetUserVariable(name="USE_LIBUV", value="0")) == ""


def test_a_value_that_the_user_has_changed_since_is_left(scene: Scene) -> None:
    work = scene.do(SetUserVariable(name="HF_HOME", value="/a"), SetUserVariable(name="PYTHONUTF8", value="1"))
    scene.shelf.values["HF_HOME"] = UserValue("/mine")
    assert scene.take_back() == ["undone", "changed"]
    assert scene.shelf.values == {"HF_HOME": UserValue("/mine")}
    assert scene.take_back(work, force=True) == ["already", "undone"]
    assert scene.shelf.values == {}


def test_pieces_of_work_are_taken_back_newest_first(scene: Scene) -> None:
    first = scene.do(KeepVariable(name="USE_LIBUV", value="0"))
    second = scene.do(KeepVariable(name="USE_LIBUV", value="1"))
    assert [work.id for work in history(scene.ground)] == [second, first]
    assert first != second
    scene.take_back()
    assert scene.environ["USE_LIBUV"] == "0"
    assert [work.state for work in history(scene.ground)] == ["undone", "done"]
    scene.take_back()
    assert scene.environ == {}


def test_an_older_piece_does_not_undo_what_a_newer_one_did(scene: Scene) -> None:
    first = scene.do(KeepVariable(name="USE_LIBUV", value="0"))
    scene.do(KeepVariable(name="USE_LIBUV", value="1"))
    assert scene.take_back(first) == ["changed"]
    assert scene.environ["USE_LIBUV"] == "1"


def test_a_variable_is_taken_out_and_comes_back(home: Home) -> None:
    scene = made(home, CUDA_VISIBLE_DEVICES="-1")
    scene.do(KeepVariable(name="CUDA_VISIBLE_DEVICES", value=None))
    assert scene.environ == {}
    assert overlay({"CUDA_VISIBLE_DEVICES": "-1"}, scene.own) == {"CUDA_VISIBLE_DEVICES": None}
    scene.take_back()
    assert scene.environ == {"CUDA_VISIBLE_DEVICES": "-1"}


def test_spaces_are_taken_off_where_the_value_is_kept(home: Home) -> None:
    scene = made(home, {"USE_LIBUV": "0 "}, USE_LIBUV="0 ")
    scene.do(TrimVariable(name="USE_LIBUV", scope="user"))
    assert scene.environ["USE_LIBUV"] == scene.shelf.values["USE_LIBUV"].value == "0"
    scene.take_back()
    assert scene.environ["USE_LIBUV"] == scene.shelf.values["USE_LIBUV"].value == "0 "


def test_a_refusal_of_the_system_is_an_error_with_a_way_on(scene: Scene) -> None:
    scene.shelf.refuses = True
    with pytest.raises(StepFailed) as caught:
        scene.do(KeepVariable(name="USE_LIBUV", value="0"), SetUserVariable(name="USE_LIBUV", value="0"))
    assert caught.value.hint is not None
    assert [line["phase"] for line in scene.lines] == ["before", "after", "before", "failed"]
    scene.shelf.refuses = False
    assert scene.take_back() == ["already", "undone"]
    assert scene.environ == {}


def test_a_system_without_a_place_for_variables_says_so(home: Home) -> None:
    ground = Ground(host=QuietHost(), home=home, user=None)
    plan = FixPlan(
        scope="user",
        fixes=(PlannedFix(id="x", title=text("fix.nothing"), steps=(SetUserVariable(name="USE_LIBUV", value="0"),)),),
    )
    with pytest.raises(StepFailed):
        carry_out_fixes(plan, ground, build=lambda: True, report=lambda _: None)


def environment(home: Home, name: str) -> Path:
    folder = home.environments / name
    (folder / "venv" / "lib" / "python3.11" / "site-packages" / "~orch" / "lib").mkdir(parents=True)
    (folder / "python").write_text("", encoding="utf-8")
    record = {"schema": ENVIRONMENT_VERSION, "stack": "s", "device": "cpu", "python": "python"}
    (folder / RECORD).write_text(json.dumps({**record, "converter": "c", "lock": "l"}), encoding="utf-8")
    return folder


def point_to(home: Home, name: str) -> None:
    home.current_environment.write_text(
        json.dumps({"schema": ENVIRONMENT_VERSION, "environment": name}), encoding="utf-8"
    )


def test_leftovers_of_pip_are_moved_and_come_back(scene: Scene, home: Home) -> None:
    folder = environment(home, "s-1")
    point_to(home, "s-1")
    leftover = folder / "venv" / "lib" / "python3.11" / "site-packages" / "~orch"
    scene.do(MoveLeftovers(names=("~orch", "~gone")))
    assert not leftover.exists()
    assert len(list(home.trash.iterdir())) == 1
    assert scene.take_back() == ["undone"]
    assert (leftover / "lib").is_dir()


def test_leftovers_whose_trash_was_emptied_cannot_come_back(scene: Scene, home: Home) -> None:
    environment(home, "s-1")
    point_to(home, "s-1")
    scene.do(MoveLeftovers(names=("~orch",)))
    for aside in home.trash.iterdir():
        (aside / "lib").rmdir()
        aside.rmdir()
    assert scene.take_back() == ["impossible"]


def test_an_install_is_taken_back_while_the_environment_before_it_is_there(scene: Scene, home: Home) -> None:
    environment(home, "s-1")
    environment(home, "s-2")
    point_to(home, "s-2")
    journal = Journal(home.journal, "s-2")
    journal.note("create", "before", undo={"kind": "remove_environment", "environment": "s-2"})
    journal.note("switch", "before", undo={"kind": "switch_environment", "environment": "s-1"})
    journal.note("switch", "after", seconds=0.1)
    (work,) = history(scene.ground)
    assert (work.id, work.kind, work.state) == ("s-2", "install", "done")
    assert scene.take_back() == ["undone"]
    assert json.loads(home.current_environment.read_text(encoding="utf-8"))["environment"] == "s-1"
    assert history(scene.ground)[0].state == "undone"
    with pytest.raises(UsageError):
        scene.take_back()


def test_a_first_install_has_nothing_to_go_back_to(scene: Scene, home: Home) -> None:
    environment(home, "s-1")
    point_to(home, "s-1")
    Journal(home.journal, "s-1").note("switch", "before", undo={"kind": "switch_environment", "environment": None})
    with pytest.raises(UsageError):
        scene.take_back()
    assert scene.take_back("s-1") == ["impossible"]


def test_an_install_inside_a_fix_is_left_to_its_own_journal(scene: Scene) -> None:
    asked: list[int] = []
    assert scene.do(BuildEnvironment(), build=lambda: asked.append(1) or True) == ""
    assert asked == [1]


def test_work_has_a_name_of_its_own_even_in_the_same_second(scene: Scene) -> None:
    names = set()
    for _ in range(5):
        names.add(work := new_work("fix", scene.ground))
        Journal(scene.ground.home.journal, work).note("x", "before")
    assert len(names) == 5


@pytest.mark.parametrize(
    "change",
    [
        OwnVariableChange(name="A", before=None, after=OwnVariable(None, "-1")),
        UserVariableChange(name="A", before=UserValue("张 三", "expand"), after=None),
        FolderMove(source="C:\\a", target="D:\\b"),
        EnvironmentSwitch(before=None, after="s-1"),
    ],
    ids=lambda change: type(change).__name__,
)
def test_a_change_survives_the_journal(change: Any) -> None:
    assert from_record(json.loads(json.dumps(to_record(change)))) == change
    assert reverse(reverse(change)) == change


@pytest.mark.parametrize("record", [None, [], {}, {"kind": "of_tomorrow"}, {"kind": "own_variable"}, {"kind": "move"}])
def test_what_is_no_change_is_passed_over(record: object) -> None:
    assert from_record(record) is None


@pytest.mark.parametrize(
    ("present", "applied"), [(None, "0"), ("1", "0"), ("0", None), ("7", None)], ids=["unset", "old", "same", "newer"]
)
def test_a_value_that_the_user_gives_later_counts(present: str | None, applied: str | None) -> None:
    environ = {} if present is None else {"USE_LIBUV": present}
    changes = overlay(environ, {"USE_LIBUV": OwnVariable("0", "1")})
    assert changes == ({} if applied is None else {"USE_LIBUV": applied})


@pytest.mark.parametrize(
    "words", ["", "[]", "{", '{"schema": 9, "variables": {}}', '{"schema": 1, "variables": {"A": 1}}']
)
def test_a_damaged_file_of_variables_is_none(home: Home, words: str) -> None:
    home.root.mkdir()
    home.variables.write_text(words, encoding="utf-8")
    assert read_variables(home.variables) == {}
    write_variables(home.variables, {"A": OwnVariable("张", None)})
    assert read_variables(home.variables) == {"A": OwnVariable("张", None)}


# Real processes, really killed.

_KILLED = """
import os, signal, sys
from doctor.apply import journal
place, count = sys.argv[1], int(sys.argv[2])
told = 0
really = journal.Journal.note
def note(self, step, phase, **facts):
    global told
    told += 1
    if place == "before" and told == count:
        os.kill(os.getpid(), signal.SIGKILL)
    really(self, step, phase, **facts)
    if place == "after" and told == count:
        os.kill(os.getpid(), signal.SIGKILL)
journal.Journal.note = note
from doctor.cli.main import run
sys.exit(run(sys.argv[3:]))
"""
_FIX = ["fix", "USE_LIBUV", "PYTHONUTF8", "--scope", "user", "--yes"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
class TestKilled:
    """Whatever line of the journal was the last, `fix` finishes the work and `undo` takes it back."""

    @pytest.fixture(autouse=True)
    def _user(self, tmp_path: Path) -> None:
        self.user = tmp_path / "user"
        self.user.mkdir()
        self.home = Home(tmp_path / "home")
        self.environ = {
            "HOME": str(self.user),
            "TUNEDOC_HOME": str(self.home.root),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
        }

    def tunedoc(self, *argv: str, code: int = 0) -> None:
        command = [sys.executable, "-m", "doctor", *argv]
        done = subprocess.run(command, env=self.environ, cwd=self.user, capture_output=True, encoding="utf-8")
        assert done.returncode == code, done.stderr

    def kill(self, place: str, count: int, *argv: str) -> None:
        command = [sys.executable, "-c", _KILLED, place, str(count), *argv]
        done = subprocess.run(command, env=self.environ, cwd=self.user, capture_output=True, encoding="utf-8")
        assert done.returncode == -signal.SIGKILL, done.stderr

    @property
    def kept(self) -> dict[str, str | None]:
        file = self.user / ".config" / "environment.d" / "60-tunedoc.conf"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        values = dict(line.split("=", 1) for line in lines if "=" in line)
        own = {name: variable.value for name, variable in read_variables(self.home.variables).items()}
        assert all(own.get(name) == value.strip("'") for name, value in values.items()) or own == {}
        return own

    @pytest.mark.parametrize("count", [1, 2, 4, 7, 8])
    @pytest.mark.parametrize("place", ["before", "after"])
    def test_fix_goes_on(self, place: str, count: int) -> None:
        self.kill(place, count, *_FIX)
        self.tunedoc(*_FIX)
        assert self.kept == {"USE_LIBUV": "0", "PYTHONUTF8": "1"}

    @pytest.mark.parametrize("count", [1, 2, 5, 8])
    @pytest.mark.parametrize("place", ["before", "after"])
    def test_undo_takes_back_what_was_done(self, place: str, count: int) -> None:
        self.kill(place, count, *_FIX)
        # Before the first line nothing was done, and there is nothing to take back.
        nothing = (place, count) == ("before", 1)
        self.tunedoc("undo", "--yes", code=2 if nothing else 0)
        assert self.kept == {}
        assert not [path for path in self.user.rglob("*") if path.is_file()]

    @pytest.mark.parametrize("count", [1, 3, 6, 10])
    def test_an_undo_that_was_killed_is_taken_up_again(self, count: int) -> None:
        self.tunedoc(*_FIX)
        self.kill("after", count, "undo", "--yes")
        self.tunedoc("undo", "--yes", code=2 if count == 10 else 0)
        assert self.kept == {}
        assert not [path for path in self.user.rglob("*") if path.is_file()]
