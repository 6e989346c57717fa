"""`tunedoc check` and `tunedoc snapshot` as a user and a script see them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from doctor.checks.base import Check, Finding, Fix, Status
from doctor.checks.registry import ALL_CHECKS
from doctor.cli.findings import columns, report_lines, verdict
from doctor.cli.main import run as run_here
from doctor.diagnosis import Diagnosis, diagnose
from doctor.errors import ExitCode
from doctor.words.text import render, text

ROOT = Path(__file__).parent.parent.parent.parent
MACHINES = ROOT / "tests" / "machines"
ENCODINGS = ["utf-8", "cp936", "cp1252", "ascii"]


def tunedoc(
    *argv: str, tmp_path: Path, encoding: str = "utf-8", environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, with the product's own catalogue and an empty home."""
    return subprocess.run(
        [sys.executable, "-m", "doctor", *argv],
        cwd=ROOT,
        env={
            **os.environ,
            "TUNEDOC_LANG": "en",
            "PYTHONIOENCODING": encoding,
            "TUNEDOC_HOME": str(tmp_path / "home"),
            "TUNEDOC_CATALOGUE": str(MACHINES / "wheels.toml"),
            **(environ or {}),
        },
        capture_output=True,
        encoding=encoding,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def machine(name: str) -> str:
    return str(MACHINES / f"{name}.json")


def test_a_snapshot_of_another_machine_gives_its_report(tmp_path: Path) -> None:
    done = tunedoc("check", "--from", machine("win11-two-5060ti-cu126-torch"), tmp_path=tmp_path)
    assert done.stdout == (MACHINES / "win11-two-5060ti-cu126-torch.report.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (ExitCode.FINDINGS, "")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("win11-two-5060ti", ExitCode.WELL),
        ("debian12-cpu", ExitCode.WELL),
        ("win11-driver-unknown", ExitCode.WELL),
        ("win10-old-driver", ExitCode.FINDINGS),
        ("win11-hidden-gpus", ExitCode.FINDINGS),
    ],
    ids=["well", "notes only", "unknown only", "failures", "warnings only"],
)
def test_the_exit_code_says_whether_something_needs_attention(name: str, code: ExitCode, tmp_path: Path) -> None:
    assert tunedoc("check", "--from", machine(name), tmp_path=tmp_path).returncode == code


def test_this_machine_can_be_checked(tmp_path: Path) -> None:
    done = tunedoc("check", tmp_path=tmp_path)
    assert done.returncode in {ExitCode.WELL, ExitCode.FINDINGS}
    assert "Operating system" in done.stdout
    assert not (tmp_path / "home").exists()


def test_the_envelope_has_every_finding(tmp_path: Path) -> None:
    done = tunedoc("check", "--from", machine("win11-two-5060ti-cu126-torch"), "--json", tmp_path=tmp_path)
    envelope = json.loads(done.stdout)
    assert {name: envelope[name] for name in ("tunedoc_result", "command", "status", "exit_code", "errors")} == {
        "tunedoc_result": 1,
        "command": "check",
        "status": "findings",
        "exit_code": 1,
        "errors": [],
    }
    data: dict[str, Any] = envelope["data"]
    assert set(data) == {"snapshot_schema", "findings", "causes", "counts", "left_out"}
    assert data["snapshot_schema"] == 1
    assert data["counts"]["failure"] == 1 and sum(data["counts"].values()) == len(data["findings"])
    assert set(data["counts"]) == {status.value for status in Status}
    told = [found["check"] for found in data["findings"]]
    assert told == [check.id for check in ALL_CHECKS if check.id in told]
    assert sorted(told + data["left_out"]) == sorted(check.id for check in ALL_CHECKS)
    fields = {"check", "status", "summary", "cause", "evidence", "fixes", "docs"}
    assert all(set(found) == fields for found in data["findings"])
    assert data["causes"] == ["torch.kernels_too_old_build"]
    torch = next(found for found in data["findings"] if found["check"] == data["causes"][0])
    assert torch["status"] == "failure"
    assert torch["cause"]
    assert torch["fixes"] == [
        {
            "id": "environment.install",
            "title": "run `tunedoc install` to build a training environment that fits",
            "by_hand": None,
        }
    ]
    assert torch["docs"] == "docs/reference/checks/torch.kernels_too_old_build.md"
    assert done.stdout.isascii()


def test_the_report_speaks_chinese(tmp_path: Path) -> None:
    done = tunedoc("check", "--from", machine("win11-small-page-file"), "--lang", "zh", tmp_path=tmp_path)
    assert "● 长路径" in done.stdout
    assert "提示：" in done.stdout
    assert done.stdout.rstrip().endswith("34 项检查中有 4 项需要处理")


def test_chinese_titles_are_aligned_by_columns(tmp_path: Path) -> None:
    done = tunedoc("check", "--from", machine("debian12-cpu"), "--lang", "zh", tmp_path=tmp_path)
    lines = [line for line in done.stdout.splitlines() if line[:2] in {"✓ ", "· "} and "  " in line]
    assert len({columns(line[: len(line) - len(line.split("  ")[-1].lstrip())]) for line in lines}) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_console_shows_the_report(encoding: str, language: str, tmp_path: Path) -> None:
    done = tunedoc(
        "check",
        "-v",
        "--from",
        machine("win11-small-page-file"),
        "--lang",
        language,
        tmp_path=tmp_path,
        encoding=encoding,
    )
    assert done.returncode == ExitCode.FINDINGS
    assert "LongPathsEnabled" in done.stdout
    assert "Traceback" not in done.stderr


def test_evidence_is_shown_when_asked_for(tmp_path: Path) -> None:
    quiet = tunedoc("check", "--from", machine("debian12-cpu"), tmp_path=tmp_path).stdout
    verbose = tunedoc("check", "-v", "--from", machine("debian12-cpu"), tmp_path=tmp_path).stdout
    assert "glibc 2.36" in verbose and "glibc 2.36" not in quiet


def test_one_check_can_be_run_by_name(tmp_path: Path) -> None:
    done = tunedoc("check", "memory.total", "--from", machine("debian12-cpu"), tmp_path=tmp_path)
    assert done.stdout == "✓ Memory  23.5 GiB\n\nnothing needs attention\n"


def test_a_named_check_that_does_not_apply_says_so(tmp_path: Path) -> None:
    done = tunedoc("check", "system.long_paths", "--from", machine("debian12-cpu"), tmp_path=tmp_path)
    assert "Long paths  does not apply to this machine" in done.stdout
    assert done.returncode == ExitCode.WELL


def test_a_mistyped_check_names_the_nearest(tmp_path: Path) -> None:
    done = tunedoc("check", "nvidia.drivers", tmp_path=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "did you mean `nvidia.driver`?" in done.stderr
    assert not done.stdout


def test_the_list_has_every_check(tmp_path: Path) -> None:
    done = tunedoc("check", "--list", tmp_path=tmp_path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [check.id for check in ALL_CHECKS]


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "JSON"), (b"{\n\n!", "line 3"), (b'{"schema": 7}', "schema"), (b"\xff\xff\xff", "cannot be read")],
    ids=["empty", "malformed", "another schema", "not text"],
)
def test_a_file_that_is_no_snapshot_is_refused(content: bytes, word: str, tmp_path: Path) -> None:
    file = tmp_path / "machine.json"
    file.write_bytes(content)
    done = tunedoc("check", "--from", str(file), tmp_path=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert word in done.stderr and "machine.json" in done.stderr and "hint:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_snapshot_is_refused(tmp_path: Path) -> None:
    done = tunedoc("check", "--from", str(tmp_path / "没有.json"), tmp_path=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "没有.json" in done.stderr


# ---------------------------------------------------------------------------------------------- snapshot


def test_a_snapshot_file_can_be_checked(tmp_path: Path) -> None:
    file = tmp_path / "我的 电脑.json"
    done = tunedoc("snapshot", str(file), tmp_path=tmp_path)
    assert done.returncode == ExitCode.WELL
    assert not done.stdout and "我的 电脑.json" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [file.name]
    there = tunedoc("check", "--from", str(file), "--json", tmp_path=tmp_path)
    here = tunedoc("check", "--json", tmp_path=tmp_path)
    names = [[found["check"] for found in json.loads(done.stdout)["data"]["findings"]] for done in (there, here)]
    assert names[0] == names[1]


def test_a_snapshot_on_stdout_is_json_alone(tmp_path: Path) -> None:
    done = tunedoc("snapshot", tmp_path=tmp_path)
    assert json.loads(done.stdout)["schema"] == 1
    assert not done.stderr


def test_the_envelope_of_a_snapshot_can_be_checked(tmp_path: Path) -> None:
    done = tunedoc("snapshot", "--json", tmp_path=tmp_path)
    assert json.loads(done.stdout)["data"]["snapshot"]["schema"] == 1
    file = tmp_path / "envelope.json"
    file.write_text(done.stdout, encoding="utf-8")
    assert tunedoc("check", "--from", str(file), tmp_path=tmp_path).returncode in {ExitCode.WELL, ExitCode.FINDINGS}


@pytest.mark.parametrize("place", ["no/such/folder/machine.json", "."], ids=["missing folder", "a folder"])
def test_a_place_that_cannot_hold_a_snapshot_is_refused(place: str, tmp_path: Path) -> None:
    done = tunedoc("snapshot", str(tmp_path / place), tmp_path=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "hint:" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_secret_in_the_environment_stays_out(tmp_path: Path) -> None:
    secrets = {
        "HF_TOKEN": "hf_verysecretvalue",
        "PIP_INDEX_URL": "https://me:pass-word@pkgs.corp.example/simple",
        "HTTPS_PROXY": "http://me:pass-word@gate.corp.example:3128",
    }
    done = tunedoc("snapshot", tmp_path=tmp_path, environ=secrets)
    for word in ("verysecret", "pass-word", "corp.example"):
        assert word not in done.stdout
    assert "HF_TOKEN" in done.stdout


# ---------------------------------------------------------------------------------------------- diagnosis


def made_up(status: Status, *fixes: Fix) -> Finding:
    return Finding("memory.total", status, text("check.crashed"), (), fixes)


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([made_up(Status.OK)] * 3, "all 3 checks are well"),
        ([made_up(Status.OK), made_up(Status.NOTE)], "1 is worth knowing"),
        ([made_up(Status.NOTE), made_up(Status.NOTE)], "2 are worth knowing"),
        ([made_up(Status.OK), made_up(Status.UNKNOWN)], "1 of 2 checks could not be answered"),
        ([made_up(Status.FAILURE), made_up(Status.UNKNOWN)], "1 of 2 checks needs attention"),
        ([made_up(Status.FAILURE), made_up(Status.WARNING)], "2 of 2 checks need attention"),
    ],
)
def test_the_verdict_is_one_sentence(findings: list[Finding], words: str) -> None:
    assert words in render(verdict(Diagnosis(tuple(findings))), "en")


def test_a_check_that_crashes_is_unknown_and_the_report_goes_on() -> None:
    def crash(*_: object) -> Finding:
        raise ZeroDivisionError("by zero")

    broken = Check(id="memory.total", title=text("system.title_memory"), examine=crash)
    diagnosis = diagnose(None, None, [broken, broken])  # type: ignore[arg-type]
    assert [finding.status for finding in diagnosis.findings] == [Status.UNKNOWN, Status.UNKNOWN]
    assert "ZeroDivisionError: by zero" in "\n".join(report_lines(diagnosis, [broken], "en", verbose=True))


def test_advice_that_helps_twice_is_given_once() -> None:
    fix = Fix(id="x", title=text("packages.fix_install"))
    diagnosis = Diagnosis((made_up(Status.WARNING, fix), made_up(Status.FAILURE, fix)))
    lines = report_lines(diagnosis, ALL_CHECKS, "en")
    assert len([line for line in lines if "hint:" in line]) == 1


def test_the_verb_runs_in_this_process_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["check", "--from", machine("debian12-cpu"), "--lang", "en"]) == ExitCode.WELL
    assert "NVIDIA driver" in capsys.readouterr().out
