"""The network's probe against real servers on this computer: plain, TLS, proxies, a closed port, one that is silent."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.probe.network import Way, ask, package_index, probe_network, usual_places, way_to
from doctor.snapshot.model import Endpoint, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONG, SHORT = 20.0, 0.5
CERTIFICATE = Path(__file__).parents[2] / "data" / "localhost.pem"
"""A certificate that nobody has reason to trust, with its key: for localhost, by `Reading Along Ltd`."""


class SomeHost(RealHost):
    """This machine with other variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self.environ = environ


@contextmanager
def _server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on a free port that treats each connection on a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(stream: socket.socket) -> None:
        try:
            with stream:
                stream.settimeout(LONG)
                talk(stream)
        except OSError:
            pass  # the probe hangs up when it has its answer

    def accept() -> None:
        while True:
            try:
                stream, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(stream,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.close()


def _answering(status: str) -> Callable[[socket.socket], None]:
    def talk(stream: socket.socket) -> None:
        stream.recv(4096)
        stream.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    return talk


def _ask(address: str, way: Way | None = None, seconds: float = LONG) -> Endpoint:
    return ask("hub", address, way or Way(), seconds)


@pytest.fixture
def secure_port() -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def talk(stream: socket.socket) -> None:
        with context.wrap_socket(stream, server_side=True) as secure:
            _answering("200 OK")(secure)

    with _server(talk) as port:
        yield port


@pytest.mark.parametrize(
    ("status", "reachable", "problem"),
    [
        ("200 OK", True, "none"),
        ("302 Found", True, "none"),
        ("404 Not Found", True, "none"),
        ("401 Unauthorized", True, "forbidden"),
        ("403 Forbidden", True, "forbidden"),
        ("503 Service Unavailable", False, "server"),
    ],
)
def test_a_servers_status_decides(status: str, reachable: bool, problem: str) -> None:
    with _server(_answering(status)) as port:
        found = _ask(f"http://127.0.0.1:{port}/secret/path?token=x")
    assert (found.reachable, found.problem) == (reachable, problem)
    assert found.address == f"http://127.0.0.1:{port}", "only who was asked"
    assert isinstance(found.latency_ms, int) == reachable


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    found = _ask(f"http://127.0.0.1:{port}/")
    assert (found.reachable, found.problem) == (False, "refused")
    assert isinstance(found.latency_ms, Unknown)


def test_a_server_that_never_answers_is_given_up() -> None:
    with _server(lambda stream: threading.Event().wait(LONG) or None) as port:
        assert _ask(f"http://127.0.0.1:{port}/", seconds=SHORT).problem == "timeout"
        assert _ask(f"https://127.0.0.1:{port}/", seconds=SHORT).problem == "timeout"


def test_a_server_that_drips_is_given_up_as_well() -> None:
    def drip(stream: socket.socket) -> None:
        pause = threading.Event()
        while not pause.wait(0.05):
            stream.sendall(b"x")

    with _server(drip) as port:
        assert _ask(f"http://127.0.0.1:{port}/", seconds=SHORT).problem == "timeout"


def test_a_name_that_nobody_knows() -> None:
    assert _ask("http://no-such-host.invalid/").problem == "name"


def test_what_is_no_http_is_another_problem() -> None:
    with _server(lambda stream: stream.sendall(b"SSH-2.0-x\r\n\r\n")) as port:
        assert _ask(f"http://127.0.0.1:{port}/").problem == "other"
        assert _ask(f"https://127.0.0.1:{port}/").problem == "other", "no certificate was seen, so none is blamed"


@pytest.mark.parametrize(
    "address", ["", "nonsense", "ftp://127.0.0.1/", "http://[::1", "http://:80/", "http://h:99999/"]
)
def test_an_address_that_is_none_raises_nothing(address: str) -> None:
    assert _ask(address).reachable is False


def test_a_certificate_that_is_not_trusted_tells_who_signed_it(secure_port: int) -> None:
    found = _ask(f"https://localhost:{secure_port}/")
    assert (found.reachable, found.problem, found.tls_issuer) == (False, "tls", "Reading Along Ltd")


def test_a_certificate_of_a_named_bundle_is_trusted(secure_port: int) -> None:
    found = _ask(f"https://localhost:{secure_port}/", Way(certificates=str(CERTIFICATE)))
    assert (found.reachable, found.problem, found.tls_issuer) == (True, "none", "Reading Along Ltd")
    missing = _ask(f"https://localhost:{secure_port}/", Way(certificates=str(CERTIFICATE) + ".gone"))
    assert missing.problem == "tls"


def _tunnel(status: str) -> Callable[[socket.socket], None]:
    """A proxy that connects where it is asked to, or answers with a refusal."""

    def talk(stream: socket.socket) -> None:
        request = stream.recv(4096).decode("ascii")
        if not status.startswith("200"):
            stream.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode())
            return
        server, _, port = request.split()[1].rpartition(":")
        with socket.create_connection((server, int(port)), LONG) as behind:
            stream.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(behind, stream), daemon=True)
            back.start()
            _pass_on(stream, behind)
            back.join(LONG)

    return talk


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(4096):
            target.sendall(piece)
    except OSError:
        pass


def test_tls_goes_through_a_proxy(secure_port: int) -> None:
    with _server(_tunnel("200")) as proxy:
        way = Way(proxy=f"http://user:pass@127.0.0.1:{proxy}", certificates=str(CERTIFICATE))
        found = _ask(f"https://localhost:{secure_port}/", way)
        assert (found.reachable, found.problem, found.through_proxy) == (True, "none", True)
        untrusted = _ask(f"https://localhost:{secure_port}/", Way(proxy=f"127.0.0.1:{proxy}"))
        assert (untrusted.problem, untrusted.tls_issuer) == ("tls", "Reading Along Ltd")


def test_a_proxy_that_refuses_or_is_gone_is_the_problem() -> None:
    with _server(_tunnel("407 Proxy Authentication Required")) as proxy:
        assert _ask("https://localhost:1/", Way(proxy=f"http://127.0.0.1:{proxy}")).problem == "proxy"
    with _server(_answering("407 Proxy Authentication Required")) as proxy:
        assert _ask("http://localhost:1/", Way(proxy=f"http://127.0.0.1:{proxy}")).problem == "proxy"
    assert _ask("https://localhost:1/", Way(proxy="http://127.0.0.1:1")).problem == "proxy"
    assert _ask("https://localhost:1/", Way(proxy="gopher://127.0.0.1:1")).problem == "proxy"


def test_plain_http_is_asked_of_the_proxy_whole() -> None:
    asked: list[str] = []

    def talk(stream: socket.socket) -> None:
        asked.append(stream.recv(4096).decode("ascii").splitlines()[0])
        stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with _server(talk) as proxy:
        assert _ask("http://somewhere.invalid/simple/", Way(proxy=f"http://127.0.0.1:{proxy}")).problem == "none"
    assert asked == ["GET http://somewhere.invalid:80/simple/ HTTP/1.1"]


def test_socks_is_spoken() -> None:
    def talk(stream: socket.socket) -> None:
        assert stream.recv(16) == b"\x05\x01\x00"
        stream.sendall(b"\x05\x00")
        assert stream.recv(64) == b"\x05\x01\x00\x03\x11somewhere.invalid\x00\x50"
        stream.sendall(b"\x05\x00\x00\x01" + b"\x00" * 6)
        _answering("200 OK")(stream)

    with _server(talk) as proxy:
        found = _ask("http://somewhere.invalid/", Way(proxy=f"socks5h://127.0.0.1:{proxy}"))
        assert (found.problem, found.through_proxy) == ("none", True)


def test_all_are_asked_at_once_and_answer_in_their_order() -> None:
    with _server(lambda stream: threading.Event().wait(LONG) or None) as silent, _server(_answering("200 OK")) as well:
        found = probe_network(
            SomeHost({}),
            Path.home(),
            places=[
                ("hub", f"http://127.0.0.1:{silent}/"),
                ("hub_mirror", f"http://127.0.0.1:{well}/"),
                ("torch_index", f"http://127.0.0.1:{silent}/"),
            ],
            timeout_seconds=SHORT,
        )
    assert [(place.name, place.problem) for place in found] == [
        ("hub", "timeout"),
        ("hub_mirror", "none"),
        ("torch_index", "timeout"),
    ]


def test_variables_decide_the_way() -> None:
    environ = {"HTTPS_PROXY": "http://proxy:1", "no_proxy": "example.org, .internal", "SSL_CERT_FILE": "/ca.pem"}
    assert way_to("https://huggingface.co/", environ) == Way(proxy="http://proxy:1", certificates="/ca.pem")
    assert way_to("https://a.example.org/", environ).proxy == ""
    assert way_to("https://notexample.org/", environ).proxy == "http://proxy:1"
    assert way_to("http://huggingface.co/", environ).proxy == ""
    assert way_to("https://x/", {"NO_PROXY": "*", "ALL_PROXY": "socks5://y:1"}).proxy == ""
    assert way_to("https://x/", {}, {"https": "system:2"}).proxy == "system:2"
    assert way_to("https://127.0.0.1/", {}, {"https": "system:2"}).proxy == ""


def test_a_hub_and_an_index_of_ones_own_are_asked(tmp_path: Path) -> None:
    assert [name for name, _ in usual_places(SomeHost({"PIP_CONFIG_FILE": "/dev/null"}), tmp_path)] == [
        "hub",
        "hub_mirror",
        "modelscope",
        "torch_index",
        "github",
    ]
    environ = {
        "HF_ENDPOINT": "https://hf-mirror.com/",
        "UV_DEFAULT_INDEX": "own=https://user:secret@packages.example/simple",
    }
    places = usual_places(SomeHost(environ), tmp_path)
    assert places[0] == ("hub", "https://hf-mirror.com/api/models?limit=1")
    assert "hub_mirror" not in [name for name, _ in places]
    assert places[-1] == ("package_index", "https://user:secret@packages.example/simple/")
    assert (
        package_index(SomeHost({"PIP_INDEX_URL": "https://pip.example/simple"}), tmp_path)
        == "https://pip.example/simple/"
    )
