"""Lay the records of a micro-batch end to end, so that nothing is padding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Sequence


class EndToEnd:
    """Collator: one row of all records. Positions begin anew with each, by which attention keeps them apart."""

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        ids = [torch.as_tensor(row["input_ids"]) for row in rows]
        labels = [torch.as_tensor(row["labels"]).clone() for row in rows]
        for each in labels:
            # Nothing of this record comes before its first token.
            each[0] = IGNORED
        return {
            "input_ids": torch.cat(ids).long().unsqueeze(0),
            "labels": torch.cat(labels).long().unsqueeze(0),
            "position_ids": torch.cat([torch.arange(len(each)) for each in ids]).unsqueeze(0),
        }
