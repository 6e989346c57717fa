"""Large wheels: which of a lock uv's cache lacks, and the lock with which uv takes fetched ones as from their source.

uv keeps a wheel of a lock under the index that it comes from, whatever its address. A row that names that index may
therefore give another address, here that of a fetched file, and uv finds the wheel in its cache ever after, for the
real lock as well. Tried with uv 0.13.8; a wheel given as a file would be kept under the file's path instead.
"""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.plan.lock import toml_string
from doctor.uv.resolve import TORCH_FAMILY
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.paths import Home
    from doctor.plan.lock import Lock, Locked
    from doctor.uv.program import Uv

LARGE_BYTES = 20 * 2**20
"""A wheel from here on is worth resuming when it stops in the middle; a smaller one comes again from uv in seconds."""
_DIRECT = late_pattern(r'(?m)^name = "([^"]+)"\n(?:(?!\[\[packages).*\n)*?archive = ')
_ROW = "[[packages]]\n"
_MISSING = late_pattern(r"Would download (\d+) package")


def large_wheels(lock: Lock) -> tuple[Locked, ...]:
    """The wheels of the network that are large; the torch family's also where no source tells their size."""
    return tuple(wheel for wheel in indexed_wheels(lock) if wheel.bytes is not None or wheel.name in TORCH_FAMILY)


def indexed_wheels(lock: Lock) -> tuple[Locked, ...]:
    """The wheels that uv may have been handed some time, and so must look for by their index: the large ones, and all
    whose size is not known, as none is without a network."""
    # What was asked for by its address uv keeps under that address, and no other will do.
    direct = set(_DIRECT.findall(lock.toml))
    return tuple(
        package
        for package in lock.packages
        if package.name not in direct
        and package.url.startswith(("https://", "http://"))
        and (package.bytes is None or package.bytes >= LARGE_BYTES)
    )


def missing_wheels(uv: Uv, home: Home, wheels: tuple[Locked, ...], python: str) -> tuple[Locked, ...]:
    """Those of the wheels that uv's cache lacks. `python` is the version that they are for, such as `3.12`.

    Where uv cannot be asked all count as missing: then they are fetched once too often.
    """
    lacking = _count_missing(uv, home, wheels, python)
    if lacking in (0, len(wheels)):
        return wheels if lacking else ()
    return tuple(wheel for wheel in wheels if _count_missing(uv, home, (wheel,), python))


def lock_with(lock: Lock, wheels: Iterable[Locked], addresses: Mapping[str, str]) -> str:
    """The text of the lock with the rows of these wheels written so that uv looks for them in its cache under their
    index, and asks at the address that `addresses` has for their sha256, else at their own."""
    by_name = {wheel.name: wheel for wheel in wheels}
    head, *rows = lock.toml.split(_ROW)
    written = [head]
    for row in rows:
        name = tomllib.loads(row).get("name")
        wheel = by_name.get(str(name))
        written.append(row if wheel is None else _row(wheel, addresses.get(wheel.sha256, wheel.url)))
    return _ROW.join(written)


def index_options(wheels: Iterable[Locked]) -> tuple[str, ...]:
    """uv's options that make it look for these wheels in its cache. Nothing is asked of these indexes."""
    indexes = dict.fromkeys(_index_of(wheel) for wheel in wheels)
    return tuple(word for index in indexes for word in ("--index", index))


def _count_missing(uv: Uv, home: Home, wheels: tuple[Locked, ...], python: str) -> int:
    if not wheels:
        return 0
    folder = home.scratch / f"resolve-cached-{os.getpid()}"
    remove_tree(folder)
    folder.mkdir(parents=True)
    try:
        rows = [_row(wheel, wheel.url) for wheel in wheels]
        lock = _ROW.join(['lock-version = "1.0"\ncreated-by = "tunedoc"\n', *rows])
        (folder / "pylock.toml").write_text(lock, encoding="utf-8", newline="\n")
        # Into an empty folder and by any interpreter: nothing is installed, and the environment does not exist yet.
        arguments = ["pip", "sync", "pylock.toml", "--dry-run", "--target", "nothing", "--python", str(uv.host.python)]
        arguments += ["--python-version", python, "--no-build", "--color", "never", *index_options(wheels)]
        ran = uv.attempt(arguments, cwd=folder)
    finally:
        remove_tree(folder)
    if ran.exit_code != 0:
        return len(wheels)
    found = _MISSING.search(ran.stderr)
    return int(found[1]) if found else 0


def _row(wheel: Locked, address: str) -> str:
    return (
        f"name = {toml_string(wheel.name)}\nversion = {toml_string(wheel.version)}\n"
        f"index = {toml_string(_index_of(wheel))}\n"
        f"wheels = [{{ name = {toml_string(wheel.file)}, url = {toml_string(address)}, "
        f"hashes = {{ sha256 = {toml_string(wheel.sha256)} }} }}]\n\n"
    )


def _index_of(wheel: Locked) -> str:
    """What uv takes for the index of a row that names none: the address without the file."""
    return wheel.url.partition("#")[0].rpartition("/")[0] + "/"
