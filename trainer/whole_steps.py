"""A Trainer that gets the records of an optimizer step whole and splits them into micro-batches itself.

transformers' Trainer knows micro-batches of one fixed size and a fixed number of them in a step. Here a step's records
are split as their lengths ask for, and when memory runs out the step is split finer and computed again: no record is
lost, and what the step learns stays the same, because its loss is a mean over the whole step.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import torch

from trainer.batches import best_split
from trainer.contract import Warned
from trainer.failures import first_line, is_out_of_memory
from trainer.telling import tell
from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trainer.batches import StepOrder
    from trainer.peers import Peers

_BUCKET = 1 << 24
"""Gradients that are sent to the other processes at once, in numbers: 64 MiB."""

Row = dict[str, Any]


class WholeSteps:
    """To be mixed in before a Trainer: `class OurTrainer(WholeSteps, SFTTrainer)`.

    The Trainer's own accumulation is to be 1, and its batch the records of a step of one process. A subclass whose loss
    is a mean over the rows of a micro-batch says so by `loss_is_scaled_for_ga = False`, as TRL does; the others divide
    by the number of answer tokens that they are given, which are those of the whole step and all processes.
    """

    def __init__(self, *, order: StepOrder, rows: Sequence[Row], peers: Peers, **settings: Any) -> None:
        self.order = order
        self.rows = rows
        self.peers = peers
        self.batching = order.batching
        self.halvings = 0
        """How often memory ran out and the micro-batches became smaller."""
        self._tokens = 0
        self._records_of_step = 0.0
        self._broken = torch.zeros((), dtype=torch.bool, device=settings["args"].device)
        super().__init__(**settings)
        if peers.size > 1:
            # The base model is read from the same files by all: only the adapter's first values need to be sent.
            torch.nn.parallel.DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(
                self.model,
                [name for name, weight in self.model.named_parameters() if not weight.requires_grad]
                + [name for name, _ in self.model.named_buffers()],
            )

    model: Any
    accelerator: Any
    data_collator: Any
    loss_is_scaled_for_ga: bool | None

    @property
    def tokens(self) -> int:
        """Real tokens that this process computed in this session, padding not counted."""
        return self._tokens

    @property
    def diverged(self) -> bool:
        """Whether a loss or a gradient was not a number. Waits for the device."""
        return bool(self._broken.item())

    def length_of(self, row: Row) -> int:
        """Tokens of a row; what counts for the split."""
        return len(row["input_ids"])

    def answers_of(self, row: Row) -> int:
        """Tokens of a row that are learned; 0 where the loss is no mean over tokens."""
        if "answers" in row:
            return int(row["answers"])
        return sum(label != IGNORED for label in row["labels"][1:]) if "labels" in row else 0

    # ------------------------------------------------------------------------------ what the Trainer asks for

    def get_train_dataloader(self) -> Any:
        # Not prepared by accelerate, which would share out again what is shared out already.
        return torch.utils.data.DataLoader(self.rows, batch_sampler=self.order, collate_fn=list)

    def get_batch_samples(self, epoch_iterator: Iterator[list[Row]], num_batches: int, device: Any) -> Any:
        """The rows of the next step, and its answer tokens over all processes."""
        rows = next(epoch_iterator, None)
        if rows is None:
            return [], None
        answers, self._records_of_step = self.peers.sum(float(sum(map(self.answers_of, rows))), float(len(rows)))
        return [rows], torch.tensor(answers, device=device) if answers else None

    def floating_point_ops(self, inputs: Any) -> int:
        """None: nobody reads them."""
        return 0

    def training_step(self, model: Any, inputs: list[Row], num_items_in_batch: Any = None) -> Any:
        loss = None
        while loss is None:
            parts = self.split(inputs)
            try:
                loss = self._learn(model, parts, num_items_in_batch)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or not self._shrink(self._failed, first_line(error)):
                    raise
            if loss is None:
                # Outside of the handler: the error's frames hold the tensors that filled the memory.
                model.zero_grad()
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()
        if self.peers.size > 1:
            self._share_gradients()
        self._tokens += sum(map(self.length_of, inputs))
        self._broken |= ~torch.isfinite(loss)
        return loss

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        norm = super()._get_grad_norm(model, grad_norm=grad_norm)  # type: ignore[misc]
        # fp16's scaler steps over such gradients by itself and goes on with a smaller scale.
        if self.accelerator.scaler is None:
            self._broken |= ~torch.isfinite(torch.as_tensor(norm, device=self._broken.device))
        return norm

    # ------------------------------------------------------------------------------ micro-batches

    def split(self, rows: Sequence[Row]) -> list[list[Row]]:
        """The micro-batches of a step, or of rows to measure, the largest first: it shows at once whether it fits."""
        batching = self.batching
        if batching.how == "same_records":
            lengths = [self.length_of(row) for row in rows]
            groups = best_split(lengths, batching.tokens_at_once, batching.overhead_tokens)
            return [[rows[place] for place in group] for group in groups]
        return [list(rows[begin : begin + batching.at_once]) for begin in range(0, len(rows), batching.at_once)]

    def _learn(self, model: Any, parts: list[list[Row]], answers: Any) -> Any:
        """Forward and backward of every micro-batch; the gradients add up."""
        loss = torch.zeros((), device=self._broken.device)
        # Never DDP's own sending: it belongs to one micro-batch and not to a step that may have to be computed again.
        alone = model.no_sync if self.peers.size > 1 else contextlib.nullcontext
        for part in parts:
            self._failed = part
            # The Trainer divides by this where a loss is a mean over rows: then the micro-batch counts by its rows.
            self.current_gradient_accumulation_steps = self._records_of_step / (len(part) * self.peers.size)
            with alone():
                loss += super().training_step(model, self.data_collator(part), answers)  # type: ignore[misc]
        return loss

    def halve(self, why: str) -> None:
        """Make the micro-batches to come half as large."""
        batching = self.batching
        self._limit(batching.at_once, batching.tokens_at_once, why)

    def _shrink(self, failed: list[Row], why: str) -> bool:
        """Make micro-batches smaller than one that did not fit; False when it was one record alone."""
        if len(failed) < 2:
            return False
        self._limit(len(failed), max(map(self.length_of, failed)) * len(failed), f"memory ran out: {why}")
        return True

    def _limit(self, records: int, tokens: int, why: str) -> None:
        self.halvings += 1
        at_once, tokens_at_once = max(1, records // 2), max(1, tokens // 2)
        self.batching = dataclasses.replace(self.batching, at_once=at_once, tokens_at_once=tokens_at_once)
        by_tokens = self.batching.how == "same_records"
        detail = {"before": tokens if by_tokens else records, "after": tokens_at_once if by_tokens else at_once}
        tell(Warned(code="smaller_tokens" if by_tokens else "smaller_records", message=why, detail=detail))

    def _share_gradients(self) -> None:
        """Give every weight the mean of all processes' gradients."""
        import torch.distributed as group

        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        for some in _buckets([weight.grad for weight in weights]):
            flat = torch.cat([gradient.reshape(-1).float() for gradient in some])
            group.all_reduce(flat)
            flat /= self.peers.size
            begin = 0
            for gradient in some:
                gradient.copy_(flat[begin : begin + gradient.numel()].view_as(gradient))
                begin += gradient.numel()


def _buckets(gradients: list[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    filled = 0
    for gradient in gradients:
        if some and filled + gradient.numel() > _BUCKET:
            yield some
            some, filled = [], 0
        some.append(gradient)
        filled += gradient.numel()
    if some:
        yield some
