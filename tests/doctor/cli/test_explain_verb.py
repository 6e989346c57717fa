"""`tunedoc explain` as a user and a script see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.errors import ExitCode

ROOT = Path(__file__).parent.parent.parent.parent
LIBUV = "os: Windows\nRuntimeError: use_libuv was requested but PyTorch was build without libuv support\n"


def explain(
    *argv: str, tmp_path: Path, given: bytes = b"", language: str = "en", encoding: str = "utf-8"
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "doctor", "explain", *argv],
        cwd=ROOT,
        env={
            **os.environ,
            "TUNEDOC_LANG": language,
            "PYTHONIOENCODING": encoding,
            "TUNEDOC_HOME": str(tmp_path / "home"),
        },
        input=given,
        capture_output=True,
        timeout=120,
    )


def test_the_envelope_names_the_cause_with_its_fixes(tmp_path: Path) -> None:
    done = explain("-", "--json", tmp_path=tmp_path, given=LIBUV.encode())
    data = json.loads(done.stdout)["data"]
    first = data["findings"][0]
    assert data["verdict"] == "cause"
    assert set(first) == {"check", "status", "summary", "cause", "evidence", "fixes", "docs"}
    assert first["status"] in {"warning", "failure"}
    assert "libuv" in first["summary"].lower() and first["cause"] and first["fixes"]
    assert data["facts"]["os"] == ["windows"]
    assert done.returncode == ExitCode.FINDINGS


def test_a_file_is_read_like_a_pipe(tmp_path: Path) -> None:
    file = tmp_path / "日志 1.log"
    file.write_text(LIBUV, encoding="utf-16")
    done = explain(str(file), tmp_path=tmp_path)
    assert b"libuv" in done.stdout
    assert (done.returncode, done.stderr) == (ExitCode.FINDINGS, b"")


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_narrow_terminals_get_an_answer(language: str, encoding: str, tmp_path: Path) -> None:
    done = explain("-", tmp_path=tmp_path, given=LIBUV.encode(), language=language, encoding=encoding)
    assert done.returncode == ExitCode.FINDINGS
    assert b"libuv" in done.stdout and b"Traceback" not in done.stderr


def test_it_speaks_chinese(tmp_path: Path) -> None:
    done = explain("-", tmp_path=tmp_path, given=LIBUV.encode(), language="zh")
    assert "最可能的原因" in done.stdout.decode()


def test_a_healthy_text_ends_well(tmp_path: Path) -> None:
    given = b"NVIDIA-SMI 580.95.05 | Driver Version: 580.95.05 | CUDA Version: 13.0\nGPU 0: NVIDIA GeForce RTX 4090\n"
    done = explain("-", tmp_path=tmp_path, given=given)
    assert b"no fault found" in done.stdout
    assert done.returncode == ExitCode.WELL


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = explain(str(tmp_path / "none.log"), tmp_path=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert b"none.log" in done.stderr and b"Traceback" not in done.stderr


def test_a_folder_is_said(tmp_path: Path) -> None:
    assert explain(str(tmp_path), tmp_path=tmp_path).returncode == ExitCode.USAGE


def test_nothing_at_all_gets_an_answer(tmp_path: Path) -> None:
    done = explain("-", tmp_path=tmp_path)
    assert b"there is no text" in done.stdout
    assert done.returncode == ExitCode.WELL


def test_a_gigabyte_gets_an_answer_from_its_ends(tmp_path: Path) -> None:
    file = tmp_path / "huge.log"
    with file.open("wb") as stream:
        stream.write(LIBUV.encode())
        stream.seek(1024**3)
        stream.write(b"\nthe end\n")
    done = explain(str(file), "--json", tmp_path=tmp_path)
    data = json.loads(done.stdout)["data"]
    assert data["whole"] is False
    assert "libuv" in json.dumps(data["findings"])


def test_this_machine_can_be_joined(tmp_path: Path) -> None:
    done = explain("-", "--here", "--json", tmp_path=tmp_path, given=b"RuntimeError: something\n")
    assert json.loads(done.stdout)["data"]["facts"]["os"]


OWN = """
[[entry]]
id = "cluster.full"
status = "failure"
any = ['scratch quota of \\d+ GB exceeded']
summary = { en = "the scratch folder is full", zh = "临时文件夹已满" }
cause = { en = "The cluster gives 50 GB.", zh = "集群只提供 50 GB。" }
fixes = [{ id = "cluster.clean", en = "remove old runs", zh = "删除旧的运行结果" }]
examples = [{ text = "scratch quota of 50 GB exceeded" }, { text = "disk full", fires = false }]
"""


def test_entries_of_ones_own_are_used(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    done = explain(
        "-", "--knowledge", str(tmp_path / "own.toml"), tmp_path=tmp_path, given=b"scratch quota of 50 GB exceeded"
    )
    assert b"the scratch folder is full" in done.stdout
    assert done.returncode == ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"failure"', '"broken"', b"status"),
        ("50 GB exceeded", "500 words exceeded", b"examples[0]"),
        ('"disk full"', '"scratch quota of 9 GB exceeded"', b"examples[1]"),
    ],
)
def test_wrong_entries_are_refused_with_their_place(old: str, new: str, place: bytes, tmp_path: Path) -> None:
    assert old in OWN
    (tmp_path / "own.toml").write_text(OWN.replace(old, new), encoding="utf-8")
    done = explain("-", "--knowledge", str(tmp_path / "own.toml"), tmp_path=tmp_path, given=b"x")
    assert done.returncode == ExitCode.USAGE
    assert b"own.toml" in done.stderr and place in done.stderr and b"Traceback" not in done.stderr
