"""Run a program of the trainer package in the training environment and pass on its events.

Nothing of ours is installed there: the package is copied to an app-owned folder named by its content, and
PYTHONPATH names that folder alone. With PYTHONSAFEPATH neither the working folder nor the script's can shadow it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.errors import WorkerFailed
from doctor.host.base import TooSlow
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import Failed, Finished, Staged, read_event, write_request
from trainer.file_moves import move_folder, remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doctor.host.base import Host, Process
    from doctor.paths import Home
    from doctor.words.text import Text
    from trainer.contract import Event

_DROPPED = (
    "PYTHONHOME", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "CONDA_PREFIX",
    "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT",
)  # fmt: skip
"""Variables that would point the training environment's Python elsewhere, make each of its starts slow, or make a
library believe that it is one of several processes."""

_ENDINGS = {
    0xC0000005: "access_violation",
    0xC0000017: "no_memory",
    0xC000001D: "illegal_instruction",
    0xC00000FD: "stack_overflow",
    0xC000012D: "commit_limit",
    0xC0000135: "no_library",
    0xC0000139: "no_entry_point",
    0xC000013A: "console_closed",
    0xC0000142: "library_failed",
    0xC0000374: "heap",
    0xC0000409: "abort",
    -4: "illegal_instruction",
    -6: "abort",
    -7: "bus",
    -9: "killed",
    -11: "access_violation",
    -15: "terminated",
}
"""Exit codes of programs that did not end by themselves: Windows' NTSTATUS values, and signals elsewhere."""


@dataclass(frozen=True)
class Worker:
    """A running program of the trainer package."""

    process: Process
    log: Path

    def command(self, **fields: object) -> None:
        """Send one command, such as `command(command="stop")`."""
        self.process.write_line(json.dumps(fields, ensure_ascii=True))

    def follow(self, on_event: Callable[[Event], None]) -> Finished:
        """Pass on events until the program ends. Raises WorkerFailed when it did not finish well.

        Whatever breaks this off, Ctrl-C too, ends the program: nobody would read what it says.
        """
        finished: Finished | None = None
        failed: Failed | None = None
        begun: Staged | None = None
        try:
            for line in self.process.lines():
                event = read_event(line)
                if event is None:
                    continue
                if isinstance(event, Finished):
                    finished = event
                elif isinstance(event, Failed):
                    failed = event
                elif isinstance(event, Staged):
                    begun = event if event.seconds is None else None
                on_event(event)
        except BaseException:
            self.process.end()
            raise
        code = self.process.wait()
        if failed is not None:
            raise told_failure(failed, self.log)
        if finished is None:
            raise WorkerFailed(
                text("worker.died", ending=ending(code), tail=tail(self.log)),
                kind="crashed",
                hint=text("worker.hint_crashed", log=str(self.log)),
                # A library that brings the process down says nothing; the last stage that began tells whose it was.
                package=None if begun is None else begun.detail.get("package") or None,
                proof=None if begun is None else begun.stage,
                device=None if begun is None else begun.detail.get("device"),
            )
        return finished

    def stop(self, patience_seconds: float = 60.0) -> None:
        """Ask the program to stop; end it when it has not gone after a while."""
        self.command(command="stop")
        try:
            self.process.wait(patience_seconds)
        except TooSlow:
            self.process.end()

    def end(self) -> None:
        """End the program at once."""
        self.process.end()


def told_failure(failed: Failed, log: Path) -> WorkerFailed:
    """The error for what a program says about its own failure."""
    return WorkerFailed(
        text(f"worker.failed_{failed.kind}", message=failed.message),
        kind=failed.kind,
        hint=text(f"worker.hint_{failed.kind}", log=str(log)),
        file=failed.file,
        package=failed.package,
        proof=failed.proof,
        device=failed.device,
    )


def ending(code: int) -> Text:
    """An exit code in words: what the system means by it, where it was the system that ended the program."""
    shown = f"0x{code:08X}" if code > 0xFFFF else str(code)
    known = _ENDINGS.get(code & 0xFFFFFFFF if code < -0xFFFF else code)
    return text("worker.exit", code=shown) if known is None else text(f"worker.exit_{known}", code=shown)


def start_worker(
    host: Host,
    home: Home,
    python: Path,
    program: str,
    request: object,
    *,
    log: Path,
    request_file: Path,
    environ: Mapping[str, str] | None = None,
    lets_finish: bool = False,
) -> Worker:
    """Start `python -m <program> <request_file>`, e.g. `trainer` or `trainer.converse`.

    `lets_finish`: when the doctor ends, the program may save what it has before it goes.
    """
    request_file.parent.mkdir(parents=True, exist_ok=True)
    request_file.write_text(write_request(request), encoding="utf-8")
    variables = {name: value for name, value in host.environ.items() if name not in _DROPPED}
    variables |= {
        "PYTHONPATH": str(place_trainer(home)),
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Threads that spin while they wait cost more than they save on a machine that does other things too.
        "OMP_WAIT_POLICY": variables.get("OMP_WAIT_POLICY", "PASSIVE"),
    }
    variables |= dict(environ or {})
    process = host.start(
        [str(python), "-m", program, str(request_file)],
        environ=variables,
        cwd=request_file.parent,
        stderr=log,
        lets_finish=lets_finish,
    )
    return Worker(process, log)


def place_trainer(home: Home) -> Path:
    """The folder to put on PYTHONPATH: a copy of the trainer package as it is in this version of tunedoc."""
    source = Path(__file__).parent.parent / "trainer"
    files = sorted(source.rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(source).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    folder = home.trainers / digest.hexdigest()[:16]
    if (folder / "trainer" / "__init__.py").exists():
        return folder
    building = home.trainers / f"{folder.name}.{os.getpid()}"
    remove_tree(building)
    for file in files:
        target = building / "trainer" / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    try:
        move_folder(building, folder)
    except OSError:
        # Another tunedoc placed the same copy in the meantime.
        remove_tree(building)
    return folder


def tail(log: Path, lines: int = 4) -> str:
    """The last lines of a log, in one; what libraries warn of is left out, for it is never why a program ends."""
    try:
        with log.open(encoding="utf-8", errors="replace") as stream:
            told = (line.strip() for line in stream)
            kept = (line for line in told if line and "Warning: " not in line and not line.startswith("warnings.warn("))
            return " | ".join(deque(kept, maxlen=lines))
    except OSError:
        return ""
