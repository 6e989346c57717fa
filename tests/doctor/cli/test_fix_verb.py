"""`tunedoc fix` and `undo` as a user runs them, in processes of their own with a home folder of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
MACHINES = ROOT / "tests" / "machines"


@dataclass
class User:
    folder: Path
    environ: dict[str, str]

    def tunedoc(self, *argv: str, code: int | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "doctor", *argv],
            env={**self.environ, **environ},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        if code is not None:
            assert done.returncode == code, done.stderr
        return done

    def data(self, *argv: str, **environ: str) -> dict[str, Any]:
        envelope = json.loads(self.tunedoc(*argv, "--json", **environ).stdout)
        assert envelope["errors"] == []
        return dict(envelope["data"])


@pytest.fixture
def user(tmp_path: Path) -> User:
    folder = tmp_path / "用户 1"
    folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    home = {"HOME": str(folder), "USERPROFILE": str(folder), "TUNEDOC_HOME": str(folder / "td 家")}
    return User(folder, {**kept, **home, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TUNEDOC_LANG": "en"})


def children_see(user: User, name: str, **environ: str) -> str | None:
    """What a program that tunedoc starts has in its environment."""
    program = (
        "import argparse, sys\n"
        "from doctor.cli import main\n"
        "face = main._face(argparse.Namespace(json=False, verbose=False), 'en')\n"
        f"code = 'import os; print(os.environ.get(\"{name}\"))'\n"
        "print(face.host.run([sys.executable, '-c', code], environ=face.host.environ).stdout)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**user.environ, **environ}, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.strip()
    return None if said == "None" else said


def test_what_is_fixed_reaches_the_programs_that_tunedoc_starts_and_no_other(user: User) -> None:
    user.tunedoc("fix", "MASTER_ADDR", "--yes", code=0)
    assert children_see(user, "MASTER_ADDR") == "127.0.0.1"
    # A value that the user gives afterwards is the user's wish.
    assert children_see(user, "MASTER_ADDR", MASTER_ADDR="10.1.1.1") == "10.1.1.1"
    assert [path.name for path in user.folder.iterdir()] == ["td 家"]
    user.tunedoc("undo", "--yes", code=0)
    assert children_see(user, "MASTER_ADDR") is None


def test_without_a_terminal_and_without_agreement_nothing_is_done(user: User) -> None:
    done = user.tunedoc("fix", "MASTER_ADDR", code=2)
    assert "MASTER_ADDR=127.0.0.1" in done.stdout
    assert "--yes" in done.stderr
    assert not (user.folder / "td 家" / "variables.json").exists()


def test_a_finding_is_fixed_and_a_second_look_says_so(user: User) -> None:
    broken = {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments"}
    before = user.data("check", "settings.allocator", **broken)
    assert before["findings"][0]["status"] == "failure"
    fixed = user.data("fix", "settings.allocator", "--yes", **broken)
    assert fixed["applied"]
    assert fixed["fixed"] == ["settings.allocator"]
    assert user.data("check", "settings.allocator", **broken)["findings"][0]["status"] == "ok"
    again = user.data("fix", "settings.allocator", "--yes", **broken)
    assert not again["applied"]
    assert user.data("undo", fixed["work"], "--yes", **broken)["changes"][0]["verdict"] == "undone"
    assert user.data("check", "settings.allocator", **broken)["findings"][0]["status"] == "failure"


def test_the_plan_of_another_machine_is_only_shown(user: User) -> None:
    done = user.tunedoc("fix", "--from", str(MACHINES / "win11-two-4090-torch26.json"), "--yes", code=0)
    assert "USE_LIBUV=0" in done.stdout
    assert not (user.folder / "td 家").exists()


@pytest.mark.parametrize("option", [["--plan"], ["--from", str(MACHINES / "win11-hidden-gpus.json")]])
def test_a_plan_alone_needs_no_agreement(user: User, option: list[str]) -> None:
    data = user.data("fix", *option)
    assert data["applied"] is False
    assert isinstance(data["plan"]["fixes"], list)


@pytest.mark.parametrize("word", ["no.such", "PATH=/x", "USE_LIBUV=maybe"])
def test_a_wrong_word_is_a_usage_error(user: User, word: str) -> None:
    assert "hint:" in user.tunedoc("fix", word, "--yes", code=2).stderr


def test_the_history_is_told_newest_first(user: User) -> None:
    first = user.data("fix", "USE_LIBUV", "--yes")["work"]
    second = user.data("fix", "PYTHONNOUSERSITE", "--yes")["work"]
    assert [work["id"] for work in user.data("undo", "--list")["history"]] == [second, first]
    shown = user.tunedoc("undo", "--list", code=0).stdout.splitlines()
    assert [line.split()[0] for line in shown if line.startswith("fix-")] == [second, first]


def test_there_is_nothing_to_undo_at_first(user: User) -> None:
    user.tunedoc("undo", "--list", code=0)
    user.tunedoc("undo", "--yes", code=2)
    user.tunedoc("undo", "fix-1", "--yes", code=2)


@pytest.mark.skipif(sys.platform != "linux", reason="the managed file")
def test_for_the_user_the_variable_reaches_login_shells(user: User) -> None:
    done = user.tunedoc("fix", "USE_LIBUV", "--scope", "user", "--yes", code=0)
    assert "logged in anew" in done.stdout
    shell = ["bash", "-l", "-c", "echo $USE_LIBUV"]
    told = {"HOME": str(user.folder), "PATH": "/usr/bin:/bin"}
    assert subprocess.run(shell, env=told, capture_output=True, encoding="utf-8").stdout == "0\n"
    user.tunedoc("undo", "--yes", code=0)
    assert subprocess.run(shell, env=told, capture_output=True, encoding="utf-8").stdout == "\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the managed file")
def test_a_value_that_somebody_changed_since_is_left_and_told(user: User) -> None:
    user.tunedoc("fix", "USE_LIBUV", "--scope", "user", "--yes", code=0)
    file = user.folder / ".config" / "environment.d" / "60-tunedoc.conf"
    file.write_text(file.read_text(encoding="utf-8").replace("'0'", "'1'"), encoding="utf-8")
    done = user.tunedoc("undo", "--yes", code=1)
    assert "--force" in done.stdout
    assert "USE_LIBUV='1'" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_plan_is_told_in_both_languages(user: User, language: str) -> None:
    done = user.tunedoc("fix", "KMP_DUPLICATE_LIB_OK", "--plan", "--lang", language, code=0)
    assert ("wrong results" if language == "en" else "错误结果") in done.stdout
