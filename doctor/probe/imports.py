"""Walk the imports of torch's own libraries and name what the loader would not find, or find in a bad state.

The walk is over folders alone, so that an environment for Windows can be walked anywhere; nothing is loaded.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.late_pattern import late_pattern
from doctor.probe.folders import is_file
from doctor.probe.packages import read_head
from doctor.quick_dataclass import dataclass
from doctor.reading.elf import ElfError, read_elf
from doctor.reading.pe import PeError, exported_names, read_pe
from doctor.snapshot.model import MissingLibrary, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doctor.probe.packages import Packages
    from doctor.probe.places import Place
    from doctor.reading.pe import PeFile

_VIRTUAL = late_pattern(r"(api|ext)-ms-win-", re.IGNORECASE)
"""Names that Windows itself resolves; there are no such files."""
_RUNTIME = late_pattern(r"(vcruntime140|msvcp140)(_\w+)?\.dll")
_OF_TORCH = late_pattern(r"(c10|c10_cuda|shm|uv|fbgemm|libiomp5md)\.dll")
"""Torch's smaller libraries, from which others take functions by name; torch_cpu has too many to look through."""
_LOOKED_THROUGH = late_pattern(f"{_RUNTIME.pattern}|{_OF_TORCH.pattern}")
_OWN_RUNTIME = late_pattern(r"(vcruntime140\w*|msvcp140\w*|vcomp140|concrt140|libomp140\.x86_64|libiomp5md)\.dll")
"""What a Windows without anything installed lacks. Any other name that is not found is one of Windows' own when
there is no System32 to look into."""
_RECORDED = late_pattern(r"\"?(torch/lib/[^/,\"]+\.(?:dll|so[.\d]*))\"?,[^,\n]*,(\d+)\r?$")
_NEW_MUTEX = (14, 40)
"""Since this tool set a std::mutex needs no constructor, and dies in a runtime that expects one (WinError 1114)."""
_MOST_FILES = 400
_MOST_PROBLEMS = 20


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where the loader looks beyond the environment."""

    system: Path | None
    """System32; None where this machine has none, and then Windows' own libraries are taken to be there."""
    path: tuple[Path, ...] = ()
    """PATH on Windows, LD_LIBRARY_PATH elsewhere."""
    cache: frozenset[str] | None = None
    """Linux: the libraries that the loader's cache names; None where there is none."""


def missing_libraries(
    place: Place, packages: Packages, surroundings: Surroundings
) -> tuple[MissingLibrary, ...] | Unknown:
    """Libraries that torch needs and that are missing, damaged, for other bits or too old. Unknown without torch."""
    torch = packages.folder("torch")
    if torch is None or not (torch / "lib").is_dir():
        return Unknown("no torch/lib in its site-packages")
    walk = (
        _WindowsWalk(place, packages, torch, surroundings)
        if place.windows
        else _LinuxWalk(place, packages, torch, surroundings)
    )
    walk.run()
    walk.compare_with_record()
    return tuple(walk.problems.values())[:_MOST_PROBLEMS]


class _Walk(ABC):
    """What both systems have in common: each file is looked at once, each problem is told once."""

    def __init__(self, place: Place, packages: Packages, torch: Path, surroundings: Surroundings) -> None:
        self.place = place
        self.packages = packages
        self.torch = torch
        self.surroundings = surroundings
        self.problems: dict[str, MissingLibrary] = {}
        self._site = torch.parent
        self._seen: set[str] = set()
        self._queue: deque[Path] = deque()

    @abstractmethod
    def roots(self) -> Iterable[Path]:
        """The files that `import torch` loads by name."""

    @abstractmethod
    def look(self, file: Path) -> None:
        """Look at one file's needs."""

    @abstractmethod
    def reason_unreadable(self, file: Path) -> str:
        """Why a file is no library; empty when it is one."""

    def run(self) -> None:
        for file in self.roots():
            self.follow(file)
        count = 0
        while self._queue and count < _MOST_FILES:
            count += 1
            self.look(self._queue.popleft())

    def follow(self, file: Path) -> None:
        key = os.path.normcase(file)
        if key not in self._seen:
            self._seen.add(key)
            self._queue.append(file)

    def told(self, file: Path) -> str:
        """A file as it is named in a report: below site-packages, else whole."""
        try:
            return file.relative_to(self._site).as_posix()
        except ValueError:
            return str(file)

    def note(self, problem: MissingLibrary) -> None:
        self.problems.setdefault(problem.name.lower(), problem)

    def inside(self, file: Path) -> bool:
        """Whether a file belongs to the environment, so that its own needs are looked at as well."""
        return any(file.is_relative_to(folder) for folder in (self.place.root, *self.packages.sites))

    def compare_with_record(self) -> None:
        """What the wheel brought into torch/lib against what is there: a virus scanner takes single files away."""
        metadata = self.packages.metadata("torch")
        if metadata is None or metadata.folder.parent != self._site:
            return
        record = metadata.folder / "RECORD"
        for line in read_head(record, most=8 * 1024 * 1024).split("\n"):
            recorded = _RECORDED.fullmatch(line) if "torch/lib/" in line else None
            if recorded is None:
                continue
            name, size = recorded[1], int(recorded[2])
            file = self._site / name
            short = name.rpartition("/")[2]
            try:
                have = file.stat().st_size
            except OSError:
                self.note(MissingLibrary(name=short, needed_by=f"{metadata.folder.name}/RECORD"))
                continue
            # Another size alone is no damage: people put newer files of NVIDIA's there.
            reason = self.reason_unreadable(file) if have < size else ""
            if reason:
                found = f"{name}: {reason}"
                self.note(
                    MissingLibrary(
                        name=short, needed_by=f"{metadata.folder.name}/RECORD", problem="damaged", found=found
                    )
                )


class _WindowsWalk(_Walk):
    """The search order of LoadLibraryEx with the folders that torch adds, then PATH."""

    def __init__(self, place: Place, packages: Packages, torch: Path, surroundings: Surroundings) -> None:
        super().__init__(place, packages, torch, surroundings)
        self._headers: dict[Path, PeFile | str] = {}
        self._exports: dict[Path, tuple[str, frozenset[str]]] = {}
        self._folders: dict[Path, dict[str, Path]] = {}
        self._system: dict[str, Path | None] = {}
        self._library = torch / "lib"
        bases = [folder for folder in (place.base, place.root) if folder is not None]
        self._beside_python = tuple(dict.fromkeys(bases))
        self._added = (
            self._library,
            *(folder / "Library" / "bin" for folder in self._beside_python),
            *sorted(folder for site in packages.sites for folder in site.glob("nvidia/*/bin")),
            *sorted(folder for site in packages.sites for folder in site.glob("nvidia/*/bin/x86_64")),
        )

    def roots(self) -> Iterable[Path]:
        return (*sorted(self._library.glob("*.dll")), *sorted(self.torch.glob("_C*.pyd")))

    def look(self, file: Path) -> None:
        headers = self._read(file)
        if isinstance(headers, str):
            self.note(
                MissingLibrary(
                    name=file.name, needed_by=self.told(file), problem="damaged", found=f"{self.told(file)}: {headers}"
                )
            )
            return
        for name in headers.imports:
            if not _VIRTUAL.match(name):
                self._resolve(name, file, headers)

    def reason_unreadable(self, file: Path) -> str:
        headers = self._read(file)
        return headers if isinstance(headers, str) else ""

    def _resolve(self, name: str, needed_by: Path, importer: PeFile) -> None:
        found = self._find(name, needed_by)
        if found is None:
            lowered = name.lower()
            ours = (
                _OWN_RUNTIME.fullmatch(lowered) is not None
                or re.match(r"c10|torch|cu|nv|fbgemm|asmjit|uv\.dll|shm\.dll|mkl|caffe2|zlibwapi", lowered) is not None
            )
            if self._unknowable(lowered) or (self.surroundings.system is None and not ours):
                return
            self.note(MissingLibrary(name=name, needed_by=self.told(needed_by)))
            return
        headers = self._read(found)
        if isinstance(headers, str):
            self._bad(name, needed_by, "damaged", f"{self.told(found)}: {headers}")
        elif headers.bits != importer.bits:
            self._bad(name, needed_by, "wrong_bits", f"{self.told(found)}: {headers.bits} bits")
        else:
            if _LOOKED_THROUGH.fullmatch(name.lower()):
                self._check_functions(name, found, needed_by, importer)
            if self.inside(found):
                self.follow(found)

    def _unknowable(self, name: str) -> bool:
        """Whether the folder in which a library would be found cannot be looked at."""
        if self.surroundings.system is None and _OWN_RUNTIME.fullmatch(name):
            return True
        # The Store's folder is closed to its own user, too.
        here = self.place.base is not None and is_file(self.place.base / "python.exe")
        return not here and re.fullmatch(r"python\d+t?\.dll", name) is not None

    def _bad(
        self, name: str, needed_by: Path, problem: Literal["wrong_bits", "damaged", "too_old"], found: str
    ) -> None:
        self.note(MissingLibrary(name=name, needed_by=self.told(needed_by), problem=problem, found=found))

    def _find(self, name: str, needed_by: Path) -> Path | None:
        lowered = name.lower()
        # What python.exe itself needs is loaded before anything else, and a second file of that name never is.
        first = self._beside_python if lowered.startswith("vcruntime140") else ()
        for folder in (*first, needed_by.parent, *self._beside_python):
            if (found := self._names(folder).get(lowered)) is not None:
                return found
        if (found := self._in_system(lowered)) is not None:
            return found
        places = (self._names(folder) for folder in self._added + self.surroundings.path)
        return next((names[lowered] for names in places if lowered in names), None)

    def _names(self, folder: Path) -> dict[str, Path]:
        """Libraries of a folder by their names in lower case."""
        known = self._folders.get(folder)
        if known is None:
            try:
                names = os.listdir(folder)  # noqa: PTH208  (names alone; Path objects would cost ten times as much)
            except OSError:
                names = []
            known = {name.lower(): folder / name for name in names if name.lower().endswith((".dll", ".pyd"))}
            self._folders[folder] = known
        return known

    def _in_system(self, name: str) -> Path | None:
        """In System32, which has thousands of files: asked for one by one."""
        if self.surroundings.system is None:
            return None
        if name not in self._system:
            file = self.surroundings.system / name
            self._system[name] = file if is_file(file) else None
        return self._system[name]

    def _check_functions(self, name: str, found: Path, needed_by: Path, importer: PeFile) -> None:
        """Whether the file has what is taken from it: if not, Windows says WinError 127."""
        try:
            if found not in self._exports:
                self._exports[found] = (read_pe(found, version=True).version, exported_names(found))
        except (PeError, OSError):
            return
        version, exports = self._exports[found]
        lacks = next((each for each in importer.functions.get(name.lower(), ()) if each not in exports), "")
        if _RUNTIME.fullmatch(name.lower()):
            numbers = tuple(int(part) for part in version.split("."))[:2] if version else ()
            old_mutex = name.lower() == "msvcp140.dll" and importer.linker >= _NEW_MUTEX and () < numbers < _NEW_MUTEX
            if lacks or old_mutex:
                self._bad(name, needed_by, "too_old", f"{self.told(found)} {version.rpartition('.')[0]}".strip())
        elif lacks:
            self._bad(name, needed_by, "damaged", f"{self.told(found)}: of another version, without {lacks[:80]}")

    def _read(self, file: Path) -> PeFile | str:
        known = self._headers.get(file)
        if known is None:
            try:
                known = read_pe(file, functions_of=_LOOKED_THROUGH)
            except (PeError, OSError) as exc:
                known = str(exc)
            self._headers[file] = known
        return known


class _LinuxWalk(_Walk):
    """The search order of ld.so, with the folders of NVIDIA's packages, which torch searches itself."""

    def __init__(self, place: Place, packages: Packages, torch: Path, surroundings: Surroundings) -> None:
        super().__init__(place, packages, torch, surroundings)
        nvidia = sorted(folder for site in packages.sites for folder in site.glob("nvidia/*/lib"))
        prefixes = dict.fromkeys((place.root, place.base or place.root))
        self._searched = (torch / "lib", *nvidia, *(prefix / "lib" for prefix in prefixes))
        self._by_soname: set[str] = set()

    def roots(self) -> Iterable[Path]:
        names = ("libtorch_global_deps.so", "libtorch_python.so")
        found = [self.torch / "lib" / name for name in names if is_file(self.torch / "lib" / name)]
        return (*found, *sorted(self.torch.glob("_C.*.so")))

    def look(self, file: Path) -> None:
        try:
            headers = read_elf(file)
        except (ElfError, OSError) as exc:
            found = f"{self.told(file)}: {exc}"
            self.note(MissingLibrary(name=file.name, needed_by=self.told(file), problem="damaged", found=found))
            return
        own = tuple(self._expand(folder, file) for folder in headers.runpath or headers.rpath)
        for name in headers.needed:
            if name in self._by_soname:
                continue
            found_file = self._find(name, own)
            if found_file is not None:
                self._by_soname.add(name)
                if self.inside(found_file):
                    self.follow(found_file)
            elif not self._on_system(name):
                self.note(MissingLibrary(name=name, needed_by=self.told(file)))

    def reason_unreadable(self, file: Path) -> str:
        try:
            read_elf(file)
        except (ElfError, OSError) as exc:
            return str(exc)
        return ""

    def _find(self, name: str, own: tuple[Path, ...]) -> Path | None:
        folders = (*self.surroundings.path, *own, *self._searched)
        # Strings, since a Path for every folder that does not have it would cost most of the walk.
        return next((Path(file) for folder in folders if os.path.isfile(file := f"{folder}/{name}")), None)  # noqa: PTH113

    def _on_system(self, name: str) -> bool:
        cache = self.surroundings.cache
        return cache is None or name in cache or any(is_file(folder / name) for folder in _SYSTEM_FOLDERS)

    def _expand(self, folder: str, file: Path) -> Path:
        return Path(folder.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", str(file.parent)))


_SYSTEM_FOLDERS = tuple(
    Path(folder)
    for folder in (
        "/lib",
        "/usr/lib",
        "/lib64",
        "/usr/lib64",
        "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu",
        "/lib/aarch64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/local/lib",
        "/usr/lib/wsl/lib",
    )
)


def surroundings_of(system: str, environ: Mapping[str, str]) -> Surroundings:
    """Where this machine's loader looks."""
    if system == "windows":
        root = environ.get("SYSTEMROOT") or environ.get("WINDIR") or "C:\\Windows"
        folders = [folder.strip('" ') for folder in environ.get("PATH", "").split(";")]
        return Surroundings(system=Path(root) / "System32", path=tuple(Path(folder) for folder in folders if folder))
    folders = environ.get("LD_LIBRARY_PATH", "").split(":")
    return Surroundings(
        system=None,
        path=tuple(Path(folder) for folder in folders if folder),
        cache=_loader_cache(Path("/etc/ld.so.cache")),
    )


def _loader_cache(file: Path) -> frozenset[str] | None:
    """Names in ld.so's cache: all the zero-ended strings in it are names and paths of libraries."""
    try:
        words = file.read_bytes()
    except OSError:
        return None
    strings = (words for words in words.split(b"\0") if b".so" in words)
    return frozenset(name.rpartition(b"/")[2].decode("utf-8", "replace") for name in strings)
