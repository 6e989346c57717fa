"""`tunedoc uninstall` takes back and removes what tunedoc made, and nothing else."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from doctor.apply.fixes import carry_out_fixes
from doctor.cli.main import run
from doctor.errors import BadInput, StepFailed
from doctor.fixing import ground_of
from doctor.host.real import RealHost
from doctor.host.user_variables import UserValue
from doctor.plan.fix_model import FixPlan, PlannedFix, SetUserVariable
from doctor.removing import plan_removal, remove
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home

MADE = {"environments", "pythons", "trainers", "logs", "trash", "scratch", "cache", "variables.json", "journal.jsonl"}


@pytest.fixture
def full_home(home: Home) -> Home:
    """A home with something of everything, and a file in each folder."""
    for name in [*MADE, "models", "runs", "exports", "install.lock", "variables.json.77", "bin", "notes of mine"]:
        path = home.root / name
        if "." in name:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('{"journal": 1}\n' if name == "journal.jsonl" else "{}", encoding="utf-8")
        else:
            (path / "inner").mkdir(parents=True)
            (path / "inner" / "file.bin").write_bytes(b"x" * 2000)
    return home


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RealHost:
    """This machine with a user who has nothing."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return RealHost()


def names(home: Home) -> set[str]:
    return {path.name for path in home.root.iterdir()}


def test_models_runs_exports_and_what_is_not_tunedocs_stay(full_home: Home, host: RealHost) -> None:
    removal = plan_removal(host, full_home, everything=False)
    assert {entry.path.name for entry in removal.remove} >= MADE | {"install.lock", "variables.json.77", "bin"}
    assert {entry.path.name: entry.kind for entry in removal.keep} == {
        "models": "yours",
        "runs": "yours",
        "exports": "yours",
        "notes of mine": "unknown",
    }
    assert removal.bytes >= 7 * 2000
    assert remove(host, full_home, removal).left == ()
    assert names(full_home) == {"models", "runs", "exports", "notes of mine"}
    assert (full_home.models / "inner" / "file.bin").stat().st_size == 2000


def test_everything_still_leaves_what_is_not_tunedocs(full_home: Home, host: RealHost) -> None:
    remove(host, full_home, plan_removal(host, full_home, everything=True))
    assert names(full_home) == {"notes of mine"}


def test_an_empty_home_goes_itself_and_a_second_time_finds_nothing(home: Home, host: RealHost) -> None:
    home.trainers.mkdir(parents=True)
    home.runs.mkdir()
    remove(host, home, plan_removal(host, home, everything=True))
    assert not home.root.exists()
    removal = plan_removal(host, home, everything=True)
    assert (removal.remove, removal.keep, removal.undo) == ((), (), ())
    assert remove(host, home, removal).left == ()


def test_what_is_kept_can_be_removed_later(full_home: Home, host: RealHost) -> None:
    (full_home.root / "notes of mine" / "inner" / "file.bin").unlink()
    (full_home.root / "notes of mine" / "inner").rmdir()
    (full_home.root / "notes of mine").rmdir()
    remove(host, full_home, plan_removal(host, full_home, everything=False))
    remove(host, full_home, plan_removal(host, full_home, everything=True))
    assert not full_home.root.exists()


@pytest.mark.parametrize("content", ["photos", "models", "scratch"])
def test_a_folder_that_does_not_look_like_tunedocs_is_refused(home: Home, host: RealHost, content: str) -> None:
    (home.root / "holiday").mkdir(parents=True)
    (home.root / content).mkdir()
    with pytest.raises(BadInput):
        plan_removal(host, home, everything=True)
    assert names(home) == {"holiday", content}


def test_the_users_own_folder_is_refused_whatever_lies_in_it(tmp_path: Path, host: RealHost) -> None:
    from doctor.paths import Home

    user = Home(tmp_path / "user")
    user.environments.mkdir(parents=True)
    with pytest.raises(BadInput):
        plan_removal(host, user, everything=False)


def test_a_journal_of_somebody_else_is_no_sign_of_tunedoc(home: Home, host: RealHost) -> None:
    home.root.mkdir(parents=True)
    home.journal.write_text('{"entry": "dear diary"}\n', encoding="utf-8")
    with pytest.raises(BadInput):
        plan_removal(host, home, everything=False)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there that tests may not have")
def test_links_are_removed_and_what_they_lead_to_stays(full_home: Home, host: RealHost, tmp_path: Path) -> None:
    outside = tmp_path / "big disk"
    outside.mkdir()
    (outside / "weights").write_bytes(b"w" * 5000)
    (full_home.models / "linked").symlink_to(outside, target_is_directory=True)
    (full_home.environments / "linked").symlink_to(outside, target_is_directory=True)
    (full_home.root / "pythons" / "inner" / "file.bin").unlink()
    (full_home.root / "pythons" / "inner").rmdir()
    full_home.pythons.rmdir()
    full_home.pythons.symlink_to(outside, target_is_directory=True)
    removal = plan_removal(host, full_home, everything=True)
    assert next(entry.bytes for entry in removal.remove if entry.path == full_home.pythons) == 0
    remove(host, full_home, removal)
    assert (outside / "weights").exists()
    assert names(full_home) == {"notes of mine"}


@pytest.mark.parametrize("lock", ["install.lock", "fix.lock", "runs/inner/doctor.lock", "scratch/export-1.lock"])
def test_nothing_is_removed_while_a_tunedoc_works_there(full_home: Home, host: RealHost, lock: str) -> None:
    before = names(full_home) | {lock.partition("/")[0]}
    removal = plan_removal(host, full_home, everything=True)
    with FileLock(full_home.root / lock), pytest.raises(StepFailed) as refused:
        remove(host, full_home, removal)
    assert refused.value.message.key == "uninstall.busy"
    # On Windows a lock's file goes when it is given back.
    assert {name for name in names(full_home) if not name.endswith(".lock")} >= {
        name for name in before if not name.endswith(".lock")
    }


@pytest.mark.skipif(sys.platform == "win32", reason="would write to the registry; the setup program's test does it")
def test_variables_of_the_user_are_taken_back_unless_somebody_changed_them(home: Home, host: RealHost) -> None:
    ground = ground_of(host, home)
    assert ground.user is not None
    for name in ("USE_LIBUV", "MASTER_ADDR"):
        fix = PlannedFix(id="x", title=text("fix.nothing"), steps=(SetUserVariable(name=name, value="0"),))
        carry_out_fixes(FixPlan(scope="user", fixes=(fix,)), ground, build=lambda: True, report=lambda _: None)
    ground.user.write("MASTER_ADDR", UserValue("10.0.0.1"))
    removal = plan_removal(host, home, everything=False)
    assert len(removal.undo) == 1
    removed = remove(host, home, removal)
    assert [one.verdict for one in removed.undone] == ["undone"]
    assert ground.user.read("USE_LIBUV") is None
    assert ground.user.read("MASTER_ADDR") == UserValue("10.0.0.1")
    assert not home.root.exists()


def uninstall(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    monkeypatch.setenv("TUNEDOC_HOME", str(home.root))
    code = run(["uninstall", "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_the_verb_shows_its_plan_and_waits_for_agreement(
    full_home: Home, host: RealHost, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(full_home)
    code, told = uninstall(full_home, capsys, monkeypatch, "--plan")
    assert (code, told["data"]["removed"]) == (0, False)
    assert {row["kind"] for row in told["data"]["kept"]} == {"yours", "unknown"}
    code, told = uninstall(full_home, capsys, monkeypatch)
    assert code == 2
    assert names(full_home) == before
    code, told = uninstall(full_home, capsys, monkeypatch, "--yes", "--everything")
    assert (code, told["data"]["removed"], told["data"]["left"]) == (0, True, [])
    assert names(full_home) == {"notes of mine"}


def test_the_verb_speaks_both_languages(
    full_home: Home, host: RealHost, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNEDOC_HOME", str(full_home.root))
    assert run(["uninstall", "--plan", "--lang", "en"]) == 0
    assert "notes of mine  2 kB, not tunedoc's" in capsys.readouterr().out
    assert run(["uninstall", "--yes", "--lang", "zh"]) == 0
    assert "仍在" in capsys.readouterr().out
