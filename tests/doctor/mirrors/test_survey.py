"""Surveys for an install: who is asked, what is remembered, and the verb that shows it, with the real uv."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.host.real import RealHost
from doctor.mirrors.memory import AWAY_SECONDS, KEPT_SECONDS, recall, remember
from doctor.mirrors.places import Measured, Place
from doctor.mirrors.survey import Survey, default_index, python_build, survey
from doctor.words.text import text
from tests.mirror_server import Mirror
from tests.package_source import clean_environ, tiny_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.catalogue.model import Catalogue
    from doctor.paths import Home

ROOT = Path(__file__).parents[3]


@pytest.fixture
def own() -> Iterator[Mirror]:
    """The index that this machine's pip is configured with."""
    with Mirror() as opened:
        opened.add_package("transformers", "5.0")
        yield opened


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as opened:
        opened.add_package("transformers", "5.0")
        yield opened


@pytest.fixture
def catalogue(tmp_path: Path, mirror: Mirror) -> Catalogue:
    file = tiny_catalogue(tmp_path / "wheels.toml")
    row = f"""
[[mirror]]
kind = "packages"
name = "Near"
url = "{mirror.url}/simple"
layout = "simple"
region = "cn"
source = "a test"
"""
    file.write_text(file.read_text(encoding="utf-8") + row, encoding="utf-8")
    return load_catalogue(file)


def ask(
    home: Home, catalogue: Catalogue, own: Mirror, wish: str = "auto", *, everything: bool = False, **more: str
) -> Survey:
    return survey(
        RealHost(), home, catalogue, wish, options=("--default-index", f"{own.url}/simple"),
        variables=clean_environ(**more), kinds=("packages",), everything=everything, patience_seconds=20,
    )  # fmt: skip


def names(found: Survey) -> list[str]:
    return [place.name for place in found.of("packages")]


def test_uv_tells_its_own_index_offline() -> None:
    url = "https://index.example/simple"
    assert default_index(RealHost(), ("--default-index", url), clean_environ()) == url
    assert default_index(RealHost(), (), clean_environ(UV_DEFAULT_INDEX=f"name={url}")) == url
    assert default_index(RealHost(), (), clean_environ()).startswith("https://")


@pytest.mark.parametrize(("system", "name"), [("windows", "x86_64-pc-windows-msvc"), ("linux", "x86_64-unknown-linux")])
def test_uv_tells_where_a_python_comes_from(system: str, name: str) -> None:
    url, version = python_build(RealHost(), "3.12", system, clean_environ(UV_PYTHON_INSTALL_MIRROR="https://m.example"))
    assert name in url and "/python-build-standalone/releases/download/" in url
    assert version.startswith("3.12.")


def test_a_good_index_of_the_machines_own_is_used_and_no_mirror_is_asked(
    home: Home, catalogue: Catalogue, own: Mirror, mirror: Mirror
) -> None:
    found = ask(home, catalogue, own)
    assert names(found) == ["default", "Near"]
    assert mirror.asked == [], "the mirror is there for the case that the index fails later"


def test_where_the_index_is_away_the_mirror_is_asked_and_chosen(
    home: Home, catalogue: Catalogue, own: Mirror, mirror: Mirror
) -> None:
    own.manner = "login page"
    found = ask(home, catalogue, own)
    assert names(found) == ["Near", "default"]
    assert found.chosen[0].url == f"{mirror.url}/simple"


def test_the_official_place_needs_no_question(home: Home, catalogue: Catalogue, own: Mirror, mirror: Mirror) -> None:
    assert names(ask(home, catalogue, own, "official")) == ["default"]
    assert own.asked == mirror.asked == []


def test_a_region_takes_its_mirror_before_the_index(home: Home, catalogue: Catalogue, own: Mirror) -> None:
    assert names(ask(home, catalogue, own, "cn")) == ["Near", "default"]


def test_a_second_survey_asks_nobody(home: Home, catalogue: Catalogue, own: Mirror, mirror: Mirror) -> None:
    first = ask(home, catalogue, own, "cn")
    own.asked.clear()
    mirror.asked.clear()
    again = ask(home, catalogue, own, "cn")
    assert own.asked == mirror.asked == []
    assert (first.remembered, again.remembered) == (False, True)
    assert again.order == first.order
    ask(home, catalogue, own, "cn", NO_PROXY="127.0.0.1,other.example")
    assert own.asked != [], "another network is another question"


def test_a_machine_that_works_offline_asks_nobody(home: Home, catalogue: Catalogue, own: Mirror) -> None:
    assert names(ask(home, catalogue, own, UV_OFFLINE="1")) == ["default", "Near"]
    assert own.asked == []


PLACE = Place(kind="hub", name="a", url="https://user:secret@a.example", layout="endpoint", official=False)


def test_what_is_remembered_ends_in_time(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "mirrors.json"
    here = Measured(place=PLACE, reachable=True, latency_ms=5, bytes_per_second=10**6)
    away = Measured(place=PLACE, reachable=False, problem=text("mirrors.problem_status", status=500))
    remember(file, [here], "q", {}, 1000.0)
    assert recall(file, [PLACE], "q", {}, 1000.0 + KEPT_SECONDS - 1) == {PLACE: here}
    assert recall(file, [PLACE], "q", {}, 1000.0 + KEPT_SECONDS) == {}
    assert recall(file, [PLACE], "another", {}, 1001.0) == {}
    assert recall(file, [PLACE], "q", {}, 999.0) == {}, "a clock that was set back"
    remember(file, [away], "q", {}, 2000.0)
    assert recall(file, [PLACE], "q", {}, 2001.0) == {PLACE: away}
    assert recall(file, [PLACE], "q", {}, 2000.0 + AWAY_SECONDS) == {}
    assert "secret" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", ["", "{}", "[1]", '{"schema": 1, "places": {"a": 3}}', '{"schema": 1, "places": []}'])
def test_a_damaged_memory_is_no_memory(tmp_path: Path, words: str) -> None:
    file = tmp_path / "mirrors.json"
    file.write_text(words, encoding="utf-8")
    assert recall(file, [PLACE], "q", {}, 1.0) == {}
    remember(file, [Measured(place=PLACE, reachable=True)], "q", {}, 1.0)
    assert PLACE in recall(file, [PLACE], "q", {}, 1.0)


def test_a_memory_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    remember(tmp_path / "cache" / "mirrors.json", [Measured(place=PLACE, reachable=True)], "q", {}, 1.0)


def run(home: Home, catalogue: Path, own: Mirror, *arguments: str) -> tuple[int, str, str]:
    environ = clean_environ(
        TUNEDOC_HOME=str(home.root), TUNEDOC_CATALOGUE=str(catalogue), PIP_INDEX_URL=f"{own.url}/simple",
        HTTPS_PROXY="http://127.0.0.1:9",
    )  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "doctor", "mirrors", *arguments], env=environ, cwd=ROOT, capture_output=True,
        encoding="utf-8", stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout, ran.stderr


def test_the_verb_shows_every_place_and_what_is_chosen(
    home: Home, catalogue: Catalogue, own: Mirror, tmp_path: Path
) -> None:
    file = tmp_path / "wheels.toml"
    code, stdout, _ = run(home, file, own, "--json", "--mirror", "cn")
    rows: list[dict[str, Any]] = json.loads(stdout)["data"]["places"]
    packages = [(row["name"], row["reachable"], row["chosen"]) for row in rows if row["kind"] == "packages"]
    assert packages == [("Near", True, True), ("default", True, False)]
    assert {row["code"] for row in rows if row["kind"] != "packages"} == {"mirrors.problem_proxy"}
    assert code == 1, "something cannot be reached"
    code, stdout, stderr = run(home, file, own, "--mirror", "https://user:secret@127.0.0.1:9/simple", "--lang", "en")
    assert "secret" not in stdout + stderr
    assert "is taken for: packages" in stderr
    assert "the connection was refused" in " ".join(stdout.split())


def test_the_verb_speaks_chinese(home: Home, catalogue: Catalogue, own: Mirror, tmp_path: Path) -> None:
    _, stdout, stderr = run(home, tmp_path / "wheels.toml", own, "--lang", "zh")
    assert "本机配置的索引" in stdout
    assert "以下内容没有可用的来源" in stderr


def test_a_wish_that_is_none_ends_with_2(home: Home, catalogue: Catalogue, own: Mirror, tmp_path: Path) -> None:
    code, _, stderr = run(home, tmp_path / "wheels.toml", own, "--mirror", "china", "--lang", "en")
    assert code == 2
    assert "china is no mirror" in stderr
