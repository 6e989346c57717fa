"""Fine-tune a language model, from the job to the saved adapter or model. Read it from top to bottom."""

from __future__ import annotations

import json
import math
import time
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from filelock import FileLock, Timeout

from trainer.adapters import pissa_start
from trainer.callbacks import StepReport, Stop
from trainer.checkpoints import Completeness, checkpoints_in, newest_complete, put_aside
from trainer.contract import Evaluated, Finished, Saved, Staged, Warned
from trainer.demands import check_demands
from trainer.devices import choose_format, device_name, stay_in_own_memory, use_threads
from trainer.failures import first_line, is_out_of_memory
from trainer.file_moves import remove_tree
from trainer.finishing import result_name, save_result
from trainer.ledger import Ledger
from trainer.loading import load
from trainer.peers import Peers
from trainer.program import Refusal, end_process
from trainer.reading import Records, read_records
from trainer.settings import trainer_settings
from trainer.telling import keep, tell
from trainer.trackers import require_trackers

if TYPE_CHECKING:
    from trainer.contract import TrainRequest

_PATIENCE_SECONDS = 120
"""How long to wait for a trainer that is still saving: one whose doctor was killed finishes its step first."""


def train(request: TrainRequest) -> dict[str, Any]:
    """Carry out one job. Returns the result for `finished`; raises Refusal for what cannot be done.

    With `processes: 2` and more this runs in all of them at once. What they have to do together they ask of `peers`,
    in the same order; locking, writing and telling is done by the one that leads.
    """
    job = request.job
    run = Path(job.output)
    require_trackers(job)
    stop = Stop()
    peers = Peers(job.processes)
    lock = FileLock(run / "trainer.lock")
    if peers.leads:
        _take(lock, run)

    # ---- 1. the data: every record is used or told
    begun = _stage("data")
    records = read_records(job)
    measured_on = Records(job, job.held_out_data) if job.held_out_data else None
    _end("data", begun, records=len(records))

    # ---- 2. where to go on from: the leader looks, and tells the others
    checkpoint, facts = None, Completeness(step=0, data=records.fingerprint, loss_before=None, seconds=0.0, tokens=0)
    if peers.leads and request.resume:
        checkpoint, facts = _find_checkpoint(run, facts)
    elif peers.leads:
        for old in checkpoints_in(run / "checkpoints"):
            put_aside(old, run / "aside")
    _stop_early(stop, peers, run, facts.step)
    if peers.size > 1:
        begun = _stage("meet")
        from trainer.devices import has_gpu

        peers.meet(request.store_file, on_gpu=has_gpu(), more_patience_seconds=_PATIENCE_SECONDS)
        checkpoint, facts = _told_by_the_leader(peers, checkpoint, facts)
        _end("meet", begun, processes=peers.size)
    if peers.leads:
        keep(Ledger(job, run, facts.step if checkpoint else None, _tracker_failed))

    # ---- 3. the model and its tokenizer: local files, safetensors, no code from the model's folder
    begun = _stage("model")
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", message=".*fall back to.*|.*pin_memory.*")
    threads = use_threads(job.threads, peers.size)
    stay_in_own_memory()
    number_format = choose_format(job)
    if peers.any(number_format == "fp32")[0]:
        # Of unequal cards one may lack what the other has, and all compute with the same numbers.
        number_format = "fp32"
    check_demands(job, on_gpu=torch.cuda.is_available(), gpus=torch.cuda.device_count())
    tokenizer, model = load(job, number_format, request.weights_mib)
    _end(
        "model", begun, parameters=model.num_parameters(), precision=number_format, threads=threads,
        device=device_name(),
    )  # fmt: skip
    _stop_early(stop, peers, run, facts.step)

    # ---- 4. tokens and labels with the model's own chat template
    begun = _stage("tokenise")
    from trainer.batches import Batching, StepOrder, counts_of_sources, split_records
    from trainer.methods import make_trainer, store_of
    from trainer.token_store import SomeRows
    from trainer.tokens import give_template

    if not give_template(tokenizer):
        tell(Warned(code="no_chat_template", message="the model has no chat template; a plain one stands in"))
    store = store_of(job, records, tokenizer, run / "tokens", peers, stop)
    others = store if measured_on is None else store_of(
        job, measured_on, tokenizer, run / "tokens-held-out", peers, stop
    )  # fmt: skip
    _stop_early(stop, peers, run, facts.step)
    assert store is not None and others is not None
    learned, kept_out = split_records(len(store), job.held_out if measured_on is None else 0, job.seed)
    rows = SomeRows(store, learned)
    held_out = SomeRows(others, kept_out if measured_on is None else range(len(others)))
    _end(
        "tokenise", begun, records=len(rows), held_out=len(held_out), tokens=sum(rows.lengths),
        longest=max(rows.lengths),
    )  # fmt: skip

    # ---- 5. the adapter and the trainer
    begun = _stage("prepare")
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    model.config.use_cache = False
    on_gpu = torch.cuda.is_available()
    order = StepOrder(
        rows.lengths, Batching.of(job, on_gpu=on_gpu), job.seed, rank=peers.rank, processes=peers.size,
        counts=counts_of_sources(learned, store.counts.by_source), weights=[source.weight for source in job.data],
    )  # fmt: skip
    steps = job.max_steps if job.max_steps > 0 else math.ceil(len(order) * job.epochs)
    settings = trainer_settings(job, run, steps=steps, number_format=number_format, on_gpu=on_gpu)
    report = StepReport(job, facts, stop, held_out, peers)
    trainer = make_trainer(
        job, model=model, tokenizer=tokenizer, number_format=number_format, on_gpu=on_gpu, order=order, rows=rows,
        peers=peers, args=settings, callbacks=[report],
    )  # fmt: skip
    trainer.remove_callback(transformers.PrinterCallback)
    report.trainer = trainer
    start = pissa_start(job, trainer.model)
    _end("prepare", begun, trainable=trainer.model.num_parameters(only_trainable=True), steps=steps)

    # ---- 6. train: loss on the held-out records before, the steps, the loss after
    try:
        if held_out and facts.loss_before is None:
            begun = _stage("measure")
            before = trainer.loss_on(held_out, job.per_device_batch_size, stop)
            _stop_early(stop, peers, run, facts.step)
            if before is not None and not math.isfinite(before):
                raise Refusal(
                    "bad_model", "the model computes no number (NaN) for the held-out records", file=job.model
                )
            report.facts = facts = replace(facts, loss_before=before)
            _end("measure", begun)
            if before is not None:
                tell(Evaluated(step=0, loss=before, records=len(held_out), measures=trainer.measures))
        if checkpoint is None:
            report.sample(0)
        begun = _stage("train")
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        step = int(trainer.state.global_step)
        _end("train", begun, step=step)
        so_far = report.so_far(step)
        if step < trainer.state.max_steps:
            _finish_stopped(peers, run, so_far)
        after = None
        if held_out:
            begun = _stage("measure")
            after = trainer.loss_on(held_out, job.per_device_batch_size, stop)
            if after is None:
                _finish_stopped(peers, run, so_far)
            _end("measure", begun)
            tell(Evaluated(step=step, loss=after, records=len(held_out), measures=trainer.measures))
        report.sample(step)
    except (RuntimeError, MemoryError) as error:
        if is_out_of_memory(error):
            raise Refusal("out_of_memory", first_line(error)) from error
        if peers.lost(error):
            raise Refusal("process_lost", f"another process does not answer: {first_line(error)}") from error
        raise

    # ---- 7. the adapter or the model, under its name only when it is whole
    final = run / result_name(job)
    if peers.leads:
        begun = _stage("save")
        save_result(job, trainer, tokenizer, start)
        _end("save", begun)
        tell(Saved(step=step, path=str(final), final=True))
    peers.part()
    for tokens in (store, others):
        tokens.close()
    if peers.leads:
        # A finished run is not gone on with.
        remove_tree(run / "tokens")
        remove_tree(run / "tokens-held-out")
    return {
        **_result(run, so_far),
        result_name(job): str(final),
        "loss_after": after,
        "records": len(rows),
        "held_out_records": len(held_out),
        "precision": number_format,
    }


def _take(lock: FileLock, run: Path) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell(Warned(code="waiting", message="another trainer still works in this run folder; waiting for it"))
        try:
            lock.acquire(timeout=_PATIENCE_SECONDS)
        except Timeout:
            raise Refusal("bad_job", "another trainer works in this run folder", file=str(run)) from None


def _find_checkpoint(run: Path, new: Completeness) -> tuple[Path | None, Completeness]:
    """The checkpoint to go on from and what it says; None and `new` for a new beginning."""
    aside = run / "aside"
    checkpoint, facts, moved = newest_complete(run / "checkpoints", aside)
    for name in moved:
        tell(
            Warned(
                code="checkpoint_aside",
                message=f"{name} is incomplete and was put aside",
                detail={"name": name, "folder": str(aside)},
            )
        )
    if checkpoint is None or facts is None:
        return None, new
    if facts.data != new.data:
        raise Refusal("bad_job", "the data changed since this run began, so it cannot go on from its checkpoint")
    tell(Staged(stage="resume", detail={"step": facts.step, "checkpoint": checkpoint.name}))
    return checkpoint, facts


def _told_by_the_leader(peers: Peers, checkpoint: Path | None, facts: Completeness) -> tuple[Path | None, Completeness]:
    mine = json.dumps({"checkpoint": str(checkpoint) if checkpoint else None, "facts": asdict(facts)})
    found = json.loads(peers.share("checkpoint", mine))
    return Path(found["checkpoint"]) if found["checkpoint"] else None, Completeness(**found["facts"])


def _tracker_failed(name: str, why: str) -> None:
    message = f"{name} is told no more, for it failed: {why}"
    tell(Warned(code="tracker_failed", message=message, detail={"name": name, "why": why}))


def _stage(name: str) -> float:
    tell(Staged(stage=name))
    return time.monotonic()


def _end(name: str, begun: float, **detail: Any) -> None:
    tell(Staged(stage=name, seconds=round(time.monotonic() - begun, 2), detail=detail))


def _stop_early(stop: Stop, peers: Peers, run: Path, step: int) -> None:
    """End the program when a stop was asked for before the first step: there is nothing to save yet."""
    if peers.any(stop())[0]:
        tell(Finished(result={"step": step, "run": str(run)}, stopped=True))
        peers.part()
        end_process(0)


def _finish_stopped(peers: Peers, run: Path, so_far: Completeness) -> NoReturn:
    tell(Finished(result=_result(run, so_far), stopped=True))
    peers.part()
    end_process(0)


def _result(run: Path, so_far: Completeness) -> dict[str, Any]:
    return {
        "run": str(run),
        "step": so_far.step,
        "seconds": so_far.seconds,
        "tokens": so_far.tokens,
        "loss_before": so_far.loss_before,
    }
