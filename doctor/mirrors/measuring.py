"""Ask places for a little of what they should have: whether they answer, how soon and how fast.

A place that answers with something else, such as the page of a network's login, counts as not reachable. Certificates
are always checked; proxies are the ones that the given variables name.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit

from doctor.late_pattern import late_pattern
from doctor.mirrors.asking import Asking, Failure, trusting
from doctor.mirrors.places import Measured
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doctor.mirrors.places import Place
    from doctor.words.text import Text

PATIENCE_SECONDS = 4.0
_SAMPLE_BYTES = 2**20
_SAMPLE_SECONDS = 1.5
_PAGE_BYTES = 16 * 2**20
_LINK = late_pattern(r"""<a\s[^>]*?href\s*=\s*["']([^"']+)["']""")
_INDEX = late_pattern(r"(?i)<title>\s*(links for|simple index|index of)|\.(whl|tar\.gz|zip)[\"'#]")


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What places are asked for. Each is something that an install needs, so a place without it is of no use."""

    project: str = "transformers"
    """Of ordinary packages."""
    default_index: str = ""
    """Where uv goes by itself, for the place with an empty address; empty: that place is not asked."""
    torch: str = ""
    """Exact version, local tag included; empty: any."""
    variant: str = "cpu"
    """Of torch."""
    model_file: str = "HuggingFaceTB/SmolLM2-135M-Instruct/resolve/main/tokenizer.json"
    release: str = "https://github.com/astral-sh/uv/releases/download/0.8.0/uv-x86_64-pc-windows-msvc.zip"
    """A file of a release at GitHub."""
    python: str = ""
    """A Python build as uv would fetch it; empty: those places are not asked."""


def measure(
    places: Sequence[Place],
    variables: Mapping[str, str],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    samples: Samples | None = None,
) -> tuple[Measured, ...]:
    """Ask all places at once. Ends after about `patience_seconds`, whatever they do; raises nothing."""
    wanted = samples or Samples()
    found: dict[int, Measured] = {}
    trust = trusting(variables)
    until = time.monotonic() + patience_seconds

    def note(number: int, place: Place) -> None:
        found[number] = _measure(place, Asking(variables, until, trust), wanted)

    # Daemons: a name may be looked for much longer than anybody wants to wait, and the search cannot be stopped.
    threads = [
        threading.Thread(target=note, args=entry, daemon=True, name="tunedoc-mirror") for entry in enumerate(places)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until + 0.5 - time.monotonic()))
    return tuple(
        found.get(number) or _away(place, text("mirrors.problem_timeout")) for number, place in enumerate(places)
    )


def find_file(
    place: Place,
    project: str,
    file: str,
    variables: Mapping[str, str],
    *,
    variant: str = "",
    default_index: str = "",
    patience_seconds: float = PATIENCE_SECONDS,
) -> str:
    """Where a place has a wheel of this name; empty when it has none or does not answer. The hash is the lock's."""
    address = place.address(variant) or default_index
    if not address:
        return ""
    try:
        trust = trusting(variables)
        with Asking(variables, time.monotonic() + patience_seconds, trust) as asking:
            links = _links(asking, _page_address(place, address, project))
    except Failure:
        return ""
    return next((link for link in links if _file_of(link) == file), "")


def _measure(place: Place, conversation: Asking, samples: Samples) -> Measured:
    try:
        with conversation as asking:
            url = _sample_address(place, samples, asking)
            if not url:
                return _away(place, text("mirrors.problem_not_asked"))
            speed = asking.sample(url, _SAMPLE_BYTES, _SAMPLE_SECONDS)
            return Measured(
                place=place, reachable=True, latency_ms=asking.latency_ms, bytes_per_second=speed, problem=None
            )
    except Failure as failure:
        return _away(place, failure.reason)


def _sample_address(place: Place, samples: Samples, asking: Asking) -> str:
    """The address of the sample; for an index the wheel that its page names. Raises Failure."""
    match place.kind:
        case "packages":
            index = place.url or samples.default_index
            return _newest(asking, _page_address(place, index, samples.project), samples.project, "") if index else ""
        case "torch":
            page = _page_address(place, place.address(samples.variant), "torch")
            return _newest(asking, page, "torch", samples.torch)
        case "hub":
            return f"{place.url.rstrip('/')}/{samples.model_file}"
        case "github":
            return f"{place.url.rstrip('/')}/{samples.release}" if place.url else samples.release
        case "python":
            return python_address(place, samples.python)


def python_address(place: Place, official: str) -> str:
    """Where a place has a Python build, from where uv fetches it by itself."""
    _, found, rest = official.partition("/python-build-standalone/releases/download/")
    return f"{place.url.rstrip('/')}/{rest}" if place.url and found else official


def _page_address(place: Place, address: str, project: str) -> str:
    base = address.rstrip("/") + "/"
    return base if place.layout == "find-links" else f"{base}{quote(project)}/"


def _newest(asking: Asking, page: str, project: str, version: str) -> str:
    """The last wheel on a page, of one version where one is asked for. Raises Failure when there is none."""
    wanted = f"{project.replace('-', '_')}-{version + '-' if version else ''}"
    wheels = [link for link in _links(asking, page) if _file_of(link).lower().startswith(wanted)]
    if not wheels:
        named = f"{project} {version}".strip()
        raise Failure(text("mirrors.problem_no_package", package=named))
    return wheels[-1]


def _links(asking: Asking, page: str) -> list[str]:
    """Every wheel that a page links to, without fragments. Raises Failure for a page that is no index."""
    words, address = asking.page(page, _PAGE_BYTES)
    links = [urljoin(address, link.replace("&amp;", "&")).partition("#")[0] for link in _LINK.findall(words)]
    wheels = [link for link in links if _file_of(link).endswith(".whl")]
    if not wheels and not _INDEX.search(words):
        raise Failure(text("mirrors.problem_other_page"))
    return wheels


def _file_of(link: str) -> str:
    return unquote(urlsplit(link).path.rpartition("/")[2])


def _away(place: Place, problem: Text) -> Measured:
    return Measured(place=place, reachable=False, problem=problem)
