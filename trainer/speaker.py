"""A GGUF file loaded by llama.cpp, which answers conversations piece by piece. Used to talk and to prove exports.

llama.cpp is reached through cyllama: why, docs/decisions/0003-llama-cpp-binding.md.
"""

from __future__ import annotations

import codecs
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trainer.chat_template import ChatTemplate
from trainer.program import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_BATCH_TOKENS = 512
"""Prompt tokens computed at once: a stop is heard between two batches at the latest."""
_TOP_K, _TOP_P, _MIN_P = 40, 0.95, 0.05
"""llama.cpp's own defaults for sampling."""
_BYTE_PAIR = 2
"""Value of `LlamaVocab.vocab_type` for byte-level BPE; 1 is SentencePiece."""


class TooLong(Exception):
    """The conversation does not fit into the context, not even its last message alone."""

    def __init__(self, tokens: int, room: int) -> None:
        super().__init__(f"{tokens} tokens, room for {room}")
        self.tokens = tokens
        self.room = room


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """An answer that is complete."""

    text: str
    prompt_tokens: int
    answer_tokens: int
    seconds: float
    """From the call to the last token, the prompt's computation included."""
    answer_seconds: float
    """From the first token on."""
    reason: Literal["stop", "length", "stopped"]
    dropped: int
    """Messages left out at the beginning because the conversation outgrew the context."""


class Speaker:
    """A model and one conversation's context, with the computed beginning kept between turns."""

    def __init__(
        self, gguf: Path, *, context_tokens: int, threads: int = 0, gpu_layers: int = -1, check_weights: bool = False
    ) -> None:
        """Load the file. `check_weights` reads every value and refuses infinities and NaN. Raises Refusal."""
        # Threads that spin while they wait make a shared machine twenty times slower; read when the library loads.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from cyllama.llama import llama_cpp as llama

        self._llama = llama
        llama.llama_backend_init()
        if not gguf.is_file():
            raise Refusal("bad_model", "there is no such file", file=str(gguf))
        settings = llama.LlamaModelParams()
        settings.check_tensors = check_weights
        settings.n_gpu_layers = _gpu_layers(gpu_layers, llama.llama_supports_gpu_offload())
        try:
            self.model = llama.LlamaModel(os.fspath(gguf), settings)
        except (ValueError, RuntimeError, OSError) as error:
            raise Refusal("bad_model", f"llama.cpp cannot load this file: {error}", file=str(gguf)) from error
        self.vocabulary = self.model.get_vocab()
        context = llama.LlamaContextParams()
        context.n_ctx = min(context_tokens, self.model.n_ctx_train) if self.model.n_ctx_train > 0 else context_tokens
        context.n_batch = _BATCH_TOKENS
        context.n_threads = context.n_threads_batch = threads or physical_cores()
        try:
            self.context = llama.LlamaContext(self.model, context)
        except (ValueError, RuntimeError, MemoryError) as error:
            raise Refusal("out_of_memory", f"llama.cpp cannot make a context: {error}", file=str(gguf)) from error
        self.context.install_cancel_callback()
        self.room_tokens: int = self.context.n_ctx
        self.template = self._chat_template()
        self._computed: list[int] = []

    def prompt_ids(self, messages: Sequence[dict[str, str]]) -> list[int]:
        """The conversation as the model saw it in training: its own template, and no second beginning-of-text.

        Raises TemplateRefused.
        """
        if self.template is None:
            # A base model without a template: the texts alone, begun as its tokenizer begins a text.
            return self.ids("\n".join(message["content"] for message in messages), add_special=True)
        return self.ids(self.template.render(messages))

    def ids(self, words: str, *, add_special: bool = False) -> list[int]:
        """Token ids of a text in which control tokens are written out."""
        return list(self.vocabulary.tokenize(words, add_special, True))

    def answer(
        self,
        messages: Sequence[dict[str, str]],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int = 0,
        on_piece: Callable[[str], None] = lambda piece: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Spoken:
        """Answer the last message; temperature 0 takes the likeliest token each time.

        Raises TemplateRefused, and TooLong when even the last message alone does not fit.
        """
        begun = time.perf_counter()
        kept, ids = self._fitting(messages, max_tokens)
        sampler = self._sampler(temperature, seed)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        pieces: list[str] = []
        count, first = 0, begun
        reason: Literal["stop", "length", "stopped"] = "length"
        if not self._compute_prompt(ids, stopping):
            reason = "stopped"
        else:
            first = time.perf_counter()
            for _ in range(min(max_tokens, self.room_tokens - len(ids))):
                token = sampler.sample(self.context, -1)
                if self.vocabulary.is_eog(token):
                    reason = "stop"
                    break
                count += 1
                piece = decoder.decode(self._bytes(token))
                if piece:
                    pieces.append(piece)
                    on_piece(piece)
                if stopping() or not self._compute([token]):
                    reason = "stopped"
                    break
        # Bytes that are left in the decoder are the beginning of a character whose end never came.
        now = time.perf_counter()
        return Spoken(
            text="".join(pieces),
            prompt_tokens=len(ids),
            answer_tokens=count,
            seconds=now - begun,
            answer_seconds=now - first,
            reason=reason,
            dropped=len(messages) - kept,
        )

    def likeliest(self, ids: Sequence[int]) -> list[int]:
        """After each token of a text, the token that the model holds likeliest to come next."""
        sampler = self._sampler(0.0, 0)
        self.forget()
        found: list[int] = []
        for start in range(0, len(ids), _BATCH_TOKENS):
            chunk = ids[start : start + _BATCH_TOKENS]
            batch = self._llama.LlamaBatch(n_tokens=len(chunk), embd=0, n_seq_max=1)
            for place, token in enumerate(chunk):
                batch.add(token, start + place, [0], True)
            self.context.decode(batch)
            found.extend(sampler.sample(self.context, place) for place in range(len(chunk)))
        self.forget()
        return found

    def forget(self) -> None:
        """Drop what was computed."""
        self.context.kv_cache_clear()
        self._computed = []

    def cancel(self) -> None:
        """Break off the computation that is under way, from any thread."""
        self.context.cancel = True

    def close(self) -> None:
        """Give the file back; Windows keeps the name of a mapped file until then."""
        self.context.close()
        self.model.close()

    def _fitting(self, messages: Sequence[dict[str, str]], max_tokens: int) -> tuple[int, list[int]]:
        """As many messages as fit with room for an answer: the oldest turns go first, the system prompt stays."""
        reserve = min(max_tokens, max(1, self.room_tokens // 4))
        system = [message for message in messages[:1] if message.get("role") == "system"]
        turns = list(messages[len(system) :])
        while True:
            ids = self.prompt_ids([*system, *turns])
            if len(ids) + reserve <= self.room_tokens:
                return len(system) + len(turns), ids
            following = [place for place, turn in enumerate(turns) if place > 0 and turn.get("role") == "user"]
            if not following:
                if len(ids) < self.room_tokens:
                    return len(system) + len(turns), ids
                raise TooLong(len(ids), self.room_tokens)
            turns = turns[following[0] :]

    def _compute_prompt(self, ids: list[int], stopping: Callable[[], bool]) -> bool:
        """Compute what the context does not hold yet. False when it was broken off."""
        self.context.cancel = False
        shared = 0
        # The last token is always computed: its scores choose the first word of the answer.
        for have, want in zip(self._computed, ids[:-1], strict=False):
            if have != want:
                break
            shared += 1
        if not self.context.memory_seq_rm(0, shared, -1):
            self.context.kv_cache_clear()
            shared = 0
        self._computed = ids[:shared]
        for start in range(shared, len(ids), _BATCH_TOKENS):
            if stopping() or not self._compute(ids[start : start + _BATCH_TOKENS]):
                return False
        return True

    def _compute(self, ids: list[int]) -> bool:
        try:
            self.context.decode(self._llama.llama_batch_get_one(ids, len(self._computed)))
        except InterruptedError:
            # How far it came is not known, so nothing of it is kept.
            self.forget()
            self.context.cancel = False
            return False
        self._computed.extend(ids)
        return True

    def _sampler(self, temperature: float, seed: int) -> Any:
        sampler = self._llama.LlamaSampler(self._llama.LlamaSamplerChainParams())
        if temperature <= 0:
            sampler.add_greedy()
            return sampler
        sampler.add_top_k(_TOP_K)
        sampler.add_top_p(_TOP_P, 1)
        sampler.add_min_p(_MIN_P, 1)
        sampler.add_temp(temperature)
        sampler.add_dist(seed & 0xFFFFFFFF)
        return sampler

    def _chat_template(self) -> ChatTemplate | None:
        source = self.model.get_default_chat_template()
        if not source:
            return None
        return ChatTemplate(
            source, bos=self._word(self.vocabulary.token_bos()), eos=self._word(self.vocabulary.token_eos())
        )

    def _word(self, token: int) -> str:
        return str(self.vocabulary.get_text(token)) if token >= 0 else ""

    def _bytes(self, token: int) -> bytes:
        """What a token writes, as bytes: one character may be spread over several tokens. Control tokens: nothing."""
        exact = getattr(self.vocabulary, "token_to_bytes", None)
        if exact is not None:
            return bytes(exact(token))
        piece: str = self.vocabulary.token_to_piece(token, 0, False)
        if "\ufffd" not in piece:
            return piece.encode("utf-8")
        # Older bindings give text, in which a part of a character is lost; the vocabulary's own spelling has it.
        return spelt_bytes(self.vocabulary.get_text(token), self.vocabulary.vocab_type) or piece.encode("utf-8")


def spelt_bytes(spelling: str, vocabulary_type: int) -> bytes | None:
    """The bytes behind a vocabulary's spelling of them, or None when it spells none.

    SentencePiece writes a byte as `<0xE4>`; byte-level BPE writes each byte as one printable character.
    """
    if vocabulary_type == _BYTE_PAIR:
        table = _byte_pair_table()
        return bytes(table[character] for character in spelling) if all(c in table for c in spelling) else None
    if len(spelling) == 6 and spelling.startswith("<0x") and spelling.endswith(">"):
        return bytes([int(spelling[3:5], 16)])
    return None


def physical_cores() -> int:
    """Cores that this process may use; two threads of one core compute no faster than one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        import psutil
    except ImportError:
        return allowed
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def _gpu_layers(asked: int, can: bool) -> int:
    if not can:
        return 0
    return 999 if asked < 0 else asked


def _byte_pair_table() -> dict[str, int]:
    # GPT-2's rule: printable Latin-1 bytes stand for themselves, the others for U+0100 onwards in order.
    table: dict[str, int] = {}
    following = 0x100
    for byte in range(256):
        if 0x21 <= byte <= 0x7E or 0xA1 <= byte <= 0xAC or 0xAE <= byte <= 0xFF:
            table[chr(byte)] = byte
        else:
            table[chr(following)] = byte
            following += 1
    return table
