"""What preference methods minimise, written once for a micro-batch of any size.

Each is a sum over records, which the trainer divides by the records of the whole step: so it does not matter how a step
is split into micro-batches or among processes. The sums are those of TRL's own trainers, against which the tests hold
them. Records without an answer left count for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import cross_entropy, logsigmoid, relu

from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from trainer.contract import Preference

_LARGEST_LOGITS = 1 << 27
"""Numbers (512 MiB in fp32). Beyond it TRL's head in tiles saves the memory that ours would take."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one micro-batch."""

    total: Any
    """Sum of the loss over the records, to be differentiated."""
    margins: Any
    """Of each pair, by how much the good answer scores above the bad one; None where records are no pairs."""
    scores: Any = None
    """KTO: the score of each record."""


class Objective:
    """A method: how many records of a micro-batch count, and what they cost."""

    def __init__(self, preference: Preference, reference: Any = None) -> None:
        self.preference = preference
        self.reference = reference
        """The model as it was, frozen; None where an adapter is switched off instead."""

    def counted(self, inputs: dict[str, Any]) -> Any:
        """Which records of a micro-batch have something to compare, as a tensor of truth."""
        return _has_answer(inputs).view(2, -1).all(dim=0)

    def __call__(self, plain: Any, model: Any, inputs: dict[str, Any]) -> Outcome:
        """`plain` is the bare model, `model` the same as the trainer wrapped it."""
        raise TypeError("a method says what it minimises")

    def before(self, plain: Any, inputs: dict[str, Any]) -> Any:
        """Log-probability of each answer under the model as it was before the first step."""
        was_training = plain.training
        plain.eval()
        try:
            with torch.no_grad():
                if self.reference is not None:
                    return _answers(self.reference, self.reference, inputs)[0]
                with plain.disable_adapter():
                    return _answers(plain, plain, inputs)[0]
        finally:
            plain.train(was_training)


class DPO(Objective):
    """Raise the good answer over the bad one, held to where the model was."""

    def __call__(self, plain: Any, model: Any, inputs: dict[str, Any]) -> Outcome:
        sums, lengths = _answers(plain, model, inputs)
        before = self.before(plain, inputs)
        counted = self.counted(inputs)
        gained = sums - before.to(sums.device)
        good, bad = gained.chunk(2)
        beta, kind = self.preference.beta, self.preference.loss
        if kind == "sigmoid":
            losses = -logsigmoid(beta * (good - bad))
        elif kind == "hinge":
            losses = relu(1 - beta * (good - bad))
        else:
            # By the token, as IPO's authors do.
            good_length, bad_length = lengths.clamp(min=1).chunk(2)
            losses = (good / good_length - bad / bad_length - 1 / (2 * beta)) ** 2
        if self.preference.sft_weight > 0:
            chosen, _ = (sums / lengths.clamp(min=1)).chunk(2)
            losses = losses - self.preference.sft_weight * chosen
        return Outcome((losses * counted).sum(), (beta * (good - bad)).detach()[counted])


class ORPO(Objective):
    """Learn the good answer, and make it likelier than the bad one by the odds; no reference is needed."""

    def __call__(self, plain: Any, model: Any, inputs: dict[str, Any]) -> Outcome:
        sums, lengths = _answers(plain, model, inputs)
        counted = self.counted(inputs)
        # A model that is certain of an answer would have odds of one to nothing.
        means = (sums / lengths.clamp(min=1)).clamp(max=-1e-6)
        good, bad = means.chunk(2)
        odds = (good - bad) - (torch.log(-torch.expm1(good)) - torch.log(-torch.expm1(bad)))
        losses = -good - self.preference.beta * logsigmoid(odds)
        return Outcome((losses * counted).sum(), (self.preference.beta * (good - bad)).detach()[counted])


class KTO(Objective):
    """Answers that are good or bad each by itself; the second half of a batch are answers to other questions.

    These tell how far the model has moved altogether, which is what a single answer is measured by.
    """

    def counted(self, inputs: dict[str, Any]) -> Any:
        return _has_answer(inputs).chunk(2)[0]

    def __call__(self, plain: Any, model: Any, inputs: dict[str, Any]) -> Outcome:
        matched = {name: value.chunk(2)[0] for name, value in inputs.items() if name != "good"}
        strangers = {name: value.chunk(2)[1] for name, value in inputs.items() if name != "good"}
        with torch.no_grad():
            moved = _answers(plain, plain, strangers)[0]
        moved = moved - self.before(plain, strangers).to(moved.device)
        heard = _has_answer(strangers)
        moved = ((moved * heard).sum() / heard.sum().clamp(min=1)).clamp(min=0)
        sums, _ = _answers(plain, model, matched)
        gained = sums - self.before(plain, matched).to(sums.device)
        counted, good = _has_answer(matched), inputs["good"]
        beta = self.preference.beta
        losses = torch.where(
            good,
            self.preference.desirable_weight * (1 - torch.sigmoid(beta * (gained - moved))),
            self.preference.undesirable_weight * (1 - torch.sigmoid(beta * (moved - gained))),
        )
        scores = torch.stack([(beta * gained).detach()[counted], good[counted].to(gained.dtype)])
        return Outcome((losses * counted).sum(), None, scores)


class Reward(Objective):
    """A judge: one number for a conversation, higher for the better answer."""

    def __call__(self, plain: Any, model: Any, inputs: dict[str, Any]) -> Outcome:
        scores = model(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
        ).logits.squeeze(-1)
        good, bad = scores.float().chunk(2)
        counted = self.counted(inputs)
        return Outcome((-logsigmoid(good - bad) * counted).sum(), (good - bad).detach()[counted])


OBJECTIVES: dict[str, type[Objective]] = {"dpo": DPO, "orpo": ORPO, "kto": KTO, "reward": Reward}


def answer_log_probabilities(plain: Any, model: Any, inputs: dict[str, Any]) -> Any:
    """Log-probability of every answer token, one after the other.

    On a CPU the model's head sees nothing but the positions before an answer token. On a GPU TRL's head does, in tiles.
    """
    labels = inputs["labels"]
    answers = labels[:, 1:] != IGNORED
    given = {name: inputs[name] for name in ("input_ids", "attention_mask", "position_ids") if name in inputs}
    vocabulary = plain.get_input_embeddings().weight.shape[0]
    if labels.device.type != "cpu" or int(answers.sum()) * vocabulary > _LARGEST_LOGITS:
        found = model(**given, labels=labels, use_cache=False, fused_lm_head=True).log_probs
        return found[answers.to(found.device)]

    def keep_answers(_: Any, taken: tuple[Any, ...]) -> tuple[Any, ...]:
        return (taken[0][:, :-1][answers].unsqueeze(0), *taken[1:])

    hook = plain.get_output_embeddings().register_forward_pre_hook(keep_answers)
    try:
        logits = model(**given, use_cache=False).logits
    finally:
        hook.remove()
    return -cross_entropy(logits[0].float(), labels[:, 1:][answers], reduction="none")


def _answers(plain: Any, model: Any, inputs: dict[str, Any]) -> tuple[Any, Any]:
    """Of each row, the sum of its answer tokens' log-probabilities, and their number."""
    answers = inputs["labels"][:, 1:] != IGNORED
    each = answer_log_probabilities(plain, model, inputs)
    rows = answers.nonzero()[:, 0].to(each.device)
    sums = torch.zeros(len(answers), dtype=each.dtype, device=each.device).index_add(0, rows, each)
    return sums, answers.sum(dim=1).to(each.device)


def _has_answer(inputs: dict[str, Any]) -> Any:
    return (inputs["labels"][:, 1:] != IGNORED).any(dim=1)
