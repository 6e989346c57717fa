"""How data files are shown: findings with their places, token counts as bars, examples in colour."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from doctor.words.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.cli.face import Face
    from doctor.data.fixing import Change, FixOutcome
    from doctor.data.looking import Look
    from doctor.data.report import FileReport
    from trainer.records import Problem

_SHOWN = 20
"""Findings of one file that are shown without `-v`."""
_SHOWN_OF_A_KIND = 5
"""Of those, findings of one kind that are no failures."""
_MARKS = {"failure": "✗", "warning": "●", "note": "·"}
_FATES = {"mended": "✓", "left_out": "·", "unusable": "✗"}
_BAR = 40
"""Characters of the longest bar."""
_STYLES = {"given": "dim", "learned": "bold green", "cut": "red strike"}
_PLAIN = {"given": ("", ""), "learned": ("⟦", "⟧"), "cut": ("⟨", "⟩")}
"""Round the parts of an example where there is no colour."""
_PLAIN_ASCII = {"given": ("", ""), "learned": ("[[", "]]"), "cut": ("<<", ">>")}


def show_file(report: FileReport, face: Face) -> None:
    """One line on the file, then its findings, the gravest first."""
    from doctor.data.report import words_of

    mark = _MARKS.get(report.worst or "", "✓")
    if report.rows == 0:
        face.screen.show(text("data.summary_unreadable", mark=mark, file=report.file))
    else:
        facts = [report.form.upper()] + [_encoding(report.encoding)] * (report.encoding is not None)
        face.screen.show(
            text(
                "data.summary",
                mark=mark,
                file=report.file,
                ok=report.records_ok,
                rows=report.rows,
                layout=text(f"data.layout_{report.layout or 'none'}"),
                form=" ".join(facts),
            )
        )
    # What cannot be used comes before what is only told.
    ordered = sorted(report.problems, key=lambda problem: list(_MARKS).index(problem.severity))
    shown = ordered if face.verbose else _some(ordered)
    places = [face.screen.words(_place(problem.line, problem.record)) for problem in shown]
    width = max((len(place) for place in places), default=0)
    for problem, place in zip(shown, places, strict=True):
        words = face.screen.words(words_of(problem))
        face.screen.show(f"  {_MARKS[problem.severity]} {place:<{width}}  {words}")
    if len(shown) < len(ordered):
        face.screen.show(text("data.more_findings", count=len(ordered) - len(shown)))
    more = sum(report.counts.values()) - len(report.problems)
    if more > 0:
        face.screen.show(text("data.not_listed", count=more))


def _some(problems: list[Problem]) -> list[Problem]:
    """The first few of each kind that is only told, and the first of all."""
    met: Counter[str] = Counter()
    some: list[Problem] = []
    for problem in problems:
        met[problem.code] += 1
        if problem.severity == "failure" or met[problem.code] <= _SHOWN_OF_A_KIND:
            some.append(problem)
    return some[:_SHOWN]


def show_others(problems: Sequence[Problem], face: Face) -> None:
    """What is to be told of folders and of files that hold no data."""
    from doctor.data.report import words_of

    for problem in problems[: None if face.verbose else _SHOWN]:
        face.screen.show(f"{_MARKS[problem.severity]} {problem.file}: {face.screen.words(words_of(problem))}")
    if not face.verbose and len(problems) > _SHOWN:
        face.screen.show(text("data.more_findings", count=len(problems) - _SHOWN))


def show_look(look: Look, face: Face) -> None:
    """Token counts and examples, where a tokenizer counted."""
    if look.tokens is not None and look.tokens["records"]:
        _show_tokens(look.tokens, face)
    for example in look.examples:
        _show_example(example, face)
    if look.examples:
        face.screen.show("")
        if _has_colour():
            face.screen.show(text("data.colours"))
        else:
            (begin, end), (lost, gone) = _signs()["learned"], _signs()["cut"]
            face.screen.show(text("data.signs", begin=begin, end=end, lost=lost, gone=gone))


def _show_tokens(tokens: dict[str, Any], face: Face) -> None:
    screen = face.screen
    screen.show("")
    share = f"{tokens['learned_share'] * 100:.0f}"
    screen.show(text("data.tokens", records=tokens["records"], tokens=f"{tokens['tokens']:,}", share=share))
    marks = tokens["percentiles"]
    screen.show(text("data.percentiles", half=marks["50"], most=marks["95"], nearly=marks["99"], longest=marks["100"]))
    classes = tokens["histogram"]
    highest = max(each["records"] for each in classes)
    ranges = [f"{each['from']}–{each['to']}" for each in classes]
    width = max(map(len, ranges))
    for words, each in zip(ranges, classes, strict=True):
        count = each["records"]
        bar = "█" * max(round(count * _BAR / highest), 1 if count else 0)
        screen.show(f"  {words:>{width}}  {_bar(bar)} {count}".rstrip())
    if not tokens["chat_template"]:
        screen.show(text("data.no_chat_template"))
    cut = tokens["cut"]
    if not cut["records"]:
        screen.show(text("data.nothing_cut", max_length=tokens["max_length"]))
        return
    percent = f"{cut['records'] * 100 / tokens['records']:.1f}"
    screen.show(
        text(
            "data.cut",
            records=cut["records"],
            percent=percent,
            max_length=tokens["max_length"],
            tokens=cut["tokens"],
            answer=cut["answer_tokens"],
        )
    )
    if cut["without_answer"]:
        screen.show(text("data.cut_whole", records=cut["without_answer"]))


def _show_example(example: dict[str, Any], face: Face) -> None:
    screen = face.screen
    place = screen.words(_place(example.get("line"), example.get("record")))
    screen.show("")
    screen.show(text("data.example_title", file=example["file"], place=place, tokens=example["tokens"]))
    if _has_colour():
        from rich.text import Text as Coloured

        whole = Coloured()
        for span in example["spans"]:
            whole.append(span["text"], style=_STYLES[span["kind"]])
        screen.show(whole, "")
    else:
        signs = _signs()
        pieces = [signs[span["kind"]][0] + span["text"] + signs[span["kind"]][1] for span in example["spans"]]
        screen.show("".join(pieces))
    if example["shown"] < example["tokens"]:
        screen.show(text("data.example_more", count=example["tokens"] - example["shown"]))


def show_changes(outcome: FixOutcome, source: str, target: str, usable: int, face: Face) -> None:
    """What was done to a file's rows, and what the new file is worth."""
    shown = outcome.changes if face.verbose else outcome.changes[:_SHOWN]
    for change in shown:
        place = face.screen.words(_place(change.line, change.record))
        face.screen.show(f"  {_FATES[change.fate]} {place}  {face.screen.words(words_of_change(change))}")
    if len(shown) < len(outcome.changes):
        face.screen.show(text("data.more_findings", count=len(outcome.changes) - len(shown)))
    if outcome.encoding != "utf-8":
        face.screen.show(text("data.recoded", encoding=_encoding(outcome.encoding)))
    counts = outcome.counts
    face.screen.show(
        text(
            "data.fixed",
            file=target,
            written=outcome.written,
            rows=outcome.rows,
            usable=usable,
            mended=counts.get("mended", 0),
            left_out=counts.get("left_out", 0),
        )
    )
    if counts.get("unusable"):
        face.screen.show(text("data.still_unusable", count=counts["unusable"]))


def words_of_change(change: Change) -> Text:
    """A change in words."""
    from doctor.data.report import words_of

    if change.mend is not None:
        mend = change.mend
        return text(f"data.mend_{mend.code}", field=mend.field or "", before=mend.before, after=mend.after)
    assert change.problem is not None
    message = words_of(change.problem)
    return text("data.left_out", message=message) if change.fate == "left_out" else message


def _encoding(codec: str | None) -> str:
    return "GBK" if codec == "gb18030" else "UTF-8 (BOM)" if codec == "utf-8-sig" else (codec or "").upper()


def _place(line: int | None, record: int | None) -> Text:
    if line is not None and record is not None:
        return text("data.at_both", line=line, record=record)
    if line is not None:
        return text("data.at_line", line=line)
    if record is not None:
        return text("data.at_place", record=record)
    return text("data.whole_file")


def _bar(bar: str) -> str:
    return bar if _can_show("█") else "#" * len(bar)


def _signs() -> dict[str, tuple[str, str]]:
    return _PLAIN if _can_show("⟦⟧⟨⟩") else _PLAIN_ASCII


def _can_show(words: str) -> bool:
    import sys

    try:
        words.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _has_colour() -> bool:
    import sys

    from doctor.host.terminals import is_terminal

    return is_terminal(sys.stdout)
