"""Replace the damaged files of packages by right ones that uv unpacks beside the environment."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.apply import environments
from doctor.apply.environment_list import python_version
from doctor.apply.lock_text import pylock, requirements
from doctor.apply.package_files import RECORD, Entry, compare, is_as_listed, read_installed
from doctor.errors import NoNetwork, StepFailed
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.refusals import refusal
from doctor.words.text import text
from trainer.file_moves import move_folder, remove_tree, replace_file
from trainer.long_paths import long_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from doctor.apply.lock_text import LockedPackage
    from doctor.apply.package_files import Installed
    from doctor.paths import Home
    from doctor.uv.program import Uv

_FOLDER = late_pattern(r"python(?P<version>3\.\d+)")
_TAG = late_pattern(r".+-cp3(?P<minor>\d+)-.+\.whl")


def replace_packages(
    uv: Uv,
    home: Home,
    folder: Path,
    packages: tuple[LockedPackage, ...],
    *,
    in_place: Collection[str],
    on_line: Callable[[str], None],
) -> None:
    """Put right packages in the place of damaged ones. Raises NoNetwork, NoSpace, StepFailed.

    Those named in `in_place` have nothing that is worth keeping, and are installed anew where they belong.
    """
    beside = tuple(package for package in packages if package.name not in in_place)
    work = home.scratch / f"repair-{folder.name}-{os.getpid()}"
    remove_tree(work)
    work.mkdir(parents=True)
    try:
        anew = {package.name for package in packages if package.name in in_place}
        if beside:
            anew |= _replace_from_beside(uv, home, folder, beside, work, on_line)
        if anew:
            chosen = tuple(package for package in packages if package.name in anew)
            _install(uv, folder, chosen, work, environments.venv_python(folder, uv.host.system), on_line)
    finally:
        remove_tree(work)


def interpreter_request(folder: Path) -> str:
    """What to tell uv to get an environment's interpreter again: the one it was made from, else its version."""
    try:
        words = (folder / environments.VENV / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        words = ""
    for line in words.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home":
            for name in ("python.exe", f"python{_short(python_version(folder))}", "python3"):
                if (Path(value.strip()) / name).is_file():
                    return str(Path(value.strip()) / name)
    return python_short(folder)


def python_short(folder: Path) -> str:
    """Major and minor of the Python that an environment is for, from whatever tells; empty where nothing does."""
    if version := python_version(folder):
        return _short(version)
    for site in environments.site_packages(folder):
        if found := _FOLDER.fullmatch(site.parent.name):
            return found["version"]
    with contextlib.suppress(OSError):
        for line in (folder / environments.LOCK).read_text(encoding="utf-8", errors="replace").splitlines():
            if found := _TAG.search(line):
                return f"3.{found['minor']}"
    return ""


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """A package as it is, and as it should be."""

    present: Installed
    fresh: Installed


def _replace_from_beside(
    uv: Uv,
    home: Home,
    folder: Path,
    packages: tuple[LockedPackage, ...],
    work: Path,
    on_line: Callable[[str], None],
) -> set[str]:
    """Unpack the packages into an environment of their own and move over what differs; names of those that cannot be
    put right so."""
    venv = work / environments.VENV
    python = environments.venv_python(work, uv.host.system)
    base = str(environments.venv_python(folder, uv.host.system))
    uv.run(["venv", str(venv), "--python", base, "--no-project", "--quiet"], cwd=work, on_line=on_line)
    _install(uv, folder, packages, work, python, on_line)
    fresh = {package.name: package for package in read_installed(environments.site_packages(work), {})}
    _require_right(uv, fresh, packages, folder, work, python, on_line)
    fresh = {package.name: package for package in read_installed(environments.site_packages(work), {})}
    present = {package.name: package for package in read_installed(environments.site_packages(folder), {})}
    anew: set[str] = set()
    for package in packages:
        pair = _Pair(present=present[package.name], fresh=fresh[package.name])
        if not _move_over(pair, home):
            anew.add(package.name)
    return anew


def _require_right(
    uv: Uv,
    fresh: dict[str, Installed],
    packages: tuple[LockedPackage, ...],
    folder: Path,
    work: Path,
    python: Path,
    on_line: Callable[[str], None],
) -> None:
    """See that what uv unpacked is right itself: where links are hard, what it keeps is one file with the damaged."""
    compared = compare([fresh[package.name] for package in packages], lambda *_: None)
    wrong = compared.missing.keys() | compared.altered.keys()
    if not wrong:
        return
    uv.run(["cache", "clean", *sorted(wrong), "--quiet"], on_line=on_line)
    _install(uv, folder, tuple(package for package in packages if package.name in wrong), work, python, on_line)


def _move_over(pair: _Pair, home: Home) -> bool:
    """Rename right files over damaged ones, the list last. False where a program outside site-packages is damaged."""
    present, fresh = pair.present, pair.fresh
    outside = [entry for entry in fresh.entries if entry.path.startswith("..")]
    if outside and not (_list_is_right(present) and all(is_as_listed(e) for e in _outside(present))):
        # Programs name the interpreter that they are for: one made for another environment will not do.
        return False
    for entry in fresh.entries:
        if entry.path.startswith("..") or entry.path.endswith(f"/{RECORD}"):
            continue
        target = present.site / entry.path
        wanted = Entry(path=entry.path, file=str(target), sha256=entry.sha256, bytes=entry.bytes)
        if not is_as_listed(wanted):
            _put(Path(entry.file), target, home)
            _forget_compiled(target)
    if not outside:
        source, target = fresh.metadata / RECORD, present.metadata / RECORD
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            _put(source, target, home)
    return True


def _list_is_right(package: Installed) -> bool:
    return package.record_readable


def _outside(package: Installed) -> list[Entry]:
    return [entry for entry in package.entries if entry.path.startswith("..")]


def _put(source: Path, target: Path, home: Home) -> None:
    """Give a file the place of another in one step."""
    Path(long_path(target)).parent.mkdir(parents=True, exist_ok=True)
    try:
        Path(long_path(source)).replace(long_path(target))
    except OSError:
        if not Path(long_path(target)).exists():
            raise
        # A folder stands there, or a program on Windows has loaded the library: it can be renamed, though not replaced.
        home.trash.mkdir(parents=True, exist_ok=True)
        try:
            move_folder(target, home.trash / f"{target.name}.{time.time_ns()}")
        except OSError as exc:
            raise StepFailed(
                text("env.refused", what=str(target), detail=refusal(exc)), hint=text("env.refused_hint")
            ) from exc
        replace_file(source, target)


def _forget_compiled(file: Path) -> None:
    """A compiled file is taken for its source's when time and size agree, which those of a damaged one may."""
    if file.suffix == ".py":
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            with contextlib.suppress(OSError):
                compiled.unlink()


def _install(
    uv: Uv,
    folder: Path,
    packages: tuple[LockedPackage, ...],
    work: Path,
    python: Path,
    on_line: Callable[[str], None],
) -> None:
    """Let uv install packages, from the addresses that the lock has; where these serve no more, from this machine's
    sources. Hashes are checked either way."""
    names = [word for package in packages for word in ("--reinstall-package", package.name)]
    common = ["pip", "install", "--python", str(python), "--no-deps", "--no-build", *names, *uv.sources.options]
    words = pylock(_absolute(packages, folder), python=python_short(folder) or "3")
    (work / environments.LOCK).write_text(words, encoding="utf-8", newline="\n")
    try:
        uv.run([*common, "--requirements", environments.LOCK], cwd=work, on_line=on_line)
    except (NoNetwork, StepFailed) as first:
        words = requirements(_without_places(packages), indexes=_torch_index(uv, folder), comment="")
        (work / "requirements.txt").write_text(words, encoding="utf-8", newline="\n")
        # Torch's index has old copies of other packages: every index is asked, and the hashes decide.
        strategy = [] if "--index-strategy" in common else ["--index-strategy", "unsafe-best-match"]
        options = ["--requirements", "requirements.txt", "--require-hashes", *strategy]
        try:
            uv.run([*common, *options], cwd=work, on_line=on_line)
        except (NoNetwork, StepFailed):
            # The first answer is about the place where the packages came from.
            raise first from None


def _absolute(packages: tuple[LockedPackage, ...], folder: Path) -> tuple[LockedPackage, ...]:
    def wheels(package: LockedPackage) -> LockedPackage:
        return replace(
            package,
            wheels=tuple(replace(w, path=str(folder / w.path)) if w.path else w for w in package.wheels),
        )

    return tuple(wheels(package) for package in packages)


def _without_places(packages: tuple[LockedPackage, ...]) -> tuple[LockedPackage, ...]:
    """Packages by name and hash alone, to be had wherever this machine's packages come from."""
    return tuple(
        replace(package, wheels=tuple(replace(wheel, url="", path="") for wheel in package.wheels))
        for package in packages
    )


def _torch_index(uv: Uv, folder: Path) -> tuple[str, ...]:
    """The index of the row that the environment was built from, if the catalogue still has it."""
    from doctor.catalogue.load import catalogue_file, load_catalogue

    catalogue = load_catalogue(catalogue_file(uv.host.environ))
    stack = next((row for row in catalogue.stacks if row.id == environments.raw_record(folder).get("stack")), None)
    return (catalogue.index_url(stack.index),) if stack is not None and stack.index else ()


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])
