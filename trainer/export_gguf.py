"""Base model + adapter → GGUF files: `python -m trainer.export_gguf request.json`.

merge → convert to f16 → for each type: quantise, read back, load with llama.cpp and answer, then give the file its
name. Everything is made in the scratch folder; a file appears under its final name only when it was proved. The
program ends when stdin is closed, so that it never outlives the doctor.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.chat_template import TemplateRefused
from trainer.contract import ExportRequest, Finished, Staged, Warned
from trainer.convert import Conversion
from trainer.emit import emit
from trainer.gguf_check import Contents, check_contents, read_contents
from trainer.merge import base_template, merge_adapter, read_config
from trainer.program import Refusal, end_process, is_disk_full, run_program, watch_commands
from trainer.quantise import FILE_TYPES, quantise
from trainer.speaker import Speaker, Spoken, TooLong, physical_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANSWER_TOKENS = 40
_CONTEXT_TOKENS = 512
"""Enough for one question and its answer."""
_SPARE = 1.03
"""Room for metadata, the vocabulary and what other programs write meanwhile."""


def export(request: ExportRequest) -> dict[str, Any]:
    """Carry out the whole export. Raises Refusal."""
    kinds = check_request(request)
    model, output, work = Path(request.model), Path(request.output), Path(request.work)
    read_config(model)
    output.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    check_room(model, work, kinds, merging=request.adapter is not None)
    conversion = Conversion()
    watch_commands(lambda command: _stop(conversion, command), lambda: _abandon(conversion))
    begun = time.perf_counter()

    source = model
    if request.adapter is not None:
        with _stage("merge") as detail:
            source = work / "merged"
            detail["layers"] = merge_adapter(model, Path(request.adapter), source)
    sixteen = work / "f16.gguf"
    with _stage("convert") as detail:
        conversion.run(source, sixteen, converter=Path(request.converter), name=request.name)
        detail["bytes"] = sixteen.stat().st_size
    template = base_template(source)
    if template is None:
        emit(Warned(code="no_chat_template", message="the model has no chat template; chat programs will guess one"))

    tensors: int | None = None
    odd_rows = 0
    files: list[dict[str, Any]] = []
    proved: dict[str, tuple[Contents, Spoken]] = {}
    for kind in ("f16", *(kind for kind in kinds if kind != "f16")):
        made = work / f"{kind}.gguf"
        if kind != "f16":
            with _stage(f"quantise:{kind}") as detail:
                if kind == "Q8_0" and odd_rows:
                    # Older llama.cpp has no way out for such rows when it quantises to Q8_0; its converter has.
                    conversion.run(source, made, converter=Path(request.converter), name=request.name, kind=kind)
                else:
                    quantise(sixteen, made, kind, threads=request.threads or physical_cores())
                detail["bytes"] = made.stat().st_size
        with _stage(f"verify:{kind}") as detail:
            contents = read_contents(made, kind)
            check_contents(contents, kind, tensors=tensors, template=template, file=made)
            detail["tensor_types"] = contents.tensor_types
        tensors = contents.tensors
        if kind == "f16":
            odd_rows = contents.odd_rows
            if source != model and not (odd_rows and "Q8_0" in kinds):
                shutil.rmtree(source, ignore_errors=True)
        _tell_fallbacks(kind, contents)
        if kind in kinds:
            proved[kind] = (contents, _prove(request, kind, made))
        if kind in proved and kind != "f16":
            files.append(_place(request, kind, made, proved[kind], output))
    if "f16" in proved:
        # Last, because the others are made from it.
        files.insert(0, _place(request, "f16", sixteen, proved["f16"], output))
    shutil.rmtree(work, ignore_errors=True)
    return {"files": files, "seconds": round(time.perf_counter() - begun, 3)}


def check_request(request: ExportRequest) -> tuple[str, ...]:
    """The types to write, each once and the 16-bit file first. Raises Refusal for a name that is not one."""
    unknown = [kind for kind in request.types if kind not in FILE_TYPES or kind == "f32"]
    if unknown or not request.types:
        raise Refusal("bad_job", f"there is no GGUF type {unknown[0]!r}" if unknown else "no GGUF type is asked for")
    unique = dict.fromkeys(request.types)
    return tuple(sorted(unique, key=lambda kind: kind != "f16"))


def check_room(model: Path, work: Path, kinds: tuple[str, ...], *, merging: bool) -> None:
    """Refuse before the work when the volume cannot hold it. Raises Refusal."""
    weights = sum(file.stat().st_size for file in model.glob("*.safetensors"))
    need = peak_bytes(weights, kinds, merging=merging)
    free = shutil.disk_usage(work).free
    if free < need:
        raise Refusal(
            "no_space", f"the export needs {need / 1e9:.1f} GB and {free / 1e9:.1f} GB are free", file=str(work)
        )


def peak_bytes(weights: int, kinds: tuple[str, ...], *, merging: bool) -> int:
    """Most disk in use at once, in bytes, for 16-bit weights of that size: merged copy + f16, then f16 + the others."""
    quantised = sum(weights * FILE_TYPES[kind].bits / 16 for kind in kinds if kind != "f16")
    return int(max((2 if merging else 1) * weights, weights + quantised) * _SPARE)


def _prove(request: ExportRequest, kind: str, made: Path) -> Spoken:
    """Load the file and let it answer."""
    with _stage(f"answer:{kind}") as detail:
        spoken = _answer(made, request)
        detail |= {"text": spoken.text, "tokens_per_second": _speed(spoken)}
    return spoken


def _place(
    request: ExportRequest, kind: str, made: Path, proved: tuple[Contents, Spoken], output: Path
) -> dict[str, Any]:
    """Give a proved file its name."""
    contents, spoken = proved
    final = output / f"{request.name}-{kind}.gguf"
    with _stage(f"place:{kind}") as detail:
        _sync(made)
        made.replace(final)
        detail |= {
            "type": kind,
            "path": str(final),
            "bytes": final.stat().st_size,
            "answer": spoken.text,
            "tokens_per_second": _speed(spoken),
            "tensor_types": contents.tensor_types,
            "fallbacks": contents.fallbacks,
            "weights": contents.weights,
        }
    return detail


def _speed(spoken: Spoken) -> float:
    """Tokens a second of the answer, its question not counted; 0 for an answer of nothing."""
    if spoken.answer_tokens < 2 or spoken.answer_seconds <= 0:
        return 0.0
    return round(spoken.answer_tokens / spoken.answer_seconds, 1)


def _answer(file: Path, request: ExportRequest) -> Spoken:
    speaker = None
    try:
        speaker = Speaker(file, context_tokens=_CONTEXT_TOKENS, threads=request.threads, check_weights=True)
        spoken = speaker.answer([{"role": "user", "content": request.prompt}], max_tokens=_ANSWER_TOKENS)
    except TemplateRefused as error:
        raise Refusal("bad_model", f"the chat template refuses a plain question: {error}", file=str(file)) from error
    except TooLong as error:
        raise Refusal("bad_job", f"the question has {error.tokens} tokens; {error.room} fit") from error
    finally:
        # Windows cannot rename a file that is mapped into memory.
        if speaker is not None:
            speaker.close()
    return spoken


def _tell_fallbacks(kind: str, contents: Contents) -> None:
    if not contents.fallbacks:
        return
    count = sum(contents.fallbacks.values())
    emit(
        Warned(
            code="fell_back",
            message=f"{count} of {contents.weights} weights have rows that {kind} cannot divide",
            detail={"type": kind, "count": count, "weights": contents.weights, "types": contents.fallbacks},
        )
    )


def _sync(file: Path) -> None:
    """The bytes are on the disk before the name is, so that a power cut leaves no hollow file."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


@contextmanager
def _stage(name: str) -> Iterator[dict[str, Any]]:
    emit(Staged(stage=name))
    begun = time.perf_counter()
    detail: dict[str, Any] = {}
    try:
        yield detail
    except Refusal as refusal:
        # The quantiser says only that it failed; the disk says why.
        if refusal.kind == "crashed" and refusal.__cause__ is not None and is_disk_full(refusal.__cause__):
            raise Refusal("no_space", "no space left on the disk", file=refusal.file) from refusal
        raise
    emit(Staged(stage=name, seconds=round(time.perf_counter() - begun, 3), detail=detail))


def _stop(conversion: Conversion, command: dict[str, Any]) -> None:
    """All that is not under a final name is scratch, so stopping is ending; finished files stay."""
    if command.get("command") == "stop":
        conversion.end()
        with suppress(BrokenPipeError):
            emit(Finished(stopped=True))
        end_process(0)


def _abandon(conversion: Conversion) -> None:
    """The doctor has gone, and with it the reader of events: what was begun must not race with its successor."""
    conversion.end()
    end_process(1)


if __name__ == "__main__":
    run_program("trainer.export_gguf", ExportRequest, export, "torch", "transformers", "peft", "gguf", "cyllama")
