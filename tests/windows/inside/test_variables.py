"""A user's variables in HKCU\\Environment: set, announced, journalled, and taken back as they were."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import winreg
from ctypes import wintypes
from typing import TYPE_CHECKING, Any

import pytest

from doctor.apply.changes import Ground
from doctor.apply.fixes import carry_out_fixes
from doctor.apply.journal import read_journal
from doctor.apply.undoing import choose_work, history, undo
from doctor.host.real import RealHost
from doctor.host.user_variables import RegistryVariables, UserValue
from doctor.plan.fix_model import FixPlan, PlannedFix, RemoveUserVariable, SetUserVariable, TrimVariable
from doctor.words.text import text
from tests.windows.inside.listening_window import ListeningWindow
from tests.windows.inside.windows_machine import ROOT, changed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.plan.fix_model import FixStep
    from tests.windows.inside.windows_machine import RegistryDesk, WindowsMachine

USER = winreg.HKEY_CURRENT_USER
KEY = "Environment"
MODELS = "D:\\模型 库\\hub"


class QuietHost(RealHost):
    """This machine, whose own variables stay as they are."""

    def take(self, changes: Any) -> None:
        self.environ = changed(self.environ, changes)


class Desk:
    """The user's real variables, and what carries out fixes on them."""

    def __init__(self, machine: WindowsMachine, registry: RegistryDesk) -> None:
        self.registry = registry
        host = QuietHost()
        host.environ = machine.environ
        self.ground = Ground(host=host, home=machine.home, user=RegistryVariables())

    def keep(self, name: str, value: str, kind: int = winreg.REG_SZ) -> None:
        self.registry.put(USER, KEY, name, value, kind)

    def kept(self, name: str) -> tuple[Any, int] | None:
        return self.registry.read(USER, KEY, name)

    def do(self, *steps: FixStep) -> str:
        planned = FixPlan(scope="user", fixes=(PlannedFix(id="x", title=text("fix.nothing"), steps=steps),))
        return carry_out_fixes(planned, self.ground, build=lambda: True, report=lambda _: None).work

    def take_back(self, *, force: bool = False) -> list[str]:
        work = choose_work(history(self.ground), self.ground, None)
        return [result.verdict for result in undo(work, self.ground, force=force, report=lambda _: None)]


@pytest.fixture
def desk(machine: WindowsMachine, registry: RegistryDesk) -> Desk:
    for name in ("HF_HOME", "HF_ENDPOINT", "USE_LIBUV", "KMP_DUPLICATE_LIB_OK", "PATH"):
        registry.watch(USER, KEY, name)
    for name in ("HF_HOME", "HF_ENDPOINT", "USE_LIBUV", "KMP_DUPLICATE_LIB_OK"):
        registry.drop(USER, KEY, name)
    return Desk(machine, registry)


@pytest.fixture
def window(registry: RegistryDesk) -> Iterator[ListeningWindow]:
    without_display(registry)
    with ListeningWindow() as opened:
        yield opened


def without_display(registry: RegistryDesk) -> None:
    """Wine makes windows without a display when it is told so; real Windows needs no such word."""
    if hasattr(ctypes.windll.ntdll, "wine_get_version"):
        registry.put(USER, r"Software\Wine\Drivers", "Graphics", "null", winreg.REG_SZ)


def everything_kept() -> dict[str, tuple[Any, int]]:
    with winreg.OpenKey(USER, KEY) as opened:
        values = (winreg.EnumValue(opened, index) for index in range(winreg.QueryInfoKey(opened)[1]))
        return {name: (value, kind) for name, value, kind in values}


def block_of_new_programs() -> list[str]:
    """The variables that Windows gives to a program that is started from its desktop, `NAME=value`."""
    token, block = wintypes.HANDLE(), ctypes.c_void_p()
    # TOKEN_QUERY, TOKEN_DUPLICATE, TOKEN_IMPERSONATE of this process.
    assert ctypes.windll.advapi32.OpenProcessToken(ctypes.c_void_p(-1), 0x8 | 0x2 | 0x4, ctypes.byref(token))
    assert ctypes.windll.userenv.CreateEnvironmentBlock(ctypes.byref(block), token, 0)
    found: list[str] = []
    place = block.value or 0
    while word := ctypes.wstring_at(place):
        found.append(word)
        place += ctypes.sizeof(ctypes.c_wchar) * (len(word) + 1)
    ctypes.windll.userenv.DestroyEnvironmentBlock(block)
    return found


def test_the_command_sets_journals_and_takes_back(desk: Desk, machine: WindowsMachine) -> None:
    before = everything_kept()
    done = machine.envelope("fix", f"HF_HOME={MODELS}", "--scope", "user", "--yes")["data"]
    assert done["applied"] is True
    assert desk.kept("HF_HOME") == (MODELS, winreg.REG_SZ)
    (line,) = [
        each for each in read_journal(machine.home.journal) if each.get("undo", {}).get("kind") == "user_variable"
    ]
    assert (line["phase"], line["undo"]["name"], line["undo"]["before"]) == ("before", "HF_HOME", None)
    listed = machine.envelope("undo", "--list")["data"]
    assert done["work"] in json.dumps(listed)
    assert machine.envelope("undo", "--yes")["exit_code"] == 0
    assert everything_kept() == before
    assert machine.envelope("undo", "--yes")["exit_code"] == 2, "nothing is left to take back"


def test_the_scope_of_tunedoc_leaves_the_registry_alone(desk: Desk, machine: WindowsMachine) -> None:
    before = everything_kept()
    machine.envelope("fix", "USE_LIBUV", "--yes")
    assert everything_kept() == before
    assert "USE_LIBUV" in machine.home.variables.read_text(encoding="utf-8")


def test_the_plan_alone_writes_nothing(desk: Desk, machine: WindowsMachine) -> None:
    before = everything_kept()
    machine.envelope("fix", f"HF_HOME={MODELS}", "--scope", "user", "--plan")
    assert (everything_kept(), machine.home.journal.exists()) == (before, False)


def test_a_window_hears_that_variables_were_changed_and_taken_back(desk: Desk, window: ListeningWindow) -> None:
    window.beside(lambda: desk.do(SetUserVariable(name="HF_HOME", value=MODELS)))
    assert window.words() == ["Environment"]
    window.beside(desk.take_back)
    assert window.words() == ["Environment"]


def test_nothing_is_announced_where_nothing_changes(desk: Desk, window: ListeningWindow) -> None:
    desk.keep("HF_HOME", MODELS)
    window.beside(
        lambda: desk.do(SetUserVariable(name="HF_HOME", value=MODELS), RemoveUserVariable(name="HF_ENDPOINT"))
    )
    assert window.words() == []


def test_a_window_that_never_answers_holds_nothing_up(desk: Desk, registry: RegistryDesk) -> None:
    without_display(registry)
    with ListeningWindow(deaf=True) as window:
        window.beside(lambda: desk.do(SetUserVariable(name="HF_HOME", value=MODELS)))
    assert desk.kept("HF_HOME") == (MODELS, winreg.REG_SZ)


def test_programs_that_are_started_afterwards_have_the_value(desk: Desk) -> None:
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS))
    assert f"HF_HOME={MODELS}" in block_of_new_programs()
    desk.take_back()
    assert not any(each.startswith("HF_HOME=") for each in block_of_new_programs())


def test_a_value_with_other_variables_in_it_keeps_its_kind_and_comes_back_unfilled(desk: Desk) -> None:
    desk.keep("HF_HOME", r"%USERPROFILE%\模型", winreg.REG_EXPAND_SZ)
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS))
    assert desk.kept("HF_HOME") == (MODELS, winreg.REG_EXPAND_SZ)
    assert desk.take_back() == ["undone"]
    assert desk.kept("HF_HOME") == (r"%USERPROFILE%\模型", winreg.REG_EXPAND_SZ)


def test_a_removed_value_comes_back_with_its_kind(desk: Desk) -> None:
    desk.keep("KMP_DUPLICATE_LIB_OK", "%TRUTH%", winreg.REG_EXPAND_SZ)
    desk.do(RemoveUserVariable(name="KMP_DUPLICATE_LIB_OK"))
    assert desk.kept("KMP_DUPLICATE_LIB_OK") is None
    assert desk.take_back() == ["undone"]
    assert desk.kept("KMP_DUPLICATE_LIB_OK") == ("%TRUTH%", winreg.REG_EXPAND_SZ)


def test_path_is_never_touched(desk: Desk) -> None:
    path = r"%USERPROFILE%\bin;C:\程序\bin;" + "C:\\folder;" * 200
    desk.keep("PATH", path, winreg.REG_EXPAND_SZ)
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS), TrimVariable(name="USE_LIBUV", scope="user"))
    desk.take_back()
    assert desk.kept("PATH") == (path, winreg.REG_EXPAND_SZ)


def test_names_are_one_whatever_their_case(desk: Desk) -> None:
    desk.keep("hf_home", r"C:\old")
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS))
    assert [name for name in everything_kept() if name.upper() == "HF_HOME"] == ["hf_home"]
    assert desk.take_back() == ["undone"]
    assert desk.kept("HF_HOME") == (r"C:\old", winreg.REG_SZ)


def test_blanks_at_the_end_are_taken_off_and_come_back(desk: Desk) -> None:
    desk.keep("USE_LIBUV", "0  ")
    desk.do(TrimVariable(name="USE_LIBUV", scope="user"))
    assert desk.kept("USE_LIBUV") == ("0", winreg.REG_SZ)
    desk.take_back()
    assert desk.kept("USE_LIBUV") == ("0  ", winreg.REG_SZ)


def test_what_somebody_changed_since_is_left_and_told(desk: Desk, machine: WindowsMachine) -> None:
    desk.keep("HF_HOME", r"C:\old")
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS))
    desk.keep("HF_HOME", r"E:\somebody else's")
    answer = machine.envelope("undo", "--yes")
    assert answer["exit_code"] == 1
    assert desk.kept("HF_HOME") == (r"E:\somebody else's", winreg.REG_SZ)
    work = history(desk.ground)[-1].id
    assert machine.envelope("undo", work, "--force", "--yes")["exit_code"] == 0
    assert desk.kept("HF_HOME") == (r"C:\old", winreg.REG_SZ)


def test_a_change_of_kind_alone_is_somebodys_change(desk: Desk) -> None:
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS))
    desk.keep("HF_HOME", MODELS, winreg.REG_EXPAND_SZ)
    assert desk.take_back() == ["changed"]
    assert desk.kept("HF_HOME") == (MODELS, winreg.REG_EXPAND_SZ)


def test_what_is_gone_already_counts_as_taken_back(desk: Desk) -> None:
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS))
    desk.registry.drop(USER, KEY, "HF_HOME")
    assert desk.take_back() == ["already"]


KILLED = """
import os, sys, winreg
from doctor.apply.changes import Ground
from doctor.apply.fixes import carry_out_fixes
from doctor.host.real import RealHost
from doctor.host.user_variables import RegistryVariables
from doctor.paths import Home
from doctor.plan.fix_model import FixPlan, PlannedFix, SetUserVariable
from doctor.words.text import text
from pathlib import Path

real = winreg.SetValueEx
def die(*arguments):
    if sys.argv[2] == "after":
        real(*arguments)
    os._exit(9)
winreg.SetValueEx = die
steps = (SetUserVariable(name="HF_HOME", value=sys.argv[3]),)
plan = FixPlan(scope="user", fixes=(PlannedFix(id="x", title=text("fix.nothing"), steps=steps),))
ground = Ground(host=RealHost(), home=Home(Path(sys.argv[1])), user=RegistryVariables())
carry_out_fixes(plan, ground, build=lambda: True, report=lambda _: None)
"""


@pytest.mark.parametrize(("moment", "verdict"), [("before", "already"), ("after", "undone")])
def test_killed_around_the_write(desk: Desk, machine: WindowsMachine, moment: str, verdict: str) -> None:
    """The process dies between the journal's line and the write, or right after the write."""
    desk.keep("HF_HOME", r"%USERPROFILE%\old", winreg.REG_EXPAND_SZ)
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(machine.home.root), moment, MODELS], cwd=ROOT, env=dict(os.environ),
        capture_output=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert died.returncode == 9, died.stderr
    assert desk.ground.user is not None
    expected = MODELS if moment == "after" else r"%USERPROFILE%\old"
    assert desk.ground.user.read("HF_HOME") == UserValue(expected, "expand")
    (work,) = history(desk.ground)
    assert work.state == "partly"
    assert desk.take_back() == [verdict]
    assert desk.kept("HF_HOME") == (r"%USERPROFILE%\old", winreg.REG_EXPAND_SZ)


def test_after_a_kill_the_same_fix_goes_on(desk: Desk, machine: WindowsMachine) -> None:
    subprocess.run(
        [sys.executable, "-c", KILLED, str(machine.home.root), "before", MODELS], cwd=ROOT, env=dict(os.environ),
        capture_output=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert desk.kept("HF_HOME") is None
    desk.do(SetUserVariable(name="HF_HOME", value=MODELS))
    assert desk.kept("HF_HOME") == (MODELS, winreg.REG_SZ)
    assert desk.take_back() == ["undone"]
    assert desk.kept("HF_HOME") is None


@pytest.mark.parametrize("value", ["模型", "a;b;%c%", "x" * 2047, "🙂 emoji", '"quoted"', "tab\there"])
def test_values_of_every_shape_come_through(desk: Desk, value: str) -> None:
    desk.do(SetUserVariable(name="HF_ENDPOINT", value=value))
    assert desk.kept("HF_ENDPOINT") == (value, winreg.REG_SZ)
    assert desk.take_back() == ["undone"]
