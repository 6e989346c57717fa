"""One report for a bug tracker, as Markdown and as JSON, without traces of the person. Pure.

What attention is needed for comes first, then the facts in compact tables, then the ends of logs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doctor.quick_dataclass import dataclass
from doctor.snapshot.codec import to_record
from doctor.snapshot.redaction import Identity, redact, redact_words
from doctor.words.text import render, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doctor.checks.base import Finding
    from doctor.diagnosis import Diagnosis
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Language, Text

REPORT_VERSION = 1
_NOT_ASKED = {"unknown": "not asked"}
_LOG_LINES = 200
_LOG_CHARACTERS = 30_000


@dataclass(frozen=True, kw_only=True)
class Log:
    """The end of a log that goes into the report."""

    name: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything of a report, redacted."""

    record: dict[str, Any]
    """As JSON has it: `report`, `tunedoc`, `catalogue`, `findings`, `left_out`, `snapshot`, `logs`."""
    language: Language


def build_report(
    snapshot: Snapshot,
    diagnosis: Diagnosis,
    *,
    catalogue: str,
    titles: Mapping[str, Text],
    identity: Identity,
    language: Language,
    logs: Sequence[Log] = (),
) -> Report:
    """The report of one machine. `catalogue`: its date."""
    machine = to_record(redact(snapshot, identity))
    findings = sorted(diagnosis.findings, key=lambda finding: not finding.status.needs_attention)
    record = {
        "report": REPORT_VERSION,
        "tunedoc": machine["tunedoc"],
        "catalogue": catalogue,
        "taken_at": machine["taken_at"],
        "counts": {status.value: count for status, count in diagnosis.counts.items()},
        "findings": [_finding_record(finding, titles, identity, language) for finding in findings],
        "left_out": list(diagnosis.left_out),
        "snapshot": machine,
        "logs": [
            {"name": redact_words(log.name, identity), "words": redact_words(end_of(log.words), identity)}
            for log in logs
        ],
    }
    return Report(record=record, language=language)


def to_json(report: Report) -> str:
    """The report as JSON text, ASCII. Ends with a line feed."""
    return json.dumps(report.record, ensure_ascii=True, indent=2) + "\n"


def to_markdown(report: Report) -> str:
    """The report as Markdown that GitHub and its like show well. Ends with a line feed."""
    record, say = report.record, _Speaker(report.language)
    counts = record["counts"]
    lines = [
        f"# {say(text('report.title', version=record['tunedoc']))}",
        "",
        say(text("report.from", catalogue=record["catalogue"], taken=record["taken_at"])),
        "",
        say(
            text(
                "report.counts",
                failures=counts["failure"],
                warnings=counts["warning"],
                unknown=counts["unknown"],
                notes=counts["note"],
                well=counts["ok"],
            )
        ),
    ]
    attention = [finding for finding in record["findings"] if finding["status"] in ("failure", "warning")]
    others = [finding for finding in record["findings"] if finding["status"] in ("note", "unknown")]
    well = [f"`{finding['check']}`" for finding in record["findings"] if finding["status"] == "ok"]
    if attention:
        lines += ["", f"## {say(text('report.attention'))}"]
        for finding in attention:
            lines += _finding_lines(finding, say)
    if others:
        lines += ["", f"## {say(text('report.others'))}", ""]
        lines += table(
            ["", say(text("report.check")), say(text("report.found"))],
            [[finding["status"], finding["check"], finding["summary"]] for finding in others],
        )
    if well:
        lines += ["", say(text("report.well", checks=", ".join(well)))]
    lines += ["", f"## {say(text('report.facts'))}", *_fact_lines(record["snapshot"])]
    for log in record["logs"]:
        fence = "`" * max(3, _longest_ticks(log["words"]) + 1)
        lines += ["", f"## {say(text('report.log', name=log['name']))}", "", f"{fence}text", log["words"], fence]
    return "\n".join(lines) + "\n"


def table(titles: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table; what would end a cell is escaped."""
    cells = [[_cell(word) for word in row] for row in rows]
    return [
        "| " + " | ".join(titles) + " |",
        "|" + "---|" * len(titles),
        *("| " + " | ".join(row) + " |" for row in cells),
    ]


def end_of(words: str) -> str:
    """The end of a log: its last lines, cut to a length."""
    lines = words.rstrip().splitlines()[-_LOG_LINES:]
    end = "\n".join(line if len(line) <= 2000 else line[:2000] + "…" for line in lines)
    return end if len(end) <= _LOG_CHARACTERS else "…" + end[-_LOG_CHARACTERS:].partition("\n")[2]


def _finding_record(
    finding: Finding, titles: Mapping[str, Text], identity: Identity, language: Language
) -> dict[str, Any]:
    def say(message: Text) -> str:
        return redact_words(render(message, language), identity, is_version=True)

    title = titles.get(finding.check)
    return {
        "check": finding.check,
        "title": say(title) if title is not None else finding.check,
        "status": finding.status.value,
        "summary": say(finding.summary),
        "cause": say(finding.cause) if finding.cause is not None else None,
        "evidence": [say(fact) for fact in finding.evidence],
        "fixes": [say(fix.by_hand or fix.title) for fix in finding.fixes],
    }


class _Speaker:
    """Puts texts into the report's language."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language

    def __call__(self, message: Text) -> str:
        return render(message, self._language)


def _finding_lines(finding: dict[str, Any], say: _Speaker) -> list[str]:
    mark = "✗" if finding["status"] == "failure" else "●"
    lines = ["", f"### {mark} {finding['title']} (`{finding['check']}`)", "", _shown(finding["summary"])]
    if finding["cause"]:
        lines += ["", _shown(finding["cause"])]
    if finding["evidence"] or finding["fixes"]:
        lines.append("")
    lines += [f"- {_shown(fact)}" for fact in finding["evidence"]]
    lines += [f"- **{say(text('report.fix'))}** {_shown(fix)}" for fix in finding["fixes"]]
    return lines


def _fact_lines(snapshot: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    plain = [name for name in snapshot if not _is_section(snapshot[name])]
    for name, section in snapshot.items():
        if name in plain or section == _NOT_ASKED:
            continue
        lines += ["", f"### {name}", "", *_section_lines(section)]
    facts = [[name, _words(snapshot[name])] for name in plain if snapshot[name] != _NOT_ASKED]
    return ["", *table(["fact", "value"], facts), *lines]


def _is_section(value: Any) -> bool:
    return (isinstance(value, dict) and not _is_missing(value)) or (isinstance(value, list) and bool(value))


def _is_missing(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("unknown", "absent")


def _section_lines(section: Any) -> list[str]:
    """One section: simple facts as rows, lists of things as tables of their own."""
    if isinstance(section, list):
        return _list_lines(section)
    rows, nested = [], []
    for name, value in section.items():
        if value in (_NOT_ASKED, [], ""):
            continue
        if _is_section(value) and not _is_flat(value):
            nested.append((name, value))
        else:
            rows.append([name, _words(value)])
    lines = table(["fact", "value"], rows) if rows else []
    for name, value in nested:
        lines += ["", f"{name}:", "", *_section_lines(value)]
    return lines


def _list_lines(section: list[Any]) -> list[str]:
    if not isinstance(section[0], dict):
        return [", ".join(str(each) for each in section)]
    if all(set(each) == {"name", "version"} for each in section):
        # A hundred packages: one paragraph instead of a hundred rows.
        return ["```text", ", ".join(f"{each['name']} {_words(each['version'])}" for each in section), "```"]
    simple = {
        name: None for each in section for name, value in each.items() if value not in (_NOT_ASKED, [], "") and
        (not _is_section(value) or _is_flat(value))
    }  # fmt: skip
    lines = table(list(simple), [[_words(each.get(name, "")) for name in simple] for each in section])
    for number, each in enumerate(section, 1):
        for name, value in each.items():
            if _is_section(value) and not _is_flat(value):
                lines += ["", f"{name} ({number}):", "", *_section_lines(value)]
    return lines


def _is_flat(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(each, dict) for each in value)


def _words(value: Any) -> str:
    if _is_missing(value):
        kind, why = next(iter(value.items()))
        return "–" if value == _NOT_ASKED else f"{kind}: {why}" if why else kind
    if isinstance(value, list):
        return ", ".join(_words(each) for each in value) or "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _cell(words: str) -> str:
    return _shown(" ".join(words.split())).replace("|", "\\|") or " "


def _shown(words: str) -> str:
    """Words in which `<user>` stays visible: Markdown would take it for HTML, except between backticks."""
    parts = words.split("`")
    return "`".join(part if place % 2 else part.replace("<", "\\<") for place, part in enumerate(parts))


def _longest_ticks(words: str) -> int:
    longest = run = 0
    for letter in words:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest
