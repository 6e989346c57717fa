"""Measuring against real servers on this computer: good ones, and every way in which a mirror fails."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from doctor.mirrors.measuring import Samples, find_file, measure
from doctor.mirrors.places import Kind, Layout, Measured, Place, rank
from tests.mirror_server import CERTIFICATE, WHEEL, Manner, Mirror

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG, SHORT = 20.0, 0.6
SAMPLES = Samples(project="transformers", variant="cu128", torch="2.11.0+cu128")
PYTHON = "/20261110/cpython-3.12.16+20261110-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror() as opened:
        opened.add_package("transformers", "5.0", "5.1")
        yield opened


def place(url: str, kind: Kind = "packages", layout: Layout = "simple") -> Place:
    return Place(kind=kind, name="a", url=url, layout=layout, official=False)


def ask(
    url: str, kind: Kind = "packages", layout: Layout = "simple", *, seconds: float = LONG, samples: Samples = SAMPLES,
    **variables: str,
) -> Measured:  # fmt: skip
    (found,) = measure([place(url, kind, layout)], variables, patience_seconds=seconds, samples=samples)
    return found


def why(found: Measured) -> str:
    assert not found.reachable
    assert found.problem is not None
    return found.problem.key.removeprefix("mirrors.problem_")


def test_an_index_is_asked_for_a_page_and_a_sample(mirror: Mirror) -> None:
    found = ask(f"{mirror.url}/simple/")
    assert found.reachable and found.problem is None
    assert found.latency_ms is not None
    assert found.bytes_per_second is not None
    assert mirror.asked == ["/simple/transformers/", "/simple/transformers/transformers-5.1-py3-none-any.whl"]
    assert "Range" in mirror.headers[1]


def test_the_machines_own_index_is_asked_where_it_is(mirror: Mirror) -> None:
    assert why(ask("")) == "not_asked"
    assert ask("", samples=Samples(default_index=f"{mirror.url}/simple")).reachable


@pytest.mark.parametrize(
    ("manner", "problem"),
    [
        ("truncating", "truncated"),
        ("login page", "other_page"),
        ("redirecting", "other_page"),
        ("broken", "status"),
    ],
)
def test_a_mirror_that_misbehaves_is_not_reachable(mirror: Mirror, manner: Manner, problem: str) -> None:
    mirror.manner = manner
    assert why(ask(f"{mirror.url}/simple")) == problem


@pytest.mark.parametrize("manner", ["silent", "stalling"])
def test_patience_has_an_end(mirror: Mirror, manner: Manner) -> None:
    mirror.manner = manner
    assert why(ask(f"{mirror.url}/simple", seconds=SHORT)) == "timeout"


def test_a_slow_mirror_is_reachable_and_comes_after_a_fast_one(mirror: Mirror) -> None:
    with Mirror() as slow:
        slow.add_package("transformers", "5.0")
        slow.manner = "slow"
        found = measure([place(f"{slow.url}/simple"), place(f"{mirror.url}/simple")], {}, patience_seconds=LONG)
    assert [one.reachable for one in found] == [True, True]
    assert rank(found)[0].url == f"{mirror.url}/simple"


def test_an_index_without_the_package_says_so(mirror: Mirror) -> None:
    assert why(ask(f"{mirror.url}/simple", samples=Samples(project="torch"))) == "not_there"
    mirror.files = {"/simple/transformers/transformers-5.0.tar.gz": b""}
    assert why(ask(f"{mirror.url}/simple")) == "no_package"


def test_a_file_that_is_a_page_is_no_sample(mirror: Mirror) -> None:
    mirror.files = {"/simple/transformers/transformers-5.0-py3-none-any.whl": b"<html>Please log in</html>"}
    assert why(ask(f"{mirror.url}/simple")) == "other_page"


def test_torch_is_looked_for_in_its_exact_version_and_variant(mirror: Mirror) -> None:
    wheel = "torch-2.11.0+cu128-cp312-cp312-win_amd64.whl"
    mirror.files = {f"/whl/cu128/torch/{wheel}": WHEEL, f"/flat/cu128/{wheel}": WHEEL}
    assert ask(mirror.url + "/whl/{variant}", "torch").reachable
    assert ask(mirror.url + "/flat/{variant}", "torch", "find-links").reachable
    newer = Samples(variant="cu128", torch="2.13.0+cu128")
    assert why(ask(mirror.url + "/whl/{variant}", "torch", samples=newer)) == "no_package"
    assert why(ask(mirror.url + "/whl/{variant}", "torch", samples=Samples(variant="cpu"))) == "not_there"


def test_a_cpu_build_under_a_cuda_variant_does_not_pass_for_it(mirror: Mirror) -> None:
    mirror.files = {"/whl/cu128/torch/torch-2.11.0-cp312-cp312-win_amd64.whl": WHEEL}
    assert why(ask(mirror.url + "/whl/{variant}", "torch")) == "no_package"


def test_a_hub_and_releases_and_pythons_are_asked_for_a_file(mirror: Mirror) -> None:
    release = "https://github.com/a/b/releases/download/1/c.zip"
    python = f"https://x.example/python-build-standalone/releases/download{PYTHON}"
    mirror.files = {
        "/owner/model/resolve/main/tokenizer.json": b'{"a": 1}' * 20_000,
        f"/{release}": WHEEL,
        f"/builds{PYTHON}": b"\x1f\x8b" + bytes(100_000),
    }
    samples = Samples(model_file="owner/model/resolve/main/tokenizer.json", release=release, python=python)
    assert ask(mirror.url, "hub", "endpoint", samples=samples).reachable
    assert ask(mirror.url, "github", "prefix", samples=samples).reachable
    assert ask(f"{mirror.url}/builds", "python", "prefix", samples=samples).reachable
    mirror.manner = "login page"
    for kind in ("hub", "github", "python"):
        assert why(ask(mirror.url, kind, "endpoint" if kind == "hub" else "prefix", samples=samples)) == "other_page"


def test_certificates_are_checked_and_those_of_the_machine_are_trusted() -> None:
    with Mirror(secure=True) as mirror:
        mirror.add_package("transformers", "5.0")
        assert why(ask(f"{mirror.url}/simple")) == "tls"
        assert ask(f"{mirror.url}/simple", SSL_CERT_FILE=str(CERTIFICATE)).reachable


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return int(unused.getsockname()[1])


def test_closed_ports_and_unknown_names() -> None:
    assert why(ask(f"http://127.0.0.1:{closed_port()}/simple")) == "refused"
    assert why(ask("http://no-such-host.invalid/simple")) in {"name", "timeout"}


def test_proxies_are_the_variables(mirror: Mirror) -> None:
    # The mirror stands in for a proxy, which is asked for whole addresses.
    mirror.files = {f"http://index.invalid{path}": content for path, content in mirror.files.items()}
    assert ask("http://index.invalid/simple", http_proxy=mirror.url).reachable
    assert why(ask("http://index.invalid/simple", HTTP_PROXY=f"http://127.0.0.1:{closed_port()}")) == "proxy"
    assert why(ask("http://index.invalid/simple", ALL_PROXY="socks5://127.0.0.1:1")) == "socks"


def test_no_proxy_is_obeyed(mirror: Mirror) -> None:
    away = f"http://127.0.0.1:{closed_port()}"
    assert ask(f"{mirror.url}/simple", HTTP_PROXY=away, NO_PROXY="127.0.0.1").reachable


def test_user_and_password_are_sent_and_not_part_of_the_name(mirror: Mirror) -> None:
    host = mirror.url.removeprefix("http://")
    assert ask(f"http://user:pa%40ss@{host}/simple").reachable
    assert mirror.headers[0]["Authorization"] == "Basic dXNlcjpwYUBzcw=="


def test_a_file_is_found_by_its_name_wherever_it_is(mirror: Mirror) -> None:
    wheel = "torch-2.11.0+cu128-cp312-cp312-win_amd64.whl"
    mirror.files = {f"/flat/cu128/{wheel}": WHEEL}
    flat = place(mirror.url + "/flat/{variant}", "torch", "find-links")
    assert find_file(flat, "torch", wheel, {}, variant="cu128").endswith("/flat/cu128/" + wheel.replace("+", "%2B"))
    assert find_file(flat, "torch", "torch-9-any.whl", {}, variant="cu128") == ""
    assert find_file(flat, "torch", wheel, {}, variant="cpu") == ""
