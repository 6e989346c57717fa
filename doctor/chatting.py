"""Talk with a GGUF through llama.cpp in the training environment."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from typing import TYPE_CHECKING

from doctor.errors import BadInput, WorkerFailed
from doctor.gguf_file import read_gguf
from doctor.host.base import TooSlow
from doctor.words.text import text
from doctor.worker import start_worker
from trainer.contract import Answered, ConverseRequest, Failed, Finished, Said, Staged, Warned, read_event
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from doctor.environment import Environment
    from doctor.gguf_file import GgufFacts
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.worker import Worker
    from trainer.contract import Event

PROGRAM = "trainer.converse"
Message = dict[str, str]
"""`role` (system, user, assistant) and `content`."""

_PATIENCE_SECONDS = 5.0
_TICK_SECONDS = 0.2
"""How often a wait looks up, so that Ctrl-C is heard on Windows too, where a blocked read is deaf to it."""


class Chat:
    """A loaded file that answers. Close it, or use it in a `with`."""

    def __init__(self, worker: Worker, facts: GgufFacts, cleanup: Callable[[], object]) -> None:
        self.facts = facts
        self._worker = worker
        self._cleanup = cleanup
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._failed: Failed | None = None
        self.context_tokens = 0
        threading.Thread(target=self._read, name="chat", daemon=True).start()

    def wait_until_loaded(self) -> None:
        """Raises WorkerFailed when llama.cpp cannot load the file."""
        for event in self._following():
            if isinstance(event, Staged) and event.stage == "load" and event.seconds is not None:
                self.context_tokens = int(event.detail.get("context_tokens", 0))
                return

    def say(
        self,
        messages: Sequence[Message],
        on_piece: Callable[[str], None] = lambda piece: None,
        *,
        max_tokens: int = 512,
        temperature: float = 0.0,
        seed: int = 0,
        on_warning: Callable[[Warned], None] = lambda warning: None,
    ) -> Answered:
        """Answer the last message; `on_piece` gets the answer as it comes. Ctrl-C breaks the answer off and keeps it.

        Raises BadInput when the conversation cannot be answered (the chat goes on), WorkerFailed when the program
        ended.
        """
        self._worker.command(
            command="say", messages=list(messages), max_tokens=max_tokens, temperature=temperature, seed=seed
        )
        refused: Warned | None = None
        events = self._following()
        while True:
            try:
                for event in events:
                    if isinstance(event, Said):
                        on_piece(event.piece)
                    elif isinstance(event, Warned) and event.code.startswith("refused_"):
                        refused = event
                    elif isinstance(event, Warned):
                        on_warning(event)
                    elif isinstance(event, Answered):
                        if refused is not None:
                            raise _refusal(refused)
                        return event
            except KeyboardInterrupt:
                self._worker.command(command="stop")
                events = self._following()

    def close(self) -> None:
        """End the program."""
        self._worker.process.close_stdin()
        try:
            self._worker.process.wait(_PATIENCE_SECONDS)
        except TooSlow:
            self._worker.process.end()
        self._cleanup()

    def __enter__(self) -> Chat:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._worker.process.end()
        self.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed while reading
            for line in self._worker.process.lines():
                event = read_event(line)
                if event is not None:
                    self._events.put(event)
        self._events.put(None)

    def _following(self) -> Iterator[Event]:
        """Events as they come. Raises WorkerFailed when there will be no more."""
        while True:
            try:
                event = self._events.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(event, Failed):
                self._failed = event
            elif event is None or isinstance(event, Finished):
                self._events.put(None)
                raise self._ended()
            else:
                yield event

    def _ended(self) -> WorkerFailed:
        log = str(self._worker.log)
        if self._failed is None:
            return WorkerFailed(text("chat.ended"), kind="crashed", hint=text("worker.hint_crashed", log=log))
        kind = self._failed.kind
        hint = text("chat.damaged_hint") if kind == "bad_model" else text(f"worker.hint_{kind}", log=log)
        return WorkerFailed(
            text(f"worker.failed_{kind}", message=self._failed.message), kind=kind, hint=hint, file=self._failed.file
        )


def open_chat(
    host: Host,
    home: Home,
    environment: Environment,
    gguf: Path,
    *,
    context_tokens: int = 4096,
    threads: int = 0,
    gpu_layers: int = -1,
) -> Chat:
    """Load a GGUF. Raises BadInput for a file that is none or is damaged, WorkerFailed when llama.cpp refuses it."""
    facts = read_gguf(gguf)
    place = home.scratch / f"chat-{os.getpid()}-{gguf.stem[:20]}"
    worker = start_worker(
        host,
        home,
        environment.python,
        PROGRAM,
        ConverseRequest(
            gguf=str(gguf.absolute()), context_tokens=context_tokens, threads=threads, gpu_layers=gpu_layers
        ),
        log=home.logs / "chat.log",
        request_file=place / "request.json",
    )
    chat = Chat(worker, facts, lambda: remove_tree(place))
    try:
        chat.wait_until_loaded()
    except BaseException:
        worker.process.end()
        chat.close()
        raise
    return chat


def answer_prompts(
    host: Host,
    home: Home,
    environment: Environment,
    gguf: Path,
    prompts: Sequence[str],
    *,
    max_tokens: int = 128,
    system: str | None = None,
    threads: int = 0,
    on_answer: Callable[[str, Answered], None] = lambda prompt, answer: None,
) -> list[str]:
    """The file's likeliest answer to each prompt, each in a conversation of its own. Raises as `open_chat` does."""
    answers: list[str] = []
    before = [] if system is None else [{"role": "system", "content": system}]
    with open_chat(host, home, environment, gguf, threads=threads) as chat:
        for prompt in prompts:
            answer = chat.say([*before, {"role": "user", "content": prompt}], max_tokens=max_tokens)
            answers.append(answer.text)
            on_answer(prompt, answer)
    return answers


def newest_export(home: Home) -> Path:
    """The GGUF that an export finished last. Raises BadInput when there is none."""
    files = [(path.stat().st_mtime, path.name, path) for path in home.exports.glob("*/*.gguf")]
    if not files:
        raise BadInput(text("chat.no_export"), hint=text("chat.no_export_hint"))
    return max(files)[2]


def _refusal(warning: Warned) -> BadInput:
    if warning.code == "refused_too_long":
        return BadInput(
            text("chat.too_long", tokens=warning.detail.get("tokens", "?"), room=warning.detail.get("room", "?")),
            hint=text("chat.too_long_hint"),
        )
    return BadInput(text("chat.template_refused", detail=warning.message))
