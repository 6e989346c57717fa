"""`python -m trainer.look REQUEST.json`: read data as training does, count its tokens, and show some as the model would
see them."""

from __future__ import annotations

import dataclasses
import os
import time
from typing import TYPE_CHECKING, Any

from trainer.contract import LookRequest, Staged, Warned
from trainer.emit import emit
from trainer.program import Refusal, run_program
from trainer.records import Problem, Record
from trainer.survey import Survey

if TYPE_CHECKING:
    from trainer.token_counts import TokenCounts

_TOGETHER = 256
"""Records that are tokenised in one call."""
_TELL_SECONDS = 1.0


def look(request: LookRequest) -> dict[str, Any]:
    """Carry out one request. Raises Refusal when a file or the tokenizer cannot be read."""
    counts = _counts(request) if request.model else None
    survey = Survey(near=request.near, held_out=bool(request.held_out_data), method=request.method)
    told = time.monotonic()
    met = 0
    for sources, held_out in ((request.data, False), (request.held_out_data, True)):
        for source in sources:
            waiting: list[Record] = []
            try:
                for item in survey.read(source, held_out=held_out):
                    if isinstance(item, Problem):
                        _tell(item)
                        continue
                    met += 1
                    if counts is not None:
                        waiting.append(item)
                    if len(waiting) >= _TOGETHER:
                        _count(counts, waiting, held_out=held_out)
                        waiting = []
                    if time.monotonic() - told > _TELL_SECONDS:
                        told = time.monotonic()
                        emit(Staged(stage="look", detail={"records": met}))
            except OSError as error:
                raise Refusal("bad_data", error.strerror or str(error), file=source.path) from error
            _count(counts, waiting, held_out=held_out)
    return {
        "files": [dataclasses.asdict(file) for file in survey.files],
        "tokens": counts.summary() if counts is not None else None,
        "examples": counts.examples if counts is not None else [],
    }


def _counts(request: LookRequest) -> TokenCounts:
    from trainer.token_counts import TokenCounts

    emit(Staged(stage="tokenizer"))
    return TokenCounts(request)


def _count(counts: TokenCounts | None, records: list[Record], *, held_out: bool) -> None:
    if counts is not None and records:
        for problem in counts.add(records, held_out=held_out):
            _tell(problem)


def _tell(problem: Problem) -> None:
    emit(Warned(code="data_problem", message=problem.code, detail=dataclasses.asdict(problem)))


def main() -> None:
    """Set what libraries read when they are imported, then work."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    run_program("look", LookRequest, look, "transformers", "tokenizers")


if __name__ == "__main__":
    main()
