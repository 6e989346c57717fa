"""What a start loads: import-linter cannot tell a deferred import from a module-level one, a fresh interpreter can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

HEAVY = {"torch", "transformers", "peft", "trl", "textual", "huggingface_hub", "yaml"}


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after running `code`."""
    program = f"{code}\nimport sys\nprint('\\n'.join(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


def test_the_version_loads_next_to_nothing() -> None:
    code = "import sys; sys.argv = ['tunedoc', '--version']\nfrom doctor.__main__ import main\nmain()"
    assert not modules_after(code) & (HEAVY | {"argparse", "rich", "psutil", "json"})


@pytest.mark.parametrize(
    "argv", [["--help"], ["check", "--help"], ["train", "--help"], ["demo", "--help"]], ids=" ".join
)
def test_help_loads_no_library(argv: list[str]) -> None:
    code = f"from doctor.cli.main import run\nrun({argv!r})"
    assert not modules_after(code) & (HEAVY | {"rich", "psutil", "pynvml"})


def test_check_loads_nothing_heavy() -> None:
    code = "from doctor.cli.main import run\nrun(['check', '--json'])"
    assert not modules_after(code) & HEAVY


def test_the_contract_needs_only_the_standard_library() -> None:
    loaded = modules_after("import trainer.contract, trainer.records")
    assert not loaded & (HEAVY | {"rich", "psutil", "doctor", "numpy"})
