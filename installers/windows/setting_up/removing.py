"""Remove tunedoc: first what it did to this machine and its data, by its own verb; then what setting up did."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from installers.windows.setting_up.installing import PATIENCE_SECONDS, Refused, clean_environ
from installers.windows.setting_up.program import Program, is_running
from installers.windows.setting_up.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installers.windows.setting_up.installing import Voice


def remove_data(root: Path, voice: Voice, environ: Mapping[str, str], *, everything: bool) -> None:
    """Run `tunedoc uninstall`. Raises Refused when it refuses, or when tunedoc runs: then nothing was removed."""
    program = Program(root)
    environment = program.current()
    if any(is_running(folder) for folder in program.versions.glob("*")):
        raise Refused(say("running", voice.language))
    if environment is None:
        return
    argv = [str(environment / "Scripts" / "python.exe"), "-I", "-m", "doctor", "uninstall", "--yes", "--json"]
    argv += ["--lang", voice.language, *(["--everything"] if everything else [])]
    voice.log(f"> {subprocess.list2cmdline(argv)}")
    try:
        ran = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, env=clean_environ(environ), timeout=PATIENCE_SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        voice.log(f"exit code {ran.returncode}\n{ran.stdout.decode('utf-8', 'replace')}")
        told = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as exc:
        raise Refused(say("data_refused", voice.language, why=exc)) from exc
    if ran.returncode not in (0, 1):
        why = "; ".join(str(error.get("message", "")) for error in told.get("errors", []))
        raise Refused(say("data_refused", voice.language, why=why))
    kept = [str(one["folder"]) for one in told.get("data", {}).get("kept", [])]
    if kept:
        voice.note("data_kept", folders=", ".join(kept))
