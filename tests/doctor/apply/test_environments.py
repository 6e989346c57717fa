"""Names, records, the pointer and the trash; and the journal that tells how to go back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doctor.apply import environments
from doctor.apply.journal import Journal, read_journal
from doctor.environment import current_environment
from doctor.plan.lock import Lock

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home


def built(home: Home, name: str, *, inputs: str = "same") -> Path:
    """A folder that looks like a finished environment with one package."""
    folder = home.environments / name
    python = folder / "venv" / "bin" / "python"
    site = folder / "venv" / "lib" / "python3.12" / "site-packages"
    (site / "Jinja2-3.1.6.dist-info").mkdir(parents=True)
    python.parent.mkdir()
    python.touch()
    (folder / "converter").mkdir()
    (folder / "converter" / "convert_hf_to_gguf.py").touch()
    hashes = f'hashes = {{ sha256 = "{"ab" * 32}" }}'
    lock = Lock(
        '[[packages]]\nname = "jinja2"\nversion = "3.1.6"\n'
        f'wheels = [{{ url = "https://h/jinja2-3.1.6-py3-none-any.whl", {hashes} }}]\n',
        (),
    )
    environments.write_lock(folder, lock)
    environments.write_record(
        folder, stack="tiny", device="cpu", python=python, inputs=inputs, proved=("import",), version="0"
    )
    return folder


def test_a_name_is_never_used_twice(home: Home) -> None:
    assert environments.next_name(home, "tiny") == "tiny-1"
    built(home, "tiny-4")
    built(home, "other-9")
    assert environments.next_name(home, "tiny") == "tiny-5"
    # One that was removed long ago is known from the journal.
    Journal(home.journal, "tiny-7").note("create", "before")
    assert environments.next_name(home, "tiny") == "tiny-8"


def test_unfinished_is_what_has_no_record(home: Home) -> None:
    built(home, "tiny-1")
    (home.environments / "tiny-2" / "venv").mkdir(parents=True)
    (home.environments / "my own notes").mkdir()
    newer = built(home, "tiny-3")
    (newer / "environment.json").write_text('{"schema": 99}', encoding="utf-8")
    assert environments.unfinished(home) == ("tiny-2",)


def test_what_is_whole_and_from_the_same_inputs_is_used_again(home: Home) -> None:
    built(home, "tiny-1")
    assert environments.find_reusable(home, "other") is None
    built(home, "tiny-2")
    found = environments.find_reusable(home, "same")
    assert found is not None
    assert found.folder.name == "tiny-2"
    environments.switch(home, "tiny-1")
    found = environments.find_reusable(home, "same")
    assert found is not None
    assert found.folder.name == "tiny-1"


@pytest.mark.parametrize(
    "part",
    [
        "venv/lib/python3.12/site-packages/Jinja2-3.1.6.dist-info",
        "converter/convert_hf_to_gguf.py",
        "pylock.toml",
        "venv/bin/python",
        "environment.json",
    ],
)
def test_what_is_damaged_is_not_used_again(home: Home, part: str) -> None:
    path = built(home, "tiny-1") / part
    path.rename(path.with_name("elsewhere"))
    assert environments.find_reusable(home, "same") is None


def test_the_pointer_is_replaced_as_a_whole(home: Home) -> None:
    built(home, "tiny-1")
    built(home, "tiny-2")
    environments.switch(home, "tiny-1")
    environments.switch(home, "tiny-2")
    assert json.loads(home.current_environment.read_text(encoding="utf-8")) == {"schema": 1, "environment": "tiny-2"}
    current = current_environment(home)
    assert current is not None
    assert current.folder.name == environments.current_name(home) == "tiny-2"
    assert sorted(entry.name for entry in home.environments.iterdir()) == ["current.json", "tiny-1", "tiny-2"]


def test_what_is_put_aside_goes(home: Home) -> None:
    folder = built(home, "tiny-1")
    environments.set_aside(home, folder)
    assert not folder.exists()
    assert list(home.trash.iterdir()) == []
    environments.set_aside(home, folder)


def test_scratch_of_the_dead_is_cleared_and_that_of_the_living_stays(home: Home) -> None:
    import os

    living, dead = f"resolve-{os.getpid()}", "unpack-a-package-99999999"
    for name in (living, dead, "export-1"):
        (home.scratch / name).mkdir(parents=True)
    environments.clear_scratch(home)
    assert sorted(entry.name for entry in home.scratch.iterdir()) == sorted([living, "export-1"])


def test_a_torn_line_of_the_journal_harms_no_other(home: Home) -> None:
    journal = Journal(home.journal, "tiny-1")
    journal.note("create", "before", undo={"kind": "remove_environment"})
    with home.journal.open("ab") as stream:
        stream.write(b'{"journal": 1, "work": "tiny-1", "st')
    journal.note("create", "after", seconds=1.0)
    assert [(line["step"], line["phase"]) for line in read_journal(home.journal)] == [
        ("create", "before"), ("create", "after"),
    ]  # fmt: skip
