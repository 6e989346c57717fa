"""Look at data as a job would use it: by tunedoc itself, or with the model's tokenizer in the training environment."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.data.report import Collection, Examination, examine_data, require_file
from doctor.environment import current_environment, require_environment
from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import LookRequest, Source, Staged, Warned
from trainer.records import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.words.text import Text
    from trainer.contract import Event, Method

PROGRAM = "trainer.look"
_JOB_SUFFIXES = (".yaml", ".yml")
_TABLE_SUFFIXES = (".parquet",)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen."""

    data: Examination
    tokens: dict[str, Any] | None
    """Counts by the model's tokenizer, as `trainer.token_counts` makes them; None without a model."""
    examples: tuple[dict[str, Any], ...] = ()
    """Records as the model would see them, in parts: given, learned, cut."""


def request_of(
    names: Sequence[str],
    home: Home,
    *,
    held_out: Sequence[str] = (),
    model: str | None = None,
    method: Method | None = None,
    max_length: int | None = None,
    examples: int = 2,
    near: bool = True,
) -> LookRequest:
    """What to look at: data files and folders, or the data of one job file. Raises BadInput."""
    from doctor.models import find_model_folder

    job = None
    if len(names) == 1 and Path(names[0]).suffix.lower() in _JOB_SUFFIXES:
        from doctor.jobs import read_job

        job = read_job(Path(names[0]), home)
    request = (
        LookRequest(data=tuple(Source(path=name) for name in names))
        if job is None
        else LookRequest(
            data=job.data,
            held_out_data=job.held_out_data,
            held_out=job.held_out,
            model=job.model,
            method=job.method,
            max_length=job.max_length,
            assistant_only_loss=job.assistant_only_loss,
        )
    )
    if held_out:
        request = replace(request, held_out_data=tuple(Source(path=name) for name in held_out))
    if model is not None:
        request = replace(request, model=str(find_model_folder(home, model).absolute()))
    if method is not None:
        request = replace(request, method=method)
    if max_length is not None:
        if max_length < 1:
            raise BadInput(text("data.bad_max_length"))
        request = replace(request, max_length=max_length)
    for source in (*request.data, *request.held_out_data):
        require_file(Path(source.path))
    return replace(request, examples=examples, near=near)


def look_at(
    host: Host,
    home: Home,
    request: LookRequest,
    note: Callable[[Text], None],
    *,
    progress: Callable[[Text], None] = lambda words: None,
    must_count: bool = False,
) -> Look:
    """Read all the data. Raises BadInput, WorkerFailed and, with `must_count`, NotInstalled.

    The training environment is needed for counting tokens and for Parquet; everything else is done without it.
    """
    wanted = bool(request.model) or _has_table(request)
    environment = require_environment(home) if must_count else current_environment(home) if wanted else None
    if environment is None:
        if request.model:
            note(text("data.not_counted"))
        found = examine_data(request.data, request.held_out_data, method=request.method, near=request.near)
        return Look(data=_with_split(found, request), tokens=None)
    return _look_with_tokenizer(host, home, environment, request, progress)


def _with_split(found: Examination, request: LookRequest) -> Examination:
    """The same, and whether records that are alike may fall on both sides of a split by chance."""
    alike = sum(
        count
        for report in found.reports
        for code, count in report.counts.items()
        if code.startswith("duplicate_") and code != "duplicate_name"
    )
    if not alike or not request.held_out or request.held_out_data:
        return found
    detail: dict[str, str | int] = {"count": alike, "percent": f"{request.held_out * 100:g}"}
    problem = Problem(file=found.reports[0].file, code="split_leak", severity="note", detail=detail)
    return replace(found, others=(*found.others, problem))


def _has_table(request: LookRequest) -> bool:
    for source in (*request.data, *request.held_out_data):
        path = Path(source.path)
        files = path.rglob("*") if path.is_dir() else [path]
        if any(file.suffix.lower() in _TABLE_SUFFIXES for file in files):
            return True
    return False


def _look_with_tokenizer(
    host: Host, home: Home, environment: Environment, request: LookRequest, progress: Callable[[Text], None]
) -> Look:
    from doctor.worker import start_worker
    from trainer.file_moves import remove_tree

    absolute = [
        tuple(replace(source, path=str(Path(source.path).absolute())) for source in group)
        for group in (request.data, request.held_out_data)
    ]
    given = {str(Path(source.path).absolute()): source.path for source in (*request.data, *request.held_out_data)}
    collection = Collection()

    def as_given(file: str) -> str:
        """A file as the user named it, or the folder that it lies in."""
        for whole, named in given.items():
            if file == whole or file.startswith(whole + os.sep):
                return named + file[len(whole) :]
        return file

    def hear(event: Event) -> None:
        if isinstance(event, Warned) and event.code == "data_problem":
            detail = event.detail["detail"]
            if "other" in detail:
                detail["other"] = as_given(str(detail["other"]))
            collection.add(Problem(**{**event.detail, "file": as_given(event.detail["file"])}))
        elif isinstance(event, Staged) and event.stage == "look":
            progress(text("data.looking", count=int(event.detail.get("records", 0))))

    place = home.scratch / f"look-{os.getpid()}"
    worker = start_worker(
        host,
        home,
        environment.python,
        PROGRAM,
        replace(request, data=absolute[0], held_out_data=absolute[1]),
        log=home.logs / "look.log",
        request_file=place / "request.json",
    )
    try:
        result = worker.follow(hear).result
    finally:
        remove_tree(place)
    return Look(
        data=_with_split(
            collection.examination({**file, "file": as_given(file["file"])} for file in result["files"]), request
        ),
        tokens=result["tokens"],
        examples=tuple({**example, "file": as_given(example["file"])} for example in result["examples"]),
    )
