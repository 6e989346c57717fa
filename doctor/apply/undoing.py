"""Take back what was done: the journal as pieces of work, each change reversed where nobody has touched it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from doctor.apply.changes import Change, EnvironmentSwitch, from_record, is_possible, make, reverse, state_of, to_record
from doctor.apply.environments import current_name
from doctor.apply.fixes import new_work
from doctor.apply.journal import Journal, read_journal
from doctor.errors import StepFailed, UsageError
from doctor.quick_dataclass import dataclass
from doctor.refusals import refusal
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.apply.changes import Ground

WorkState = Literal["done", "partly", "undone"]
"""`partly`: it was begun and never ended; what it did can be taken back all the same."""
Verdict = Literal["undone", "already", "changed", "impossible"]


@dataclass(frozen=True, kw_only=True)
class Work:
    """One piece of work: a fix, an install, or what `tunedoc env` did."""

    id: str
    kind: Literal["fix", "install", "env"]
    at: str
    """When it began, in UTC."""
    changes: tuple[Change, ...]
    state: WorkState


@dataclass(frozen=True)
class Undone:
    """What became of one change."""

    change: Change
    verdict: Verdict


def history(ground: Ground) -> tuple[Work, ...]:
    """All pieces of work that changed this machine, newest first."""
    lines: dict[str, list[dict[str, Any]]] = {}
    undone: set[str] = set()
    for line in read_journal(ground.home.journal):
        work, step, phase = str(line.get("work", "")), line.get("step"), line.get("phase")
        if step == "undo":
            if phase == "after":
                undone.add(str(line.get("of")))
        elif "of" not in line and work:
            lines.setdefault(work, []).append(line)
    found = [_read_work(work, of_work, work in undone, ground) for work, of_work in lines.items()]
    return tuple(work for work in reversed(found) if work is not None)


def choose_work(works: Iterable[Work], ground: Ground, wanted: str | None) -> Work:
    """The one that is named, else the newest that can be taken back. Raises UsageError."""
    works = tuple(works)
    if wanted is not None:
        named = next((work for work in works if work.id == wanted), None)
        if named is None:
            raise UsageError(text("undo.unknown", id=wanted), hint=text("undo.list_hint"))
        return named
    for work in works:
        if work.state != "undone" and _can_be_undone(work, ground):
            return work
    raise UsageError(text("undo.nothing"), hint=text("undo.list_hint") if works else None)


def undo(work: Work, ground: Ground, *, force: bool, report: Callable[[Undone], None]) -> tuple[Undone, ...]:
    """Take the changes back, last first. What somebody has changed since is left, unless `force`.

    Raises StepFailed when the system refuses; the same command goes on from there.
    """
    journal = Journal(ground.home.journal, new_work("undo", ground))
    journal.note("undo", "before", of=work.id)
    results: list[Undone] = []
    for change in reversed(work.changes):
        back = reverse(change)
        verdict = _verdict(back, ground, force=force)
        if verdict == "undone":
            _take_back(back, work, journal, ground)
        results.append(Undone(change, verdict))
        report(results[-1])
    # Ended, even where something was left: what stands there now is somebody's wish. It can still be asked for by id.
    journal.note("undo", "after", of=work.id, left=sum(r.verdict in {"changed", "impossible"} for r in results))
    return tuple(results)


def _take_back(back: Change, work: Work, journal: Journal, ground: Ground) -> None:
    record = to_record(back)
    kind = str(record["kind"])
    journal.note(kind, "before", of=work.id, undo=record)
    try:
        make(back, ground)
    except (OSError, ValueError) as exc:
        journal.note(kind, "failed", of=work.id, why=type(exc).__name__)
        detail = refusal(exc) if isinstance(exc, OSError) else str(exc)
        raise StepFailed(text("undo.failed", detail=detail), hint=text("undo.failed_hint", id=work.id)) from exc
    journal.note(kind, "after", of=work.id)


def _verdict(back: Change, ground: Ground, *, force: bool) -> Verdict:
    state = state_of(back, ground)
    if state == "after":
        return "already"
    if not is_possible(back, ground):
        return "impossible"
    return "undone" if state == "before" or force else "changed"


def _can_be_undone(work: Work, ground: Ground) -> bool:
    if work.kind != "fix":
        # A switch that somebody has made since, by another install for one, is not this one's to take back; nor can an
        # environment come back that has left the trash.
        verdicts = [_verdict(reverse(change), ground, force=False) for change in work.changes]
        return bool(verdicts) and set(verdicts) == {"undone"}
    return bool(work.changes)


def _read_work(work: str, lines: list[dict[str, Any]], is_undone: bool, ground: Ground) -> Work | None:
    if not lines[0].get("step"):
        return None
    failed = {line.get("number") for line in lines if line.get("phase") == "failed"}
    begun = [line for line in lines if line.get("phase") == "before"]
    kind: Literal["fix", "env"] | None = next((name for name in ("fix", "env") if work.startswith(f"{name}-")), None)
    if kind is not None:
        # A change that failed may still have been half made: its present state decides, when it is taken back.
        changes = [change for line in begun if (change := from_record(line.get("undo"))) is not None]
        if not changes:
            return None
        ended = any(line.get("step") == "work" and line.get("phase") == "after" for line in lines)
        state: WorkState = "undone" if is_undone else "done" if ended and not failed else "partly"
        return Work(id=work, kind=kind, at=str(lines[0].get("at", "")), changes=tuple(changes), state=state)
    switch = next((line for line in begun if line.get("step") == "switch"), None)
    if switch is None or not isinstance(switch.get("undo"), dict):
        return None
    previous = switch["undo"].get("environment")
    change = EnvironmentSwitch(before=previous if isinstance(previous, str) else None, after=work)
    return Work(
        id=work,
        kind="install",
        at=str(lines[0].get("at", "")),
        changes=(change,),
        state="done" if current_name(ground.home) == work else "undone",
    )
