"""Checks of packages against each other: what each release requires of the others, read from its own metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status
from doctor.checks.subject import (
    is_read_whole,
    python_minor,
    remedies,
    torch_build,
    version_of,
)
from doctor.quick_dataclass import dataclass
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text


@dataclass(frozen=True)
class Rule:
    """What releases of one package require of another."""

    package: str
    since: str
    before: str
    """First release that the rule does not hold for; empty for none."""
    other: str
    minimum: str = ""
    below: str = ""
    """First release of the other that is too new; empty for none."""

    def holds_for(self, version: str) -> bool:
        return at_least(version, self.since) and (not self.before or not at_least(version, self.before))

    @property
    def wanted(self) -> str:
        """`>=1.31,<3.0`."""
        return ",".join(
            part for part in (self.minimum and f">={self.minimum}", self.below and f"<{self.below}") if part
        )


# PyPI metadata of transformers 4.51.3 to 5.23.0, trl 0.19.1 to 1.16.0, peft 0.15.2 to 0.21.2, accelerate 1.6.0 to
# 1.15.0, datasets 3.6.0 to 5.2.0, bitsandbytes 0.45.2 to 0.50.2, unsloth 2026.10.9, llamafactory 0.9.2 to 0.9.4.
_TORCH = (
    Rule("transformers", "5.20", "", "torch", "2.6"),
    Rule("transformers", "5.15", "5.20", "torch", "2.5"),
    Rule("transformers", "5.1", "5.15", "torch", "2.4"),
    Rule("transformers", "4.56", "5.1", "torch", "2.2"),
    Rule("transformers", "4.52.4", "4.56", "torch", "2.1"),
    Rule("accelerate", "1.6", "", "torch", "2.0"),
    Rule("bitsandbytes", "0.50", "", "torch", "2.4"),
    Rule("bitsandbytes", "0.48", "0.50", "torch", "2.3"),
    Rule("bitsandbytes", "0.46", "0.48", "torch", "2.2"),
    Rule("unsloth", "2026.10.9", "2026.10.10", "torch", "2.4", "2.15"),
    Rule("llamafactory", "0.9.4", "0.9.5", "torch", "2.4"),
)
_HUB = (
    Rule("transformers", "5.18", "", "huggingface-hub", "1.31", "3.0"),
    Rule("transformers", "5.4", "5.18", "huggingface-hub", "1.5", "2.0"),
    Rule("transformers", "5.0", "5.4", "huggingface-hub", "1.3", "2.0"),
    Rule("transformers", "4.54.1", "5.0", "huggingface-hub", "0.34", "1.0"),
    Rule("transformers", "4.51.3", "4.54.1", "huggingface-hub", "0.30", "1.0"),
    Rule("datasets", "5.1", "", "huggingface-hub", "1.31", "3.0"),
    Rule("datasets", "4.2", "5.1", "huggingface-hub", "0.25", "2.0"),
)
_TOKENIZERS = (
    Rule("transformers", "5.16.1", "", "tokenizers", "0.23.1", "0.24"),
    Rule("transformers", "4.56.2", "5.16", "tokenizers", "0.22", "0.23.1"),
    Rule("transformers", "4.51.3", "4.56", "tokenizers", "0.21", "0.22"),
)
_SAFETENSORS = (
    Rule("transformers", "5.13.1", "", "safetensors", "0.8"),
    Rule("transformers", "4.51.3", "5.13", "safetensors", "0.4.3"),
)
_TRL = (
    Rule("trl", "0.27.2", "", "transformers", "4.56.2"),
    Rule("trl", "0.23.1", "0.27.2", "transformers", "4.56.1"),
    Rule("trl", "0.21", "0.23", "transformers", "4.55"),
    Rule("trl", "0.20", "0.21", "transformers", "4.53.2"),
    Rule("trl", "0.19.1", "0.20", "transformers", "4.51"),
    # Up to 0.11 its trainers hand `tokenizer` on, which transformers took until 5.0.
    # https://github.com/huggingface/trl/issues/2290, https://github.com/huggingface/trl/pull/2162
    Rule("trl", "0", "0.12", "transformers", "", "5.0"),
)
_PEFT = (
    # Earlier releases import HybridCache, which transformers 5 does not have. https://github.com/huggingface/peft/pull/2735
    Rule("peft", "0", "0.18", "transformers", "", "5.0"),
)
_ACCELERATE = (
    Rule("trl", "1.16", "", "accelerate", "1.10.1"),
    Rule("trl", "0.19.1", "1.16", "accelerate", "1.4"),
    Rule("peft", "0.15.2", "", "accelerate", "0.21"),
)
_DATASETS = (
    Rule("trl", "1.0", "", "datasets", "4.7"),
    Rule("trl", "0.19.1", "1.0", "datasets", "3.0"),
    Rule("datasets", "5.1", "", "pyarrow", "24.0"),
    Rule("datasets", "4.1.1", "5.1", "pyarrow", "21.0"),
    Rule("datasets", "3.6", "4.1", "pyarrow", "15.0"),
    Rule("trl", "1.16", "", "pyarrow", "21.0"),
)
_LLAMAFACTORY = (
    Rule("llamafactory", "0.9.4", "0.9.5", "transformers", "4.51", "4.57.2"),
    Rule("llamafactory", "0.9.4", "0.9.5", "trl", "0.18", "0.24.1"),
    Rule("llamafactory", "0.9.4", "0.9.5", "peft", "0.14", "0.17.2"),
    Rule("llamafactory", "0.9.4", "0.9.5", "accelerate", "1.3", "1.11.1"),
    Rule("llamafactory", "0.9.4", "0.9.5", "datasets", "2.16", "4.0.1"),
    Rule("llamafactory", "0.9.3", "0.9.4", "transformers", "4.45", "4.52.5"),
    Rule("llamafactory", "0.9.3", "0.9.4", "trl", "0.8.6", "0.9.7"),
    Rule("llamafactory", "0.9.3", "0.9.4", "peft", "0.14", "0.15.3"),
    Rule("llamafactory", "0.9.3", "0.9.4", "accelerate", "0.34", "1.7.1"),
    Rule("llamafactory", "0.9.3", "0.9.4", "datasets", "2.16", "3.6.1"),
    Rule("llamafactory", "0.9.3", "0.9.4", "tokenizers", "0.19", "0.21.2"),
    Rule("llamafactory", "0.9.3", "0.9.4", "numpy", "", "2.0"),
    Rule("llamafactory", "0.9.2", "0.9.3", "transformers", "4.41.2", "4.49.1"),
    Rule("llamafactory", "0.9.2", "0.9.3", "trl", "0.8.6", "0.9.7"),
    Rule("llamafactory", "0.9.2", "0.9.3", "peft", "0.11.1", "0.12.1"),
    Rule("llamafactory", "0.9.2", "0.9.3", "accelerate", "0.34", "1.2.2"),
    Rule("llamafactory", "0.9.2", "0.9.3", "datasets", "2.16", "3.2.1"),
    Rule("llamafactory", "0.9.2", "0.9.3", "tokenizers", "0.19", "0.21.1"),
    Rule("llamafactory", "0.9.2", "0.9.3", "numpy", "", "2.0"),
)
_UNSLOTH = (
    Rule("unsloth", "2026.10.9", "2026.10.10", "transformers", "4.52.4", "5.17.1"),
    Rule("unsloth", "2026.10.9", "2026.10.10", "trl", "0.18.2", "1.15.1"),
    Rule("unsloth", "2026.10.9", "2026.10.10", "datasets", "3.4.1", "5.0"),
    Rule("unsloth", "2026.10.9", "2026.10.10", "peft", "0.18"),
    Rule("unsloth", "2026.10.9", "2026.10.10", "bitsandbytes", "0.45.5"),
)
_PYTHON = (
    Rule("transformers", "5.21", "", "python", "3.11"),
    Rule("transformers", "5.0", "5.21", "python", "3.10"),
    Rule("trl", "1.15", "", "python", "3.11"),
    Rule("trl", "0.25.1", "1.15", "python", "3.10"),
    Rule("peft", "0.18.1", "", "python", "3.10"),
    Rule("accelerate", "1.11", "", "python", "3.10"),
    Rule("datasets", "4.6.1", "", "python", "3.10"),
    Rule("bitsandbytes", "0.49", "", "python", "3.10"),
    Rule("llamafactory", "0.9.4", "0.9.5", "python", "3.11"),
)


def examine_sentencepiece(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if version_of(snapshot, "sentencepiece") is None:
        return Finding("versions.sentencepiece", Status.NOTE, text("version_ranges.no_sentencepiece"))
    return Finding("versions.sentencepiece", Status.OK, text("version_ranges.sentencepiece"))


def has_transformers_read_whole(snapshot: Snapshot) -> bool:
    return is_read_whole(snapshot) and version_of(snapshot, "transformers") is not None


def _ranges(id_: str, title: Text, rules: tuple[Rule, ...], rank: int) -> Check:
    """A check of one table."""

    def examine(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
        broken = _broken(snapshot, rules)
        if not broken:
            return Finding(id_, Status.OK, text("version_ranges.ok"), _evidence(snapshot, rules))
        rule, have = broken[0]
        version = _have(snapshot, rule.package) or "?"
        status = Status.WARNING
        evidence = tuple(_told(snapshot, each, other) for each, other in broken)
        summary = text(
            "version_ranges.broken",
            package=rule.package,
            version=version,
            other=_shown(rule.other),
            wanted=rule.wanted,
            have=have,
        )
        too_new = bool(rule.below) and at_least(have, rule.below)
        cause = text(
            "version_ranges.cause_new" if too_new else "version_ranges.cause_old",
            package=rule.package,
            version=version,
            other=_shown(rule.other),
            have=have,
        )
        wanted = " ".join(f'"{each.other}{each.wanted}"' for each, _ in broken if each.package == rule.package)
        by_hand = _advice(rule, wanted, too_new=too_new)
        fixes = remedies(snapshot, "versions.match", text("version_ranges.fix"), by_hand)
        return Finding(id_, status, summary, evidence, fixes, cause)

    return Check(id=id_, title=title, examine=examine, applies=_applies(rules), rank=rank)


def _applies(rules: tuple[Rule, ...]) -> Callable[[Snapshot], bool]:
    """Where both sides of at least one rule are known."""

    def applies(snapshot: Snapshot) -> bool:
        return bool(_judged(snapshot, rules))

    return applies


def _judged(snapshot: Snapshot, rules: tuple[Rule, ...]) -> list[tuple[Rule, str]]:
    judged = []
    for rule in rules:
        version, other = _have(snapshot, rule.package), _have(snapshot, rule.other)
        # What a version under development requires is anybody's guess.
        if version is None or other is None or re.search(r"dev|a\d|b\d|rc", version):
            continue
        if rule.holds_for(version):
            judged.append((rule, other))
    return judged


def _broken(snapshot: Snapshot, rules: tuple[Rule, ...]) -> list[tuple[Rule, str]]:
    return [
        (rule, other)
        for rule, other in _judged(snapshot, rules)
        if (rule.minimum and not at_least(other, rule.minimum)) or (rule.below and at_least(other, rule.below))
    ]


def _have(snapshot: Snapshot, name: str) -> str | None:
    if name == "python":
        python = python_minor(snapshot)
        return None if python is None else f"{python[0]}.{python[1]}"
    if name == "torch":
        build = torch_build(snapshot)
        return None if build is None else build.version
    return version_of(snapshot, name)


def _advice(rule: Rule, wanted: str, *, too_new: bool) -> Text:
    if rule.other == "python":
        return text("version_ranges.by_hand_python", package=rule.package, wanted=rule.minimum)
    if rule.other == "torch":
        return text("version_ranges.by_hand_torch", package=rule.package, wanted=rule.wanted)
    command = f"python -m pip install {wanted}"
    if rule.package == "trl" and not rule.minimum:
        return text("version_ranges.by_hand_trl", first=rule.before, command=command)
    if too_new:
        return text("version_ranges.by_hand_new", package=rule.package, command=command)
    return text("version_ranges.by_hand_old", command=command)


def _told(snapshot: Snapshot, rule: Rule, have: str) -> Text:
    version = _have(snapshot, rule.package) or "?"
    return text(
        "version_ranges.broken",
        package=rule.package,
        version=version,
        other=_shown(rule.other),
        wanted=rule.wanted,
        have=have,
    )


def _evidence(snapshot: Snapshot, rules: tuple[Rule, ...]) -> tuple[Text, ...]:
    names = dict.fromkeys(name for rule, _ in _judged(snapshot, rules) for name in (rule.package, rule.other))
    return tuple(text("packages.version", name=_shown(name), version=_have(snapshot, name) or "?") for name in names)


def _shown(name: str) -> str:
    return "Python" if name == "python" else name


TORCH = _ranges("versions.torch", text("version_ranges.title_torch"), _TORCH, 44)
PYTHON = _ranges("versions.python", text("version_ranges.title_python"), _PYTHON, 43)
HUB = _ranges("versions.hub", text("version_ranges.title_hub"), _HUB, 44)
TOKENIZERS = _ranges("versions.tokenizers", text("version_ranges.title_tokenizers"), _TOKENIZERS, 44)
SAFETENSORS = _ranges("versions.safetensors", text("version_ranges.title_safetensors"), _SAFETENSORS, 46)
TRL = _ranges("versions.trl", text("version_ranges.title_trl"), _TRL, 44)
PEFT = _ranges("versions.peft", text("version_ranges.title_peft"), _PEFT, 44)
ACCELERATE = _ranges("versions.accelerate", text("version_ranges.title_accelerate"), _ACCELERATE, 45)
DATASETS = _ranges("versions.datasets", text("version_ranges.title_datasets"), _DATASETS, 46)
LLAMAFACTORY = _ranges("versions.llamafactory", text("version_ranges.title_llamafactory"), _LLAMAFACTORY, 42)
UNSLOTH = _ranges("versions.unsloth", text("version_ranges.title_unsloth"), _UNSLOTH, 42)
SENTENCEPIECE = Check(
    id="versions.sentencepiece",
    title=text("version_ranges.title_sentencepiece"),
    examine=examine_sentencepiece,
    applies=has_transformers_read_whole,
    rank=80,
)
