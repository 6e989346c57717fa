"""What this machine's pip is configured with: its variables and files, merged by pip's own rules.

Rules, as in pip's `configuration.py` and `cli/parser.py`: files are read global, user, site, then the one that
PIP_CONFIG_FILE names, and a later one replaces a value; inside the result the section of the command (`[install]`)
beats `[global]`, whichever file it came from; PIP_* variables beat all files. Lists are replaced, never joined.
"""

from __future__ import annotations

import configparser
import locale
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.host.base import System

_SECTIONS = ("global", "install")
_NO_FILES = ("/dev/null", "nul")
"""PIP_CONFIG_FILE set to the null device means: read no file at all."""


@dataclass(frozen=True, kw_only=True)
class PipConfiguration:
    """The options that decide where packages come from."""

    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    """Folders, `file:` addresses or pages with links to wheels."""
    no_index: bool = False
    cert: str = ""
    """File or folder with certificates to trust."""
    client_cert: str = ""
    trusted_hosts: tuple[str, ...] = ()
    proxy: str = ""
    timeout_seconds: str = ""
    origins: tuple[tuple[str, str], ...] = ()
    """Option and where it was set: `environment` or the file's path."""


def read_pip_configuration(
    environ: Mapping[str, str], system: System, user_folder: Path, python_prefix: Path | None = None
) -> PipConfiguration:
    """The configuration that `pip install` would have here. Raises BadInput for a file that cannot be parsed."""
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    by_section: dict[str, dict[str, tuple[str, str]]] = {section: {} for section in _SECTIONS}
    for file in configuration_files(environ, system, user_folder, python_prefix or Path(sys.prefix)):
        for section, items in _read(file).items():
            if section in by_section:
                by_section[section] |= {name: (value, str(file)) for name, value in items.items()}
    for section in _SECTIONS:
        for name, (value, origin) in by_section[section].items():
            if value:  # pip skips empty values, so an empty one does not take a lower one's place
                values[name], origins[name] = value, origin
    for variable, value in environ.items():
        if variable.startswith("PIP_") and value:
            name = _normalised(variable.removeprefix("PIP_"))
            values[name], origins[name] = value, "environment"
    return PipConfiguration(
        index_url=values.get("index-url", ""),
        extra_index_urls=tuple(values.get("extra-index-url", "").split()),
        find_links=_places(values.get("find-links", "")),
        no_index=values.get("no-index", "").lower() in {"1", "true", "yes", "on", "y", "t"},
        cert=values.get("cert", ""),
        client_cert=values.get("client-cert", ""),
        trusted_hosts=tuple(values.get("trusted-host", "").split()),
        proxy=values.get("proxy", ""),
        # `default-timeout` is the long-standing second name of `timeout`.
        timeout_seconds=values.get("timeout", "") or values.get("default-timeout", ""),
        origins=tuple(sorted(origins.items())),
    )


def configuration_files(
    environ: Mapping[str, str], system: System, user_folder: Path, python_prefix: Path
) -> tuple[Path, ...]:
    """The files that pip would read, lowest priority first. They need not exist."""
    named = environ.get("PIP_CONFIG_FILE")
    if named and named.lower() in _NO_FILES:
        return ()
    name = "pip.ini" if system == "windows" else "pip.conf"
    files = [folder / "pip" / name for folder in _global_folders(environ, system)]
    if system != "windows" and system != "macos":
        files.append(Path("/etc") / name)
    # pip leaves the user's files out when PIP_CONFIG_FILE names one that exists.
    if not (named and Path(named).exists()):
        files.append(user_folder / ("pip" if system == "windows" else ".pip") / name)
        files.append(_user_folder(environ, system, user_folder) / "pip" / name)
    files.append(python_prefix / name)
    if named:
        files.append(Path(named))
    return tuple(files)


def _global_folders(environ: Mapping[str, str], system: System) -> list[Path]:
    if system == "windows":
        return [Path(environ.get("PROGRAMDATA") or "C:/ProgramData")]
    if system == "macos":
        return [Path("/Library/Application Support")]
    return [Path(part) for part in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep) if part]


def _user_folder(environ: Mapping[str, str], system: System, user_folder: Path) -> Path:
    if system == "windows":
        return Path(environ.get("APPDATA") or user_folder / "AppData" / "Roaming")
    library = user_folder / "Library" / "Application Support"
    if system == "macos" and (library / "pip").is_dir():
        return library
    return Path(environ.get("XDG_CONFIG_HOME") or user_folder / ".config")


def _read(file: Path) -> dict[str, dict[str, str]]:
    try:
        raw = file.read_bytes()
    except OSError:
        return {}
    try:
        words = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # pip itself reads the system's encoding: cp936 on a Chinese Windows.
        words = raw.decode(locale.getencoding(), "replace")
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(words, str(file))
    except configparser.Error as exc:
        raise BadInput(
            text("uv.bad_pip_file", detail=str(exc).replace("\n", " ")),
            hint=text("uv.bad_pip_file_hint"),
            file=str(file),
            line=getattr(exc, "lineno", None),
        ) from exc
    return {
        section: {_normalised(name): value for name, value in parser.items(section)} for section in parser.sections()
    }


def _normalised(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _places(value: str) -> tuple[str, ...]:
    """Find-links: one a line or parted by blanks, as pip splits them; a folder with a blank in its name is kept
    whole where it exists, which pip would break."""
    places: list[str] = []
    for line in value.splitlines():
        whole = line.strip()
        if not whole:
            continue
        places += [whole] if Path(whole).is_dir() else whole.split()
    return tuple(places)
