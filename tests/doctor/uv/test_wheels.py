"""Rows of a lock that name their index, so that uv finds in its cache what it was handed."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from doctor.plan.lock import Lock, read_lock
from doctor.uv.counter import past_proxies
from doctor.uv.wheels import index_options, indexed_wheels, large_wheels, lock_with

MIB = 2**20
TOML = """lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.11"

[[packages]]
name = "flash-attn"
version = "2.8.3"
archive = { url = "https://host/flash_attn-2.8.3-py3-none-any.whl", hashes = { sha256 = "aa" } }

[[packages]]
name = "here"
version = "1.0"
wheels = [{ url = "file:///wheels/here-1.0-py3-none-any.whl", hashes = { sha256 = "bb" } }]

[[packages]]
name = "pyarrow"
version = "26.0.1"
marker = "python_full_version >= '3.11'"
wheels = [{ url = "https://files/p/y/pyarrow-26.0.1-py3-none-any.whl", hashes = { sha256 = "cc" } }]

[[packages]]
name = "torch"
version = "2.13.0+cu130"
wheels = [{ url = "https://torch/whl/cu130/torch-2.13.0%2Bcu130-py3-none-any.whl", hashes = { sha256 = "dd" } }]
"""


def sized(**sizes: int) -> Lock:
    lock = read_lock(TOML)
    return Lock(lock.toml, tuple(replace(p, bytes=sizes.get(p.name.replace("-", "_"))) for p in lock.packages))


def names(wheels: tuple[object, ...]) -> list[str]:
    return [wheel.name for wheel in wheels]  # type: ignore[attr-defined]


def test_large_ones_of_the_network_are_fetched() -> None:
    lock = sized(flash_attn=200 * MIB, here=200 * MIB, pyarrow=50 * MIB, torch=3000 * MIB)
    assert names(large_wheels(lock)) == ["pyarrow", "torch"]
    assert names(large_wheels(sized(pyarrow=5 * MIB, torch=3000 * MIB))) == ["torch"]
    # Where no source tells a size, torch is known to be large and the others come from uv.
    assert names(large_wheels(sized())) == ["torch"]


def test_what_may_be_in_the_cache_under_its_index_is_looked_for_there() -> None:
    assert names(indexed_wheels(sized())) == ["pyarrow", "torch"]
    assert names(indexed_wheels(sized(pyarrow=5 * MIB))) == ["torch"]


def test_the_other_rows_stay_as_they_are() -> None:
    lock = sized(torch=3000 * MIB, pyarrow=5 * MIB)
    wheels = large_wheels(lock)
    words = lock_with(lock, wheels, {"dd": "http://127.0.0.1:1/dd/torch-2.13.0%2Bcu130-py3-none-any.whl"})
    before, after = tomllib.loads(TOML), tomllib.loads(words)
    assert after["packages"][:3] == before["packages"][:3]
    (torch,) = [row for row in after["packages"] if row["name"] == "torch"]
    assert torch["index"] == "https://torch/whl/cu130/"
    assert torch["wheels"][0]["url"].startswith("http://127.0.0.1:1/dd/")
    assert torch["wheels"][0]["hashes"] == {"sha256": "dd"}
    assert index_options(wheels) == ("--index", "https://torch/whl/cu130/")
    # Without a fetched file the wheel's own address stays.
    assert "https://torch/whl/cu130/torch" in lock_with(lock, wheels, {})


def test_the_loopback_interface_is_excepted_from_proxies() -> None:
    assert past_proxies({"HTTP_PROXY": "http://p"})["NO_PROXY"] == "127.0.0.1"
    both = past_proxies({"no_proxy": "corp"})
    assert (both["no_proxy"], "NO_PROXY" in both) == ("corp,127.0.0.1", False)
