"""What a verb has at hand: the machine, tunedoc's folder, and a voice. Verbs decide nothing about how it looks."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from doctor.errors import ExitCode
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.cli.render import Screen
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.words.text import Language


@dataclass(frozen=True, kw_only=True)
class Face:
    """One invocation of the command."""

    host: Host
    home: Home
    screen: Screen
    language: Language
    json: bool
    verbose: bool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a verb found or did. `data` goes into the envelope; everything human was said through the screen."""

    data: dict[str, Any] = field(default_factory=dict)
    exit_code: ExitCode = ExitCode.WELL
