"""`python -m trainer REQUEST.json`: run one training job."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from trainer.contract import TrainRequest
from trainer.program import run_program

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Set what libraries read when they are imported, then work."""
    # The model is a folder on this machine: nothing is looked up on a hub, and nothing is sent anywhere.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    # Nothing here forks, which is what the tokenizer's threads would not survive.
    os.environ["TOKENIZERS_PARALLELISM"] = "true"

    def work(request: TrainRequest) -> dict[str, Any]:
        if request.job.split == "none":
            # One process trains on one card; with more visible, transformers would wrap the model in DataParallel.
            first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
            os.environ["CUDA_VISIBLE_DEVICES"] = first
        from trainer.recipe import train
        from trainer.telling import close_ledgers

        well = False
        try:
            result = train(request)
            well = True
        finally:
            close_ledgers(well=well)
        return result

    carry_out: Callable[[TrainRequest], dict[str, Any]] = work
    run_program("train", TrainRequest, carry_out, "torch", "transformers", "peft", "trl", "accelerate")


if __name__ == "__main__":
    main()
