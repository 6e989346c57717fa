"""TRL's SFTTrainer with our batches, the loss of answers only where it is asked for, and a count of real tokens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import torch
from trl import SFTTrainer

from trainer.batches import EpochOrder
from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.peers import Peers

_LARGEST_LOGITS = 1 << 27
"""Numbers (512 MiB in fp32). Beyond it TRL's loss in tiles saves the memory that ours would take."""


class LoraTrainer(SFTTrainer):  # type: ignore[misc]
    """One device a process. TRL keeps the books; what is ours is the order of the records and the loss on a CPU."""

    def __init__(self, *, lengths: Sequence[int], peers: Peers, **settings: Any) -> None:
        args = settings["args"]
        self.peers = peers
        at_once = args.per_device_train_batch_size * peers.size
        # The order knows nothing of how a step's records are shared out, so any split of it learns the same.
        effective = at_once * args.gradient_accumulation_steps
        self.order = EpochOrder(lengths, effective, args.seed, multiple=at_once if peers.size > 1 else 1)
        self._tokens = torch.zeros((), dtype=torch.long, device=args.device)
        self._broken = torch.zeros((), dtype=torch.bool, device=args.device)
        super().__init__(**settings)
        if peers.size > 1:
            # TRL gathers metrics from all processes at every micro-batch, which nobody reads.
            self.accelerator.gather_for_metrics = lambda values: values
            # The base model is read from the same files by all: only the adapter's first values need to be sent.
            torch.nn.parallel.DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(
                self.model,
                [name for name, weight in self.model.named_parameters() if not weight.requires_grad]
                + [name for name, _ in self.model.named_buffers()],
            )

    @property
    def tokens(self) -> int:
        """Real tokens that this process computed in this session, padding not counted. Waits for the device."""
        return int(self._tokens.item())

    @property
    def diverged(self) -> bool:
        """Whether a loss was not a number. Waits for the device."""
        return bool(self._broken.item())

    def _get_train_sampler(self, train_dataset: Any = None) -> EpochOrder:
        return self.order

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
        # Summed on the device; reading the sum at every step would make a GPU wait for us. A row without answers fills
        # up an epoch that several processes share.
        counted = inputs["attention_mask"] * (inputs["labels"] != IGNORED).any(dim=1, keepdim=True)
        self._tokens += counted.sum().to(self._tokens.device)
        loss = super().training_step(model, inputs, num_items_in_batch)
        self._broken |= ~torch.isfinite(loss)
        return loss

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
            logits = model(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
            ).logits
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

    def loss_on(self, rows: Sequence[dict[str, Any]], batch: int, stop: Any) -> float | None:
        """Mean loss over all answer tokens of these rows, in nats; None when told to stop meanwhile.

        Several processes share the rows out, and all of them must ask.
        """
        by_length = sorted(rows, key=lambda row: len(row["input_ids"]))
        total, count, stopped = 0.0, 0.0, 0.0
        was_training = self.model.training
        self.model.eval()
        try:
            for begin in range(self.peers.rank * batch, len(by_length), batch * self.peers.size):
                if stop():
                    stopped = 1.0
                    break
                inputs = self._prepare_inputs(self.data_collator(by_length[begin : begin + batch]))
                answers = int((inputs["labels"][:, 1:] != IGNORED).sum())
                with torch.no_grad(), self.compute_loss_context_manager():
                    mean = self.compute_loss(self.model, inputs)
                total += float(mean) * answers
                count += answers
        finally:
            self.model.train(was_training)
            # TRL keeps metrics of evaluation passes for a log that never comes.
            self._metrics["eval"].clear()
        total, count, stopped = self.peers.sum(total, count, stopped)
        return None if stopped else total / max(count, 1)


class Clock:
    """Seconds since it was made, and the speed of the last steps."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._marks: list[tuple[float, int, int]] = [(self._begun, 0, 0)]

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    def mark(self, steps: int, tokens: int) -> tuple[float, float]:
        """Tokens a second and seconds a step over the last twenty marks. Counts are of this session."""
        now = time.monotonic()
        self._marks = [*self._marks[-20:], (now, steps, tokens)]
        first, first_steps, first_tokens = self._marks[0]
        spent = max(now - first, 1e-9)
        return (tokens - first_tokens) / spent, spent / max(steps - first_steps, 1)
