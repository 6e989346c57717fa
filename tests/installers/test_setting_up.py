"""What the setup program decides: which Python, what the Path becomes, which version stays, what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from installers.windows.setting_up.installing import _ordered, clean_environ, training_bases
from installers.windows.setting_up.program import Installed, Program, base_of
from installers.windows.setting_up.pythons import (
    Answered,
    Registered,
    Unfit,
    find_python,
    interpreter,
    judge,
    worth_asking,
)
from installers.windows.setting_up.registry import entry
from installers.windows.setting_up.user_path import with_entry, without_entry
from installers.windows.setting_up.words import WORDS

ORDINARY: dict[str, Any] = {
    "version": [3, 12, 9],
    "implementation": "cpython",
    "platform": "win-amd64",
    "free_threads": False,
    "prefix": "C:\\P",
    "base": "C:\\P",
    "executable": "C:\\P\\python.exe",
    "lacking": [],
}


def registered(tag: str, executable: str = "", company: str = "PythonCore") -> Registered:
    return Registered(company=company, tag=tag, executable=executable or f"C:\\Python{tag}\\python.exe")


def test_the_python_that_the_catalogue_prefers_is_asked_first() -> None:
    entries = [registered(tag) for tag in ("3.14", "3.13", "3.11", "3.12")]
    assert [one.tag for one in worth_asking(entries)] == ["3.12", "3.11", "3.13", "3.14"]


@pytest.mark.parametrize(
    "one",
    [
        registered("3.12-32"),
        registered("3.12-arm64"),
        registered("3.13t"),
        registered("3.10"),
        registered("3.15"),
        registered("3.12", company="ContinuumAnalytics"),
        registered("3.12", company="Astral"),
        registered("3.12", r"C:\Users\u\AppData\Local\Microsoft\WindowsApps\python3.12.exe"),
    ],
    ids=lambda one: f"{one.company} {one.tag}",
)
def test_what_the_registry_tells_apart_is_not_even_started(one: Registered) -> None:
    assert worth_asking([one]) == ()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "why_start"),
        ({**ORDINARY, "version": [3, 10, 1]}, "why_version"),
        ({**ORDINARY, "implementation": "pypy"}, "why_version"),
        ({**ORDINARY, "platform": "win32"}, "why_bits"),
        ({**ORDINARY, "platform": "win-arm64"}, "why_bits"),
        ({**ORDINARY, "free_threads": True}, "why_threads"),
        ({**ORDINARY, "prefix": "C:\\venv"}, "why_inner"),
        ({**ORDINARY, "lacking": ["ssl", "venv"]}, "why_parts"),
    ],
)
def test_a_python_that_does_not_fit_is_told_with_the_reason(said: dict[str, Any] | None, why: str) -> None:
    verdict = judge("C:\\P\\python.exe", said, is_condas=False)
    assert isinstance(verdict, Unfit)
    assert verdict.why == why
    assert why in WORDS


def test_a_python_of_conda_is_not_used_even_when_it_registered_itself_as_an_ordinary_one() -> None:
    assert isinstance(judge("C:\\P\\python.exe", ORDINARY, is_condas=True), Unfit)
    assert judge("C:\\P\\python.exe", ORDINARY, is_condas=False) == Answered(
        version=(3, 12, 9), executable="C:\\P\\python.exe"
    )


def test_the_next_python_is_taken_where_the_preferred_one_is_broken() -> None:
    unfit: list[Unfit] = []
    found = find_python(
        [registered("3.11"), registered("3.12")],
        lambda path: None if "3.12" in path else {**ORDINARY, "version": [3, 11, 4], "executable": path},
        lambda _: False,
        unfit.append,
    )
    assert found == Answered(version=(3, 11, 4), executable="C:\\Python3.11\\python.exe")
    assert [one.executable for one in unfit] == ["C:\\Python3.12\\python.exe"]


def test_the_registry_may_name_the_folder_alone() -> None:
    assert interpreter("C:\\Python312\\") == "C:\\Python312\\python.exe"
    assert interpreter("C:\\Python312\\PYTHON.EXE") == "C:\\Python312\\PYTHON.EXE"


BIN = r"C:\Users\u\AppData\Local\Programs\tunedoc\bin"


def expand(path: str) -> str:
    return path.replace("%LOCALAPPDATA%", r"C:\Users\u\AppData\Local")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", BIN),
        (";", BIN),
        (r"C:\a;C:\b", rf"C:\a;C:\b;{BIN}"),
        (r"C:\a;", rf"C:\a;{BIN}"),
        (rf"C:\a;{BIN.upper()}\;C:\b", None),
        (rf'"{BIN}";C:\b', None),
        (r"%LOCALAPPDATA%\Programs\tunedoc\bin", None),
        ("C:\\" + "x" * 9000, "C:\\" + "x" * 9000 + f";{BIN}"),
    ],
)
def test_the_path_gets_one_entry_at_its_end(before: str, after: str | None) -> None:
    assert with_entry(before, BIN, expand) == (before if after is None else after)


@pytest.mark.parametrize("before", ["", r"C:\a;C:\b", r"%USERPROFILE%\bin;;C:\b"])
def test_the_path_is_as_before_once_the_entry_is_taken_out(before: str) -> None:
    assert without_entry(with_entry(before, BIN, expand), BIN, expand) == before
    assert without_entry(before, BIN, expand) == before


def test_every_spelling_of_the_entry_is_taken_out() -> None:
    many = rf"C:\a;{BIN};%LOCALAPPDATA%\Programs\tunedoc\bin\;C:\b"
    assert without_entry(many, BIN, expand) == r"C:\a;C:\b"


def test_versions_are_compared_by_their_numbers_and_suffixes_come_before() -> None:
    mixed = ["1.0", "0.10.0", "0.2.0", "0.2.0.dev1", "0.1.0", "0.2.1", "0.2.0rc1"]
    ordered = ["0.1.0", "0.2.0.dev1", "0.2.0rc1", "0.2.0", "0.2.1", "0.10.0", "1.0"]
    assert sorted(mixed, key=_ordered) == ordered


def test_variables_of_other_pythons_do_not_reach_the_install() -> None:
    environ = {"PYTHONHOME": "x", "Pip_Index_Url": "x", "UV_OFFLINE": "1", "VIRTUAL_ENV": "x", "PATH": "x", "HOME": "x"}
    assert set(clean_environ(environ)) == {"PATH", "HOME"}


def make_program(root: Path) -> Program:
    program = Program(root)
    for name in ("0.1.0-1", "0.2.0-1"):
        (program.versions / name / "Scripts").mkdir(parents=True)
        (program.versions / name / "pyvenv.cfg").write_text(f"home = {root / 'python' / 'old'}\n", encoding="utf-8")
    for name in ("old", "new", "trained"):
        (root / "python" / name).mkdir(parents=True)
    return program


def installed(environment: str) -> Installed:
    return Installed(version="0.2.0", environment=environment, own_python="new", language="en")


def test_what_nothing_needs_is_removed_after_the_switch(tmp_path: Path) -> None:
    program = make_program(tmp_path / "程序")
    program.use(installed("0.2.0-1"))
    trained = str(program.root / "python" / "trained").casefold()
    assert program.remove_others("new", {trained})
    assert [path.name for path in program.versions.iterdir()] == ["0.2.0-1"]
    # A training environment was made from one; the other served the version that is gone.
    assert sorted(path.name for path in (program.root / "python").iterdir()) == ["new", "trained"]
    assert program.installed() == installed("0.2.0-1")
    assert program.current() == program.versions / "0.2.0-1"


def test_names_of_environments_are_never_used_twice(tmp_path: Path) -> None:
    program = make_program(tmp_path)
    assert program.next_name("0.2.0") == "0.2.0-2"
    assert program.next_name("0.3.0") == "0.3.0-1"


def test_leftovers_are_remembered_and_only_those_inside_are_removed(tmp_path: Path) -> None:
    program = make_program(tmp_path / "program")
    outside = tmp_path / "outside.txt"
    outside.write_text("mine", encoding="utf-8")
    program.use(installed("0.2.0-1"))
    program.note_leftovers([program.versions / "0.1.0-1"])
    with program.leftovers.open("a", encoding="utf-8") as stream:
        stream.write("../outside.txt\nversions/0.2.0-1\n")
    assert program.tidy() is True
    assert not program.leftovers.exists()
    assert outside.exists()
    assert [path.name for path in program.versions.iterdir()] == ["0.2.0-1"]


def test_a_folder_with_other_things_in_it_is_told(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (tmp_path / "new").mkdir()
    (tmp_path / "python").mkdir()
    assert program.strangers() == []
    (tmp_path / "bin").mkdir()
    assert program.strangers() == ["bin"]
    program.use(installed("x"))
    assert program.strangers() == []


def test_pythons_of_training_environments_are_known_wherever_they_lie(tmp_path: Path) -> None:
    for place in ("one", "two/venv"):
        folder = tmp_path / "environments" / place
        folder.mkdir(parents=True)
        (folder / "pyvenv.cfg").write_text(f"home = C:\\Py\\{place[:3]}\nversion = 3\n", encoding="utf-8")
    assert training_bases({"TUNEDOC_HOME": str(tmp_path)}) == {"c:\\py\\one", "c:\\py\\two"}
    assert base_of(tmp_path) == ""


def test_installed_apps_shows_what_it_should() -> None:
    values = entry(
        Path("/p"), version="0.2.1rc1", size_bytes=5_000_000, python="C:\\p.exe", path=True, menu=False, own=False,
        language="zh", date="20260101",
    )  # fmt: skip
    assert values["DisplayVersion"] == "0.2.1rc1"
    assert (values["VersionMajor"], values["VersionMinor"]) == (0, 2)
    assert values["EstimatedSize"] == 4882
    assert str(values["QuietUninstallString"]).endswith('uninstall.exe" /S')
    assert (values["SetupPath"], values["SetupMenu"]) == (1, 0)


def test_all_words_have_both_languages_and_the_same_fields() -> None:
    import string

    def fields(words: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(words) if name}

    for key, (english, chinese) in WORDS.items():
        assert fields(english) == fields(chinese), key
        assert any("一" <= letter <= "鿿" for letter in chinese), key


def test_the_record_of_a_newer_schema_does_no_harm(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.record.write_text(json.dumps({"schema": 9}), encoding="utf-8")
    assert program.installed() is None
