"""Make the doctor's environment for this checkout and hand over to it. Standard library only; Python 3.11 or newer.

    python3 installers/bootstrap.py demo [arguments of `tunedoc demo`]
    python3 installers/bootstrap.py tunedoc [any arguments of `tunedoc`]
    python3 installers/bootstrap.py test [arguments of tests/run.py]

It needs pip, not uv and not `ensurepip`: the environment is made without pip, and this Python's pip installs into it,
so that pip's own configuration (index, certificate, wheel folder) is honoured and every download checked by its hash.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "installers" / "doctor.lock.txt"
TEST_LOCK = ROOT / "tests" / "test.lock.txt"
OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    """Carry out one command and return its exit code."""
    if sys.version_info < OLDEST:
        return fail(
            f"tunedoc needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this one is {sys.version.split()[0]}",
            f"需要 Python {OLDEST[0]}.{OLDEST[1]} 或更新版本，当前为 {sys.version.split()[0]}",
        )
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("demo", [])
    if verb not in {"demo", "tunedoc", "test"}:
        return fail(
            f"there is no command {verb!r}: demo, tunedoc or test", f"没有 {verb!r} 这个命令：demo、tunedoc 或 test"
        )
    folder = Path(os.environ.get("TUNEDOC_BOOTSTRAP") or ROOT / ".tunedoc") / ("test" if verb == "test" else "doctor")
    try:
        python = make_environment(folder, with_tests=verb == "test")
    except subprocess.CalledProcessError:
        return fail(
            "the doctor's environment could not be made; the lines above say why. Behind a company network, "
            "set pip's index and certificate (`pip config set global.index-url …`) and run this again",
            "无法创建 tunedoc 的运行环境，原因见上。"
            "如在公司网络内，请先设置 pip 的镜像和证书（`pip config set global.index-url …`）后重试",
        )
    if verb == "test":
        return hand_over([str(python), str(ROOT / "tests" / "run.py"), *rest])
    program = ["-m", "doctor", *(["demo", *rest] if verb == "demo" else rest)]
    return hand_over([str(python), *program])


def make_environment(folder: Path, *, with_tests: bool) -> Path:
    """The environment's Python. Built beside and renamed by its stamp: an unfinished one is finished next time."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    locks = [LOCK, TEST_LOCK] if with_tests else [LOCK]
    wanted = hashlib.sha256(b"\0".join(p.read_bytes() for p in [*locks, ROOT / "pyproject.toml"]))
    wanted.update(sys.version.encode() + str(ROOT).encode())
    stamp = folder / "tunedoc-bootstrap.txt"
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted.hexdigest():
        return python
    begun = time.monotonic()
    say(f"making the environment in {folder} ...")
    run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)])
    requirements = [word for lock in locks for word in ("-r", str(lock))]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-input"]
    run([*pip, "--require-hashes", "--only-binary=:all:", *requirements])
    run([*pip, "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT)])
    stamp.write_text(wanted.hexdigest(), encoding="utf-8")
    say(f"done in {time.monotonic() - begun:.0f} s")
    return python


def run(argv: list[str]) -> None:
    """A step. What it prints is shown only when it fails: pip is talkative about mirrors that lack a package."""
    environ = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # Installing here compiles what it installs; a leaked "write no bytecode" would make every start slow.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode("utf-8", "replace"))
        raise subprocess.CalledProcessError(done.returncode, argv)


def hand_over(argv: list[str]) -> int:
    """Run the command in the doctor's environment with our streams; Ctrl-C is its business."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(argv, env=environ)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def say(words: str) -> None:
    print(f"[tunedoc] {words}", file=sys.stderr, flush=True)


def fail(english: str, chinese: str) -> int:
    """Both languages: at this point nothing is known of the user's."""
    if hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(errors="replace")
    print(f"error: {english}\n错误：{chinese}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
