"""Process manners on Windows: nothing outlives the doctor but what saves, and open files are waited for.

Wine shows no console events, no junctions (`mklink /J` fails) and no power requests: those are tested as functions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from doctor.errors import StepFailed
from doctor.holding import hold
from doctor.host.base import TooSlow
from doctor.host.real import RealHost
from doctor.words.text import text
from trainer.file_moves import move_folder, remove_tree, replace_file

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent.parent.parent
PATIENCE_SECONDS = 60.0
"""No test is about time; this only ends one that would wait for ever."""

CHILD = """
import os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / "itself").write_text(str(os.getpid()))
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(folder / "grandchild").write_text(str(grandchild.pid))
sys.stdin.read()
if "saves" in sys.argv:
    time.sleep(0.5)
    (folder / "saved").write_text("yes")
    grandchild.kill()
    sys.exit()
time.sleep(600)
"""
DOCTOR = """
import pathlib, sys, time
from doctor.host.real import RealHost
python, folder, saves = sys.argv[1], sys.argv[2], sys.argv[3:]
process = RealHost().start([python, "-c", pathlib.Path(folder, "child.py").read_text(), folder, *saves],
                           lets_finish=bool(saves))
pathlib.Path(folder, "child").write_text(str(process.pid))
time.sleep(600)
"""


def wait_for(happened: Callable[[], object], what: str) -> None:
    begun = time.monotonic()
    while not happened():
        assert time.monotonic() - begun < PATIENCE_SECONDS, what
        time.sleep(0.05)


def number_in(file: Path) -> int:
    wait_for(lambda: file.exists() and file.read_text(encoding="utf-8").strip(), f"nothing in {file.name}")
    return int(file.read_text(encoding="utf-8"))


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)


@pytest.fixture(params=["python", "python of a virtual environment"])
def python(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An interpreter; that of a virtual environment starts the real one as its child, in a job of its own."""
    if request.param == "python":
        return sys.executable
    venv = tmp_path / "虚拟 venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    return str(venv / "Scripts" / "python.exe")


def kill_a_doctor(python: str, folder: Path, *saves: str) -> list[int]:
    """Start a doctor with a child and a grandchild, kill it alone, and give the numbers of all that it started."""
    (folder / "child.py").write_text(CHILD, encoding="utf-8")
    doctor = subprocess.Popen([sys.executable, "-c", DOCTOR, python, str(folder), *saves], cwd=ROOT)
    started = [number_in(folder / name) for name in ("child", "itself", "grandchild")]
    assert all(psutil.pid_exists(pid) for pid in started)
    # Windows kills that one process and no other.
    doctor.kill()
    doctor.wait()
    return started


def test_a_killed_doctor_leaves_no_child_and_no_grandchild(python: str, tmp_path: Path) -> None:
    started = kill_a_doctor(python, tmp_path)
    wait_for(lambda: all(gone(pid) for pid in started), "a child of a killed doctor lives on")


def test_a_child_that_saves_is_let_finish(python: str, tmp_path: Path) -> None:
    started = kill_a_doctor(python, tmp_path, "saves")
    wait_for((tmp_path / "saved").exists, "the child was ended before it saved")
    wait_for(lambda: all(gone(pid) for pid in started), "the child saved and did not end")


def test_ending_a_child_that_saves_ends_all_of_it(tmp_path: Path) -> None:
    process = RealHost().start([sys.executable, "-c", CHILD, str(tmp_path), "saves"], lets_finish=True)
    grandchild = number_in(tmp_path / "grandchild")
    process.end()
    assert list(process.lines()) == []
    assert process.wait(PATIENCE_SECONDS) != 0
    wait_for(lambda: gone(grandchild), "a grandchild lives on")
    assert not (tmp_path / "saved").exists()


def test_a_grandchild_that_lost_its_parent_is_ended_too(tmp_path: Path) -> None:
    # The tree of processes is broken there: nothing but the job knows that the two belong together.
    note = tmp_path / "grandchild"
    (tmp_path / "starts.py").write_text(
        "import pathlib, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n",
        encoding="utf-8",
    )
    code = "import subprocess, sys, time; subprocess.run([sys.executable, *sys.argv[1:]]); time.sleep(600)"
    for patience in (10, 60):  # a busy machine may not have come so far when it is ended
        with pytest.raises(TooSlow):
            RealHost().run(
                [sys.executable, "-c", code, str(tmp_path / "starts.py"), str(note)], timeout_seconds=patience
            )
        if note.exists():
            break
    wait_for(lambda: gone(number_in(note)), "a grandchild lives on")


def test_what_a_command_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(child.pid)"
    )
    ran = RealHost().run([sys.executable, "-c", code])
    assert ran.exit_code == 0
    wait_for(lambda: gone(int(ran.stdout)), "a child of an ended command lives on")


def test_a_child_has_no_window_that_shows() -> None:
    code = (
        "import ctypes\n"
        "window = ctypes.windll.kernel32.GetConsoleWindow()\n"
        "print(bool(window and ctypes.windll.user32.IsWindowVisible(window)))"
    )
    assert RealHost().run([sys.executable, "-c", code]).stdout.strip() == "False"


LOCKER = """
import pathlib, sys, time
from doctor.errors import StepFailed
from doctor.holding import hold
from doctor.words.text import text
with hold(pathlib.Path(sys.argv[1]), StepFailed(text("uv.missing"))):
    pathlib.Path(sys.argv[2]).write_text("held")
    time.sleep(600)
"""


def test_the_lock_of_a_killed_program_is_free_again(tmp_path: Path) -> None:
    lock, held = tmp_path / "锁.lock", tmp_path / "held"
    busy = StepFailed(text("uv.missing"))
    locker = subprocess.Popen([sys.executable, "-c", LOCKER, str(lock), str(held)], cwd=ROOT)
    wait_for(held.exists, "the other program did not take the lock")
    with pytest.raises(StepFailed), hold(lock, busy):
        pass
    locker.kill()
    with hold(lock, busy):
        pass
    locker.wait()


def test_structures_have_the_sizes_that_windows_expects() -> None:
    # Windows refuses other sizes; Wine does not look.
    # JOBOBJECT_EXTENDED_LIMIT_INFORMATION, RM_PROCESS_INFO, REASON_CONTEXT, as in the SDK.
    import ctypes

    from doctor.host import job_objects, waking, who_holds

    assert ctypes.sizeof(job_objects._ExtendedLimits) == 144
    assert ctypes.sizeof(who_holds._ProcessInfo) == 668
    assert ctypes.sizeof(waking._Reason) == 32


def test_a_child_fails_without_a_box_that_waits_for_a_button() -> None:
    # Windows hands the mode of the parent down; Wine starts each process with none.
    import ctypes

    RealHost().run([sys.executable, "-c", ""])
    assert ctypes.windll.kernel32.GetErrorMode() & 3 == 3


HOLDER = """
import pathlib, sys, time
with open(sys.argv[1], "rb"):
    pathlib.Path(sys.argv[2]).write_text("held")
    time.sleep(float(sys.argv[3]))
"""


def hold_open(file: Path, seconds: float) -> subprocess.Popen[bytes]:
    """Another program that has a file open, as an antivirus has."""
    held = file.with_name("held")
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(file), str(held), str(seconds)])
    wait_for(held.exists, "the other program did not open the file")
    held.unlink()
    return holder


def test_a_file_that_is_open_elsewhere_is_replaced_once_it_is_closed(tmp_path: Path) -> None:
    old, new = tmp_path / "旧 old", tmp_path / "新 new"
    old.write_text("old", encoding="utf-8")
    new.write_text("new", encoding="utf-8")
    holder = hold_open(old, 1.0)
    with pytest.raises(PermissionError):
        os.replace(new, old)  # noqa: PTH105 - what the system says by itself
    replace_file(new, old)
    assert old.read_text(encoding="utf-8") == "new"
    holder.wait()


def test_a_file_that_stays_open_is_told_in_the_systems_words(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old", encoding="utf-8")
    new.write_text("new", encoding="utf-8")
    with old.open(encoding="utf-8"), pytest.raises(PermissionError) as caught:
        replace_file(new, old)
    assert caught.value.winerror in {5, 32}  # type: ignore[attr-defined]
    assert (old.read_text(encoding="utf-8"), new.read_text(encoding="utf-8")) == ("old", "new")


def test_a_tree_with_an_open_file_is_removed_once_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    file = tmp_path / "tree" / "file"
    file.write_text("x", encoding="utf-8")
    file.chmod(0o444)
    holder = hold_open(file, 1.0)
    assert remove_tree(tmp_path / "tree")
    holder.wait()
    with (tmp_path / "open").open("w", encoding="utf-8"):
        assert not remove_tree(tmp_path)
    assert remove_tree(tmp_path)


def test_a_tree_deeper_than_the_old_limit_is_written_moved_and_removed(tmp_path: Path) -> None:
    from trainer.long_paths import deep_root

    tree = Path(deep_root(tmp_path / "tree"))
    deep = tree.joinpath(*["深 deep folder with a long name"] * 12)
    deep.mkdir(parents=True)
    (deep / "file").write_text("x", encoding="utf-8")
    assert len(str(deep)) > 300
    moved = move_folder(tmp_path / "tree", tmp_path / "moved")
    assert not (tmp_path / "tree").exists()
    assert remove_tree(moved)
