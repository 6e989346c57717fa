"""What happens between optimizer steps: progress is told, checkpoints are made trustworthy, a stop is obeyed."""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from trainer.checkpoints import Completeness, complete, prune
from trainer.contract import Evaluated, Progressed, Saved, Warned
from trainer.devices import peak_mib
from trainer.program import Refusal, watch_commands
from trainer.samples import sample_answers
from trainer.steps import Clock
from trainer.telling import is_missing
from trainer.telling import tell as tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.contract import Job
    from trainer.peers import Peers
    from trainer.steps import LoraTrainer
    from trainer.whole_steps import Row


_LOOK_SECONDS = 0.5
"""How often those that pause together ask each other whether to go on."""


class Stop:
    """What is wished on stdin: to stop, which the doctor's end says too by closing it; to pause, to save, to need less.

    Call it to learn whether to stop. Commands: stop, save, pause, continue, smaller.
    """

    def __init__(self) -> None:
        self._wished = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._save = threading.Event()
        self._smaller = threading.Event()
        watch_commands(self._on_command, self._on_end)

    def __call__(self) -> bool:
        return self._wished.is_set()

    @property
    def paused(self) -> bool:
        """Whether to wait. A wish to stop ends it."""
        return not self._running.is_set() and not self()

    def wait(self, seconds: float) -> None:
        """Wait while paused, but no longer than this."""
        self._running.wait(seconds)

    def wants_checkpoint(self) -> bool:
        """Whether a checkpoint was asked for since the last call."""
        return _taken(self._save)

    def wants_smaller(self) -> bool:
        """Whether smaller micro-batches were asked for since the last call."""
        return _taken(self._smaller)

    def _on_command(self, command: dict[str, Any]) -> None:
        match command.get("command"):
            case "stop":
                self._on_end()
            case "save":
                self._save.set()
            case "pause":
                self._running.clear()
            case "continue":
                self._running.set()
            case "smaller":
                self._smaller.set()
            case _:
                pass

    def _on_end(self) -> None:
        self._wished.set()
        self._running.set()


def _taken(wish: threading.Event) -> bool:
    there = wish.is_set()
    wish.clear()
    return there


class StepReport(TrainerCallback):  # type: ignore[misc]
    """Called by the Trainer after every step, log and save."""

    def __init__(self, job: Job, facts: Completeness, stop: Stop, held_out: Sequence[Row], peers: Peers) -> None:
        self.job = job
        self.peers = peers
        self.facts = facts
        """Of the checkpoint that this session went on from; zeros for a new run."""
        self.stop = stop
        self.held_out = held_out
        self.trainer: LoraTrainer | None = None
        """Given once it exists: the Trainer wants its callbacks first."""
        self.clock = Clock()
        self.last_loss: float | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.clock = Clock()
        if self._is_due(state):
            # A stop broke it off.
            missing = is_missing(state.global_step, len(self.job.sample_prompts), bool(self.held_out))
            if self.peers.any(missing)[0]:
                self._look(state.global_step, args.per_device_eval_batch_size)

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        # accelerate does not tell the epoch to a sampler behind skipped batches, so a resumed run would shuffle anew.
        self._live.order.set_epoch(math.floor(state.epoch or 0))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        # To see whether it diverged a GPU must be waited for, so that is done where something hangs on it.
        wished = self.stop() and state.global_step < state.max_steps
        looked = wished or control.should_save or control.should_log
        wished, diverged, save, smaller, paused = self.peers.any(
            wished, looked and self._live.diverged, self.stop.wants_checkpoint(), self.stop.wants_smaller(),
            self.stop.paused,
        )  # fmt: skip
        if diverged:
            raise Refusal(
                "diverged",
                f"the loss is no number any more at step {state.global_step}; the last checkpoint before it is kept",
            )
        if smaller:
            self._live.halve("asked to need less memory")
        if paused and not wished:
            wished = self._pause(state.global_step)
        if wished:
            control.should_training_stop = True
        control.should_save = control.should_save or wished or save
        if self._is_due(state):
            self._look(state.global_step, args.per_device_eval_batch_size)
            if self.peers.any(self.stop())[0]:
                # Broken off perhaps: a session that goes on from here does what is missing.
                control.should_save = control.should_training_stop = True
        return control

    def _is_due(self, state: Any) -> bool:
        """Whether the held-out loss is measured behind this step. The one behind the last step comes later."""
        step = state.global_step
        return bool(self.job.eval_steps > 0 and step % self.job.eval_steps == 0 and 0 < step < state.max_steps)

    def _look(self, step: int, batch: int) -> None:
        """Measure the loss on the held-out records, and let the model answer."""
        if self.held_out:
            loss = self._live.loss_on(self.held_out, batch, self.stop)
            if loss is not None:
                tell(Evaluated(step=step, loss=loss, records=len(self.held_out), measures=self._live.measures))
        self.sample(step)

    def _pause(self, step: int) -> bool:
        """Wait until all are to go on, or one is to stop; then True."""
        tell(Warned(code="paused", message="paused as asked", detail={"step": step}))
        begun = time.monotonic()
        paused, stopped = True, False
        while paused and not stopped:
            self.stop.wait(_LOOK_SECONDS)
            paused, stopped = self.peers.any(self.stop.paused, self.stop())
        self.clock.leave_out(time.monotonic() - begun)
        if not stopped:
            tell(Warned(code="continued", message="going on", detail={"step": step}))
        return stopped

    def sample(self, step: int) -> None:
        """Let the model answer the job's sample prompts. All processes come here; the leader answers."""
        begun = time.monotonic()
        if self.peers.leads and self.job.sample_prompts:
            live = self._live
            for sampled in sample_answers(
                live.model, live.processing_class, self.job, step=step, stop=self.stop,
                context=live.compute_loss_context_manager,
            ):  # fmt: skip
                tell(sampled)
        if self.job.sample_prompts:
            self.peers.wait()
            # Nothing is learned meanwhile, and no speed of training is measured.
            self.clock.leave_out(time.monotonic() - begun)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if not logs or "loss" not in logs:
            return
        self.last_loss = float(logs["loss"])
        done = state.global_step - self._first_step
        tokens = self._tokens_of_all()
        speed, seconds_a_step = self.clock.mark(done, tokens)
        tell(
            Progressed(
                step=state.global_step,
                steps=state.max_steps,
                epoch=round(float(state.epoch or 0), 4),
                loss=round(self.last_loss, 5),
                learning_rate=float(logs.get("learning_rate", 0.0)),
                tokens_per_second=round(speed, 1),
                seconds_left=round(seconds_a_step * (state.max_steps - state.global_step), 1),
                peak_mib=int(self.peers.most(peak_mib())),
                tokens=self.facts.tokens + tokens,
            )
        )

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = Path(args.output_dir)
        checkpoint = folder / f"checkpoint-{state.global_step}"
        # Behind this every process has put its random state into the folder.
        so_far = self.so_far(state.global_step)
        if self.peers.leads:
            complete(checkpoint, so_far)
            prune(folder, self.job.save_limit)
            tell(Saved(step=state.global_step, path=str(checkpoint)))

    def so_far(self, step: int) -> Completeness:
        """What the record of a checkpoint says now. All processes ask, and wait here for each other."""
        return Completeness(
            step=step,
            data=self.facts.data,
            loss_before=self.facts.loss_before,
            seconds=round(self.facts.seconds + self.clock.seconds, 2),
            tokens=self.facts.tokens + self._tokens_of_all(),
        )

    def _tokens_of_all(self) -> int:
        return int(self.peers.sum(self._live.tokens)[0])

    @property
    def _first_step(self) -> int:
        return self.facts.step

    @property
    def _live(self) -> LoraTrainer:
        assert self.trainer is not None
        return self.trainer
