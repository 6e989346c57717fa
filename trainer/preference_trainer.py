"""The trainer of methods that compare answers: steps as of every other method, and the loss of an objective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from trainer.steps import LoraTrainer
from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.objectives import Objective, Outcome


class PreferenceTrainer(LoraTrainer):
    """A step's loss is the mean over its records."""

    def __init__(self, *, objective: Objective, **settings: Any) -> None:
        self.objective = objective
        self._outcomes: list[Outcome] = []
        super().__init__(**settings)

    def length_of(self, row: dict[str, Any]) -> int:
        return len(row["input_ids"]) + len(row["other_ids"])

    def answers_of(self, row: dict[str, Any]) -> int:
        """One for each record: that is what this loss is divided by."""
        return int(any(label != IGNORED for label in row["labels"][1:]))

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        # The Trainer takes only what it knows to the device.
        inputs = {name: value.to(self.args.device) for name, value in inputs.items()}
        outcome = self.objective(self.model, model, inputs)
        if not self.model.training:
            self._outcomes.append(outcome)
        if num_items_in_batch is None:
            return outcome.total / self.objective.counted(inputs).sum().clamp(min=1)
        # These are the records of all processes, whose gradients are averaged and not summed.
        return outcome.total / num_items_in_batch.to(outcome.total.device) * self.peers.size

    def loss_on(self, rows: Sequence[dict[str, Any]], batch: int, stop: Any) -> float | None:
        self._outcomes.clear()
        loss = super().loss_on(rows, batch, stop)
        self.measures = self._judge()
        self._outcomes.clear()
        return loss

    def _judge(self) -> dict[str, float]:
        """Over all processes' records: how often, and by how much, the good answer is above the bad one."""
        if any(outcome.scores is not None for outcome in self._outcomes):
            scores = torch.cat([outcome.scores for outcome in self._outcomes], dim=1).double()
            good = scores[1] > 0
            sums = self.peers.sum(
                float(scores[0][good].sum()), float(good.sum()), float(scores[0][~good].sum()), float((~good).sum()),
                float((scores[0][good] > 0).sum() + (scores[0][~good] < 0).sum()),
            )  # fmt: skip
            both = sums[1] + sums[3]
            if not (sums[1] and sums[3]):
                return {"accuracy": sums[4] / both} if both else {}
            return {"accuracy": sums[4] / both, "margin": sums[0] / sums[1] - sums[2] / sums[3]}
        margins = torch.cat([outcome.margins.double() for outcome in self._outcomes] or [torch.zeros(0)])
        above, by, count = self.peers.sum(float((margins > 0).sum()), float(margins.sum()), float(len(margins)))
        return {"accuracy": above / count, "margin": by / count} if count else {}
