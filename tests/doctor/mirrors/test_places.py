"""Places by wish, their order, and how uv and the hub's client take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from doctor.errors import UsageError
from doctor.mirrors.places import (
    KINDS,
    Kind,
    Measured,
    Place,
    kind_of_wish,
    places,
    rank,
    through,
    torch_index,
    uv_options,
    variables,
)
from doctor.words.text import text


@dataclass(frozen=True)
class Row:
    kind: str
    name: str
    url: str
    layout: str
    region: str = "cn"
    source: str = "a test"


@dataclass(frozen=True)
class Index:
    name: str
    url: str


@dataclass(frozen=True)
class Rows:
    mirrors: tuple[Row, ...]
    indexes: tuple[Index, ...]


CATALOGUE: Any = Rows(
    (
        Row("packages", "One", "https://one.example/simple", "simple"),
        Row("packages", "Two", "https://two.example/simple", "simple"),
        Row("packages", "Far", "https://far.example/simple", "simple", region=""),
        Row("torch", "Flat", "https://flat.example/wheels/{variant}", "find-links"),
        Row("torch", "Whole", "https://whole.example/whl/{variant}", "simple"),
        Row("hub", "Hub", "https://hub.example", "endpoint"),
        Row("hub", "Own ids", "https://other.example", "own"),
        Row("github", "Before", "https://before.example", "prefix"),
        Row("python", "Builds", "https://builds.example/python-build-standalone", "prefix"),
    ),
    (Index("torch-cu128", "https://torch.example/whl/cu128"),),
)


def names(wish: str, kind: Kind) -> list[str]:
    return [place.name for place in places(CATALOGUE, wish, kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_official_place_is_first_or_alone_or_last(kind: Kind) -> None:
    assert places(CATALOGUE, "auto", kind)[0].official
    assert [place.official for place in places(CATALOGUE, "official", kind)] == [True]
    assert [place.official for place in places(CATALOGUE, "cn", kind)].index(True) == len(names("cn", kind)) - 1


def test_a_region_has_its_own_mirrors() -> None:
    assert names("cn", "packages") == ["One", "Two", "default"]
    assert names("auto", "packages") == ["default", "One", "Two", "Far"]
    assert names("cn", "hub") == ["Hub", "default"], "a hub with ids of its own is no mirror"


def test_the_official_index_of_packages_is_the_clients_own_business() -> None:
    assert places(CATALOGUE, "official", "packages")[0].url == ""


def test_torch_comes_by_variant_from_the_catalogues_index() -> None:
    (official,) = places(CATALOGUE, "official", "torch")
    assert official.address("cu130") == "https://torch.example/whl/cu130"


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ("https://two.example/simple/", "packages"),
        ("https://corporate.example/pypi/simple", "packages"),
        ("https://flat.example/wheels/cu126", "torch"),
        ("https://any.example/whl", "torch"),
        ("https://any.example/whl/cu128", "torch"),
        ("https://any.example/pytorch-wheels/{variant}", "torch"),
        ("torch=https://any.example/mine", "torch"),
        ("https://hub.example", "hub"),
        ("https://models.corporate.example", "hub"),
        ("https://any.example/github-release/astral-sh/python-build-standalone", "python"),
        ("https://ghproxy.example", "github"),
        ("auto", None),
        ("cn", None),
        ("official", None),
    ],
)
def test_an_address_replaces_the_kind_it_fits(wish: str, kind: Kind | None) -> None:
    assert kind_of_wish(CATALOGUE, wish) == kind
    for other in KINDS:
        if kind is not None and other != kind:
            assert places(CATALOGUE, wish, other) == places(CATALOGUE, "auto", other)


@pytest.mark.parametrize("wish", ["china", "", "ftp://a.example", "hub=", "https://"])
def test_a_wish_that_is_none_is_refused(wish: str) -> None:
    with pytest.raises(UsageError):
        kind_of_wish(CATALOGUE, wish)
    with pytest.raises(UsageError):
        places(CATALOGUE, wish, "packages")


def test_a_variant_in_an_address_is_not_a_wish_for_that_variant() -> None:
    mine, official = places(CATALOGUE, "https://mine.example/whl/cpu", "torch")
    assert mine.address("cu130") == "https://mine.example/whl/cu130"
    assert official.official


def test_an_address_of_the_catalogue_keeps_its_layout() -> None:
    mine = places(CATALOGUE, "https://flat.example/wheels/{variant}", "torch")[0]
    assert (mine.name, mine.layout) == ("Flat", "find-links")


def measured(name: str, speed: int | None, *, latency: int = 100, official: bool = False) -> Measured:
    place = Place(kind="packages", name=name, url=f"https://{name}.example", layout="simple", official=official)
    if speed is None:
        return Measured(place=place, reachable=False, problem=text("mirrors.problem_name"))
    return Measured(place=place, reachable=True, latency_ms=latency, bytes_per_second=speed)


def order(*found: Measured, wish: str = "auto") -> list[str]:
    return [place.name for place in rank(found, wish=wish)]


def test_the_faster_place_comes_first_and_the_unreachable_last() -> None:
    assert order(measured("away", None), measured("a", 10**6), measured("b", 10**7)) == ["b", "a", "away"]


def test_equal_places_keep_their_order() -> None:
    assert order(measured("a", 10**6), measured("b", 10**6), measured("c", 10**6)) == ["a", "b", "c"]
    assert order(measured("b", None), measured("a", None)) == ["b", "a"]


def test_the_official_place_stays_unless_another_is_clearly_better() -> None:
    official = measured("official", 10**6, official=True)
    assert order(measured("a", 12 * 10**5), official) == ["official", "a"]
    assert order(measured("a", 10**7), official) == ["a", "official"]


def test_in_a_region_the_official_place_is_the_last_that_can_be_reached() -> None:
    found = (measured("a", 10**5), measured("away", None), measured("official", 10**9, official=True))
    assert order(*found, wish="cn") == ["a", "official", "away"]


def test_a_wished_address_comes_first_however_slow() -> None:
    slow, official = measured("slow", 10**4), measured("official", 10**9, official=True)
    assert order(slow, official, wish="https://slow.example") == ["slow", "official"]
    assert order(measured("slow", None), official, wish="https://slow.example") == ["official", "slow"]


def chosen(wish: str) -> tuple[Place, ...]:
    return tuple(places(CATALOGUE, wish, kind)[0] for kind in KINDS)


def test_uv_gets_the_chosen_index_instead_of_the_one_it_had() -> None:
    options = ("--default-index", "https://old.example/simple", "--index", "https://more.example")
    new = ("--index", "https://more.example", "--default-index", "https://one.example/simple")
    assert uv_options(chosen("cn"), options) == new
    assert uv_options(chosen("official"), options) == options, "the machine's own index is its default"


def test_variables_bring_mirrors_to_the_hubs_client_and_to_uv() -> None:
    assert variables(chosen("cn")) == {
        "HF_ENDPOINT": "https://hub.example",
        "UV_PYTHON_INSTALL_MIRROR": "https://builds.example/python-build-standalone",
    }
    assert variables(chosen("official")) == {}


def test_a_page_of_links_is_a_flat_index_to_uv() -> None:
    flat, whole = places(CATALOGUE, "cn", "torch")[:2]
    assert torch_index(flat, "cu126") == {"url": "https://flat.example/wheels/cu126", "format": "flat"}
    assert torch_index(whole, "cu126") == {"url": "https://whole.example/whl/cu126"}


def test_a_proxy_for_github_stands_before_the_address() -> None:
    file = "https://github.com/a/b/releases/download/1/c.whl"
    before, official = places(CATALOGUE, "cn", "github")
    assert through(before, file) == f"https://before.example/{file}"
    assert through(official, file) == file


def test_a_catalogue_without_mirrors_has_official_places() -> None:
    bare = cast("Any", Rows((), ()))
    for kind in KINDS:
        assert [place.official for place in places(bare, "cn", kind)] == [True]
    assert places(bare, "cn", "torch")[0].address("cu128").endswith("/whl/cu128")
