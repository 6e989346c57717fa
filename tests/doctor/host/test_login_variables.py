"""A user's variables on Linux: one file, read by real login shells, gone without a trace when the last is removed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.host.login_variables import LoginVariables
from doctor.host.user_variables import UserValue

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="login shells")


@pytest.fixture
def user(tmp_path: Path) -> Path:
    folder = tmp_path / "用户 one's home"
    folder.mkdir()
    return folder


def variables(user: Path) -> LoginVariables:
    return LoginVariables(user / ".config", user)


def seen(user: Path, name: str, shell: str = "bash") -> str:
    """What a login shell of that user has in its environment, for its children to inherit."""
    environ = {"HOME": str(user), "PATH": "/usr/bin:/bin"}
    argv = [shell, "-l", "-c", f"env | sed -n 's/^{name}=//p'"]
    return subprocess.run(argv, env=environ, capture_output=True, encoding="utf-8", check=True).stdout.rstrip("\n")


def test_a_login_shell_has_the_variable_and_no_longer_after_it_is_removed(user: Path) -> None:
    (user / ".profile").write_text("export MINE=1", encoding="utf-8")
    kept = variables(user)
    kept.write("HF_HOME", UserValue("/mnt/大 盘/hub, #1"))
    kept.write("USE_LIBUV", UserValue("0"))
    assert (seen(user, "HF_HOME"), seen(user, "USE_LIBUV"), seen(user, "MINE")) == ("/mnt/大 盘/hub, #1", "0", "1")
    assert kept.read("HF_HOME") == UserValue("/mnt/大 盘/hub, #1")
    kept.write("HF_HOME", None)
    assert (seen(user, "HF_HOME"), seen(user, "USE_LIBUV")) == ("", "0")


def test_the_last_variable_takes_the_file_and_the_block_with_it(user: Path) -> None:
    before = "# mine\nexport A=1\n"
    (user / ".profile").write_text(before, encoding="utf-8")
    kept = variables(user)
    kept.write("USE_LIBUV", UserValue("0"))
    kept.write("USE_LIBUV", UserValue("1"))
    assert (user / ".profile").read_text(encoding="utf-8").count(">>> tunedoc") == 1
    kept.write("USE_LIBUV", None)
    assert (user / ".profile").read_text(encoding="utf-8") == before
    assert sorted(path.name for path in user.rglob("*")) == [".config", ".profile"]


def test_the_shells_own_file_is_made_where_there_is_none_and_goes_again(user: Path) -> None:
    kept = variables(user)
    kept.write("USE_LIBUV", UserValue("0"))
    assert seen(user, "USE_LIBUV") == "0"
    kept.write("USE_LIBUV", None)
    assert not (user / ".profile").exists()


def test_the_file_that_bash_prefers_gets_the_block(user: Path) -> None:
    (user / ".profile").write_text("", encoding="utf-8")
    (user / ".bash_profile").write_text("export B=1\n", encoding="utf-8")
    variables(user).write("USE_LIBUV", UserValue("0"))
    assert seen(user, "USE_LIBUV") == "0"
    assert (user / ".profile").read_text(encoding="utf-8") == ""


def test_a_linked_file_stays_a_link_and_keeps_its_rights_and_its_bytes(user: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles profile"
    real.write_bytes(b"export A=1 # caf\xe9\r\n")
    real.chmod(0o640)
    (user / ".profile").symlink_to(real)
    kept = variables(user)
    kept.write("USE_LIBUV", UserValue("0"))
    assert (user / ".profile").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    kept.write("USE_LIBUV", None)
    assert real.read_bytes() == b"export A=1 # caf\xe9\r\n"


@pytest.mark.parametrize("value", ["a'b", 'a"b', "$HOME/x", "a\\b", "a`b`", "a\nb"])
def test_a_value_that_systemd_and_shells_read_differently_is_refused(user: Path, value: str) -> None:
    with pytest.raises(ValueError, match="HF_HOME"):
        variables(user).write("HF_HOME", UserValue(value))
    assert not list(user.rglob("*"))


def test_other_files_of_the_folder_stay(user: Path) -> None:
    other = user / ".config" / "environment.d" / "50-other.conf"
    other.parent.mkdir(parents=True)
    other.write_text("X=1\n", encoding="utf-8")
    kept = variables(user)
    kept.write("USE_LIBUV", UserValue("0"))
    kept.write("USE_LIBUV", None)
    assert [path.name for path in other.parent.iterdir()] == ["50-other.conf"]


@pytest.mark.skipif(shutil.which("dash") is None, reason="no dash")
def test_a_plain_posix_shell_reads_it_too(user: Path) -> None:
    variables(user).write("MASTER_ADDR", UserValue("127.0.0.1"))
    assert seen(user, "MASTER_ADDR", "dash") == "127.0.0.1"
