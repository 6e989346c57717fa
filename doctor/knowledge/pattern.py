"""Patterns of the knowledge base: a part of the language of regular expressions that no input can make slow.

A pattern is searched in one line. ` ... ` splits it into segments that must follow each other on the line; each segment
is found at its leftmost place, which is enough, since anything may lie in between. Inside a segment a quantifier stands
after one character, escape or class, so that nothing is repeated within a repetition, and its reach is bounded.
"""

from __future__ import annotations

import re

GAP = " ... "
MIN_LITERAL = 3
"""Ordinary characters in a row that each alternative must have; lines are looked for by them first."""
_REACH = 100
"""Characters that an open-ended quantifier takes at most."""
_MAX_OPEN = 3
"""Open-ended quantifiers in one segment."""
_ORDINARY = re.compile(r"[^\\\[\](){}|^$.*+?]+")
_CLASS_ESCAPES = set("dDwWsS")
_PLAIN_ESCAPES = set(".\\^$*+?{}[]()|/'\"-#=:<>!&@%~` ,")


class PatternRefused(ValueError):
    """The pattern is not in the language; the message says why."""


class Pattern:
    """One pattern. Reading it waits until it is needed: of most entries the conditions already fail."""

    __slots__ = ("_compiled", "_read", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._read: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._compiled: list[re.Pattern[str]] = []

    @property
    def literals(self) -> tuple[str, ...]:
        """Lower case. A line that the pattern fits holds at least one of them. Raises PatternRefused."""
        if self._read is None:
            self._read = _read(self.source)
        return self._read[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Of its groups. Raises PatternRefused."""
        if self._read is None:
            self._read = _read(self.source)
        return self._read[1]

    def compile(self) -> None:
        """Make it ready to search. Raises PatternRefused."""
        try:
            self._compiled = [_compile(segment) for segment in self.source.split(GAP)]
        except re.error as exc:
            raise PatternRefused(str(exc)) from exc

    def search(self, line: str) -> dict[str, str] | None:
        """The named groups where the line fits, else None. `line` has a bounded length (see reading.document)."""
        if not self._compiled:
            self.compile()
        found: dict[str, str] = {}
        place = 0
        for segment in self._compiled:
            match = segment.search(line, place)
            if match is None:
                return None
            place = match.end()
            found.update({name: value for name, value in match.groupdict().items() if value is not None})
        return found


def parse(source: str) -> Pattern:
    """A pattern from its text, wholly checked. Raises PatternRefused."""
    pattern = Pattern(source)
    if pattern.literals:
        pattern.compile()
    return pattern


def _read(source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Literals and names."""
    if not source.strip():
        raise PatternRefused("is empty")
    best: tuple[str, ...] | None = None
    names: list[str] = []
    for segment in source.split(GAP):
        reader = _Reader(segment)
        literals = reader.read()
        names += reader.names
        if literals is not None and (best is None or _worth(literals) > _worth(best)):
            best = literals
    if best is None or _worth(best) < MIN_LITERAL:
        raise PatternRefused(f"needs {MIN_LITERAL} ordinary characters in a row in each alternative")
    if len(set(names)) != len(names):
        raise PatternRefused("names a group twice")
    return best, tuple(names)


def _worth(literals: tuple[str, ...]) -> int:
    return min(len(literal) if literal.isascii() else _weight(literal) for literal in literals)


def _weight(literal: str) -> int:
    """A Chinese character is as rare as two letters."""
    return sum(1 + (letter > "\u2e80") for letter in literal)


def _compile(segment: str) -> re.Pattern[str]:
    return re.compile(_Reader(segment).bounded(), re.IGNORECASE)


class _Reader:
    """Reads one segment: checks its language, gathers literals, and writes it again with bounded quantifiers."""

    def __init__(self, segment: str) -> None:
        self._text = segment
        self._at = 0
        self._out: list[str] = []
        self._open = 0
        self.names: list[str] = []

    def read(self) -> tuple[str, ...] | None:
        """Literals of which one must be there; None when nothing is certain. Raises PatternRefused."""
        literals = self._alternatives()
        if self._at < len(self._text):
            raise PatternRefused("closes a group that was never opened")
        return literals

    def bounded(self) -> str:
        self.read()
        return "".join(self._out)

    def _alternatives(self) -> tuple[str, ...] | None:
        found: list[str] = []
        certain = True
        while True:
            literals = self._sequence()
            if literals is None:
                certain = False
            else:
                found += literals
            if self._peek() != "|":
                return tuple(dict.fromkeys(found)) if certain else None
            self._take()

    def _sequence(self) -> tuple[str, ...] | None:
        best: tuple[str, ...] | None = None
        run = ""

        def offer(literals: tuple[str, ...] | None) -> None:
            nonlocal best
            if literals and all(literals) and (best is None or _worth(literals) > _worth(best)):
                best = literals

        while (letter := self._peek()) not in {"", "|", ")"}:
            if plain_run := self._plain_run():
                run += plain_run
                continue
            if letter == "(":
                offer((run,))
                run = ""
                inner = self._group()
                if self._peek() == "?":
                    self._take()
                else:
                    offer(inner)
                if self._peek() in {"+", "*", "{", "?"}:
                    raise PatternRefused("repeats a group")
                continue
            plain = self._atom()
            least = self._quantifier()
            if plain is None or least == 0:
                offer((run,))
                run = ""
            elif least is None:
                run += plain
            else:
                offer((run + plain,))
                run = ""
        offer((run,))
        return best

    def _group(self) -> tuple[str, ...] | None:
        head = re.compile(r"\((?:\?:|\?P<(?P<name>[a-z][a-z0-9_]*)>)").match(self._text, self._at)
        if head is None:
            raise PatternRefused("has a group that is neither (?:…) nor (?P<name>…)")
        if head["name"]:
            self.names.append(head["name"])
        self._out.append(head[0])
        self._at = head.end()
        inner = self._alternatives()
        if self._peek() != ")":
            raise PatternRefused("leaves a group open (a gap cannot stand inside a group)")
        self._take()
        return inner

    def _plain_run(self) -> str:
        """Ordinary characters up to the next special one, in lower case; without one that a quantifier follows."""
        found = _ORDINARY.match(self._text, self._at)
        if found is None:
            return ""
        letters = found[0]
        if self._text[found.end() : found.end() + 1] in {"+", "*", "?", "{"}:
            letters = letters[:-1]
        if letters:
            self._at += len(letters)
            self._out.append(letters)
        return letters.lower()

    def _atom(self) -> str | None:
        """One character, escape or class; its plain letter in lower case where it has one."""
        letter = self._take()
        if letter == "\\":
            escaped = self._take()
            if escaped in _CLASS_ESCAPES or escaped in {"b", "B", "t"}:
                return None
            if escaped in _PLAIN_ESCAPES:
                return escaped
            raise PatternRefused(f"has an escape that is not allowed: \\{escaped}")
        if letter == "[":
            self._class()
            return None
        if letter in "^$.":
            return None
        if letter in "*+?{":
            raise PatternRefused(f"repeats nothing with {letter}")
        return letter.lower()

    def _class(self) -> None:
        if self._peek() == "^":
            self._take()
        if self._peek() == "]":
            self._take()
        while (letter := self._peek()) != "]":
            if letter == "":
                raise PatternRefused("leaves a class open")
            if letter == "\\":
                self._take()
            self._take()
        self._take()

    def _quantifier(self) -> int | None:
        """The least number of times; None where no quantifier stands."""
        letter = self._peek()
        before = self._text[self._at - 1 : self._at]
        if letter not in {"+", "*", "?", "{"}:
            return None
        if letter == "?":
            self._take()
            least = 0
        elif letter in {"+", "*"}:
            if before == "." and self._text[self._at - 2 : self._at - 1] != "\\":
                raise PatternRefused("has .* or .+; write ` ... `")
            self._at += 1
            self._open += 1
            least = 1 if letter == "+" else 0
            self._out.append(f"{{{least},{_REACH}}}")
        else:
            found = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}").match(self._text, self._at)
            if found is None:
                raise PatternRefused("has a { that is no {m} or {m,n}; write \\{")
            if int(found[2] or found[1]) > _REACH:
                raise PatternRefused(f"repeats more than {_REACH} times")
            self._open += found[2] is not None
            self._out.append(found[0])
            self._at = found.end()
            least = int(found[1])
        if self._open > _MAX_OPEN:
            raise PatternRefused(f"has more than {_MAX_OPEN} quantifiers in one segment")
        if self._peek() in {"?", "+", "*", "{"}:
            raise PatternRefused("has two quantifiers in a row")
        return least

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        letter = self._peek()
        if not letter:
            raise PatternRefused("ends in the middle")
        self._at += 1
        self._out.append(letter)
        return letter
