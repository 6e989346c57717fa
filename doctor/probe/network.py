"""Ask the places on the network that the work needs whether they answer, all at once and with a limit each."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Literal
from urllib.parse import SplitResult, urlsplit

from doctor.errors import BadInput
from doctor.host.pip_configuration import read_pip_configuration
from doctor.host.registry import RealRegistry
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import NOT_ASKED, Endpoint, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from doctor.host.base import Host
    from doctor.host.registry import Registry

Name = Literal["hub", "hub_mirror", "modelscope", "package_index", "torch_index", "github"]
Problem = Literal["none", "name", "timeout", "refused", "tls", "proxy", "forbidden", "server", "other"]

TIMEOUT_SECONDS = 5.0
_ANSWER = late_pattern(rb"HTTP/\d(?:\.\d)? (\d{3})")
_ANSWER_LIMIT = 4096
_INTERNET = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_LOCAL = late_pattern(r"localhost|127(\.\d{1,3}){3}|::1")

_PLACES: tuple[tuple[Name, str], ...] = (
    ("hub", "https://huggingface.co/api/models?limit=1"),
    ("hub_mirror", "https://hf-mirror.com/api/models?limit=1"),
    ("modelscope", "https://www.modelscope.cn/api/v1/models"),
    ("torch_index", "https://download.pytorch.org/whl/cpu/torch/"),
    ("github", "https://github.com/robots.txt"),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """How an address is reached, as the variables of this process say it."""

    proxy: str = ""
    """Of `http://[user:password@]host:port`; empty: straight there."""
    certificates: str = ""
    """File with authorities to trust instead of the system's."""


def probe_network(
    host: Host,
    user_folder: Path,
    *,
    places: Iterable[tuple[Name, str]] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    registry: Registry | None = None,
) -> tuple[Endpoint, ...]:
    """Every place's answer, in their order. Raises nothing; what fails is said by `problem`."""
    asked = tuple(places) if places is not None else usual_places(host, user_folder)
    system_proxies = read_system_proxies(registry or RealRegistry()) if host.system == "windows" else {}
    found: dict[int, Endpoint] = {}
    ways = [way_to(address, host.environ, system_proxies) for _, address in asked]

    def note(place: int) -> None:
        found[place] = ask(*asked[place], ways[place], timeout_seconds)

    # Daemons: the system may look for a name much longer than anybody wants to wait, and cannot be told to stop.
    threads = [threading.Thread(target=note, args=(place,), daemon=True) for place in range(len(asked))]
    for thread in threads:
        thread.start()
    until = time.monotonic() + timeout_seconds + 0.5
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return tuple(
        found.get(place) or _endpoint(name, address, ways[place], "timeout")
        for place, (name, address) in enumerate(asked)
    )


def usual_places(host: Host, user_folder: Path) -> tuple[tuple[Name, str], ...]:
    """The hub, its mirrors, PyTorch's packages, GitHub, and the package index where one is configured.

    A hub that HF_ENDPOINT names is asked in the hub's stead.
    """
    places = list(_PLACES)
    endpoint = host.environ.get("HF_ENDPOINT", "").strip().rstrip("/")
    if endpoint.startswith(("http://", "https://")):
        places[0] = ("hub", f"{endpoint}/api/models?limit=1")
        places = [place for place in places if not (place[0] == "hub_mirror" and place[1].startswith(endpoint))]
    index = package_index(host, user_folder)
    if index:
        places.append(("package_index", index))
    return tuple(places)


def package_index(host: Host, user_folder: Path) -> str:
    """The address of the package index that uv or pip is configured with; empty where they have their own default."""
    address = host.environ.get("UV_DEFAULT_INDEX") or host.environ.get("UV_INDEX_URL") or ""
    if not address:
        try:
            address = read_pip_configuration(host.environ, host.system, user_folder).index_url
        except BadInput:
            address = ""
    # uv lets an index have a name: `corporate=https://…`
    found = re.search(r"https?://\S+", address)
    return found[0].rstrip("/") + "/" if found else ""


def read_system_proxies(registry: Registry) -> dict[str, str]:
    """Proxies by scheme of Windows' own settings, which Python's clients take where no variable says otherwise."""
    if registry.value("user", _INTERNET, "ProxyEnable") != 1:
        return {}
    told = str(registry.value("user", _INTERNET, "ProxyServer") or "")
    if "=" not in told:
        return {"http": told, "https": told} if told else {}
    pairs = (part.partition("=") for part in told.split(";"))
    return {scheme.strip().lower(): place.strip() for scheme, _, place in pairs if place.strip()}


def way_to(address: str, environ: Mapping[str, str], system_proxies: Mapping[str, str] | None = None) -> Way:
    """Proxy and certificates for an address, by the variables that curl, pip and the hub's client obey."""
    parts = _split(address)
    lowered = {name.lower(): value for name, value in environ.items()}
    proxy = lowered.get(f"{parts.scheme}_proxy") or lowered.get("all_proxy") or ""
    if not proxy and system_proxies and not _LOCAL.fullmatch(parts.hostname or ""):
        proxy = system_proxies.get(parts.scheme, "")
    if _excepted(parts.hostname or "", lowered.get("no_proxy", "")):
        proxy = ""
    certificates = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or environ.get("SSL_CERT_FILE")
    return Way(proxy=proxy.strip(), certificates=certificates or "")


def ask(name: Name, address: str, way: Way, timeout_seconds: float) -> Endpoint:
    """One question, and what came of it."""
    began = time.monotonic()
    issuer: list[str] = []
    problem = _problem(address, way, began + timeout_seconds, issuer)
    elapsed = round((time.monotonic() - began) * 1000)
    return _endpoint(name, address, way, problem, elapsed, issuer[0] if issuer else "")


def _endpoint(name: Name, address: str, way: Way, problem: Problem, elapsed_ms: int = 0, issuer: str = "") -> Endpoint:
    reachable = problem in ("none", "forbidden")
    parts = _split(address)
    return Endpoint(
        name=name,
        # Without path, user and password: only who was asked.
        address=f"{parts.scheme}://{parts.hostname or ''}" + (f":{parts.port}" if parts.port else ""),
        reachable=reachable,
        latency_ms=elapsed_ms if reachable else Unknown("no answer"),
        problem=problem,
        tls_issuer=issuer or NOT_ASKED,
        through_proxy=bool(way.proxy),
    )


def _problem(address: str, way: Way, until: float, issuer: list[str]) -> Problem:
    try:
        status = _status(address, way, until, issuer)
    except _ProxyFailed:
        return "proxy"
    except socket.gaierror:
        return "name"
    except ssl.SSLCertVerificationError:
        return "tls"
    except TimeoutError:
        return "timeout"
    except ConnectionRefusedError:
        return "refused"
    except (OSError, ValueError):
        return "other"
    if status in (401, 403):
        return "forbidden"
    if status == 407:
        return "proxy"
    if status >= 500:
        return "server"
    return "none"


class _ProxyFailed(Exception):
    """The proxy could not be reached, or would not connect."""


def _status(address: str, way: Way, until: float, issuer: list[str]) -> int:
    """The status of a GET. Raises OSError, ssl.SSLError, _ProxyFailed, ValueError for an address that is none."""
    parts = _split(address)
    secure = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an address: {address}")
    server = (parts.hostname, parts.port or (443 if secure else 80))
    plain = _open(server, way, until, tunnel=secure)
    with plain:
        stream: socket.socket = plain
        if secure:
            try:
                stream = _trusting(way).wrap_socket(plain, server_hostname=parts.hostname)
            except ssl.SSLCertVerificationError:
                issuer.extend(_who_signed(server, way, until))
                raise
        with stream:
            if isinstance(stream, ssl.SSLSocket):
                issuer.extend(_organisation(stream.getpeercert()))
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            if way.proxy and not secure and not way.proxy.startswith("socks"):
                target = f"{parts.scheme}://{server[0]}:{server[1]}{target}"
            return _exchange(stream, f"GET {target}", server[0], until)


def _open(server: tuple[str, int], way: Way, until: float, *, tunnel: bool) -> socket.socket:
    if not way.proxy:
        return socket.create_connection(server, _left(until))
    proxy = _split(way.proxy if "://" in way.proxy else f"http://{way.proxy}")
    socks = proxy.scheme in ("socks", "socks5", "socks5h")
    if not proxy.hostname or not (socks or proxy.scheme in ("http", "https")):
        raise _ProxyFailed(f"a proxy of kind {proxy.scheme}")
    try:
        stream = socket.create_connection((proxy.hostname, proxy.port or (1080 if socks else 8080)), _left(until))
    except OSError as exc:
        raise _ProxyFailed(str(exc)) from exc
    try:
        if socks:
            _pass_socks(stream, server, until)
        elif tunnel:
            status = _exchange(stream, f"CONNECT {server[0]}:{server[1]}", server[0], until, _login(proxy.netloc))
            if status != 200:
                raise _ProxyFailed(str(status))
    except (OSError, _ProxyFailed) as exc:
        stream.close()
        raise _ProxyFailed(str(exc)) from exc
    return stream


def _pass_socks(stream: socket.socket, server: tuple[str, int], until: float) -> None:
    """Through a SOCKS 5 proxy without a password (RFC 1928); the name is resolved at its other end."""
    name = server[0].encode("idna")
    for request, length in (
        (b"\5\1\0", 2),
        (b"\5\1\0\3" + bytes([len(name)]) + name + server[1].to_bytes(2, "big"), 10),
    ):
        stream.settimeout(_left(until))
        stream.sendall(request)
        # A bound address longer than IPv4's would stand before the server's own words; nobody sends one.
        said = stream.recv(length)
        if said[:2] != b"\5\0":
            raise _ProxyFailed(f"the proxy answered {said[:2].hex()}")


def _exchange(stream: socket.socket, request: str, server: str, until: float, more: str = "") -> int:
    """Send a request without a body and read the status line."""
    words = f"{request} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: tunedoc\r\nAccept: */*\r\n{more}"
    if not request.startswith("CONNECT"):
        words += "Connection: close\r\n"
    stream.settimeout(_left(until))
    stream.sendall((words + "\r\n").encode("ascii", "replace"))
    said = b""
    while b"\r\n\r\n" not in said and len(said) < _ANSWER_LIMIT:
        stream.settimeout(_left(until))
        piece = stream.recv(_ANSWER_LIMIT)
        if not piece:
            break
        said += piece
    found = _ANSWER.match(said)
    if not found:
        raise OSError("the answer is no HTTP")
    return int(found[1])


def _login(place: str) -> str:
    """The header with which a proxy's user and password, given in its address, are sent to it."""
    import base64
    from urllib.parse import unquote

    login, at, _ = place.rpartition("@")
    if not at:
        return ""
    return f"Proxy-Authorization: Basic {base64.b64encode(unquote(login).encode()).decode()}\r\n"


def _trusting(way: Way) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=way.certificates or None)
    except (OSError, ssl.SSLError):
        # A bundle that is gone is a finding of the settings' own; the answer here is the system's.
        return ssl.create_default_context()


def _who_signed(server: tuple[str, int], way: Way, until: float) -> list[str]:
    """Who signed a certificate that is not trusted: asked a second time, without trust and without sending anything."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            _open(server, way, until, tunnel=True) as plain,
            context.wrap_socket(plain, server_hostname=server[0]) as stream,
        ):
            return _issuer_in(stream.getpeercert(binary_form=True) or b"")
    except (OSError, _ProxyFailed):
        return []


def _organisation(certificate: Mapping[str, object] | None) -> list[str]:
    """The signer's organisation, else its common name, from a verified certificate."""
    if not certificate:
        return []
    issuer = certificate.get("issuer")
    named: dict[str, str] = {}
    for part in issuer if isinstance(issuer, tuple) else ():
        for key, value in part:
            named.setdefault(str(key), str(value))
    found = named.get("organizationName") or named.get("commonName")
    return [found] if found else []


_NAME_PARTS = (b"\x55\x04\x0a", b"\x55\x04\x03")
"""X.500's organisation (2.5.4.10) and common name (2.5.4.3), as DER writes them."""


def _issuer_in(certificate: bytes) -> list[str]:
    """The signer's organisation, else its common name, out of a DER certificate that Python will not take apart because
    nobody trusts it. The issuer stands before the subject, so the first of each is the issuer's."""
    # Version, serial number and algorithm come first, then the issuer, the dates (tag 0x17 or 0x18) and the subject.
    dates = re.search(rb"\x30[\x1a-\x22](?:\x17\x0d|\x18\x0f)\d{12}", certificate)
    issuer = certificate[: dates.start()] if dates else b""
    for part in _NAME_PARTS:
        found = issuer.find(b"\x06\x03" + part)
        if found >= 0 and len(issuer) > found + 7:
            length = issuer[found + 6]
            words = issuer[found + 7 : found + 7 + length]
            encoding = "utf-16-be" if issuer[found + 5] == 0x1E else "utf-8"
            return [words.decode(encoding, "replace")]
    return []


def _split(address: str) -> SplitResult:
    """The parts of an address; of one that is none, nothing."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return urlsplit("")
    return parts


def _excepted(server: str, exceptions: str) -> bool:
    for part in exceptions.split(","):
        exception = part.strip().lower().lstrip(".")
        if exception == "*" or (exception and (server == exception or server.endswith("." + exception))):
            return True
    return False


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
