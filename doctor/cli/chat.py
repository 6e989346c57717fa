"""`tunedoc chat`: talk to a GGUF in the terminal, or have prompts answered once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import Text, text

if TYPE_CHECKING:
    import argparse

    from doctor.chatting import Chat, Message
    from doctor.cli.face import Face
    from trainer.contract import Answered, Warned

DESCRIPTION = text("cli.verb_chat")
EXAMPLE = text("chat.example")
_MAX_TOKENS, _TEMPERATURE, _SEED, _CONTEXT = 512, 0.0, 0, 4096


def configure(parser: VerbParser) -> None:
    say = parser.say
    parser.add_argument("file", nargs="?", metavar="FILE.gguf", help=say(text("chat.help_file")))
    parser.add_argument("--prompt", action="append", metavar="TEXT", help=say(text("chat.help_prompt")))
    parser.add_argument("--system", metavar="TEXT", help=say(text("chat.help_system")))
    for option, kind, default, help_words in (
        ("--max-tokens", int, _MAX_TOKENS, text("chat.help_max_tokens", default=_MAX_TOKENS)),
        ("--temperature", float, _TEMPERATURE, text("chat.help_temperature", default=_TEMPERATURE)),
        ("--seed", int, _SEED, text("chat.help_seed", default=_SEED)),
        ("--context", int, _CONTEXT, text("chat.help_context", default=_CONTEXT)),
        ("--threads", int, 0, text("chat.help_threads")),
    ):
        parser.add_argument(option, type=kind, default=default, metavar="N", help=say(help_words))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.chatting import newest_export, open_chat
    from doctor.environment import require_environment
    from doctor.errors import UsageError
    from doctor.gguf_file import read_gguf

    _check_numbers(arguments)
    if face.json and not arguments.prompt:
        raise UsageError(text("chat.prompt_needed"))
    gguf = Path(arguments.file) if arguments.file else newest_export(face.home)
    facts = read_gguf(gguf)
    environment = require_environment(face.home)
    size = f"{facts.bytes / 1e6:.0f}" if facts.bytes >= 1e6 else f"{facts.bytes / 1e6:.1f}"
    face.screen.note(text("chat.loading", file=str(gguf), type=facts.file_type, size=size))
    with open_chat(
        face.host, face.home, environment, gguf, context_tokens=arguments.context, threads=arguments.threads
    ) as chat:
        if not facts.has_chat_template:
            face.screen.note(text("chat.warn_no_chat_template"))
        if arguments.prompt:
            answers = [_answer_once(chat, prompt, arguments, face) for prompt in arguments.prompt]
            return Answer(data={"file": str(gguf), "type": facts.file_type, "answers": answers})
        _converse(chat, arguments, face)
    return Answer(data={"file": str(gguf), "type": facts.file_type, "answers": []})


def _answer_once(chat: Chat, prompt: str, arguments: argparse.Namespace, face: Face) -> dict[str, Any]:
    answer = _say(chat, [*_system(arguments), {"role": "user", "content": prompt}], arguments, face)
    if answer.reason == "stopped":
        raise KeyboardInterrupt
    return {
        "prompt": prompt,
        "answer": answer.text,
        "prompt_tokens": answer.prompt_tokens,
        "answer_tokens": answer.answer_tokens,
        "seconds": round(answer.seconds, 3),
        "reason": answer.reason,
    }


def _converse(chat: Chat, arguments: argparse.Namespace, face: Face) -> None:
    """Line by line, until the user leaves. An answer that was broken off stays in the conversation as it is."""
    from doctor.cli.render import print_error
    from doctor.errors import BadInput

    face.screen.note(text("chat.welcome"))
    messages = _system(arguments)
    while True:
        try:
            line = face.screen.ask("> ").strip()
        except (EOFError, KeyboardInterrupt):
            face.screen.note("")
            return
        if line in {"/exit", "/quit"}:
            return
        if line == "/clear":
            messages = _system(arguments)
            face.screen.note(text("chat.cleared"))
        elif line == "/help":
            face.screen.note(text("chat.commands"))
        elif line.startswith("/"):
            face.screen.note(text("chat.unknown_command", command=line.split()[0]))
        elif line:
            asked = [*messages, {"role": "user", "content": line}]
            try:
                answer = _say(chat, asked, arguments, face)
            except BadInput as error:
                print_error(error, face.language)
                continue
            messages = [*asked, {"role": "assistant", "content": answer.text}]


def _say(chat: Chat, messages: list[Message], arguments: argparse.Namespace, face: Face) -> Answered:
    def warn(warning: Warned) -> None:
        if warning.code == "turns_dropped":
            face.screen.note(
                text("chat.warn_turns_dropped", room=chat.context_tokens, messages=warning.detail["messages"])
            )

    answer = chat.say(
        messages,
        face.screen.piece,
        max_tokens=arguments.max_tokens,
        temperature=arguments.temperature,
        seed=arguments.seed,
        on_warning=warn,
    )
    face.screen.piece("\n")
    if face.verbose or answer.reason != "stop":
        speed = f"{answer.answer_tokens / answer.seconds:.1f}" if answer.seconds > 0 else "0"
        face.screen.note(
            text(
                "chat.answer_facts",
                tokens=answer.answer_tokens,
                speed=speed,
                reason=text(f"chat.reason_{answer.reason}"),
            )
        )
    return answer


def _system(arguments: argparse.Namespace) -> list[Message]:
    return [{"role": "system", "content": arguments.system}] if arguments.system else []


def _check_numbers(arguments: argparse.Namespace) -> None:
    from math import isfinite

    from doctor.errors import UsageError

    def refuse(option: str, allowed: Text, value: float) -> UsageError:
        return UsageError(text("chat.bad_number", option=option, range=allowed, value=value))

    for option, value in (("--max-tokens", arguments.max_tokens), ("--context", arguments.context)):
        if value < 1:
            raise refuse(option, text("chat.range_positive"), value)
    for option, number in (
        ("--temperature", arguments.temperature),
        ("--seed", arguments.seed),
        ("--threads", arguments.threads),
    ):
        if number < 0 or not isfinite(number):
            raise refuse(option, text("chat.range_not_negative"), number)
