"""Gather what the planner asks about: a model's shape from its headers, the cards, the packages, measurements.

Nothing is downloaded but the headers of a hub's files: a few hundred kilobytes by range requests.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput
from doctor.fit.fit import fit, with_time
from doctor.fit.model import Card, HostMemory
from doctor.fit.shape import Tensor, UnknownShape, read_shape
from doctor.fit.software import Versions, versions_of
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import NvidiaDriver, Unknown
from doctor.speed import expected_pace
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.fit.model import Fit, Measured
    from doctor.fit.shape import ModelShape
    from doctor.host.base import Host
    from doctor.paths import Home
    from trainer.contract import Job

_MIB = 2**20
_CARD = late_pattern(r"(?:(?P<count>\d+)\s*[x×*]\s*)?(?P<size>\d+(?:\.\d+)?)\s*(?P<unit>[GM]i?B?)?", re.IGNORECASE)
_LONGEST_HEADER = 100_000_000
_DRIVER_SHARE = 73
"""MiB of a 16 GiB card that the driver keeps from programs, in 16,384; larger cards lose as much in proportion."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model that a question is about."""

    name: str
    shape: ModelShape
    download: int = 0
    """Bytes that are still to be fetched."""
    here: Path | None = None


def find_model(home: Home, named: str) -> Subject:
    """A folder, a model of tunedoc's own folder, or a hub's `owner/name`. Raises BadInput and NoNetwork."""
    from doctor.hub import is_repo_name

    path = Path(named).expanduser()
    own = home.models / named.replace("/", "--")
    for folder in (path, own):
        if (folder / "config.json").is_file() or (folder.is_dir() and folder == path):
            return Subject(name=named, shape=read_folder(folder), here=folder)
    if path.suffix.lower() == ".json" and path.is_file():
        return Subject(name=named, shape=_shape(_json(path), None, path))
    if is_repo_name(named):
        return _from_hub(named)
    raise BadInput(text("fit.no_model", name=named), hint=text("fit.no_model_hint"))


def read_folder(folder: Path) -> ModelShape:
    """The shape of a model in a folder: its configuration, and the headers of its safetensors. Raises BadInput."""
    config = _json(folder / "config.json")
    tensors: dict[str, Tensor] = {}
    for file in sorted(folder.glob("*.safetensors")):
        if file.name.startswith("adapter_") or file.name.startswith("consolidated"):
            continue
        tensors |= _header(file)
    return _shape(config, tensors or None, folder / "config.json")


def _from_hub(repo: str) -> Subject:
    from doctor.hub import look_up, read_remote

    listing = look_up(repo)
    config, header = read_remote(listing)
    tensors = {name: Tensor(dtype, shape) for name, (dtype, shape) in header.items()}
    return Subject(name=repo, shape=_shape(config, tensors or None, Path(repo)), download=listing.bytes)


def _shape(config: dict[str, Any], tensors: dict[str, Tensor] | None, file: Path) -> ModelShape:
    try:
        return read_shape(config, tensors)
    except UnknownShape as error:
        raise BadInput(text("fit.no_size", field=str(error)), hint=text("fit.no_size_hint"), file=str(file)) from error


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(text("fit.unreadable"), file=str(file)) from error
    except ValueError as error:
        raise BadInput(text("fit.bad_config"), file=str(file)) from error
    if not isinstance(found, dict):
        raise BadInput(text("fit.bad_config"), file=str(file))
    return found


def _header(file: Path) -> dict[str, Tensor]:
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= _LONGEST_HEADER:
                raise ValueError(length)
            header = json.loads(stream.read(length))
        return {
            name: Tensor(str(entry["dtype"]), tuple(int(side) for side in entry["shape"]))
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(text("fit.bad_header"), file=str(file)) from error


def parse_cards(words: str, *, system: str = "linux") -> tuple[Card, ...]:
    """Cards as they are written on the command line: `16GiB`, `16GiB,16GiB`, `2x24`. Raises BadInput.

    A card's memory in GB is the maker's round number, which means GiB; the first card is taken to serve the desktop.
    """
    cards: list[Card] = []
    for part in words.split(","):
        found = _CARD.fullmatch(part.strip())
        if found is None or not float(found["size"]):
            raise BadInput(text("fit.bad_card", card=part.strip()), hint=text("fit.bad_card_hint"))
        unit = (found["unit"] or "G").upper()
        mib = float(found["size"]) * (1024 if unit.startswith("G") else 1)
        for _ in range(int(found["count"] or 1)):
            index = len(cards)
            total = int(mib * (1 - _DRIVER_SHARE / 16384)) * _MIB
            desktop = 1024 * _MIB if system == "windows" and not index else 0
            cards.append(
                Card(index=index, name=f"{mib / 1024:g} GiB", total=total, free=total - desktop, display=bool(desktop))
            )
    return tuple(cards)


def find_cards(host: Host) -> tuple[Card, ...]:
    """The GPUs that CUDA may show, as the driver tells them now; none where there is no driver."""
    from doctor.catalogue.visible import visible_gpus
    from doctor.probe.nvidia import probe_nvidia
    from doctor.snapshot.model import Setting

    driver = probe_nvidia(host)
    if not isinstance(driver, NvidiaDriver):
        return ()
    settings = tuple(
        Setting(name=name, value=host.environ[name], origin="environment")
        for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
        if name in host.environ
    )
    cards: list[Card] = []
    for gpu in visible_gpus(driver, settings):
        if isinstance(gpu.memory_total_mib, Unknown):
            continue
        free = gpu.memory_total_mib if isinstance(gpu.memory_free_mib, Unknown) else gpu.memory_free_mib
        cards.append(
            Card(
                index=gpu.index,
                name=gpu.name,
                total=gpu.memory_total_mib * _MIB,
                free=free * _MIB,
                display=gpu.display_attached is True,
                capability="" if isinstance(gpu.compute_capability, Unknown) else gpu.compute_capability,
            )
        )
    return tuple(cards)


def find_host(host: Host, folder: Path) -> HostMemory:
    """Main memory, and the free disk where a folder is or will be."""
    from doctor.probe.system import probe_memory

    memory = probe_memory(host)
    return HostMemory(
        total=memory.total_mib * _MIB, available=memory.available_mib * _MIB, disk_free=host.free_bytes(folder)
    )


def find_versions(host: Host, environment: Environment | None) -> Versions:
    """Of the packages in an environment; without one, those that `tunedoc install` would bring are assumed."""
    if environment is None:
        return Versions(system=host.system)
    from doctor.probe.packages import read_packages

    sites = [*environment.python.parent.parent.glob("lib/python3*/site-packages")]
    windows = environment.python.parent.parent / "Lib" / "site-packages"
    beside = environment.python.parent / "Lib" / "site-packages"
    found = read_packages([place for place in (*sites, windows, beside) if place.is_dir()])
    return versions_of({package.name: package.version for package in found.installed}, host.system)


def has_native_bf16(host: Host) -> bool:
    """Whether the CPU multiplies bf16 itself, which the trainer's `precision: auto` asks too."""
    from doctor.probe.system import probe_processor

    features = probe_processor(host).features
    return not isinstance(features, Unknown) and bool({"avx512_bf16", "amx_bf16"} & set(features))


def plan_job(
    host: Host,
    home: Home,
    environment: Environment | None,
    job: Job,
    *,
    model: str | None = None,
    cards: tuple[Card, ...] | None = None,
    longest: int | None = None,
    advice: bool = True,
) -> tuple[Subject, tuple[Card, ...], Fit]:
    """The planner's answer for a job on this machine, or on the cards that are named. Raises BadInput, NoNetwork."""
    subject = find_model(home, model or job.model)
    versions = find_versions(host, environment)
    if cards is None:
        # An environment for the CPU computes there, whatever cards there are.
        cards = () if environment is not None and environment.device == "cpu" else find_cards(host)
    answer = fit(
        subject.shape,
        job,
        cards,
        versions,
        host=find_host(host, Path(job.output) if job.output else home.runs),
        longest=longest,
        download=subject.download,
        measured=find_measured(home, cards, versions, subject.shape, job),
        native_bf16=bool(cards) or has_native_bf16(host),
        advice=advice,
    )
    if advice and (pace := expected_pace(home, job, answer.measured)) is not None:
        answer = with_time(answer, tokens=pace.tokens, tokens_per_second=pace.tokens_per_second, watts=pace.watts)
    return subject, cards, answer


class LiveEstimate:
    """The planner behind a form: what is slow to ask is asked once, and an answer then takes milliseconds.

    Models are read when they are first named, which for one on a hub takes a request or two: name it from a thread.
    """

    def __init__(
        self, host: Host, home: Home, environment: Environment | None, *, cards: tuple[Card, ...] | None = None
    ) -> None:
        self.home = home
        self.versions = find_versions(host, environment)
        if cards is None:
            cards = () if environment is not None and environment.device == "cpu" else find_cards(host)
        self.cards = cards
        self.memory = find_host(host, home.root)
        self.native_bf16 = bool(cards) or has_native_bf16(host)
        self._subjects: dict[str, Subject] = {}

    def subject(self, named: str) -> Subject:
        """The model of that name. Raises BadInput and NoNetwork."""
        if named not in self._subjects:
            self._subjects[named] = find_model(self.home, named)
        return self._subjects[named]

    def ask(self, job: Job, *, advice: bool = False, longest: int | None = None) -> Fit:
        """The answer for a job as it stands in the form. Raises BadInput and NoNetwork for its model."""
        subject = self.subject(job.model)
        return fit(
            subject.shape,
            job,
            self.cards,
            self.versions,
            host=self.memory,
            longest=longest,
            download=subject.download,
            measured=find_measured(self.home, self.cards, self.versions, subject.shape, job),
            native_bf16=self.native_bf16,
            advice=advice,
        )


def predict_allocated(
    host: Host, shape: ModelShape, job: Job, cards: tuple[Card, ...], versions: Versions
) -> tuple[int, int]:
    """Bytes that torch should allocate for a job, and reserve (on a CPU: the whole process), by the rules alone."""
    found = fit(shape, job, cards[:1], versions, native_bf16=bool(cards) or has_native_bf16(host), advice=False)
    need = found.as_asked.worst
    return need.allocated.likely, need.reserved.likely if cards else need.device.likely


def find_measured(
    home: Home, cards: tuple[Card, ...], versions: Versions, shape: ModelShape, job: Job
) -> Measured | None:
    """What an earlier calibration says about this kind of card, model family and packages."""
    from doctor.calibrating import read_measured

    return read_measured(home, cards[0].name if cards else "CPU", versions, shape, job)
