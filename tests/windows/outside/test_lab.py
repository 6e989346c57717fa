"""The lab itself: what it runs, what it keeps apart, and that a broken build is finished."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.windows import building
from tests.windows.wine import CHOSEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.windows.lab import Lab


def told(lab: Lab, expression: str, *arguments: str) -> Any:
    """What the lab's Python says that an expression is."""
    code = f"import os, sys, json, winreg; print(json.dumps({expression}))"
    ran = lab.run([lab.python, "-c", code, *arguments])
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_it_is_windows_with_the_checkout_installed(lab: Lab) -> None:
    assert told(lab, "sys.platform") == "win32"
    assert told(lab, "__import__('importlib.metadata').metadata.distribution('tunedoc').name") == "tunedoc"
    assert told(lab, "__import__('doctor').__file__").startswith("Z:\\")


def test_words_of_any_language_arrive_as_they_are(lab: Lab) -> None:
    assert told(lab, "sys.argv[1:]", "微调 一个", 'a "quoted" word', "tail\\") == [
        "微调 一个",
        'a "quoted" word',
        "tail\\",
    ]


def test_a_raw_command_line_is_not_quoted(lab: Lab) -> None:
    code = "import ctypes; f = ctypes.windll.kernel32.GetCommandLineW; f.restype = ctypes.c_wchar_p; print(ascii(f()))"
    (lab.drive_c / "lab" / "tell.py").write_text(code, encoding="utf-8")
    ran = lab.run([lab.python, r"C:\lab\tell.py"], command_line=r"/S /D=C:\Program Files\tune 医生")
    assert ran.stdout.strip().endswith(r"/S /D=C:\\Program Files\\tune \u533b\u751f'")


def test_what_is_changed_in_a_copy_stays_there(lab: Lab, tmp_path: Path) -> None:
    key = "winreg.CreateKey(winreg.HKEY_CURRENT_USER, 'Environment')"
    names = f"[winreg.EnumValue({key}, i)[0] for i in range(winreg.QueryInfoKey({key})[1])]"
    copy = lab.clone(tmp_path / "copy")
    try:
        assert told(copy, f"winreg.SetValueEx({key}, 'LAB', 0, 1, 'copy')") is None
        assert "LAB" in told(copy, names)
        assert "LAB" not in told(lab, names)
    finally:
        copy.down()


def test_a_fresh_windows_has_no_python(fresh_lab: Lab) -> None:
    assert not (fresh_lab.drive_c / "Python312").exists()
    ran = fresh_lab.run(["cmd", "/c", "echo", "up"])
    assert ran.stdout.strip() == "up"


def test_a_build_that_was_interrupted_is_finished_and_a_whole_one_is_left_alone(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.up()
    assert capsys.readouterr().err == ""
    # Nothing that a scenario needs meanwhile.
    download = next(lab.places.downloads.glob("msvc_runtime-*"))
    size = download.stat().st_size
    lab.places.stamp("downloads").unlink()
    download.unlink()
    lab.up()
    assert download.stat().st_size == size
    assert "downloads" in capsys.readouterr().err


def test_where_nothing_can_be_installed_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building.shutil, "which", lambda program: None)
    with pytest.raises(building.NoLab, match="not installed: wine"):
        building.need_programs({"wine": "wine"})


def test_the_tests_that_were_chosen_for_wine_are_there() -> None:
    for name, chosen in CHOSEN.items():
        words = (building.ROOT / "tests" / "doctor" / f"{name}.py").read_text(encoding="utf-8")
        for test in chosen:
            assert f"def {test.partition('[')[0]}(" in words, f"{name}: {test}"
