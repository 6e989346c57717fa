"""Turn a run, or a model folder, into GGUF files: what is asked for, what is there already, and the work itself."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput, Interrupted, NoSpace, TunedocError
from doctor.export_source import check_adapter, fingerprint
from doctor.holding import hold
from doctor.host.waking import keep_awake
from doctor.model_folder import check_model_folder
from doctor.quick_dataclass import dataclass
from doctor.words.text import Text, text
from doctor.worker import start_worker
from trainer.contract import ExportRequest, Staged
from trainer.file_moves import remove_tree, replace_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home
    from trainer.contract import Event

PROGRAM = "trainer.export_gguf"
RECORD = "export.json"
RECORD_VERSION = 1
DEFAULT_TYPES = ("f16", "Q8_0", "Q4_K_M")
TYPES: dict[str, float] = {
    "f16": 16.0, "Q8_0": 8.5, "Q6_K": 6.56, "Q5_K_M": 5.7, "Q5_K_S": 5.57, "Q5_0": 5.57, "Q4_K_M": 4.89, "Q4_K_S": 4.67,
    "Q4_0": 4.67, "IQ4_XS": 4.46, "IQ4_NL": 4.68, "Q3_K_L": 4.3, "Q3_K_M": 4.0, "Q3_K_S": 3.64, "Q2_K": 3.16,
}  # fmt: skip
"""What can be written, with the bits a weight takes; `trainer/quantise.py` has the same names, a test sees to it."""
_SPARE = 1.05


@dataclass(frozen=True, kw_only=True)
class ExportedFile:
    """A finished GGUF file."""

    type: str
    path: Path
    bytes: int
    answer: str
    """What llama.cpp answered with it when it was proved."""
    tokens_per_second: float
    """Of that answer; 0 when it was too short to say."""
    tensor_types: dict[str, int]
    """Number formats of its tensors, as read back."""
    fallbacks: dict[str, int]
    """Of those, weights whose rows the type cannot divide."""
    reused: bool
    """It was there already, made from the same model and adapter."""


@dataclass(frozen=True, kw_only=True)
class ExportOutcome:
    """What an export left behind."""

    name: str
    output: Path
    files: tuple[ExportedFile, ...]
    """In the order in which they were asked for."""
    seconds: float


def parse_types(words: str) -> tuple[str, ...]:
    """`f16,q4_k_m` → the types, spelt right, each once. Raises BadInput."""
    spelling = {name.lower(): name for name in TYPES}
    found: dict[str, None] = {}
    for word in words.replace(" ", ",").split(","):
        if not word:
            continue
        if word.lower() not in spelling:
            raise BadInput(
                text("export.no_type", type=word),
                hint=text("export.types_hint", types=", ".join(TYPES)),
                field="--types",
            )
        found[spelling[word.lower()]] = None
    if not found:
        raise BadInput(text("export.no_types"), hint=text("export.types_hint", types=", ".join(TYPES)), field="--types")
    return tuple(found)


def stage_words(stage: str) -> Text:
    """A stage of the export in words."""
    kind, _, file_type = stage.partition(":")
    return text(f"export.stage_{kind}", type=file_type)


def export(
    host: Host,
    home: Home,
    environment: Environment,
    *,
    run: Path | None,
    model: Path,
    adapter: Path | None,
    output: Path,
    types: tuple[str, ...] = DEFAULT_TYPES,
    report: Callable[[Event], None],
    name: str | None = None,
    prompt: str | None = None,
    threads: int = 0,
) -> ExportOutcome:
    """Write the files that are missing in `output`, prove each, and tell of all that were asked for.

    A file gets its name when it is proved and never before; what is there from the same model and adapter is kept.
    Raises BadInput for a model or adapter that cannot be used, NoSpace, WorkerFailed, Interrupted.
    """
    begun = time.monotonic()
    facts = check_model_folder(model)
    if adapter is not None:
        check_adapter(adapter)
        if facts.quantised is not None:
            raise BadInput(
                text("export.quantised_base", method=facts.quantised),
                hint=text("export.quantised_base_hint"),
                file=str(model),
            )
    model, output = model.absolute(), output.absolute()
    stem = name or (run.name if run is not None else model.name)
    source = fingerprint(facts, adapter, environment)
    output.mkdir(parents=True, exist_ok=True)
    with _alone(home, output), keep_awake(f"exporting {stem}"):
        _remove_scratch(output)
        done = {row.type: row for row in _finished(output, stem, source)}
        missing = tuple(kind for kind in types if kind not in done)
        if missing:
            _check_room(host, output, facts.weight_bytes, missing, merging=adapter is not None)
            request = ExportRequest(
                model=str(model),
                adapter=None if adapter is None else str(adapter.absolute()),
                output=str(output),
                name=stem,
                types=missing,
                converter=str(environment.converter.absolute()),
                work=str(output / f"{_SCRATCH}{os.getpid()}"),
                threads=threads,
                **({} if prompt is None else {"prompt": prompt}),
            )
            for row in _carry_out(host, home, environment, request, source, report):
                done[row.type] = row
    return ExportOutcome(
        name=stem, output=output, files=tuple(done[kind] for kind in types), seconds=time.monotonic() - begun
    )


_SCRATCH = ".export-"


def _carry_out(
    host: Host,
    home: Home,
    environment: Environment,
    request: ExportRequest,
    source: str,
    report: Callable[[Event], None],
) -> list[ExportedFile]:
    output = Path(request.output)
    work = Path(request.work)
    worker = start_worker(
        host,
        home,
        environment.python,
        PROGRAM,
        request,
        log=home.logs / f"export-{request.name}.log",
        request_file=home.scratch / f"export-{os.getpid()}" / "request.json",
    )
    rows: list[ExportedFile] = []

    def hear(event: Event) -> None:
        if isinstance(event, Staged) and event.stage.startswith("place:") and event.seconds is not None:
            row = _row(event.detail, output, reused=False)
            rows.append(row)
            _write_row(output, row, source)
        report(event)

    try:
        worker.follow(hear)
    except KeyboardInterrupt:
        raise Interrupted(text("export.interrupted")) from None
    finally:
        # Everything unfinished is in there, and the program that wrote it has ended.
        remove_tree(work)
        remove_tree(home.scratch / f"export-{os.getpid()}")
    return rows


def _check_room(host: Host, output: Path, weights: int, types: tuple[str, ...], *, merging: bool) -> None:
    """The most that lies on the disk at once: the merged copy and the 16-bit file, then that and the others."""
    quantised = sum(weights * TYPES[kind] / 16 for kind in types if kind != "f16")
    need = int(max((2 if merging else 1) * weights, weights + quantised) * _SPARE)
    free = host.free_bytes(output)
    if free < need:
        raise NoSpace(
            text("export.no_space", need=f"{need / 1e9:.2f}", free=f"{free / 1e9:.2f}", folder=str(output)),
            hint=text("export.no_space_hint"),
        )


def _alone(home: Home, output: Path) -> AbstractContextManager[None]:
    """One export into a folder at a time."""
    name = hashlib.sha256(str(output).encode()).hexdigest()[:16]
    busy = TunedocError(text("export.busy", folder=str(output)), hint=text("export.busy_hint"))
    return hold(home.scratch / f"export-{name}.lock", busy)


def _remove_scratch(output: Path) -> None:
    """What an export that was killed left behind."""
    for left in output.glob(f"{_SCRATCH}*"):
        remove_tree(left)


def _finished(output: Path, stem: str, source: str) -> list[ExportedFile]:
    """Files of this export that an earlier one finished and nobody has changed since."""
    found: list[ExportedFile] = []
    for kind, record in _read_rows(output).items():
        if record.get("source") != source:
            continue
        with contextlib.suppress(KeyError, TypeError, ValueError, OSError):
            row = _row(record, output, reused=True)
            if kind == row.path.name == f"{stem}-{row.type}.gguf" and row.path.stat().st_size == row.bytes:
                found.append(row)
    return found


def _row(record: dict[str, Any], output: Path, *, reused: bool) -> ExportedFile:
    return ExportedFile(
        type=str(record["type"]),
        path=output / Path(str(record["path"])).name,
        bytes=int(record["bytes"]),
        answer=str(record["answer"]),
        tokens_per_second=float(record["tokens_per_second"]),
        tensor_types=dict(record["tensor_types"]),
        fallbacks=dict(record["fallbacks"]),
        reused=reused,
    )


def _read_rows(output: Path) -> dict[str, dict[str, Any]]:
    """Records of finished files by name; nothing when there is no record or it is damaged."""
    try:
        record = json.loads((output / RECORD).read_text(encoding="utf-8"))
        if record["schema"] != RECORD_VERSION:
            return {}
        return {str(name): dict(row) for name, row in record["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _write_row(output: Path, row: ExportedFile, source: str) -> None:
    rows = _read_rows(output)
    record = asdict(row) | {"path": row.path.name, "source": source}
    del record["reused"]
    rows[row.path.name] = record
    building = output / f"{RECORD}.part"
    building.write_text(
        json.dumps({"schema": RECORD_VERSION, "files": rows}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    replace_file(building, output / RECORD)
