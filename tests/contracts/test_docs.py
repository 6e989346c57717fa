"""The documentation: links lead somewhere, and what it promises to be the same is the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "doctor").rglob("*.md")]
    if ".tunedoc" not in page.parts
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert not [link for link in links if not (page.parent / link).exists()]


def test_ci_runs_exactly_the_readmes_test_command() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]
    for readme in ("README.md", "README.zh-CN.md"):
        blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
        assert ci.removeprefix("exec ") + "\n" in blocks


@pytest.mark.parametrize("name", ["demo", "test"])
def test_every_script_has_its_twin_for_windows(name: str) -> None:
    assert (ROOT / "installers" / f"{name}.sh").exists()
    script = (ROOT / "installers" / f"{name}.cmd").read_bytes()
    # cmd.exe loses its place in a file with bare line feeds, and reads it in the console's code page.
    assert script.count(b"\r\n") == script.count(b"\n") > 0
    assert script.isascii()


def test_both_readmes_have_the_same_parts() -> None:
    def shape(name: str) -> list[str]:
        words = (ROOT / name).read_text(encoding="utf-8")
        return re.findall(r"^(#+|```\w*|!\[)", words, re.MULTILINE)

    assert shape("README.md") == shape("README.zh-CN.md")


@pytest.mark.skipif(shutil.which("git") is None, reason="git knows which files are ours")
def test_no_file_names_a_package_registrys_host() -> None:
    hosts = r"(pypi|pythonhosted|registry[.]npmjs|deb[.]debian)[.](org|com)"
    found = subprocess.run(
        ["git", "grep", "-lE", hosts, "--", ".", ":!tests/contracts/test_docs.py"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert found.returncode == 1, found.stdout  # 1: nothing found
