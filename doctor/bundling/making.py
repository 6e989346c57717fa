"""Make a bundle: find out what is needed, say what it takes, fetch what is missing, and write the manifest last."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from doctor.apply.progress import Amount, Note, stage
from doctor.apply.sourcing import Means, Sourcing
from doctor.bundling.locks import bundle_lock, lock_file_name, program_lock, requirements_text, single_wheels
from doctor.bundling.model import (
    CATALOGUE,
    LOCKS,
    MANIFEST,
    PROGRAM,
    PYTHON,
    REQUIREMENTS,
    UNFINISHED,
    WHEELS,
    FileFacts,
    LockFacts,
    Manifest,
    manifest_text,
    read_manifest,
)
from doctor.bundling.own_wheel import make_own_wheel
from doctor.bundling.python_builds import PythonBuild, fetch_python, find_python
from doctor.bundling.start_files import start_files
from doctor.catalogue.load import catalogue_file, load_catalogue
from doctor.errors import BadInput, NoSpace, StepFailed, TunedocError
from doctor.fetching import Dropped, Fetching, Wanted, fetch
from doctor.holding import hold
from doctor.plan.lock import with_sizes
from doctor.plan.model import PythonChoice
from doctor.quick_dataclass import dataclass
from doctor.sizing import size_words
from doctor.uv.resolve import resolve
from doctor.uv.sizes import wheel_sizes
from doctor.version import __version__
from doctor.words.text import text
from trainer.file_moves import leads_elsewhere, replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from doctor.apply.progress import Progress
    from doctor.bundling.targets import Target
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.plan.lock import Lock, Locked
    from doctor.uv.program import Uv

_PYTHON_GUESS_BYTES = 45 * 2**20
"""A Python build takes 25 to 45 MB; its size is not asked for."""
_SPARE_BYTES = 20 * 2**20
"""For what is small: tunedoc's wheel, locks, the file system's own."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What making the bundle takes; shown before anything is fetched."""

    target: Target
    packages: int
    bytes: int
    """The whole bundle, as far as sizes are known."""
    missing_bytes: int
    """What is not in the folder yet."""
    unknown_sizes: int
    python: PythonBuild | None
    """None: no place for Python builds can be reached."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A finished bundle."""

    folder: Path
    manifest: Manifest
    problem: TunedocError | None
    """Why it has no Python, where one was meant to be in it."""


def make_bundle(
    host: Host,
    home: Home,
    folder: Path,
    target: Target,
    report: Callable[[Progress], None],
    *,
    agree: Callable[[Offer], bool],
    means: Means | None = None,
) -> Made | None:
    """Write everything for `target` into `folder`, which is new, empty or an earlier bundle. None when `agree` said no.

    What is there and right is not fetched again, whatever stopped an earlier try. Raises BadInput for a folder with
    other things in it; NoNetwork, NoSpace, StepFailed.
    """
    require_folder(folder)
    means = means or Means()
    catalogue = load_catalogue(catalogue_file(host.environ))
    sourcing = Sourcing(host, home, catalogue, means)
    parts = [part for part in target.parts if part.reason is None]
    sourcing.choose_for(target.stack, parts, measure=True)
    busy = StepFailed(text("bundle.busy"), hint=text("install.busy_hint"))
    with hold(home.root / "bundle.lock", busy):
        scratch = home.scratch / f"resolve-bundle-{os.getpid()}"
        with stage(report, "resolve", text("bundle.resolving", stack=target.stack.id)):
            stack, python = target.stack, PythonChoice(target.python, None)
            environment = sourcing.try_ways(
                lambda way: resolve(
                    way.uv,
                    home,
                    stack,
                    catalogue,
                    python,
                    for_this_machine=False,
                    torch=way.torch,
                    parts=way.parts(parts),
                )
            )
            singles = sourcing.try_ways(lambda way: single_wheels(way.uv, catalogue, target, scratch))
            program = sourcing.try_ways(lambda way: program_lock(way.uv, target, scratch))
            uv = sourcing.uv
            found = (environment, singles, program)
            sure = frozenset(p.sha256 for lock in found for p in lock.packages if p.bytes is not None)
            environment, singles, program = (_sized(lock, uv) for lock in found)
            build = find_python(host, home, catalogue, target, uv, means.mirror or "auto")
        wheels = [*environment.packages, *singles.packages]
        if not agree(_offer(target, folder, wheels, program.packages, build)):
            return None
        _require_space(host, folder, wheels, program.packages, build)
        _begin(folder, target)
        facts: dict[str, FileFacts] = {}
        with stage(report, "wheels", text("bundle.fetching", count=len(wheels))):
            _fetch(wheels, sure, folder, WHEELS, sourcing, report, facts)
        with stage(report, "program", text("bundle.fetching_program", count=len(program.packages))):
            _fetch(program.packages, sure, folder, PROGRAM, sourcing, report, facts)
            own = make_own_wheel(uv, folder / PROGRAM, home.scratch / f"unpack-own-{os.getpid()}")
            facts[f"{PROGRAM}/{own.name}"] = _facts(own)
        archive, problem = _bring_python(host, home, folder, build, uv, report, facts)
        locks = (LockFacts(stack=stack.id, python=target.python, file=_lock_name(target)),)
        written = {
            locks[0].file: bundle_lock(environment).encode(),
            CATALOGUE: catalogue_file(host.environ).read_bytes(),
            f"{PROGRAM}/{REQUIREMENTS}": requirements_text(
                program.packages, (__version__, facts[f"{PROGRAM}/{own.name}"].sha256)
            ).encode(),
            **start_files(target, build if archive else None, _uv(program)),
        }
        for name, content in written.items():
            _write(folder / name, content)
            facts[name] = FileFacts(hashlib.sha256(content).hexdigest(), len(content))
        _remove_strangers(folder, facts)
        manifest = Manifest(
            tunedoc=__version__,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            system=target.system,
            stack=stack.id,
            device=stack.device,
            python=target.python,
            python_archive=archive,
            models=tuple(model.id for model in target.models),
            locks=locks,
            files=tuple(sorted(facts.items())),
        )
        _write(folder / MANIFEST, manifest_text(manifest).encode())
        (folder / UNFINISHED).unlink(missing_ok=True)
    return Made(folder=folder, manifest=manifest, problem=problem)


def require_folder(folder: Path) -> None:
    """Refuse a folder that has other things in it. Raises BadInput."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(text("bundle.not_a_folder", folder=str(folder)), file=str(folder))
    try:
        empty = not folder.exists() or next(folder.iterdir(), None) is None
    except OSError as exc:
        raise BadInput(
            text("bundle.unreadable", folder=str(folder), detail=exc.strerror or str(exc)), file=str(folder)
        ) from exc
    if empty or (folder / UNFINISHED).is_file():
        return
    try:
        read_manifest(folder)
    except BadInput as exc:
        raise BadInput(text("bundle.not_empty", folder=str(folder)), hint=text("bundle.not_empty_hint")) from exc


def _sized(lock: Lock, uv: Uv) -> Lock:
    return with_sizes(lock, wheel_sizes(lock, uv.sources))


def _offer(
    target: Target, folder: Path, wheels: Sequence[Locked], program: Sequence[Locked], build: PythonBuild | None
) -> Offer:
    everything = [*((WHEELS, package) for package in wheels), *((PROGRAM, package) for package in program)]
    whole = sum(package.bytes or 0 for _, package in everything) + (_PYTHON_GUESS_BYTES if build else 0)
    there = sum(package.bytes or 0 for name, package in everything if _is_there(folder / name, package))
    if build and (folder / build.path).is_file():
        there += _PYTHON_GUESS_BYTES
    return Offer(
        target=target,
        packages=len(everything),
        bytes=whole,
        missing_bytes=whole - there,
        unknown_sizes=sum(package.bytes is None for _, package in everything),
        python=build,
    )


def _is_there(folder: Path, package: Locked) -> bool:
    file = folder / package.file
    return file.is_file() and package.bytes in (None, file.stat().st_size)


def _require_space(
    host: Host, folder: Path, wheels: Sequence[Locked], program: Sequence[Locked], build: PythonBuild | None
) -> None:
    missing = sum(p.bytes or 0 for p in wheels if not _is_there(folder / WHEELS, p))
    missing += sum(p.bytes or 0 for p in program if not _is_there(folder / PROGRAM, p))
    needs, free = missing + _SPARE_BYTES + (_PYTHON_GUESS_BYTES if build else 0), host.free_bytes(folder)
    if free < needs:
        raise NoSpace(
            text("bundle.no_space", folder=str(folder), needs=size_words(needs), free=size_words(free)),
            hint=text("bundle.no_space_hint"),
        )


def _begin(folder: Path, target: Target) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    words = json.dumps({"tunedoc_bundle": "unfinished", "stack": target.stack.id, "python": target.python})
    _write(folder / UNFINISHED, words.encode())
    # From here on the folder is being changed, and whoever opens it must be told so.
    (folder / MANIFEST).unlink(missing_ok=True)


def _fetch(
    packages: Sequence[Locked],
    sure: frozenset[str],
    folder: Path,
    name: str,
    sourcing: Sourcing,
    report: Callable[[Progress], None],
    facts: dict[str, FileFacts],
) -> None:
    # A size that a server told, and not the lock, is for people to see: a server that has half a file tells half the
    # size, and a right file from elsewhere must not fail by that.
    whole = None if any(p.bytes is None for p in packages) else sum(p.bytes or 0 for p in packages)

    def tell(news: Fetching | Dropped) -> None:
        if isinstance(news, Dropped):
            report(Note(text("fetching.dropped", place=news.place, file=news.file, why=news.why)))
        else:
            total = news.bytes_total if news.bytes_total is not None else whole
            report(Amount(done_bytes=news.bytes_done, total_bytes=total, bytes_per_second=news.bytes_per_second))

    by_hash = {package.sha256: package for package in packages}
    fetch(
        [
            Wanted(
                file=p.file,
                sha256=p.sha256,
                bytes=p.bytes if p.sha256 in sure else None,
                urls=sourcing.addresses(p),
            )
            for p in packages
        ],
        folder / name,
        variables=sourcing.uv.sources.variables,
        report=tell,
        more=lambda file: sourcing.elsewhere(by_hash[file.sha256]),
    )
    for package in packages:
        size = (folder / name / package.file).stat().st_size
        facts[f"{name}/{package.file}"] = FileFacts(package.sha256.lower(), size)


def _uv(program: Lock) -> Locked:
    """uv's wheel, which sets up the rest. tunedoc needs uv, so it is there."""
    return next(package for package in program.packages if package.name == "uv")


def _bring_python(
    host: Host,
    home: Home,
    folder: Path,
    build: PythonBuild | None,
    uv: Uv,
    report: Callable[[Progress], None],
    facts: dict[str, FileFacts],
) -> tuple[str | None, TunedocError | None]:
    """The path of the Python build inside, or why there is none. A bundle without one is of use all the same."""
    if build is None:
        return None, None
    # It has its name only since uv found its hash right.
    if not (folder / build.path).is_file():
        try:
            with stage(report, "python", text("bundle.fetching_python", version=build.version)):
                fetch_python(host, home, build, uv, folder / build.path)
        except TunedocError as problem:
            if isinstance(problem, NoSpace):
                raise
            return None, problem
    facts[build.path] = _facts(folder / build.path)
    return build.path, None


def _facts(file: Path) -> FileFacts:
    with file.open("rb") as stream:
        return FileFacts(hashlib.file_digest(stream, "sha256").hexdigest(), file.stat().st_size)


def _lock_name(target: Target) -> str:
    return f"{LOCKS}/{lock_file_name(target.stack.id, target.python)}"


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    with partial.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    if file.suffix == ".sh":
        partial.chmod(0o755)
    replace_file(partial, file)


def _between(file: Path, folder: Path) -> list[Path]:
    """The folders from a file up to one above it, without that one."""
    return [place for place in file.parents if place.is_relative_to(folder) and place != folder]


def _remove_strangers(folder: Path, facts: dict[str, FileFacts]) -> None:
    """What an earlier, different bundle or a broken-off download left in the bundle's own folders."""
    for name in (WHEELS, PROGRAM, LOCKS, PYTHON):
        for file in sorted((folder / name).rglob("*"), reverse=True):
            if leads_elsewhere(file) or any(leads_elsewhere(place) for place in _between(file, folder / name)):
                continue  # somebody's own, and so is what it leads to
            if file.is_dir():
                if not any(file.iterdir()):
                    file.rmdir()
            elif file.relative_to(folder).as_posix() not in facts:
                file.unlink()
