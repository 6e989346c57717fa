"""What only a person can do, step by step: it needs an administrator, a restart or a download by hand. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.snapshot.model import OperatingSystem
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text

_LONG_PATHS = (
    text("fix.hand_administrator"),
    text("fix.hand_long_paths"),
    text("fix.hand_restart"),
    text("fix.hand_check"),
)
_PAGE_FILE = (
    text("fix.hand_page_file_open"),
    text("fix.hand_page_file_change"),
    text("fix.hand_page_file_automatic"),
    text("fix.hand_restart"),
)
_RUNTIME = (text("fix.hand_runtime_get"), text("fix.hand_runtime_run"), text("fix.hand_check"))
_DEVELOPER = (text("fix.hand_developer_open"), text("fix.hand_developer_on"), text("fix.hand_check"))
_WSL = (text("fix.hand_wsl_update"), text("fix.hand_wsl_shutdown"), text("fix.hand_wsl_again"))
_BUILD_TOOLS = (text("fix.hand_tools_get"), text("fix.hand_tools_choose"), text("fix.hand_check"))
_DRIVER_WINDOWS = (
    text("fix.hand_driver_get"),
    text("fix.hand_driver_install"),
    text("fix.hand_restart"),
    text("fix.hand_check"),
)
_DRIVER_LINUX = (
    text("fix.hand_driver_linux"),
    text("fix.hand_restart"),
    text("fix.hand_check"),
)

_GUIDES: tuple[tuple[tuple[str, ...], tuple[Text, ...]], ...] = (
    (("long_path",), _LONG_PATHS),
    (("page_file", "pagefile", "commit"), _PAGE_FILE),
    (("vc_runtime", "vc_redist", "vcruntime", "vcredist"), _RUNTIME),
    (("developer_mode", "symlink"), _DEVELOPER),
    (("wsl.kernel", "wsl.update"), _WSL),
    (("build_tools", "toolkit.compiler"), _BUILD_TOOLS),
)
"""By a part of the fix's id. Checks and knowledge entries name their fixes `<area>.<thing>`."""


def guide_for(fix_id: str, snapshot: Snapshot) -> tuple[Text, ...]:
    """The steps for a person, in order; empty where the fix's own words are all there is."""
    system = snapshot.os
    windows = isinstance(system, OperatingSystem) and system.system == "windows"
    in_wsl = isinstance(system, OperatingSystem) and system.wsl != 0
    if fix_id in {"nvidia.driver", "driver.update", "nvidia.driver_update"}:
        return _DRIVER_WINDOWS if windows or in_wsl else _DRIVER_LINUX
    if not windows and not in_wsl:
        return ()
    return next((guide for parts, guide in _GUIDES if any(part in fix_id for part in parts)), ())
