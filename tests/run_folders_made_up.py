"""Run folders as the trainer and the doctor write them, without a training: for tests that look at runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.run_folder import RunFolder
from trainer.checkpoints import Completeness, complete
from trainer.contract import Evaluated, Job, Progressed, Sampled, Source, Started
from trainer.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.contract import Event

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"


def made_up_run(
    root: Path,
    losses: Sequence[float],
    *,
    finished: bool = False,
    checkpoints: Sequence[int] = (),
    tokens_a_step: int = 100,
    job: Job | None = None,
) -> RunFolder:
    """A run of so many steps with held-out losses before and after, and one sample each time."""
    folder = RunFolder(root)
    root.mkdir(parents=True)
    data = root.parent / f"{root.name}.jsonl"
    data.write_text('{"instruction": "a", "output": "b"}\n', encoding="utf-8")
    job = replace(job or Job(model=str(MODEL), data=(Source(path=str(data)),), output=""), output=str(root))
    folder.begin(job, None)
    ledger = Ledger(job, root, None, lambda name, why: None)

    def tell(event: Event) -> None:
        ledger(event)
        folder.append(event)

    tell(Started(program="train", versions={"torch": "2.13.0"}))
    tell(Evaluated(step=0, loss=losses[0] + 0.25, records=3))
    tell(Sampled(step=0, number=1, prompt="Who are you?", answer="a bird", tokens=2))
    for step, loss in enumerate(losses, 1):
        tell(progressed(step, len(losses), loss, tokens=step * tokens_a_step))
    tell(Evaluated(step=len(losses), loss=losses[-1] + 0.25, records=3))
    tell(Sampled(step=len(losses), number=1, prompt="Who are you?", answer="小助手\nof yours", tokens=3))
    ledger.close(well=True)
    for step in checkpoints:
        made_up_checkpoint(root, step)
    if finished:
        folder.adapter.mkdir()
        (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
        folder.finish({"steps": len(losses), "seconds": 2.0, "tokens": len(losses) * tokens_a_step})
    return folder


def progressed(step: int, steps: int, loss: float, *, tokens: int = 0) -> Progressed:
    return Progressed(
        step=step, steps=steps, epoch=step / steps, loss=loss, learning_rate=1e-4, tokens_per_second=10.0,
        seconds_left=1.0, peak_mib=100, tokens=tokens,
    )  # fmt: skip


def made_up_checkpoint(root: Path, step: int) -> Path:
    """A complete checkpoint of 3,500 bytes and its record."""
    folder = root / "checkpoints" / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"a" * 1000)
    (folder / "optimizer.pt").write_bytes(b"o" * 2000)
    (folder / "rng_state.pth").write_bytes(b"r" * 500)
    complete(folder, Completeness(step=step, data="d", loss_before=None, seconds=1.0, tokens=1))
    return folder


def fingerprint(root: Path) -> dict[str, str]:
    """Every file below a folder by its content."""
    return {
        file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(root.rglob("*"))
        if file.is_file() and not file.name.endswith(".lock")
    }


def in_json(printed: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(printed)
    return found
