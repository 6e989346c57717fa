"""Run uv, and put its failures into the errors that tunedoc knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.errors import NoNetwork, NoSpace, StepFailed
from doctor.host.base import CommandMissing
from doctor.host.pip_configuration import read_pip_configuration
from doctor.late_pattern import late_pattern
from doctor.uv.options import sources_for, without_credentials
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from doctor.errors import TunedocError
    from doctor.host.base import Host, Ran
    from doctor.uv.options import Sources

_URL = late_pattern(r"(?:https?|file)://[^\s`'\")<>]+")
_NO_SPACE = ("no space left on device", "os error 28)", "os error 112)", "not enough space on the disk")
_NO_NETWORK = (
    "error sending request",
    "failed to fetch",
    "client error (connect)",
    "dns error",
    "connection refused",
    "connection reset",
    "operation timed out",
    "network was disabled",
    "error decoding response body",
    "tls handshake",
)
_TLS = ("invalid peer certificate", "certificate", "unknownissuer")
_HASH = ("hash mismatch",)
_UNSATISFIABLE = ("no solution found",)


class Uv:
    """uv, with the sources of this machine."""

    def __init__(self, host: Host, sources: Sources | None = None) -> None:
        self.host = host
        self.sources = sources if sources is not None else machine_sources(host)

    def with_variables(self, changes: Mapping[str, str]) -> Uv:
        """The same uv with other variables."""
        environ = tuple(sorted((self.sources.variables | dict(changes)).items()))
        return Uv(self.host, replace(self.sources, environ=environ))

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Ran:
        """Run uv to its end. Raises NoNetwork, NoSpace or StepFailed with uv's own explanation."""
        ran = self.attempt(arguments, cwd=cwd, on_line=on_line)
        if ran.exit_code != 0:
            raise failure(ran.stderr or ran.stdout)
        return ran

    def attempt(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Ran:
        """Run uv to its end, whatever its exit code. Raises StepFailed when there is no uv."""
        try:
            return self.host.run(
                [str(find_uv()), *arguments], environ=self.sources.variables, cwd=cwd, on_stderr=on_line
            )
        except CommandMissing as exc:
            raise StepFailed(text("uv.missing"), hint=text("uv.missing_hint")) from exc


def find_uv() -> Path:
    """The uv that came with tunedoc. Raises StepFailed."""
    import uv

    try:
        return Path(uv.find_uv_bin())
    except FileNotFoundError as exc:
        raise StepFailed(text("uv.missing"), hint=text("uv.missing_hint")) from exc


def machine_sources(host: Host) -> Sources:
    """Where this machine's packages come from. Raises BadInput for a pip configuration that cannot be parsed."""
    pip = read_pip_configuration(host.environ, host.system, Path.home())
    return sources_for(pip, host.environ)


def failure(stderr: str) -> TunedocError:
    """The error that uv's words on stderr stand for."""
    explanation = explain(stderr)
    lowered = stderr.lower()
    found = _URL.search(stderr)
    url = without_credentials(found.group().rstrip(".,;:")) if found else ""
    source = url or text("uv.the_source")
    if any(words in lowered for words in _NO_SPACE):
        return NoSpace(text("uv.no_space", detail=explanation), hint=text("uv.no_space_hint"))
    if any(words in lowered for words in _HASH):
        return StepFailed(text("uv.wrong_hash", detail=explanation), hint=text("uv.wrong_hash_hint"))
    if any(words in lowered for words in _TLS) and any(words in lowered for words in _NO_NETWORK):
        return NoNetwork(text("uv.no_trust", source=source, detail=_last_cause(stderr)), hint=text("uv.no_trust_hint"))
    if any(words in lowered for words in _NO_NETWORK):
        return NoNetwork(
            text("uv.no_network", source=source, detail=_last_cause(stderr)), hint=text("uv.no_network_hint")
        )
    if any(words in lowered for words in _UNSATISFIABLE):
        return StepFailed(text("uv.unsatisfiable", detail=explanation), hint=text("uv.unsatisfiable_hint"))
    return StepFailed(text("uv.failed", detail=explanation), hint=text("uv.failed_hint"))


def explain(stderr: str, limit: int = 600) -> str:
    """uv's own explanation on one line: from its first `error:` on, without credentials, cut to a length."""
    lines = [" ".join(line.split()) for line in stderr.splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if line.startswith("error")), None)
    told = lines if start is None else lines[start:]
    joined = " ".join(line.removeprefix("error: ") for line in (told if start is not None else told[-4:]))
    shown = _URL.sub(lambda match: without_credentials(match.group()), joined)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _last_cause(stderr: str) -> str:
    """The innermost `cause:`, which names the real trouble; else the explanation."""
    causes = [line.strip().removeprefix("cause: ") for line in stderr.splitlines() if line.strip().startswith("cause:")]
    return _URL.sub(lambda match: without_credentials(match.group()), causes[-1]) if causes else explain(stderr, 200)
