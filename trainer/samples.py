"""Let the model answer the job's sample prompts in the middle of training, without the training noticing.

Greedy answers draw nothing by chance; all the same the random states are put back, and the training mode too.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from trainer.contract import Sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trainer.contract import Job

LONGEST_ANSWER = 64
"""Tokens."""


def sample_answers(
    model: Any, tokenizer: Any, job: Job, *, step: int, stop: Callable[[], bool], context: Any
) -> Iterator[Sampled]:
    """What the model answers to each of the job's prompts now. Ends early when told to stop.

    One that learns raw text goes on from the prompt as it stands.

    `model` is the bare one, not what several processes wrap it in; `context()` is under what its forward passes run.
    """
    import numpy
    import torch

    states = random.getstate(), numpy.random.get_state(), torch.get_rng_state()
    cards = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    modes = {name: module.training for name, module in model.named_modules()}
    cached = model.config.use_cache
    model.eval()
    try:
        for number, prompt in enumerate(job.sample_prompts, 1):
            if stop():
                return
            answer, tokens = _answer(model, tokenizer, prompt, context, raw=job.method == "pretrain")
            yield Sampled(step=step, number=number, prompt=prompt, answer=answer, tokens=tokens)
    finally:
        model.config.use_cache = cached
        for name, module in model.named_modules():
            # `model.train()` would also wake what was asleep, such as the frozen parts of a model.
            module.training = modes[name]
        random.setstate(states[0])
        numpy.random.set_state(states[1])
        torch.set_rng_state(states[2])
        if cards:
            torch.cuda.set_rng_state_all(cards)


def _answer(model: Any, tokenizer: Any, prompt: str, context: Any, *, raw: bool) -> tuple[str, int]:
    import torch
    from transformers import GenerationConfig

    asked = prompt
    if not raw:
        turns = [{"role": "user", "content": prompt}]
        asked = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    ids = tokenizer(asked, add_special_tokens=raw, return_tensors="pt")["input_ids"].to(model.device)
    ends = model.generation_config.eos_token_id if model.generation_config is not None else None
    ends = set(ends) if isinstance(ends, list | tuple) else {ends}
    # A base model's own end token need not be the one that its chat template ends answers with.
    ends |= {tokenizer.eos_token_id}
    ends.discard(None)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    settings = GenerationConfig(
        max_new_tokens=LONGEST_ANSWER, do_sample=False, num_beams=1, use_cache=True, pad_token_id=pad,
        eos_token_id=sorted(ends) or None,
    )  # fmt: skip
    with torch.no_grad(), context():
        answered = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=settings
        )[0][ids.shape[1] :].tolist()  # fmt: skip
    if answered and answered[-1] in ends:
        answered.pop()
    return tokenizer.decode(answered, skip_special_tokens=True).strip(), len(answered)
