"""What tunedoc asks of a machine, as a protocol: `doctor.host.real` is the real one, tests have another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

System = Literal["windows", "linux", "macos"]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that has ended."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str


class CommandMissing(Exception):
    """The program does not exist on this machine."""


class TooSlow(Exception):
    """The command was ended because it gave no answer in time."""


class Process(Protocol):
    """A program that is running, with its lines."""

    pid: int

    def lines(self) -> Iterator[str]:
        """Lines of stdout as they come, without line ends, until the program closes it."""
        ...

    def write_line(self, line: str) -> None:
        """One line to stdin. Silently nothing when the program has gone."""
        ...

    def close_stdin(self) -> None: ...

    def wait(self, timeout_seconds: float | None = None) -> int:
        """The exit code. Raises TooSlow."""
        ...

    def end(self) -> None:
        """End the program and its children, at once."""
        ...


class Host(Protocol):
    """The machine. Every method that can fail raises OSError, CommandMissing or TooSlow and nothing else."""

    system: System
    environ: Mapping[str, str]
    python: Path
    """The interpreter that runs the doctor."""

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        on_stderr: Callable[[str], None] | None = None,
    ) -> Ran:
        """Run a command to its end. `environ` replaces the environment; `on_stderr` gets its lines as they come.

        The command's output is read as UTF-8, with replacement. Raises CommandMissing, TooSlow.
        """
        ...

    def start(
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stderr: Path | None = None,
        lets_finish: bool = False,
    ) -> Process:
        """Start a program with pipes on stdin and stdout; its stderr is appended to a file.

        It does not get the terminal's Ctrl-C: stopping it is the doctor's decision. When the doctor ends, however it
        ends, the system ends the program too (on Windows; elsewhere a program finds its stdin at its end).
        `lets_finish`: it is not ended by the system, because it saves what it has when its stdin ends, and then goes.
        Raises CommandMissing.
        """
        ...

    def take(self, changes: Mapping[str, str | None]) -> None:
        """Change this process's own environment, and so that of every program started from now on. None: taken out."""
        ...

    def free_bytes(self, path: Path) -> int:
        """Free space on the volume of `path`, or of its nearest existing parent."""
        ...
