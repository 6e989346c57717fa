"""Run those proofs of an environment again that concern what was replaced in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.apply import environments
from doctor.apply.progress import Line, stage
from doctor.errors import StepFailed, WorkerFailed
from doctor.late_pattern import late_pattern
from doctor.words.text import text
from doctor.worker import start_worker
from trainer.contract import SmokeRequest, Staged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from doctor.apply.progress import Progress
    from doctor.host.base import Host
    from doctor.paths import Home

_CONCERNS: dict[str, tuple[str, ...]] = {
    "import": (),
    "matmul": ("torch",),
    "attention": ("torch",),
    "all-reduce": ("torch",),
    "triton": ("torch", "triton", "triton-windows"),
    "nf4": ("bitsandbytes",),
    "train": ("peft", "transformers"),
    "gguf": ("cyllama", "gguf", "torch", "transformers"),
}
"""What each proof uses by name; what that needs in turn counts too. A proof named like a package uses that package."""

_REQUIRES = late_pattern(r"Requires-Dist:\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P<rest>.*)")


def proofs_about(folder: Path, packages: Collection[str], *, everything: bool, converter: bool) -> tuple[str, ...]:
    """The environment's own proofs that concern these packages, in their order; all of them for `everything`."""
    told = environments.raw_record(folder).get("proved")
    proved = tuple(str(name) for name in told) if isinstance(told, list) else ()
    if everything:
        return proved
    needs = _needs(folder)

    def concerned(proof: str) -> bool:
        if proof == "import" or (proof == "gguf" and converter):
            return True
        return bool(_all_needed(_CONCERNS.get(proof, (proof,)), needs) & set(packages))

    return tuple(proof for proof in proved if concerned(proof))


def prove_again(
    host: Host, home: Home, folder: Path, proofs: tuple[str, ...], report: Callable[[Progress], None]
) -> None:
    """Run proofs. Raises StepFailed with what does not work."""
    if not proofs:
        return
    record = environments.raw_record(folder)
    known = record.get("devices")
    devices = tuple(str(name) for name in known) if isinstance(known, list) else ()
    worker = start_worker(
        host,
        home,
        environments.venv_python(folder, host.system),
        "trainer.smoke",
        SmokeRequest(
            tests=proofs,
            devices=devices or (str(record.get("device", "cpu")),),
            converter=str(folder / environments.CONVERTER),
        ),
        log=home.logs / f"proof-{folder.name}.log",
        request_file=home.logs / f"proof-{folder.name}.json",
    )

    def on_event(event: object) -> None:
        if isinstance(event, Staged) and event.seconds is not None:
            report(Line(f"{event.stage}: {event.seconds:.1f} s"))

    with stage(report, "prove", text("env.proving", tests=", ".join(proofs))):
        try:
            worker.follow(on_event)
        except WorkerFailed as exc:
            raise StepFailed(
                text("env.not_proved", name=folder.name, why=exc.message),
                hint=text("env.not_proved_hint", log=str(worker.log)),
            ) from exc


def _all_needed(roots: Collection[str], needs: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found


def _needs(folder: Path) -> dict[str, set[str]]:
    """What each package says that it needs, extras left out; markers are not asked, which only proves more."""
    needs: dict[str, set[str]] = {}
    for site in environments.site_packages(folder):
        for metadata in site.glob("*.dist-info/METADATA"):
            name = environments.normalised(metadata.parent.name.partition("-")[0])
            head = metadata.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
            found = (_REQUIRES.match(line) for line in head.splitlines())
            needs[name] = {
                environments.normalised(match["name"])
                for match in found
                if match and not re.search(r"\bextra\s*==", match["rest"])
            }
    return needs
