"""Talk with a GGUF: `python -m trainer.converse request.json`, then one command a line on stdin.

`{"command": "say", "messages": [{"role", "content"}, …], "max_tokens", "temperature", "seed"}` is answered with
`said` pieces and one `answered`; `{"command": "stop"}` breaks off the answer that is under way. A conversation that
cannot be answered is told as `warned` with a code `refused_…`, followed by an empty `answered`, and the program goes
on. The end of stdin ends it, after what was asked before.
"""

from __future__ import annotations

import queue
import threading
import time
from pathlib import Path
from typing import Any

from trainer.chat_template import TemplateRefused
from trainer.contract import Answered, ConverseRequest, Said, Staged, Warned
from trainer.emit import emit
from trainer.program import Refusal, run_program, watch_commands
from trainer.speaker import Speaker, TooLong


def converse(request: ConverseRequest) -> dict[str, Any]:
    """Load the file and answer until stdin ends."""
    emit(Staged(stage="load"))
    begun = time.perf_counter()
    try:
        speaker = Speaker(
            Path(request.gguf),
            context_tokens=request.context_tokens,
            threads=request.threads,
            gpu_layers=request.gpu_layers,
        )
    except TemplateRefused as error:
        raise Refusal("bad_model", f"the file's chat template cannot be used: {error}", file=request.gguf) from error
    emit(
        Staged(
            stage="load",
            seconds=time.perf_counter() - begun,
            detail={
                "context_tokens": speaker.room_tokens,
                "parameters": speaker.model.n_params,
                "has_chat_template": speaker.template is not None,
            },
        )
    )
    if speaker.template is None:
        emit(Warned(code="no_chat_template", message="the file has no chat template; it gets the bare text"))
    commands: queue.Queue[dict[str, Any] | None] = queue.Queue()
    stopping = threading.Event()

    def hear(command: dict[str, Any]) -> None:
        if command.get("command") == "stop":
            stopping.set()
            speaker.cancel()
        else:
            commands.put(command)

    watch_commands(hear, lambda: commands.put(None))
    answers = 0
    while (command := commands.get()) is not None:
        if command.get("command") != "say" or not _is_conversation(command.get("messages")):
            emit(Warned(code="bad_command", message="this is not a command", detail={"command": command}))
            continue
        _say(speaker, command, stopping)
        # A stop that came after the last word is over with this answer.
        stopping.clear()
        answers += 1
    return {"answers": answers}


def _say(speaker: Speaker, command: dict[str, Any], stopping: threading.Event) -> None:
    try:
        spoken = speaker.answer(
            command["messages"],
            max_tokens=max(1, int(command.get("max_tokens", 512))),
            temperature=float(command.get("temperature", 0.0)),
            seed=int(command.get("seed", 0)),
            on_piece=lambda piece: emit(Said(piece=piece)),
            stopping=stopping.is_set,
        )
    except TooLong as error:
        emit(
            Warned(
                code="refused_too_long",
                message="the message does not fit into the context",
                detail={"tokens": error.tokens, "room": error.room},
            )
        )
        emit(_NOTHING)
        return
    except TemplateRefused as error:
        emit(Warned(code="refused_template", message=str(error)))
        emit(_NOTHING)
        return
    if spoken.dropped:
        emit(
            Warned(
                code="turns_dropped",
                message="the oldest messages no longer fit into the context and were left out",
                detail={"messages": spoken.dropped},
            )
        )
    emit(
        Answered(
            text=spoken.text,
            prompt_tokens=spoken.prompt_tokens,
            answer_tokens=spoken.answer_tokens,
            seconds=spoken.seconds,
            reason=spoken.reason,
        )
    )


def _is_conversation(messages: object) -> bool:
    return (
        isinstance(messages, list)
        and bool(messages)
        and all(
            isinstance(message, dict)
            and isinstance(message.get("role"), str)
            and isinstance(message.get("content"), str)
            for message in messages
        )
    )


_NOTHING = Answered(text="", prompt_tokens=0, answer_tokens=0, seconds=0.0, reason="stopped")

if __name__ == "__main__":
    run_program("trainer.converse", ConverseRequest, converse, "cyllama")
