"""Ranges of files behind addresses, and pages of indexes in both forms."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import pytest

from doctor.errors import NoNetwork
from doctor.refreshing.indexes import project_files, read_page
from doctor.refreshing.web import NoRanges, Page, Web
from tests.index_made_up import Indexes, binary_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "thing-1.0-py3-none-any.whl"
NOISE = random.Random(1).randbytes(3_000_000)


@pytest.fixture
def indexes() -> Iterator[Indexes]:
    with Indexes() as server:
        yield server


WEB = Web({"NO_PROXY": "127.0.0.1"})


def test_only_what_is_read_is_fetched(indexes: Indexes) -> None:
    indexes.wheels["a"] = {NAME: NOISE}
    file = WEB.file(indexes.file_url("a", NAME))
    file.seek(-100, io.SEEK_END)
    assert file.read() == NOISE[-100:]
    file.seek(1_000_000)
    assert file.read(10) == NOISE[1_000_000:1_000_010]
    assert file.read(5000) == NOISE[1_000_010:1_005_010]
    assert file.fetched_bytes <= 64 * 1024 + 100
    file.seek(0)
    assert file.read() == NOISE


def test_a_range_that_breaks_off_is_asked_for_again(indexes: Indexes) -> None:
    indexes.wheels["a"] = {NAME: NOISE}
    indexes.broken = 2
    file = WEB.file(indexes.file_url("a", NAME))
    assert file.read(100_000) == NOISE[:100_000]


def test_a_range_that_always_breaks_off_is_said(indexes: Indexes) -> None:
    indexes.wheels["a"] = {NAME: NOISE}
    indexes.broken = 99
    file = WEB.file(indexes.file_url("a", NAME))
    with pytest.raises(NoNetwork):
        file.read(100_000)


def test_a_server_without_ranges_is_told_apart(indexes: Indexes) -> None:
    indexes.wheels["a"] = {NAME: NOISE}
    indexes.ranges = False
    url = indexes.file_url("a", NAME)
    with pytest.raises(NoRanges):
        WEB.file(url)
    copy = io.BytesIO()
    assert WEB.whole(url, copy) == len(NOISE) and copy.getvalue() == NOISE


def test_what_is_not_there_and_who_does_not_answer_are_told_apart(indexes: Indexes) -> None:
    with pytest.raises(NoNetwork) as gone:
        WEB.page(indexes.url("simple/thing/"))
    assert gone.value.field == "404"
    with pytest.raises(NoNetwork) as silent:
        WEB.page("http://127.0.0.1:9/simple/thing/")
    assert silent.value.field is None
    assert WEB.exists(indexes.url("nothing")) is False


@pytest.mark.parametrize("kind", ["json", "html"])
def test_both_kinds_of_pages_say_the_same(indexes: Indexes, kind: str) -> None:
    local = "torch-2.13.0+cu130-cp312-cp312-win_amd64.whl"
    old = "torch-2.12.0-cp312-cp312-win_amd64.whl"
    indexes.kind = kind
    indexes.wheels["simple"] = {local: binary_wheel(local), old: b"x"}
    indexes.yanked[old] = "wrong & broken" if kind == "json" else "wrong &amp; broken"
    found = {file.name.file: file for file in project_files(WEB, indexes.url(), "torch")}
    assert set(found) == {local, old}
    assert found[local].name.version == "2.13.0+cu130"
    assert found[local].sha256 == indexes.hash_of(local, indexes.wheels["simple"][local])
    assert found[local].uploaded == "2026-11" and found[local].final
    assert found[old].yanked == "wrong & broken" and not found[old].final
    assert WEB.file(found[local].url).size == len(indexes.wheels["simple"][local])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"files": 3}', b'{"files": [{}]}', b'{"files": [3]}'])
def test_strange_json_is_no_page(body: bytes) -> None:
    with pytest.raises(NoNetwork):
        read_page(Page(url="http://host.invalid/a/", kind="application/json", body=body))


def test_files_that_are_no_wheels_are_passed_over() -> None:
    body = b'<a href="a-1.tar.gz">a</a><a>b</a><a href="odd.whl">c</a><a href="../a-1-py3-none-any.whl">d</a>'
    (only,) = read_page(Page(url="http://host.invalid/simple/a/", kind="text/html", body=body))
    assert only.url == "http://host.invalid/simple/a-1-py3-none-any.whl"
    assert only.sha256 == "" and only.bytes is None and only.yanked is None
