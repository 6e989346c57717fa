"""Put the reason inside an Unknown into the reader's language: a snapshot keeps it in English, whoever made it."""

from __future__ import annotations

import re
from functools import cache

from doctor.words.probe import WORDS
from doctor.words.text import Text, text


def told(why: str) -> Text:
    """The reason as words that can be translated; one unknown here, such as a system's own error, as it is."""
    for pattern, key in _patterns():
        found = pattern.fullmatch(why)
        if found is not None:
            return Text(key, tuple(found.groupdict().items()))
    return text("probe.as_told", why=why)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each English reason as a pattern; its fields become groups."""
    patterns = []
    for key, (english, _) in WORDS.items():
        if key != "probe.as_told":
            parts = re.split(r"\{(\w+)\}", english)
            source = "".join(f"(?P<{part}>.+)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
            patterns.append((re.compile(source), key))
    return tuple(patterns)
