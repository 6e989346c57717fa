"""What can go wrong, as types: each names what happened, to what, and what to do next."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.words.text import Text


class ExitCode(IntEnum):
    """What `tunedoc` tells the shell."""

    WELL = 0
    """Done, and nothing needs attention."""
    FINDINGS = 1
    """Done, and something was found that needs attention (`check`, `data check`)."""
    USAGE = 2
    """The request cannot be carried out as put: an argument, a job file, a data file or a model folder is wrong."""
    FAILED = 3
    """The work was begun or could not begin for a reason outside the request: network, disk, a failed step."""
    INTERRUPTED = 130
    """Stopped by the user; what was done is kept and the same command goes on from there."""


class TunedocError(Exception):
    """A failure with words for the user. Raised where it is known, caught at the face."""

    exit_code: ExitCode = ExitCode.FAILED
    code: str = "failed"
    """Stable name in the JSON envelope."""

    def __init__(
        self,
        message: Text,
        *,
        hint: Text | None = None,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message.key)
        self.message = message
        self.hint = hint
        self.file = file
        self.line = line
        self.field = field


class UsageError(TunedocError):
    """The command line itself is wrong."""

    exit_code = ExitCode.USAGE
    code = "usage"


class BadInput(TunedocError):
    """A file that the user gave cannot be used: job, data, model folder, snapshot."""

    exit_code = ExitCode.USAGE
    code = "bad_input"


class NoNetwork(TunedocError):
    """A download source could not be reached."""

    code = "no_network"


class NoSpace(TunedocError):
    """A volume has too little free space for what was asked."""

    code = "no_space"


class NotInstalled(TunedocError):
    """The training environment, or a part of it, is missing."""

    code = "not_installed"


class NoStack(TunedocError):
    """No row of the catalogue fits this machine."""

    code = "no_stack"


class StepFailed(TunedocError):
    """A step that touches the machine failed; the journal says what was done before it."""

    code = "step_failed"


class WorkerFailed(TunedocError):
    """A program in the training environment failed; `kind` is the contract's."""

    code = "worker_failed"

    def __init__(
        self,
        message: Text,
        *,
        kind: str,
        hint: Text | None = None,
        file: str | None = None,
        package: str | None = None,
        proof: str | None = None,
        device: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, file=file)
        self.kind = kind
        self.package = package
        """The package at fault, where a proof failed and one is known."""
        self.proof = proof
        self.device = device
        if kind in {"bad_data", "bad_model", "bad_job"}:
            self.exit_code = ExitCode.USAGE


class Interrupted(TunedocError):
    """The user stopped the work."""

    exit_code = ExitCode.INTERRUPTED
    code = "interrupted"
