"""Where an install gets its packages: this machine's own sources, a bundle, or the places of a wish, with fail-over."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

from doctor.errors import NoNetwork, StepFailed
from doctor.fetching.addresses import host_of, without_credentials
from doctor.quick_dataclass import dataclass
from doctor.uv.program import Uv, machine_sources
from doctor.uv.pythons import install_python
from doctor.uv.resolve import TORCH_FAMILY, TorchSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import TypeVar

    from doctor.catalogue.model import Catalogue, Stack
    from doctor.catalogue.parts import PartChoice
    from doctor.errors import TunedocError
    from doctor.host.base import Host
    from doctor.mirrors.places import Kind, Place
    from doctor.mirrors.survey import Survey
    from doctor.paths import Home
    from doctor.plan.lock import Lock, Locked
    from doctor.uv.options import Sources

    T = TypeVar("T")

_MOST_PLACES = 3
"""Places that are tried one after the other before it is said that there is no network."""
_GITHUB = "https://github.com"
_INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")


class Supply(Protocol):
    """A folder with everything that an install needs, for a machine without a network."""

    @property
    def wheels(self) -> Path: ...
    @property
    def python(self) -> Path | None: ...
    def lock(self, stack_id: str, python: str) -> Lock | None: ...
    def catalogue(self) -> Path: ...


@dataclass(frozen=True, kw_only=True)
class Means:
    """What the user said about where packages come from."""

    mirror: str = ""
    """`auto`, `cn`, `official` or an address; empty: this machine's configuration and the official places, and others
    only when these fail."""
    supply: Supply | None = None
    """A bundle; then nothing is asked of any network."""
    offline: bool = False
    """Use what is in uv's cache."""


@dataclass(frozen=True)
class Way:
    """One way to get packages: uv with its sources, and where the torch family comes from if not from the row's own."""

    uv: Uv
    torch: TorchSource | None
    github: Place | None = None
    """What stands before GitHub."""

    def parts(self, chosen: Iterable[PartChoice]) -> tuple[PartChoice, ...]:
        """Optional packages with their addresses as this way reaches them."""
        if self.github is None or not self.github.url:
            return tuple(chosen)
        from doctor.mirrors.places import through

        place = self.github
        return tuple(
            replace(part, url=through(place, part.url)) if host_of(part.url) == _GITHUB else part for part in chosen
        )


class Sourcing:
    """The sources of one install. Mirrors are measured when a wish or a failure asks for it, and not before."""

    def __init__(self, host: Host, home: Home, catalogue: Catalogue, means: Means) -> None:
        self._host, self._home, self._catalogue, self._means = host, home, catalogue, means
        sources = machine_sources(host)
        if means.supply is not None:
            sources = _of_bundle(sources, means.supply)
        elif means.offline:
            sources = _with(sources, {"UV_OFFLINE": "1"})
        self.way = Way(Uv(host, sources), None)
        """The way that worked last."""
        self._stack: Stack | None = None
        self.needs_github = False
        """Whether wheels are asked for that lie there."""
        self._found: dict[tuple[str, ...], Survey] = {}
        self._asking = threading.Lock()

    @property
    def uv(self) -> Uv:
        return self.way.uv

    @property
    def is_closed(self) -> bool:
        """Whether no network is to be asked for anything."""
        return self._means.supply is not None or self._means.offline or _is_set(self.uv.sources.variables)

    def choose_for(self, stack: Stack, parts: Iterable[PartChoice], *, measure: bool) -> None:
        """Take the places that the user's wish puts first. Raises UsageError for a wish that is none."""
        self._stack = stack
        self.needs_github = any(host_of(part.url) == _GITHUB for part in parts)
        if measure and self._means.mirror and not self.is_closed:
            self.way = next(self._ways())

    def try_ways(self, work: Callable[[Way], T]) -> T:
        """The result of the work by the first way that reaches its sources. Raises what the work raises."""
        try:
            return work(self.way)
        except NoNetwork as exc:
            if self.is_closed:
                raise
            first = exc
        tried = self.way
        for way in self._ways():
            if way.torch == tried.torch and way.uv.sources == tried.uv.sources:
                continue
            try:
                result = work(way)
            except NoNetwork:
                continue
            self.way = way
            return result
        raise first

    def fetch_python(self, version: str, on_line: Callable[[str], None]) -> str:
        """Fetch a Python and return its interpreter. Raises NoNetwork, NoSpace, StepFailed."""
        failed: TunedocError | None = None
        for mirror in islice(self._python_mirrors(), _MOST_PLACES):
            try:
                return install_python(self.uv, self._home, version, mirror=mirror, on_line=on_line)
            except (NoNetwork, StepFailed) as exc:
                failed = failed or exc
        assert failed is not None
        raise failed

    @property
    def python_from(self) -> str:
        """The mirror or folder that a Python would come from, as it may be shown; empty for uv's own place."""
        own = self.uv.sources.variables.get("UV_PYTHON_INSTALL_MIRROR", "")
        return without_credentials(own)

    def _python_mirrors(self) -> Iterator[str]:
        """Where a Python may come from, best first; empty where uv's own settings say it."""
        yield ""
        if not self.is_closed:
            first = self.uv.sources.variables.get("UV_PYTHON_INSTALL_MIRROR", "")
            yield from (place.url for place in self._places("python") if place.url and place.url != first)

    def addresses(self, wheel: Locked) -> tuple[str, ...]:
        """Where a wheel is, as the lock says; with the user name and password of the index, which a lock lacks."""
        return (_with_login(wheel.url, self.uv.sources),)

    def elsewhere(self, wheel: Locked) -> tuple[str, ...]:
        """Other places that have the wheel. Takes seconds, and may be asked by several threads."""
        if self.is_closed or self._means.mirror == "official":
            return ()
        from doctor.mirrors.measuring import find_file

        kind: Kind = "torch" if wheel.name in TORCH_FAMILY and "+" in wheel.version else "packages"
        if kind == "packages" and self._has_own_index:
            return ()
        variables = self.uv.sources.variables
        variant = wheel.version.partition("+")[2]
        found = [
            find_file(place, wheel.name, wheel.file, variables, variant=variant)
            for place in self._places(kind)
            if place.url
        ]
        return tuple(url for url in dict.fromkeys(found) if url and host_of(url) != host_of(wheel.url))[:_MOST_PLACES]

    @property
    def _has_own_index(self) -> bool:
        """Whether somebody has said where this machine's ordinary packages come from: then they come from nowhere
        else, not even when that is away, unless the user wishes it now."""
        sources = machine_sources(self._host)
        told = "--default-index" in sources.options or any(sources.variables.get(name) for name in _INDEX_VARIABLES[:2])
        return told and not self._means.mirror

    def _ways(self) -> Iterator[Way]:
        """uv with each of the best places in turn."""
        from doctor.mirrors.places import torch_index, uv_options
        from doctor.mirrors.places import variables as variables_of

        sources = machine_sources(self._host)
        assert self._stack is not None
        packages, torch = (self._places(kind) for kind in ("packages", "torch"))
        # Another place for Pythons is looked for only when one is fetched.
        python = self._places("python") if self._means.mirror else ()
        if self._has_own_index:
            packages = tuple(place for place in packages if place.official)
        github = self._places("github") if self.needs_github else ()
        most = min(max(len(packages), len(torch)), _MOST_PLACES)
        variant = self._stack.torch.partition("+")[2]
        for number in range(most):
            chosen = [places[min(number, len(places) - 1)] for places in (packages, torch, python) if places]
            indexes = [torch_index(place, variant) for place in chosen if place.kind == "torch" and self._stack.index]
            yield Way(
                Uv(
                    self._host,
                    replace(
                        _with(sources, variables_of(chosen)), options=uv_options(chosen, sources.options)
                    ),
                ),
                TorchSource("index", indexes[0]["url"], flat="format" in indexes[0]) if indexes else None,
                github[min(number, len(github) - 1)] if github else None,
            )  # fmt: skip

    def _places(self, kind: Kind) -> tuple[Place, ...]:
        from doctor.mirrors.survey import survey

        with self._asking:
            key = (kind, self._stack.torch if self._stack else "")
            if key not in self._found:
                sources = machine_sources(self._host)
                self._found[key] = survey(
                    self._host,
                    self._home,
                    self._catalogue,
                    self._means.mirror or "auto",
                    options=sources.options,
                    variables=sources.variables,
                    kinds=(kind,),
                    torch=key[1],
                )
            return self._found[key].of(kind)


def _of_bundle(sources: Sources, supply: Supply) -> Sources:
    """uv with a bundle's wheels and nothing else: no index, no configuration, no network."""
    kept = {name: value for name, value in sources.variables.items() if not name.startswith("UV_") or name in _KEPT}
    own = {"UV_OFFLINE": "1", "UV_NO_CONFIG": "1"}
    if supply.python is not None:
        own["UV_PYTHON_INSTALL_MIRROR"] = supply.python.as_uri()
    return replace(
        sources,
        options=("--no-index", "--find-links", str(supply.wheels)),
        environ=tuple(sorted((kept | own).items())),
        find_links=(str(supply.wheels),),
    )


_KEPT = {"UV_CACHE_DIR", "UV_NO_CACHE", "UV_LINK_MODE", "UV_CONCURRENT_INSTALLS", "UV_PYTHON_INSTALL_DIR"}


def _with(sources: Sources, changes: dict[str, str]) -> Sources:
    return replace(sources, environ=tuple(sorted((sources.variables | changes).items())))


def _is_set(variables: dict[str, str]) -> bool:
    return variables.get("UV_OFFLINE", "").strip().lower() in {"1", "true", "yes", "on"}


def _with_login(url: str, sources: Sources) -> str:
    parts = urlsplit(url)
    if parts.username is not None:
        return url
    indexes = [word for word in sources.options if "://" in word]
    indexes += [part for name in _INDEX_VARIABLES for part in sources.variables.get(name, "").split()]
    for index in indexes:
        # A named index stands as name=address.
        address = index if index.startswith("http") else index.partition("=")[2]
        login = urlsplit(address).netloc.rpartition("@")[0]
        if login and host_of(address) == host_of(url):
            return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))
    return url
