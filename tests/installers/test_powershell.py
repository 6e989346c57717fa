"""install.ps1, read by a parser: there is no PowerShell on the machines that run these tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.installers.powershell_lint import BOM, problems

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(ROOT.glob("installers/**/*.ps1"))
SCRIPT = (ROOT / "installers" / "install.ps1").read_bytes().replace(b"\r\n", b"\n")
LAST = b"& $first $words\nexit $LASTEXITCODE\n"


def test_there_is_a_script() -> None:
    assert [path.name for path in SCRIPTS] == ["install.ps1"]
    assert SCRIPT.endswith(LAST)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_what_both_powershells_run(path: Path) -> None:
    assert problems(path.read_bytes()) == []


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("bom", BOM, b""),
        ("syntax", b"exit 2\n}\n", b"exit 2\n}}\n"),
        ("syntax", LAST, b"$a = $b ?? 3\n" + LAST),
        ("syntax", LAST, b"$a = $b ? 1 : 2\n" + LAST),
        ("syntax", LAST, b"$a = $b?.Name\n" + LAST),
        ("chain", LAST, b"& $first -V && Write-Output -InputObject ok\n" + LAST),
        ("alias", b"Get-ChildItem", b"gci"),
        ("alias", b"Where-Object { $_ }", b"? { $_ }"),
        ("alias", LAST, b"1 | % { $_ }\n" + LAST),
        ("alias", LAST, b"winget --version\n" + LAST),
        ("alias", LAST, b"Get-Error\n" + LAST),
        ("expression", LAST, b"Invoke-Expression -Command 'x'\n" + LAST),
        ("expression", LAST, b"iex 'x'\n" + LAST),
        ("verb", b"function Find-Python", b"function Seek-Python"),
        ("parameter", b"-Algorithm SHA256", b"-Algorithm SHA256 -AsByteStream"),
        ("exit_code", b"        if ($LASTEXITCODE -ne 0) {", b"        if ($true) {"),
        ("exit_code", LAST, b"& $first $words\n"),
        ("stderr", b"    $ErrorActionPreference = 'Continue'\n", b""),
        ("help", b".SYNOPSIS", b".SYNOPSYS"),
        ("binding", b"[CmdletBinding(PositionalBinding = $false)]\n", b""),
        ("stop", b"$ErrorActionPreference = 'Stop'", b"$ErrorActionPreference = 'Continue'"),
        ("strict", b"Set-StrictMode -Version 2.0", b""),
        ("tls", b"Tls12", b"Tls11"),
        ("confined", b"'FullLanguage'", b"'AnyLanguage'"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(name: str, before: bytes, after: bytes) -> None:
    assert before in SCRIPT
    assert f"[{name}]" in "\n".join(problems(SCRIPT.replace(before, after)))


def test_every_parameter_is_told_in_the_help_and_has_its_variable() -> None:
    words = SCRIPT.decode("utf-8-sig")
    block = words.partition("\nparam(\n")[2].partition("\n)\n")[0]
    names = re.findall(r"^    \[(?:switch|string(?:\[\])?)\] \$(\w+)", block, re.MULTILINE)
    assert names == re.findall(r"^\.PARAMETER (\w+)$", words, re.MULTILINE)
    told = dict(re.findall(r"^\.PARAMETER (\w+)\n(.+)$", words, re.MULTILINE))
    for name, variable in re.findall(r"\$(\w+) = \$env:(\w+)", block):
        assert variable in told[name], name


def test_scripts_of_windows_have_its_line_ends_and_the_others_have_not() -> None:
    rules = (ROOT / ".gitattributes").read_text(encoding="utf-8")
    assert "* text=auto eol=lf\n" in rules
    assert "*.cmd text eol=crlf\n" in rules
    assert "*.ps1 text eol=crlf\n" in rules
    for path in sorted((ROOT / "installers").glob("*.cmd")):
        content = path.read_bytes()
        assert content.isascii(), f"{path.name}: cmd.exe reads it in the console's code page"
        assert content.count(b"\r\n") in (0, content.count(b"\n")), path.name
