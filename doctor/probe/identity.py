"""Whose machine it is, so that reports can leave it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.probe.system import kernel_names
from doctor.snapshot.redaction import Identity

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.host.base import Host


def identify(host: Host, user_folder: Path) -> Identity:
    """Whose traces must not be in the snapshot."""
    names = [host.environ.get(name, "") for name in ("USERNAME", "USER", "LOGNAME")]
    host_name = host.environ.get("COMPUTERNAME", "") if host.system == "windows" else kernel_names().host_name
    return Identity(
        user=next((name for name in names if name), user_folder.name),
        home_folder=str(user_folder),
        host_name=host_name,
    )
