"""Addresses as they may be shown and as a connection needs them: without, and with, user name and password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


def without_credentials(url: str) -> str:
    """An address as it may be shown: user name and password replaced."""
    try:
        parts = urlsplit(url)
        if "@" not in parts.netloc:
            return url
        return urlunsplit(parts._replace(netloc="****@" + parts.netloc.rpartition("@")[2]))
    except ValueError:
        return "****"


def local_file(url: str) -> Path | None:
    """The file of this machine that an address names; None for one of the network."""
    if url.lower().startswith("file:"):
        path = unquote(urlsplit(url).path)
        # file:///C:/wheels has a slash before the drive
        return Path(path[1:] if path[2:3] == ":" else path)
    return None if "://" in url else Path(url)


def host_of(url: str) -> str:
    """Scheme, host and port: what is slow or lies for one file most likely does for another."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def without_user(url: str) -> str:
    """The address as a request names it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def credentials_for(url: str, variables: Mapping[str, str]) -> tuple[str, str] | None:
    """User name and password: those in the address, else those that a netrc file has for its host."""
    parts = urlsplit(url)
    if parts.username is not None:
        return unquote(parts.username), unquote(parts.password or "")
    home = variables.get("HOME") or variables.get("USERPROFILE") or ""
    files = [variables["NETRC"]] if variables.get("NETRC") else [f"{home}/.netrc", f"{home}/_netrc"] if home else []
    for name in files:
        if not Path(name).is_file():
            continue
        from netrc import NetrcParseError, netrc

        try:
            found = netrc(name).authenticators(parts.hostname or "")
        except (OSError, NetrcParseError, UnicodeDecodeError):
            continue
        if found is not None:
            return found[0], found[2] or ""
    return None
