"""install.sh for real: what it accepts, what it refuses, what it leaves behind."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.installers.release_folder import INSTALLERS, lock_package, make_release, write_sums
from tests.package_source import wheel

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="install.sh is for Linux; install.cmd has its own tests"
)


PYTHON = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
"""With pip, which the tests' own environment may lack."""


class User:
    """A user with a folder of their own, who starts install.sh."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "家 of a user"
        self.folder.mkdir()
        self.home = self.folder / ".local" / "share" / "tunedoc"
        self.wheels = folder / "wheels"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNEDOC_", "XDG_", "LC_"))}
        self.environ = kept | {"HOME": str(self.folder), "TUNEDOC_LANG": "en", "TUNEDOC_PYTHON": PYTHON}

    @property
    def command(self) -> Path:
        return self.home / "doctor" / "bin" / "tunedoc"

    def install(self, release: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        given = [] if "--index" in words else ["--wheels", str(self.wheels)]
        return subprocess.run(
            ["sh", str(release / "install.sh"), *given, *words],
            env=self.environ | environ, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=300,
        )  # fmt: skip

    def version(self) -> str:
        return subprocess.run([self.command, "--version"], capture_output=True, encoding="utf-8", check=True).stdout


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


@pytest.fixture
def release(tmp_path: Path, user: User) -> Path:
    return make_release(tmp_path / "tunedoc 发布 & co", user.wheels)


@pytest.mark.parametrize("script", sorted(INSTALLERS.glob("*.sh")), ids=lambda path: path.name)
def test_shell_scripts_are_plain_posix(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)]).returncode == 0
    if shutil.which("shellcheck"):
        words = ["shellcheck", "--shell=sh", "--exclude=SC1091", str(script)]
        checked = subprocess.run(words, cwd=INSTALLERS, capture_output=True, encoding="utf-8")
        assert checked.returncode == 0, checked.stdout


def test_a_release_is_set_up_and_a_second_time_changes_nothing(user: User, release: Path) -> None:
    sums = hashlib.sha256((release / "SHA256SUMS").read_bytes()).hexdigest()
    first = user.install(release, "--sums", sums.upper(), "--check")
    assert first.returncode == 0, first.stderr
    path, looked = first.stdout.splitlines()
    assert path == str(user.command)
    assert looked == f"looked at {user.home} check"
    assert user.version() == "tunedoc 9.1\n"
    assert sorted(path.name for path in user.home.iterdir()) == ["doctor", "scratch"]
    assert not [path for path in (user.home / "scratch").iterdir() if path.name != "set-up.lock"]
    assert [path.name for path in (user.folder / ".local").iterdir()] == ["share"]
    made = (user.home / "doctor" / "pyvenv.cfg").stat().st_mtime_ns
    second = user.install(release)
    assert second.returncode == 0
    assert "already" in second.stderr
    assert second.stdout == first.stdout.splitlines(keepends=True)[0]
    assert (user.home / "doctor" / "pyvenv.cfg").stat().st_mtime_ns == made


@pytest.mark.parametrize(
    "name", ["tunedoc-9.1-py3-none-any.whl", "doctor.lock.txt", "set_up.py", "known_command.py", "SHA256SUMS"]
)
@pytest.mark.parametrize("place", [0.0, 0.5, 0.99])
def test_one_changed_byte_is_refused_and_nothing_is_installed(
    user: User, release: Path, name: str, place: float
) -> None:
    content = bytearray((release / name).read_bytes())
    content[int(len(content) * place)] ^= 1
    (release / name).write_bytes(content)
    answer = user.install(release)
    assert answer.returncode == 2, answer.stderr
    assert "error: " in answer.stderr
    assert "错误：" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not user.home.exists()


def test_a_program_that_the_list_does_not_name_is_not_run(user: User, release: Path) -> None:
    (release / "argparse.py").write_text("raise SystemExit('planted')\n", encoding="utf-8")
    answer = user.install(release)
    assert answer.returncode == 2
    assert "argparse.py" in answer.stderr
    assert "planted" not in answer.stderr


def test_another_list_of_hashes_than_the_one_that_was_told_is_refused(user: User, release: Path) -> None:
    answer = user.install(release, TUNEDOC_SUMS="0" * 64)
    assert answer.returncode == 2
    assert "SHA-256" in answer.stderr
    assert not user.home.exists()


def test_a_release_without_its_wheel_is_incomplete(user: User, release: Path) -> None:
    (release / "tunedoc-9.1-py3-none-any.whl").unlink()
    answer = user.install(release)
    assert answer.returncode == 2
    assert "incomplete" in answer.stderr


def test_a_package_of_another_hash_than_the_lock_is_refused_and_the_old_version_stays(
    user: User, release: Path, tmp_path: Path
) -> None:
    assert user.install(release).returncode == 0
    newer = make_release(tmp_path / "newer", user.wheels, version="9.2")
    name, content = wheel("tinydep", "1.0", {"tinydep/__init__.py": "evil = 1"})
    (user.wheels / name).write_bytes(content)
    answer = user.install(newer)
    assert answer.returncode == 3
    assert "hash" in answer.stderr.lower()
    assert user.version() == "tunedoc 9.1\n"
    assert sorted(path.name for path in user.home.iterdir()) == ["doctor", "scratch"]


def test_without_a_network_the_message_says_what_can_be_done(user: User, release: Path) -> None:
    answer = user.install(release, "--index", "http://127.0.0.1:9/simple", PIP_RETRIES="0")
    assert answer.returncode == 3
    assert "--wheels" in answer.stderr
    assert "nothing was installed" in answer.stderr
    assert not (user.home / "doctor").exists()


def test_without_a_python_it_says_how_to_get_one(user: User, release: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname"):
        (tools / name).symlink_to(str(shutil.which(name)))
    del user.environ["TUNEDOC_PYTHON"]
    answer = user.install(release, PATH=str(tools))
    assert answer.returncode == 2
    assert "apt install python3" in answer.stderr
    answer = user.install(release, TUNEDOC_PYTHON="/nowhere/python")
    assert answer.returncode == 2
    assert "/nowhere/python" in answer.stderr


def test_an_older_python_fetches_a_newer_one_with_the_uv_of_the_lock(user: User, release: Path) -> None:
    older = [path for minor in (8, 9, 10) for path in Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3")]
    if not older:
        pytest.skip("this machine has no older Python")
    script = f"""#!/bin/sh
[ "$1 $2" = "python install" ] && echo "$UV_PYTHON_INSTALL_DIR" > "{user.folder}/asked"
[ "$1 $2" = "python find" ] && echo "{PYTHON}"
exit 0
"""
    name, content = wheel("uv", "0.13.8", {"uv/__init__.py": "", "uv-0.13.8.data/scripts/uv": script})
    (user.wheels / name).write_bytes(content)
    lock_package(release, "uv==0.13.8", content)
    write_sums(release)
    answer = user.install(release, TUNEDOC_PYTHON=str(older[0]))
    assert answer.returncode == 0, answer.stderr
    assert "too old" in answer.stderr
    assert (user.folder / "asked").read_text(encoding="utf-8").strip() == str(user.home / "pythons")
    assert user.version() == "tunedoc 9.1\n"


def test_a_set_up_that_was_killed_is_begun_again_and_the_command_in_use_stays(
    user: User, release: Path, tmp_path: Path
) -> None:
    assert user.install(release).returncode == 0
    newer = make_release(tmp_path / "newer", user.wheels, version="9.2")
    words = ["sh", str(newer / "install.sh"), "--wheels", str(user.wheels)]
    running = subprocess.Popen(words, env=user.environ, stderr=subprocess.DEVNULL, start_new_session=True)
    while running.poll() is None and not list(user.home.glob("dr.???")):
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert list(user.home.glob("dr.???"))
    assert user.version() == "tunedoc 9.1\n"
    assert user.install(newer).returncode == 0
    assert user.version() == "tunedoc 9.2\n"
    assert sorted(path.name for path in user.home.iterdir()) == ["doctor", "scratch"]


def test_a_switch_that_was_interrupted_is_taken_back(user: User, release: Path) -> None:
    assert user.install(release).returncode == 0
    (user.home / "doctor").rename(user.home / "dr.old")
    answer = user.install(release)
    assert answer.returncode == 0
    assert "already" in answer.stderr
    assert user.version() == "tunedoc 9.1\n"


def test_a_folder_that_tunedoc_did_not_make_is_left_alone(user: User, release: Path) -> None:
    (user.home / "doctor").mkdir(parents=True)
    (user.home / "doctor" / "notes.txt").write_text("mine", encoding="utf-8")
    answer = user.install(release)
    assert answer.returncode == 2
    assert (user.home / "doctor" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_on_request_the_command_is_linked_where_terminals_look_and_a_foreign_file_stays(
    user: User, release: Path
) -> None:
    link = user.folder / ".local" / "bin" / "tunedoc"
    link.parent.mkdir(parents=True)
    link.write_text("mine", encoding="utf-8")
    refused = user.install(release, "--path")
    assert refused.returncode == 2
    assert link.read_text(encoding="utf-8") == "mine"
    link.unlink()
    assert user.install(release, TUNEDOC_PATH="1").returncode == 0
    assert link.readlink() == user.command
    assert subprocess.run([link, "--version"], capture_output=True).stdout == b"tunedoc 9.1\n"


def test_words_are_in_the_users_language_and_the_checks_exit_code_is_passed_on(user: User, release: Path) -> None:
    answer = user.install(release, TUNEDOC_LANG="zh_CN", TUNEDOC_HOME=str(user.folder / "别处"))
    assert answer.returncode == 0
    assert "正在创建" in answer.stderr
    assert (user.folder / "别处" / "doctor").is_dir()
    assert not user.home.exists()


def test_in_a_terminal_it_asks_before_it_touches_anything_outside_its_folder(user: User, release: Path) -> None:
    ours, its = os.openpty()
    os.write(ours, b"y\nn\n")
    words = ["sh", str(release / "install.sh"), "--wheels", str(user.wheels)]
    done = subprocess.run(words, env=user.environ, stdin=its, stdout=subprocess.PIPE, stderr=its, timeout=300)
    said = os.read(ours, 10_000).decode("utf-8")
    for end in (ours, its):
        os.close(end)
    assert done.returncode == 0, said
    assert "new terminals? [y/N]" in said
    assert "tunedoc check`)? [y/N]" in said
    assert (user.folder / ".local" / "bin" / "tunedoc").is_symlink()
    assert done.stdout.decode("utf-8").splitlines() == [str(user.command)]


def test_without_pip_uv_does_the_work(user: User, release: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    from uv import find_uv_bin

    path = f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}"
    answer = user.install(release, TUNEDOC_PYTHON=str(bare / "bin" / "python"), PATH=path)
    assert answer.returncode == 0, answer.stderr
    assert user.version() == "tunedoc 9.1\n"


def test_this_source_tree_gives_a_tunedoc_that_does_not_need_it(user: User, tmp_path: Path) -> None:
    tree = tmp_path / "tunedoc tree"
    left_out = shutil.ignore_patterns(".git", ".tunedoc", "tests", "docs", "__pycache__", ".*cache")
    shutil.copytree(INSTALLERS.parent, tree, ignore=left_out)
    before = {path for path in tree.rglob("*") if "__pycache__" not in path.parts}
    answer = user.install(tree / "installers", "--index", user.environ.get("PIP_INDEX_URL", ""))
    assert answer.returncode == 0, answer.stderr
    assert {path for path in tree.rglob("*") if "__pycache__" not in path.parts} == before
    shutil.rmtree(tree)
    checked = subprocess.run([user.command, "check", "--json"], env=user.environ, capture_output=True, timeout=120)
    assert checked.stdout.startswith(b"{")
