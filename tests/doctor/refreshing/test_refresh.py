"""What indexes have otherwise than a catalogue, against indexes on the loopback interface."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.host.real import RealHost
from doctor.refreshing.asked import Asked
from doctor.refreshing.refresh import refresh
from doctor.refreshing.releases import release_changes
from doctor.refreshing.web import Web
from doctor.uv.options import Sources
from doctor.uv.program import Uv
from tests.catalogue_made_up import small_catalogue
from tests.index_made_up import Indexes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.catalogue.model import Catalogue
    from doctor.refreshing.refresh import Refreshed

MODEL = b"a model"


def torch_files(version: str, pythons: tuple[str, ...] = ("cp312", "cp313")) -> dict[str, bytes]:
    return {
        f"torch-{version}-{python}-{python}-{platform}.whl": b"x"
        for python in pythons
        for platform in ("win_amd64", "manylinux_2_28_x86_64")
    }


@pytest.fixture
def indexes() -> Iterator[Indexes]:
    """All is as the small catalogue has it."""
    with Indexes() as server:
        server.wheels = {
            "simple": {
                "transformers-5.0.0-py3-none-any.whl": b"x",
                "xformers-0.0.35-py39-none-manylinux_2_28_x86_64.whl": b"x",
                "bitsandbytes-0.50.2-py3-none-manylinux_2_24_x86_64.whl": b"x",
                "tiny_model-1.0-py3-none-any.whl": MODEL,
                "tiny_converter-0.1-py3-none-any.whl": MODEL,
                "torchvision-0.28.0-cp312-cp312-win_amd64.whl": b"x",
                **torch_files("2.12.0"),
                **torch_files("2.13.0"),
            },
            "whl/cpu": torch_files("2.13.0+cpu"),
            "whl/cu130": torch_files("2.13.0+cu130"),
            "parts": {"flash_attn-2.8.3+cu130torch2.13-cp312-cp312-linux_x86_64.whl": b"x"},
            "near": {"packaging-1-py3-none-any.whl": b"x"},
        }
        server.wheels["whl"] = server.wheels["whl/cpu"] | server.wheels["whl/cu130"]
        server.hashes = dict.fromkeys(
            ("tiny_model-1.0-py3-none-any.whl", "tiny_converter-0.1-py3-none-any.whl"), "1" * 64
        )
        yield server


@pytest.fixture
def catalogue(tmp_path: Path, indexes: Indexes) -> Catalogue:
    return load_catalogue(small_catalogue(tmp_path / "wheels.toml", indexes.url("").rstrip("/")))


def refreshed(catalogue: Catalogue, indexes: Indexes, **more: str) -> Refreshed:
    variables = {"UV_DEFAULT_INDEX": indexes.url("simple/"), "NO_PROXY": "127.0.0.1", **more}
    sources = Sources((), tuple(variables.items()), ())
    return refresh(catalogue, Uv(RealHost(), sources), Web(variables))


def told(found: Refreshed) -> list[tuple[str, str, str, str, str]]:
    return [(change.kind, change.row, change.field, change.was, change.now) for change in found.changes]


@pytest.mark.parametrize("kind", ["json", "html"])
def test_nothing_is_told_where_all_is_the_same(catalogue: Catalogue, indexes: Indexes, kind: str) -> None:
    indexes.kind = kind
    found = refreshed(catalogue, indexes)
    sizes = [change for change in found.changes if change.field == "bytes"]
    assert [change for change in found.changes if change not in sizes] == []
    # Only JSON pages say sizes; the catalogue's are wrong here.
    assert len(sizes) == (2 if kind == "json" else 0)
    assert found.silent == () and found.index == indexes.url()


def test_new_releases_are_told(catalogue: Catalogue, indexes: Indexes) -> None:
    indexes.kind = "html"
    indexes.wheels["simple"] |= torch_files("2.14.0", ("cp312", "cp313", "cp314", "cp314t"))
    indexes.wheels["simple"] |= {
        "transformers-5.1.0-py3-none-any.whl": b"x",
        "transformers-6.0.0rc1-py3-none-any.whl": b"x",
        "bitsandbytes-0.51.0-py3-none-win_amd64.whl": b"x",
        "torchvision-0.29.0-cp312-cp312-win_amd64.whl": b"x",
        "torch-1.9.0-cp39-cp39-win_amd64.whl": b"x",
    }
    found = refreshed(catalogue, indexes)
    assert told(found) == [
        ("new", "stack linux-cu130", "transformers", "5.0.0", "5.1.0"),
        ("new", "stack linux-cu130", "bitsandbytes", "0.50.2", "0.51.0"),
        ("new", "torch.releases 2.14.0", "-", "", "2.14.0"),
        ("new", "torch.releases", "torchvision", "0.28.0", "0.29.0"),
        ("new", "bitsandbytes.libraries", "version", "0.50.2", "0.51.0"),
    ]
    cells = dict(next(change for change in found.changes if change.now == "2.14.0").cells)
    assert cells == {
        "torch": "2.14.0", "month": "2026-11", "pythons of windows": "3.12 3.13 3.14",
        "pythons of linux": "3.12 3.13 3.14", "glibc": "2.28",
    }  # fmt: skip


def test_files_that_went_away_are_told(catalogue: Catalogue, indexes: Indexes) -> None:
    indexes.kind = "html"
    simple = indexes.wheels["simple"]
    del simple["transformers-5.0.0-py3-none-any.whl"], simple["xformers-0.0.35-py39-none-manylinux_2_28_x86_64.whl"]
    simple["transformers-4.9.0-py3-none-any.whl"] = b"x"
    for file in torch_files("2.12.0"):
        del simple[file]
    indexes.yanked["bitsandbytes-0.50.2-py3-none-manylinux_2_24_x86_64.whl"] = "broken"
    del indexes.wheels["parts"]["flash_attn-2.8.3+cu130torch2.13-cp312-cp312-linux_x86_64.whl"]
    found = told(refreshed(catalogue, indexes))
    assert ("missing", "stack linux-cu130", "transformers", "5.0.0", "") in found
    assert ("missing", "part xformers", "xformers", "0.0.35", "") in found
    assert ("withdrawn", "stack linux-cu130", "bitsandbytes", "0.50.2", "broken") in found
    assert ("missing", "torch.releases 2.12.0", "-", "2.12.0", "") in found
    assert any(kind == "gone" and row == "part flash-attn" for kind, row, *_ in found)


def test_a_wheel_that_was_waited_for_is_told(catalogue: Catalogue, indexes: Indexes) -> None:
    indexes.kind = "html"
    indexes.wheels["simple"]["hqq-0.2-py3-none-any.whl"] = b"x"
    assert told(refreshed(catalogue, indexes)) == []
    indexes.wheels["simple"]["hqq-0.3-py3-none-any.whl"] = b"x"
    assert told(refreshed(catalogue, indexes)) == [("new", "part hqq", "hqq", "0.2", "0.3")]


def test_another_hash_is_told(catalogue: Catalogue, indexes: Indexes) -> None:
    indexes.kind = "html"
    del indexes.hashes["tiny_model-1.0-py3-none-any.whl"]
    right = hashlib.sha256(MODEL).hexdigest()
    assert told(refreshed(catalogue, indexes)) == [("changed", "model tiny", "sha256", "1" * 64, right)]


def test_other_pythons_are_told(catalogue: Catalogue, indexes: Indexes) -> None:
    indexes.kind = "html"
    simple = indexes.wheels["simple"]
    simple |= torch_files("2.13.0", ("cp314",))
    del simple["transformers-5.0.0-py3-none-any.whl"]
    simple["transformers-5.0.0-cp312-cp312-manylinux_2_28_x86_64.whl"] = b"x"
    del indexes.wheels["whl/cu130"]["torch-2.13.0+cu130-cp313-cp313-manylinux_2_28_x86_64.whl"]
    found = told(refreshed(catalogue, indexes))
    assert ("changed", "torch.releases 2.13.0", "pythons of windows", "3.12 3.13", "3.12 3.13 3.14") in found
    assert ("pythons", "stack linux-cu130", "transformers==5.0.0", "linux 3.13", "") in found
    assert ("pythons", "stack linux-cu130", "torch==2.13.0+cu130", "linux 3.13", "") in found


def test_new_and_missing_variants_are_told(catalogue: Catalogue, indexes: Indexes) -> None:
    indexes.kind = "html"
    indexes.wheels["whl"] |= torch_files("2.14.0+cu134")
    indexes.wheels["whl/cu130"] |= torch_files("2.14.0+cu130")
    for file in [file for file in indexes.wheels["whl/cu130"] if "2.13" in file and "win" in file]:
        del indexes.wheels["whl/cu130"][file]
    found = told(refreshed(catalogue, indexes))
    assert ("new", "torch.variants", "variant", "", "cu134") in found
    assert ("new", "torch.variants 2.14", "linux", "", "cu130") in found
    assert ("missing", "torch.variants 2.13", "windows", "cu130", "") in found


def test_an_index_that_does_not_answer_is_named_and_the_rest_is_asked(tmp_path: Path, indexes: Indexes) -> None:
    indexes.kind = "html"
    indexes.wheels["simple"]["transformers-5.1.0-py3-none-any.whl"] = b"x"
    catalogue = load_catalogue(small_catalogue(tmp_path / "wheels.toml", "http://127.0.0.1:9"))
    found = refreshed(catalogue, indexes)
    assert told(found) == [("new", "stack linux-cu130", "transformers", "5.0.0", "5.1.0")]
    assert [silent.url.startswith("http://127.0.0.1:9/") for silent in found.silent] == [True]


def test_a_page_that_is_no_index_is_named(catalogue: Catalogue, indexes: Indexes) -> None:
    indexes.pages["simple/transformers"] = (200, b"{}")
    indexes.pages["simple/xformers"] = (500, b"")
    found = refreshed(catalogue, indexes)
    assert {silent.url.rsplit("/")[-2] for silent in found.silent} == {"transformers", "xformers"}


def test_no_default_index_ends_nothing(catalogue: Catalogue, indexes: Indexes) -> None:
    variables = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "NO_PROXY": "127.0.0.1"}
    found = refresh(catalogue, Uv(RealHost(), Sources((), tuple(variables.items()), ())), Web(variables))
    assert found.changes == () and len(found.silent) == 1


def test_releases_of_github_are_compared(catalogue: Catalogue, indexes: Indexes) -> None:
    words = indexes.url("").rstrip("/")
    file = small_catalogue(Path(catalogue.file), words)
    text = file.read_text(encoding="utf-8").replace(
        f'base = "{words}/files/parts/"', 'base = "https://github.com/some/wheels/releases/download/"'
    )
    text += (
        "\n[llama]\nreleases = '''\nbuild  | system | backend | file | runtime\nb100 | linux | cpu | a.zip | -\n'''\n"
    )
    file.write_text(text, encoding="utf-8")
    assets = ["flash_attn-2.8.3+cu130torch2.13-cp312-cp312-linux_x86_64.whl", "notes.txt"]
    assets += [
        "flash_attn-2.9.0+cu132torch2.14-cp312-cp312-win_amd64.whl",
        "flash_attn-2.8.3+cu118torch2.1-cp312-cp312-win_amd64.whl",
    ]
    listed = [{"tag_name": "v1", "assets": [{"name": name} for name in assets]}]
    indexes.pages["repos/some/wheels/releases"] = (200, json.dumps(listed).encode())
    indexes.pages["repos/ggml-org/llama.cpp/releases"] = (200, b'[{"tag_name": "b200"}]')
    asked = Asked(Web({"NO_PROXY": "127.0.0.1"}), "")
    found = list(release_changes(load_catalogue(file), asked, words))
    assert [(change.row, change.field, change.now) for change in found] == [
        ("part flash-attn", "windows 2.14 cu132", "flash_attn-2.9.0+cu132torch2.14-cp312-cp312-win_amd64.whl"),
        ("llama.releases", "build", "b200"),
    ]
    indexes.pages["repos/some/wheels/releases"] = (200, b'{"message": "rate limit"}')
    list(release_changes(load_catalogue(file), asked, words))
    assert len(asked.silent) == 1
