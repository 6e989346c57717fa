"""The command line itself: verbs, languages, the envelope, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.cli.main import VERBS, build_parser
from doctor.cli.main import run as run_here
from doctor.cli.render import fit
from doctor.errors import ExitCode

ROOT = Path(__file__).parent.parent.parent.parent


def tunedoc(
    *argv: str, environ: dict[str, str] | None = None, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "doctor", *argv],
        cwd=ROOT,
        env={**os.environ, "TUNEDOC_LANG": "en", "PYTHONIOENCODING": encoding, **(environ or {})},
        capture_output=True,
        encoding=encoding,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def test_the_version_is_one_line() -> None:
    done = tunedoc("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "tunedoc")


def test_help_lists_every_verb_in_both_languages() -> None:
    english, chinese = tunedoc("--help").stdout, tunedoc("--lang", "zh", "--help").stdout
    for verb in VERBS:
        assert f"  {verb}" in english
        assert f"  {verb}" in chinese
    assert "命令" in chinese and "命令" not in english


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verb_has_help_with_an_example(verb: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here([verb, "--help", "--lang", language]) == 0
    shown = capsys.readouterr().out
    assert f"tunedoc {verb}" in shown.partition("示例" if language == "zh" else "example")[2]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_the_common_options(verb: str) -> None:
    _, parser = build_parser(verb, "en")
    known = {option for action in parser._actions for option in action.option_strings}
    assert {"--json", "--lang", "--verbose", "--help"} <= known


def test_without_arguments_the_help_is_shown_and_the_exit_code_says_usage() -> None:
    done = tunedoc()
    assert done.returncode == ExitCode.USAGE
    assert "verbs:" in done.stdout


def test_a_mistyped_verb_names_the_nearest() -> None:
    done = tunedoc("chekc")
    assert done.returncode == ExitCode.USAGE
    assert "did you mean `tunedoc check`?" in done.stderr
    assert not done.stdout


def test_an_unknown_option_before_a_verb_is_refused() -> None:
    done = tunedoc("--colour", "check")
    assert done.returncode == ExitCode.USAGE
    assert "--colour" in done.stderr


def test_an_unknown_option_names_the_help() -> None:
    done = tunedoc("completion", "bash", "--colour")
    assert done.returncode == ExitCode.USAGE
    assert "`tunedoc completion --help`" in done.stderr


@pytest.mark.parametrize(
    ("argv", "english", "chinese"),
    [
        (["completion", "bash", "--colour"], "no argument `--colour`", "没有参数 `--colour`"),
        (["completion"], "missing: shell", "缺少参数：shell"),
        (["completion", "tcsh"], "is no choice for `shell`", "`shell` 不能是"),
        (["completion", "bash", "--lang"], "`--lang` needs a value", "`--lang` 需要一个值"),
        (["chat", "--max-tokens", "many"], "'many' is no value for `--max-tokens`", "`--max-tokens` 不能是"),
        (["train", "job.yaml", "--resume", "--restart"], "exclude each other", "不能同时使用"),
    ],
    ids=["unknown", "missing", "choice", "no value", "not a number", "not together"],
)
def test_complaints_about_arguments_are_in_our_words(argv: list[str], english: str, chinese: str) -> None:
    done, translated = tunedoc(*argv), tunedoc("--lang=zh", *argv)
    assert (done.returncode, translated.returncode) == (2, 2)
    assert english in done.stderr
    assert chinese in translated.stderr


@pytest.mark.parametrize("argv", [["nonsense", "--json"], ["completion", "--json"], ["--json", "completion", "bash"]])
def test_the_envelope_is_the_only_thing_on_stdout(argv: list[str]) -> None:
    done = tunedoc(*argv)
    envelope = json.loads(done.stdout)
    assert set(envelope) == {"tunedoc_result", "command", "status", "exit_code", "data", "errors"}
    assert envelope["exit_code"] == done.returncode
    assert (envelope["status"] == "well") == (done.returncode == 0)
    assert bool(envelope["errors"]) == (done.returncode != 0)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts_name_the_command(shell: str) -> None:
    done = tunedoc("completion", shell)
    assert done.returncode == 0
    assert "tunedoc" in done.stdout


def test_the_shell_is_told_the_verbs_that_fit(tmp_path: Path) -> None:
    answer = tmp_path / "completions"
    environ = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_COMP_WORDBREAKS": " ",
        "COMP_LINE": "tunedoc ch",
        "COMP_POINT": "10",
    }
    done = tunedoc(environ=environ)
    assert done.returncode == 0, done.stderr
    assert sorted(answer.read_text(encoding="utf-8").split()) == ["chat", "check"]


def test_options_of_a_verb_are_completed(tmp_path: Path) -> None:
    answer = tmp_path / "completions"
    line = "tunedoc completion --ver"
    environ = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_COMP_WORDBREAKS": " ",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
    }
    done = tunedoc(environ=environ)
    assert done.returncode == 0, done.stderr
    assert answer.read_text(encoding="utf-8").split() == ["--verbose"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
def test_any_console_encoding_carries_the_words(encoding: str) -> None:
    done = tunedoc("--lang", "zh", "--help", encoding=encoding)
    assert done.returncode == 0
    assert "check" in done.stdout


def test_the_system_language_yields_to_a_console_that_cannot_show_it() -> None:
    environ = {"TUNEDOC_LANG": "zh_CN.UTF-8"}
    assert "命令" in tunedoc("--help", environ=environ).stdout
    assert "verbs:" in tunedoc("--help", environ=environ, encoding="cp1252").stdout


def test_marks_have_ascii_stand_ins() -> None:
    assert fit("✓ well … ✗", "ascii") == "+ well ... x"
    assert fit("✓ 好", "utf-8") == "✓ 好"


def test_a_closed_pipe_is_not_an_error() -> None:
    command = f'"{sys.executable}" -m doctor --help'
    reader = f'"{sys.executable}" -c "import sys; sys.stdin.close()"'
    done = subprocess.run(
        f"{command} | {reader}", shell=True, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60
    )
    assert "Traceback" not in done.stderr
