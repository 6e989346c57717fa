"""Show the planner's answer: a bar for each card, what it is made of, and what would save memory."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from doctor.sizing import size_words
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.cli.render import Screen
    from doctor.estimating import Subject
    from doctor.fit.model import Band, Card, Fit, Lever, Need, Placement
    from doctor.words.text import Text

_BAR = 48
_COLOURS = {"fits": "green", "tight": "yellow", "too_large": "red"}
_PART_COLOURS = {
    "weights": "blue", "adapter": "cyan", "gradients": "cyan", "optimizer": "cyan", "saved": "magenta",
    "layer": "yellow", "attention": "yellow", "unpacking": "yellow", "logits": "yellow", "products": "white",
    "slack": "white", "context": "white", "process": "white",
}  # fmt: skip


def show_fit(screen: Screen, subject: Subject, cards: Sequence[Card], found: Fit, *, verbose: bool = False) -> None:
    """The whole answer for a person, on stdout."""
    screen.show(
        text(
            "fit.heading",
            name=subject.name,
            parameters=count_words(found.parameters),
            trained=count_words(found.trained),
            tokens=f"{found.tokens:,}",
        )
    )
    mine = found.as_asked
    screen.show("")
    screen.show(_headline(mine))
    for need in mine.needs:
        _show_need(screen, need, cards)
    if found.placement != mine:
        screen.show("")
        best = found.placement
        placement, verdict = kind_words(best), _verdict(best.verdict)
        if best.verdict == mine.verdict:
            screen.show(text("fit.closest", placement=placement, verdict=verdict))
        else:
            screen.show(text("fit.chosen", placement=placement, verdict=verdict))
        for need in best.needs:
            screen.show("  " + screen.words(_card_line(need, cards)))
    if (found.levers and found.verdict != "fits") or (found.levers and verbose):
        screen.show("")
        screen.show(text("fit.levers"))
        for lever in found.levers:
            screen.show("  " + lever_line(screen, lever))
    screen.show("")
    if mine.kind != "host":
        loading = found.loading
        screen.show(
            text("fit.host_line", low=size_words(loading.low), high=size_words(loading.high),
                 merge=size_words(found.merging))
        )  # fmt: skip
    disk = found.storage
    line = text("fit.disk_line", checkpoints=size_words(disk.checkpoints), adapter=size_words(disk.adapter))
    more = text("fit.disk_download", download=size_words(disk.download)) if disk.download else None
    screen.show(screen.words(line) + ("; " + screen.words(more) if more else ""))
    versions = found.versions.words or text("fit.no_versions")
    screen.show(text("fit.path", loss=found.loss, kernel=found.kernel, versions=versions))
    screen.show(text("fit.from_headers") if found.exact else text("fit.from_config"))
    if found.measured is not None:
        screen.show(text("fit.was_measured", count=len(found.measured.points)))
    elif subject.here is not None:
        screen.show(text("fit.not_measured"))
    if found.seconds is not None:
        from doctor.cli.training_view import clock

        screen.show(text("fit.time", time=clock(found.seconds)))
    if found.watt_hours is not None:
        screen.show(text("fit.energy", watt_hours=f"{found.watt_hours:.0f}"))


def _headline(placement: Placement) -> Text:
    return text("fit.headline", placement=kind_words(placement), verdict=_verdict(placement.verdict))


def _verdict(verdict: str) -> Text:
    return text(f"fit.verdict_{verdict}")


def kind_words(placement: Placement) -> Text:
    """How a placement lays the job out."""
    layers = " + ".join(str(need.layers) for need in placement.needs)
    return text(f"fit.kind_{placement.kind}", count=len(placement.needs), layers=layers)


def what_words(need: Need, cards: Sequence[Card]) -> Text:
    """`card 0 (NVIDIA …)`, or main memory."""
    if need.card < 0:
        return text("fit.what_host")
    name = next((card.name for card in cards if card.index == need.card), "GPU")
    return text("fit.what_card", index=need.card, name=name)


def _card_line(need: Need, cards: Sequence[Card]) -> Text:
    return text(
        "fit.card_line",
        what=what_words(need, cards),
        verdict=_verdict(need.verdict),
        low=size_words(need.device.low),
        high=size_words(need.device.high),
        likely=size_words(need.device.likely),
        usable=size_words(need.usable),
    )


def _show_need(screen: Screen, need: Need, cards: Sequence[Card]) -> None:
    from rich.text import Text as Line

    screen.show(_card_line(need, cards))
    parts = [part for part in need.components if part.bytes.likely >= 2**20 and part.at_peak]
    whole = max(need.device.high, need.usable, 1)
    bar = Line("  ")
    drawn = 0
    total = 0
    for part in parts:
        total += part.bytes.likely
        width = round(total / whole * _BAR) - drawn
        drawn += width
        bar.append("█" * width, style=_PART_COLOURS[part.name])
    # The doubt above what is likely, and the room that is left.
    doubt = min(_BAR - drawn, round((need.device.high - need.device.likely) / whole * _BAR))
    bar.append("▒" * max(0, doubt), style=_COLOURS[need.verdict])
    bar.append("·" * max(0, _BAR - drawn - doubt), style="dim")
    screen.show(bar)
    for part in need.components:
        if part.bytes.high < 2**20:
            continue
        words = screen.words(text(f"fit.part_{part.name}"))
        aside = "" if part.at_peak else f"  ({screen.words(text('fit.not_at_peak'))})"
        mark = "█" if part.at_peak else " "
        line = Line("  ")
        line.append(mark, style=_PART_COLOURS[part.name])
        line.append(f" {_padded(words, 30)}{_band_words(part.bytes):>22}{aside}", style="" if part.at_peak else "dim")
        screen.show(line)


def _padded(words: str, width: int) -> str:
    from rich.cells import cell_len

    return words + " " * max(1, width - cell_len(words))


def _band_words(band: Band) -> str:
    if band.high - band.low < max(2**25, band.likely // 50):
        return size_words(band.likely)
    return f"{size_words(band.low)} – {size_words(band.high)}"


def lever_line(screen: Screen, lever: Lever) -> str:
    """`max_length 2,048 → 1,024 tokens: saves 3.1 GB, then it fits`."""
    change = _change_words(screen, lever)
    saves = screen.words(text("fit.lever_saves", saving=size_words(lever.saves)))
    then = screen.words(text("fit.lever_then", verdict=text(f"fit.then_{lever.verdict}")))
    return f"{change}: {saves}, {then}" if screen.language == "en" else f"{change}：{saves}，{then}"


def _change_words(screen: Screen, lever: Lever) -> str:
    if lever.parts:
        joined = (" + " if screen.language == "en" else "、").join(_change_words(screen, part) for part in lever.parts)
        return screen.words(text("fit.lever_together", parts=joined))
    numbers = lever.name == "model"
    before = count_words(lever.before) if numbers else lever.before
    after = count_words(lever.after) if numbers else lever.after
    return screen.words(text(f"fit.lever_{lever.name}", before=before, after=after))


def count_words(count: int) -> str:
    """`7.6 B`, `41.9 M`: as model cards count parameters."""
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)


def fit_record(subject: Subject, cards: Sequence[Card], found: Fit) -> dict[str, Any]:
    """What `--json` carries: bytes throughout."""
    return {
        "model": subject.name,
        "parameters": found.parameters,
        "trained": found.trained,
        "tokens_at_once": found.tokens,
        "exact": found.exact,
        "verdict": found.verdict,
        "loss_path": found.loss,
        "attention_kernel": found.kernel,
        "versions": asdict(found.versions),
        "cards": [
            {"index": card.index, "name": card.name, "total": card.total, "free": card.free, "usable": card.usable}
            for card in cards
        ],
        "placement": _placement_record(found.as_asked),
        "chosen": {**_placement_record(found.placement), "weights_mib": list(found.weights_mib)},
        "others": [_placement_record(each) for each in found.others],
        "levers": [
            {"name": each.name, "before": each.before, "after": each.after, "saves": each.saves,
             "verdict": each.verdict, "parts": [part.name for part in each.parts]}
            for each in found.levers
        ],
        "disk": {**asdict(found.storage), "all": found.storage.all},
        "host_memory": {**asdict(found.loading), "merge": found.merging},
        "calibrated": asdict(found.measured) if found.measured else None,
        "seconds": found.seconds,
        "watt_hours": found.watt_hours,
    }  # fmt: skip


def _placement_record(placement: Placement) -> dict[str, Any]:
    return {
        "kind": placement.kind,
        "verdict": placement.verdict,
        "cards": [
            {
                "card": need.card,
                "verdict": need.verdict,
                "layers": need.layers,
                "usable": need.usable,
                "allocated": asdict(need.allocated),
                "reserved": asdict(need.reserved),
                "device": asdict(need.device),
                "components": [
                    {"name": part.name, **asdict(part.bytes), "at_peak": part.at_peak} for part in need.components
                ],
            }
            for need in placement.needs
        ],
    }
