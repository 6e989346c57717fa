"""Regular expressions that are compiled at their first use. Pure.

`tunedoc check` knows some two hundred and a run asks a few dozen: compiling them all at start took a tenth
of its time.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class LatePattern:
    """A pattern's text and flags, until something is asked of it; from then on the compiled pattern answers."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """What the compiled pattern has under this name, remembered so that it is asked only once.

        Raises:
            re.error: the text is no regular expression.
        """
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)
        return found


def late_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Like `re.compile`, at the first use: whoever holds the result sees a pattern."""
    return cast("re.Pattern[AnyStr]", LatePattern(text, flags))
