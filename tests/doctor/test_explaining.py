"""A text is explained: the root first, what follows behind it, and never a crash, whatever is pasted."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.base import Status
from doctor.explaining import Explanation, explain
from doctor.knowledge.load import load_file, load_knowledge
from doctor.snapshot.codec import from_json
from doctor.snapshot.redaction import Identity
from doctor.words.text import render

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests" / "cases"


@cache
def knowledge() -> tuple[Any, Any]:
    return load_catalogue(ROOT / "tests" / "machines" / "wheels.toml"), load_knowledge()


def explained(words: str | bytes, **options: Any) -> Explanation:
    catalogue, entries = knowledge()
    return explain(words.encode() if isinstance(words, str) else words, catalogue, entries, **options)


@cache
def case_inputs() -> list[str]:
    return [
        json.loads(line)["input"]
        for file in sorted(CASES.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def test_a_finding_has_a_summary_a_cause_a_fix_and_the_line_it_rests_on() -> None:
    found = explained(
        "os: Windows\n\nRuntimeError: use_libuv was requested but PyTorch was build without libuv support\n"
    )
    assert found.verdict == "cause"
    first = found.findings[0]
    assert first.status.needs_attention
    assert first.cause is not None and first.fixes
    assert any("line 3: RuntimeError: use_libuv" in render(line, "en") for line in first.evidence)


def test_a_healthy_text_is_said_to_be_healthy() -> None:
    found = explained(
        "NVIDIA-SMI 580.95.05 | Driver Version: 580.95.05 | CUDA Version: 13.0\nGPU 0: NVIDIA GeForce RTX 4090\n"
    )
    assert found.verdict == "healthy"
    assert [finding.check for finding in found.findings if finding.status is Status.OK] == ["explain.healthy"]


def test_an_unknown_error_is_said_to_be_unknown_with_what_to_collect() -> None:
    found = explained("Traceback (most recent call last):\nFlumpError: the gronk could not be reached\n")
    assert found.verdict == "unknown"
    assert found.findings[0].status is Status.UNKNOWN
    assert {fix.id for fix in found.findings[0].fixes} >= {"explain.collect_env", "explain.collect_smi"}


@pytest.mark.parametrize(("raw", "key"), [(b"", "explain.empty"), (bytes(range(256)) * 64, "explain.binary")])
def test_nothing_and_no_text_are_said(raw: bytes, key: str) -> None:
    assert explained(raw).findings[0].summary.key == key


TWO = """
[[entry]]
id = "try.root"
status = "failure"
rank = 10
any = ["root message"]
explains = ["try.branch"]
summary = { en = "root", zh = "根" }
cause = { en = "root", zh = "根" }
fixes = [{ id = "try.fix", en = "x", zh = "修" }]
[[entry]]
id = "try.branch"
status = "failure"
rank = 5
any = ["branch message"]
summary = { en = "branch", zh = "枝" }
cause = { en = "branch", zh = "枝" }
fixes = [{ id = "try.fix", en = "x", zh = "修" }]
"""


def test_what_follows_from_another_cause_becomes_a_note(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(TWO, encoding="utf-8")
    catalogue, _ = knowledge()
    found = explain(b"root message\nbranch message\n", catalogue, load_file(file))
    assert [(finding.check, finding.status) for finding in found.findings] == [
        ("try.root", Status.FAILURE),
        ("try.branch", Status.NOTE),
    ]
    assert render(found.findings[1].evidence[0], "en") == "follows from: root"


def test_this_machines_facts_fill_what_the_text_does_not_tell() -> None:
    file = ROOT / "tests" / "machines" / "win11-two-5060ti.json"
    here = from_json(file.read_text(encoding="utf-8"), file.name)
    found = explained("CUDA error: no kernel image is available for execution on the device", here=here)
    assert found.facts["capability"] == ("12.0", "12.0")
    assert found.facts["os"] == ("windows",)


def test_what_the_text_tells_beats_this_machine() -> None:
    file = ROOT / "tests" / "machines" / "win11-two-5060ti.json"
    here = from_json(file.read_text(encoding="utf-8"), file.name)
    found = explained("os: Ubuntu 22.04\ngpu: NVIDIA GeForce GTX 1080\n", here=here)
    assert found.facts["os"] == ("linux",)
    assert found.facts["capability"] == ("6.1",)


def test_a_persons_traces_do_not_come_out_again() -> None:
    words = (
        'OSError: [WinError 126] Error loading "C:\\Users\\Wang Xiaoming\\venv\\site-packages\\torch\\lib\\fbgemm.dll"'
        " hf_abcdefghijklmnopqrstuvwx\n"
    )
    found = explained(words, identity=Identity(user="Wang Xiaoming", home_folder="C:\\Users\\Wang Xiaoming"))
    shown = "\n".join(
        render(message, "en")
        for finding in found.findings
        for message in (finding.summary, *finding.evidence, *([finding.cause] if finding.cause else []))
    )
    assert "Xiaoming" not in shown and "hf_abc" not in shown


def mutations(count: int) -> list[bytes]:
    """Real inputs, spoilt in every way that a paste can be spoilt, and bytes that never were a text."""
    chance = random.Random(20261121)
    inputs = case_inputs()
    found: list[bytes] = []
    for number in range(count):
        words = chance.choice(inputs)
        raw = words.encode(chance.choice(["utf-8", "utf-16", "gb18030", "utf-16-le"]), "replace")
        match number % 10:
            case 0:
                raw = chance.randbytes(chance.randrange(4000))
            case 1:
                raw = raw[chance.randrange(len(raw)) :]
            case 2:
                raw = raw[: chance.randrange(len(raw))]
            case 3:
                spoilt = bytearray(raw)
                for _ in range(chance.randrange(1, 60)):
                    spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
                raw = bytes(spoilt)
            case 4:
                raw = raw.replace(b"\n", b"") * chance.randrange(1, 40)
            case 5:
                raw = raw + b"\x00" * chance.randrange(2000)
            case 6:
                letters = list(words)
                chance.shuffle(letters)
                raw = "".join(letters).encode()
            case 7:
                raw = "\n".join(chance.sample(inputs, 3)).encode()[: chance.randrange(1, 4000)]
            case 8:
                raw = (chance.choice(["{", "[", "\\", '"', "(", "=", ":", "%", "{0}", "\t", "0"]) * 3000).encode() + raw
            case _:
                raw = raw.upper().replace(b" ", chance.choice([b"", b"\t", b"  ", b"\xa0", b"\r"]))
        found.append(raw)
    return found


@pytest.mark.parametrize("start", range(0, 600, 100))
def test_whatever_is_pasted_gets_an_answer(start: int) -> None:
    for raw in mutations(600)[start : start + 100]:
        found = explained(raw)
        assert found.findings
        for finding in found.findings:
            for language in ("en", "zh"):
                assert render(finding.summary, language)  # type: ignore[arg-type]
