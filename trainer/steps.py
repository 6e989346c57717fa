"""TRL's SFTTrainer with whole steps, and on a CPU the loss of the answers alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import torch
from trl import SFTTrainer

from trainer.failures import is_out_of_memory
from trainer.tokens import IGNORED
from trainer.whole_steps import WholeSteps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.batches import StepOrder
    from trainer.peers import Peers
    from trainer.whole_steps import Row

_LARGEST_LOGITS = 1 << 27
"""Numbers (512 MiB in fp32). Beyond it TRL's loss in tiles saves the memory that ours would take."""


class LoraTrainer(WholeSteps, SFTTrainer):  # type: ignore[misc]
    """One device a process. TRL keeps the books; what is ours is how a step is split and the loss on a CPU."""

    def __init__(self, *, order: StepOrder, rows: Sequence[Row], peers: Peers, **settings: Any) -> None:
        from datasets import Dataset

        # TRL wants a data set in memory and looks at its first row; the rows themselves may lie on a disk.
        first = rows[0]
        sample = Dataset.from_list([{name: [int(each) for each in first[name]] for name in ("input_ids", "labels")}])
        self.measures: dict[str, float] = {}
        """What else than the loss `loss_on` found the last time."""
        super().__init__(order=order, rows=rows, peers=peers, train_dataset=sample, **settings)
        if peers.size > 1:
            # TRL gathers metrics from all processes at every micro-batch, which nobody reads.
            self.accelerator.gather_for_metrics = lambda values: values

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Mean over the answer tokens of the step.

        On a GPU TRL's fused head scores the answers only. On a CPU it scores every position, padding too, and does
        the head's work twice; there the model's own head sees nothing but the positions before an answer token.
        """
        answers = inputs["labels"][:, 1:] != IGNORED
        on_cpu = inputs["labels"].device.type == "cpu"
        count = int(answers.sum()) if on_cpu else 0
        vocabulary = self.model.get_input_embeddings().weight.shape[0]
        if return_outputs or not on_cpu or count * vocabulary > _LARGEST_LOGITS or self.aux_loss_enabled:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)

        def keep_answers(_: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
            return (given[0][:, :-1][answers].unsqueeze(0), *given[1:])

        hook = self.model.get_output_embeddings().register_forward_pre_hook(keep_answers)
        try:
            given = {name: value for name, value in inputs.items() if name != "labels"}
            logits = model(**given, use_cache=False).logits
        finally:
            hook.remove()
        wanted = inputs["labels"][:, 1:][answers]
        total = torch.nn.functional.cross_entropy(logits[0].float(), wanted, reduction="sum")
        if num_items_in_batch is None:
            return total / max(count, 1)
        # These are the answer tokens of all processes, whose gradients are averaged and not summed.
        return total / num_items_in_batch * self.peers.size

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        # TRL adds means of metrics that our loss does not compute.
        self._metrics["train"].clear()
        super().log(logs, start_time)

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """None: a checkpoint is no model to publish."""

    def loss_on(self, rows: Sequence[Row], batch: int, stop: Any) -> float | None:
        """Mean loss over all answer tokens of these rows, in nats; None when told to stop meanwhile.

        Several processes share the rows out, and all of them must ask.
        """
        lengths = getattr(rows, "lengths", None) or [self.length_of(row) for row in rows]
        own = sorted(range(self.peers.rank, len(rows), self.peers.size), key=lambda place: lengths[place])
        waiting = [own[begin : begin + batch] for begin in range(0, len(own), batch)]
        total, count, stopped = 0.0, 0.0, 0.0
        was_training = self.model.training
        self.model.eval()
        try:
            while waiting:
                if stop():
                    stopped = 1.0
                    break
                places = waiting.pop()
                some = [rows[place] for place in places]
                try:
                    mean = self._measured(some)
                except (RuntimeError, MemoryError) as error:
                    if not is_out_of_memory(error) or len(places) == 1:
                        raise
                    waiting += [places[: len(places) // 2], places[len(places) // 2 :]]
                    continue
                answers = sum(map(self.answers_of, some))
                total += mean * answers
                count += answers
        finally:
            self.model.train(was_training)
            # TRL keeps metrics of evaluation passes for a log that never comes.
            self._metrics["eval"].clear()
        total, count, stopped = self.peers.sum(total, count, stopped)
        return None if stopped else total / max(count, 1)

    def autocast_smart_context_manager(self, cache_enabled: bool | None = True) -> Any:
        # accelerate only puts it round the model when training begins; losses are measured before, too.
        return self.accelerator.autocast()

    def _measured(self, rows: Sequence[Row]) -> float:
        inputs = self._prepare_inputs(self.data_collator(rows))
        with torch.no_grad(), self.compute_loss_context_manager():
            return float(self.compute_loss(self.model, inputs))


class Clock:
    """Seconds since it was made, and the speed of the last steps."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._marks: list[tuple[float, int, int]] = [(self._begun, 0, 0)]

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def leave_out(self, seconds: float) -> None:
        """Forget a time in which nothing was computed."""
        self._begun += seconds
        self._marks = [(at + seconds, steps, tokens) for at, steps, tokens in self._marks]

    def mark(self, steps: int, tokens: int) -> tuple[float, float]:
        """Tokens a second and seconds a step over the last twenty marks. Counts are of this session."""
        now = time.monotonic()
        self._marks = [*self._marks[-20:], (now, steps, tokens)]
        first, first_steps, first_tokens = self._marks[0]
        spent = max(now - first, 1e-9)
        return (tokens - first_tokens) / spent, spent / max(steps - first_steps, 1)
