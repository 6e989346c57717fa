"""What a verb has at hand: the machine, tunedoc's folder, and a voice. Verbs decide nothing about how it looks."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from doctor.errors import ExitCode
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

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

    def agrees(self, *, yes: bool) -> bool:
        """Whether the user agrees to what was shown: by `--yes`, else by answering.

        Raises UsageError where nobody can be asked.
        """
        from doctor.errors import UsageError

        if yes:
            return True
        if not self.screen.can_ask:
            raise UsageError(text("cli.answer_needed"), hint=text("cli.answer_needed_hint"))
        try:
            answer = self.screen.ask(self.screen.words(text("cli.go_on")))
        except EOFError:
            return False
        return answer.strip().lower() in {"y", "yes", "是", "好"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a verb found or did. `data` goes into the envelope; everything human was said through the screen."""

    data: dict[str, Any] = field(default_factory=dict)
    exit_code: ExitCode = ExitCode.WELL
