"""pip's configuration is read by pip's own rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from doctor.errors import BadInput
from doctor.host.pip_configuration import PipConfiguration, configuration_files, read_pip_configuration


def write(file: Path, words: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(words, encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    names = ("user 使用者", "prefix", "all", "roaming")
    return {name.partition(" ")[0]: tmp_path / name for name in names}


def read(folders: dict[str, Path], **environ: str) -> PipConfiguration:
    """As on Windows, where a variable names every folder, so that no file of this machine is among them."""
    variables = {"PROGRAMDATA": str(folders["all"]), "APPDATA": str(folders["roaming"]), **environ}
    return read_pip_configuration(variables, "windows", folders["user"], folders["prefix"])


def test_variables_beat_site_beats_user_beats_global(folders: dict[str, Path]) -> None:
    write(folders["all"] / "pip" / "pip.ini", "[global]\nindex-url = https://global/\nproxy = p:1\ncert = /c\n")
    write(folders["roaming"] / "pip" / "pip.ini", "[global]\nindex-url = https://user/\nproxy = p:2\n")
    write(folders["prefix"] / "pip.ini", "[global]\nindex_url = https://site/\n")
    assert read(folders).index_url == "https://site/"
    assert read(folders).proxy == "p:2"
    assert read(folders).cert == "/c"
    found = read(folders, PIP_INDEX_URL="https://variable/")
    assert found.index_url == "https://variable/"
    assert dict(found.origins)["index-url"] == "environment"
    assert dict(found.origins)["proxy"] == str(folders["roaming"] / "pip" / "pip.ini")


def test_the_section_of_the_command_beats_global_whichever_file_it_is_in(folders: dict[str, Path]) -> None:
    write(folders["all"] / "pip" / "pip.ini", "[install]\nindex-url = https://install/\n")
    write(folders["user"] / "pip" / "pip.ini", "[global]\nindex-url = https://user/\n[download]\nindex-url = x\n")
    assert read(folders).index_url == "https://install/"


def test_an_empty_value_takes_nobodys_place(folders: dict[str, Path]) -> None:
    write(folders["user"] / "pip" / "pip.ini", "[global]\nextra-index-url =\n  https://a/\n  https://b/\n")
    assert read(folders, PIP_EXTRA_INDEX_URL="").extra_index_urls == ("https://a/", "https://b/")
    assert read(folders, PIP_EXTRA_INDEX_URL="https://c/ https://d/").extra_index_urls == ("https://c/", "https://d/")


def test_a_named_file_replaces_the_users_files_only(folders: dict[str, Path], tmp_path: Path) -> None:
    write(folders["all"] / "pip" / "pip.ini", "[global]\nproxy = global:1\n")
    write(folders["user"] / "pip" / "pip.ini", "[global]\nindex-url = https://user/\n")
    named = tmp_path / "named.conf"
    write(named, "[global]\nfind-links = /wheels\n")
    found = read(folders, PIP_CONFIG_FILE=str(named))
    assert (found.index_url, found.find_links, found.proxy) == ("", ("/wheels",), "global:1")


def test_the_null_device_means_no_file_at_all(folders: dict[str, Path]) -> None:
    write(folders["prefix"] / "pip.ini", "[global]\nindex-url = https://site/\n")
    assert read(folders, PIP_CONFIG_FILE="/dev/null").index_url == ""
    assert configuration_files({"PIP_CONFIG_FILE": "nul"}, "windows", Path("C:/Users/a"), Path("C:/venv")) == ()


def test_windows_and_mac_places() -> None:
    windows = configuration_files(
        {"PROGRAMDATA": "D:/Data", "APPDATA": "D:/Roaming"}, "windows", Path("C:/Users/李"), Path("C:/venv")
    )
    assert windows == (
        Path("D:/Data/pip/pip.ini"),
        Path("C:/Users/李/pip/pip.ini"),
        Path("D:/Roaming/pip/pip.ini"),
        Path("C:/venv/pip.ini"),
    )
    mac = configuration_files({}, "macos", Path("/Users/a"), Path("/venv"))
    assert mac[0] == Path("/Library/Application Support/pip/pip.conf")
    assert Path("/Users/a/.config/pip/pip.conf") in mac


def test_a_wheel_folder_with_a_blank_in_its_name_stays_whole(folders: dict[str, Path], tmp_path: Path) -> None:
    wheels = tmp_path / "my wheels"
    wheels.mkdir()
    assert read(folders, PIP_FIND_LINKS=str(wheels)).find_links == (str(wheels),)
    assert read(folders, PIP_FIND_LINKS="/a /b").find_links == ("/a", "/b")


def test_switches_and_numbers(folders: dict[str, Path]) -> None:
    found = read(folders, PIP_NO_INDEX="yes", PIP_TRUSTED_HOST="a b:8080", PIP_DEFAULT_TIMEOUT="180")
    assert (found.no_index, found.trusted_hosts, found.timeout_seconds) == (True, ("a", "b:8080"), "180")


def test_a_file_that_cannot_be_parsed_is_named(folders: dict[str, Path]) -> None:
    file = folders["prefix"] / "pip.ini"
    write(file, "index-url = https://no.section/\n")
    with pytest.raises(BadInput) as refused:
        read(folders)
    assert (refused.value.file, refused.value.line) == (str(file), 1)


def test_a_file_in_the_systems_own_encoding_is_read(folders: dict[str, Path]) -> None:
    file = folders["prefix"] / "pip.ini"
    file.parent.mkdir(parents=True)
    file.write_bytes("[global]\n# 镜像\nindex-url = https://site/\n".encode("gbk"))
    assert read(folders).index_url == "https://site/"


def test_pip_itself_agrees(tmp_path: Path) -> None:
    """The same files and variables, asked of the real pip."""
    user, shared = tmp_path / "user", tmp_path / "xdg"
    write(shared / "pip" / "pip.conf", "[global]\nindex-url = https://global/\ntimeout = 7\n")
    write(user / ".config" / "pip" / "pip.conf", "[global]\nindex-url = https://user/\n")
    environ = {"XDG_CONFIG_DIRS": str(shared), "HOME": str(user), "PIP_TRUSTED_HOST": "h"}
    python = Path(sys.base_prefix) / "bin" / "python3"
    if sys.platform == "win32" or not python.exists():
        pytest.skip("the system has no XDG folders")
    command = [str(python), "-m", "pip", "config", "list"]
    ran = subprocess.run(command, env=environ, capture_output=True, encoding="utf-8", check=False)
    if ran.returncode != 0:
        pytest.skip("this Python has no pip")
    found = read_pip_configuration(environ, "linux", user, Path(sys.base_prefix))
    assert f"global.index-url='{found.index_url}'" in ran.stdout
    assert f"global.timeout='{found.timeout_seconds}'" in ran.stdout
    assert ":env:.trusted-host='h'" in ran.stdout
