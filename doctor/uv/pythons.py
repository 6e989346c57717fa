"""Find a Python that an environment can be made from, and fetch one of tunedoc's own where there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doctor.errors import NoNetwork, NoSpace, StepFailed
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.errors import TunedocError
    from doctor.paths import Home
    from doctor.uv.program import Uv

_64_BITS = ("x86_64", "aarch64")


def find_python(uv: Uv, home: Home, version: str) -> str | None:
    """The interpreter of a CPython of this version, 64 bits, with the GIL: tunedoc's own first, then the machine's."""
    # Not `uv python find`, which gives up at the first thing named python that does not run, such as a pyenv shim.
    arguments = ["python", "list", version, "--only-installed", "--output-format", "json", "--no-python-downloads"]
    ran = _with_own(uv, home).attempt([*arguments, "--color", "never"])
    try:
        rows = json.loads(ran.stdout)
    except ValueError:
        return None
    paths = [str(row["path"]) for row in rows if _fits(row, version)]
    own = str(home.pythons)
    return next(iter(sorted(paths, key=lambda path: not path.startswith(own))), None)


def install_python(
    uv: Uv, home: Home, version: str, *, mirror: str = "", on_line: Callable[[str], None] | None = None
) -> str:
    """Fetch a Python into tunedoc's own folder and return its interpreter; nothing outside that folder is changed.

    `mirror` takes the place of the address that uv goes to by itself. Raises NoNetwork, NoSpace, StepFailed.
    """
    arguments = ["python", "install", version, "--no-bin", "--color", "never"]
    if uv.host.system == "windows":
        arguments.append("--no-registry")
    if mirror:
        arguments += ["--mirror", mirror]
    try:
        _with_own(uv, home).run(arguments, on_line=on_line)
    except NoSpace:
        raise
    except (NoNetwork, StepFailed) as exc:
        raise _explained(exc, version) from exc
    found = find_python(uv, home, version)
    if found is None:
        raise StepFailed(text("uv.python_vanished", version=version), hint=text("uv.no_python_hint", version=version))
    return found


def _explained(error: TunedocError, version: str) -> TunedocError:
    return type(error)(
        text("uv.no_python", version=version, why=error.message), hint=text("uv.no_python_hint", version=version)
    )


def _with_own(uv: Uv, home: Home) -> Uv:
    return uv.with_variables({"UV_PYTHON_INSTALL_DIR": str(home.pythons)})


def _fits(row: Any, version: str) -> bool:
    return (
        isinstance(row, dict)
        and bool(row.get("path"))
        and row.get("implementation") == "cpython"
        and row.get("variant", "default") == "default"
        and row.get("arch") in _64_BITS
        and str(row.get("version", "")).startswith(f"{version}.")
        # Environments made from the Microsoft Store's Python break at each of its updates.
        and "WindowsApps" not in str(row["path"])
    )
