"""Find the best places for an install: ask what has to be asked, remember it, and put places into order."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.host.base import CommandMissing, TooSlow
from doctor.mirrors.measuring import PATIENCE_SECONDS, Samples, measure
from doctor.mirrors.memory import recall, remember
from doctor.mirrors.places import KINDS, kind_of_wish, places, rank
from doctor.mirrors.places import variables as variables_of
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.catalogue.model import Catalogue
    from doctor.host.base import Host
    from doctor.mirrors.places import Kind, Measured, Place
    from doctor.paths import Home

GOOD_BYTES_PER_SECOND = 2**20
GOOD_LATENCY_MS = 2000
"""An official place that is at least this good is used without asking any mirror."""
_UV_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Places in order, and what was found out about them."""

    wish: str
    measured: tuple[Measured, ...]
    """What was asked, or is remembered, of each place."""
    order: tuple[Place, ...]
    """Places of every kind that was asked for, best first within each."""
    remembered: bool
    """Nothing had to be asked."""

    def of(self, kind: Kind) -> tuple[Place, ...]:
        """The places of one kind, best first. The first is chosen; the others go on where it fails."""
        return tuple(place for place in self.order if place.kind == kind)

    @property
    def chosen(self) -> tuple[Place, ...]:
        """The first of each kind."""
        return tuple(self.of(kind)[0] for kind in KINDS if self.of(kind))


def survey(
    host: Host,
    home: Home,
    catalogue: Catalogue,
    wish: str,
    *,
    options: Sequence[str],
    variables: dict[str, str],
    kinds: Sequence[Kind] = KINDS,
    torch: str = "",
    python: str = "3.12",
    system: str = "",
    model_file: str = "",
    everything: bool = False,
    anew: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Survey:
    """The places of these kinds in the order of a wish.

    `options` and `variables` are uv's own, as this machine is configured; `torch` is the exact version, local tag
    included, that a place for torch must have; `python` and `system` say which Python build is looked for,
    `model_file` which file of a hub (`owner/name/resolve/main/config.json`). Under `auto` mirrors are asked only where
    the official place is away or slow; `official` asks nobody; `everything` asks all of them whatever the wish, and
    `anew` also those that are remembered. Takes about `patience_seconds`, twice under `auto`. Raises UsageError for a
    wish that is none.
    """
    fits = kind_of_wish(catalogue, wish)
    # An address is a wish for one kind; the others go on as usual.
    wishes = {kind: wish if fits in (None, kind) else "auto" for kind in kinds}
    by_kind = {kind: places(catalogue, wishes[kind], kind) for kind in kinds}
    asker = _Asker(
        host, home, options, variables, torch, (python, system or host.system), model_file, patience_seconds, anew
    )
    known: dict[Place, Measured] = {}
    if everything:
        table = [place for kind in kinds for place in (*by_kind[kind], *places(catalogue, "auto", kind))]
        known = asker.ask(list(dict.fromkeys(table)))
    elif not asker.offline:
        open_kinds = [kind for kind in kinds if len(by_kind[kind]) > 1]
        known = asker.ask([by_kind[kind][0] for kind in open_kinds if wishes[kind] == "auto"])
        open_kinds = [kind for kind in open_kinds if not _good(known.get(by_kind[kind][0]))]
        known |= asker.ask([place for kind in open_kinds for place in by_kind[kind]])
    order: list[Place] = []
    for kind in kinds:
        asked = [known[place] for place in by_kind[kind] if place in known]
        order += rank(asked, wish=wishes[kind]) if len(asked) == len(by_kind[kind]) else by_kind[kind]
    return Survey(wish=wish, measured=tuple(known.values()), order=tuple(order), remembered=not asker.asked)


def default_index(host: Host, options: Sequence[str], variables: dict[str, str]) -> str:
    """The index that uv takes ordinary packages from on this machine; empty when it cannot be told.

    uv is asked, offline, for its own words about it: its default is its own business.
    """
    argv = ["pip", "compile", "-", "--emit-index-url", "--no-header", "--offline", "--quiet", *options]
    # Any interpreter will do, and the doctor's own is certain to be there.
    argv += ["--python", str(host.python)]
    for line in _ask_uv(host, argv, variables).splitlines():
        name, _, url = line.strip().partition(" ")
        if name == "--index-url":
            return url
    return ""


def python_build(host: Host, version: str, system: str, variables: dict[str, str]) -> tuple[str, str]:
    """Where uv fetches a Python from by itself, for `windows` or `linux` on x86-64, and its exact version.

    Two empty strings when uv has none.
    """
    argv = ["python", "list", version, "--only-downloads", "--all-platforms", "--show-urls", "--output-format", "json"]
    unmirrored = {name: value for name, value in variables.items() if name != "UV_PYTHON_INSTALL_MIRROR"}
    try:
        rows = json.loads(_ask_uv(host, argv, unmirrored) or "[]")
    except ValueError:
        return "", ""
    for row in rows:
        if (
            row.get("implementation") == "cpython"
            and row.get("variant") == "default"
            and row.get("os") == system
            and row.get("arch") == "x86_64"
            and row.get("libc") == ("gnu" if system == "linux" else "none")
            and row.get("url")
        ):
            return str(row["url"]), str(row["version"])
    return "", ""


def hub_variables(
    host: Host,
    home: Home,
    catalogue: Catalogue,
    wish: str,
    *,
    repo: str,
    revision: str = "main",
    patience_seconds: float = PATIENCE_SECONDS,
) -> dict[str, str | None]:
    """What the hub's client needs to go where a wish says for this model; None: a variable to be taken away.

    Raises UsageError for a wish that is none.
    """
    found = survey(
        host,
        home,
        catalogue,
        wish,
        options=(),
        variables=dict(host.environ),
        kinds=("hub",),
        model_file=f"{repo}/resolve/{revision}/config.json",
        patience_seconds=patience_seconds,
    )
    return {"HF_ENDPOINT": None, **variables_of(found.chosen)}


class _Asker:
    """Asks places and the memory; finds out what to ask for only when somebody is asked."""

    def __init__(
        self,
        host: Host,
        home: Home,
        options: Sequence[str],
        variables: dict[str, str],
        torch: str,
        python: tuple[str, str],
        model_file: str,
        patience_seconds: float,
        anew: bool,
    ) -> None:
        self._host, self._file, self._options, self._variables = host, home.mirrors, options, variables
        self._torch, self._python, self._model_file = torch, python, model_file
        self._patience_seconds, self._anew = patience_seconds, anew
        self._samples: Samples | None = None
        self.asked = False
        self.offline = "--no-index" in options or "--offline" in options or _is_set(variables.get("UV_OFFLINE"))

    def ask(self, wanted: Sequence[Place]) -> dict[Place, Measured]:
        """Measured anew, or remembered; in the order given."""
        if not wanted:
            return {}
        question = json.dumps([self._torch, self._python, self._model_file, [*self._options]])
        now = time.time()
        known: dict[Place, Measured] = {}
        if not self._anew:
            known = recall(self._file, wanted, question, self._variables, now)
        left = [place for place in wanted if place not in known]
        if left:
            self.asked = True
            fresh = measure(left, self._variables, patience_seconds=self._patience_seconds, samples=self._sampled(left))
            remember(self._file, fresh, question, self._variables, now)
            known |= {one.place: one for one in fresh}
        return {place: known[place] for place in wanted}

    def _sampled(self, wanted: Sequence[Place]) -> Samples:
        kinds = {place.kind for place in wanted}
        index = default_index(self._host, self._options, self._variables) if "packages" in kinds else ""
        build = python_build(self._host, *self._python, self._variables)[0] if "python" in kinds else ""
        return Samples(
            default_index=index,
            torch=self._torch,
            variant=self._torch.partition("+")[2] or "cpu",
            python=build,
            model_file=self._model_file or Samples.model_file,
        )


def _good(measured: Measured | None) -> bool:
    return (
        measured is not None
        and measured.reachable
        and (measured.latency_ms or 0) <= GOOD_LATENCY_MS
        and (measured.bytes_per_second or GOOD_BYTES_PER_SECOND) >= GOOD_BYTES_PER_SECOND
    )


def _is_set(value: str | None) -> bool:
    return (value or "").strip().lower() in {"1", "true", "yes", "on"}


def _ask_uv(host: Host, arguments: Sequence[str], variables: dict[str, str]) -> str:
    """What uv prints, or nothing: these are questions that an install can do without."""
    import uv

    try:
        ran = host.run([uv.find_uv_bin(), *arguments], environ=variables, timeout_seconds=_UV_SECONDS, cwd=Path.home())
    except (CommandMissing, TooSlow, OSError):
        return ""
    return ran.stdout if ran.exit_code == 0 else ""
