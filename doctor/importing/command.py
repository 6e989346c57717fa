"""Command lines that start a training: what is started, how many processes, and the settings that are passed. Pure."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Literal

from doctor.importing.model import Given, Unread
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Program = Literal["llamafactory", "axolotl", "trainer"]
_WRAPPERS = {"nohup", "time", "srun", "sudo", "exec", "call", "start", "xvfb-run", "env", "&", "uv", "run"}
_LAUNCHERS = {"torchrun", "accelerate", "deepspeed"}
_FLAGS_OF_LAUNCHERS = {
    "--standalone", "--multi_gpu", "--use_deepspeed", "--use_fsdp", "--no_python", "--module", "--no_local_rank", "-m",
    "--cpu", "--quiet", "--multi-gpu", "--use-deepspeed",
}  # fmt: skip
_ASSIGNMENT = late_pattern(r"^(?:export\s+|set\s+|declare\s+|local\s+|\$env:|\$)?\"?([A-Za-z_]\w*)\s*=\s*(.*?)\"?$")
_TRL_SCRIPT = late_pattern(r"\btrl[./](?:\w+[./])*(sft|dpo|kto|orpo|reward|reward_modeling|grpo)(?:\.py)?$")
_VARIABLE = late_pattern(r"\$\{(\w+)(?::?[-=]([^}]*))?\}|\$env:(\w+)|\$(\w+)|%(\w+)%")


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command that starts a training."""

    program: Program
    settings: dict[str, Given]
    """Options without their dashes, with underscores."""
    configs: tuple[str, ...]
    """Files named without an option: a tool's own settings."""
    launch: dict[str, Given]
    """Options of the launcher: `nproc_per_node`, `num_processes`, …"""
    line: int


def find_commands(source: str, file: Path) -> list[Command]:
    """The training commands in a shell script, batch file, PowerShell script or pasted line."""
    variables: dict[str, str] = {}
    found = []
    for line, text in _joined(source):
        words = _words(text)
        assigned = _ASSIGNMENT.match(text.strip())
        if assigned and (len(words) == 1 or text.strip().startswith(("export ", "set ", "$", "declare ", "local "))):
            value = assigned[2].strip().strip("'\"")
            variables[assigned[1]] = _expanded(value, variables)
            continue
        command = _command(words, variables, line, file)
        if command is not None:
            found.append(command)
    return found


def _joined(source: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first: continued by a backslash, a caret or a backtick."""
    start = 1
    parts: list[str] = []
    for number, line in enumerate(source.splitlines(), start=1):
        if not parts:
            start = number
        stripped = line.rstrip()
        if parts and stripped.lstrip().startswith("#"):
            continue
        if stripped.endswith(("\\", "^", "`")) and not stripped.lstrip().startswith(("#", "::", "rem ", "REM ")):
            parts.append(stripped[:-1])
            continue
        parts.append(line)
        yield start, " ".join(parts)
        parts = []
    if parts:
        yield start, " ".join(parts)


def _words(text: str) -> list[str]:
    stripped = text.strip()
    if not stripped or stripped.startswith(("#", "::", "rem ", "REM ")):
        return []
    # A backslash is a letter of Windows' paths; where it quotes, quotes do as well.
    lexer = shlex.shlex(stripped, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.escape = ""
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:
        words = stripped.split()
    ended = next(
        (place for place, word in enumerate(words) if word in ("&&", "||", "|", ";", ">", ">>", "2>&1", "&")), None
    )
    if ended is not None and any(word.startswith("--") for word in words[ended:]):
        # What counts stands behind `cd somewhere &&`.
        return _words(" ".join(shlex.quote(word) for word in words[ended + 1 :])) if ended < 4 else words[:ended]
    words = words[:ended]
    return [word for word in words if word not in ("$", "%")]


def _command(words: list[str], variables: dict[str, str], line: int, file: Path) -> Command | None:
    launch: dict[str, Given] = {}

    def given(name: str, value: object) -> Given:
        return Given(name=name, value=value, file=file, line=line)

    words = [_expanded(word, variables) for word in words]
    while words and (words[0] in _WRAPPERS or re.match(r"^\w+=", words[0])):
        assigned = re.match(r"^(\w+)=(.*)$", words[0])
        if assigned and assigned[1] == "CUDA_VISIBLE_DEVICES":
            launch["visible_devices"] = given("CUDA_VISIBLE_DEVICES", assigned[2])
        words = words[1:]
    if "CUDA_VISIBLE_DEVICES" in variables and "visible_devices" not in launch:
        launch["visible_devices"] = given("CUDA_VISIBLE_DEVICES", variables["CUDA_VISIBLE_DEVICES"])
    if not words:
        return None
    start = words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
    if start in ("llamafactory-cli", "lmf", "axolotl", "trl"):
        return _own_program(start, words[1:], launch, line, file)
    if not (re.fullmatch(r"python[\d.]*|py", start) or start in _LAUNCHERS):
        return None
    rest = words[1:]
    if start == "accelerate":
        if not rest or rest[0] != "launch":
            return None
        rest = rest[1:]
    if rest[:2] in (
        ["-m", "torch.distributed.run"],
        ["-m", "torch.distributed.launch"],
        ["-m", "accelerate.commands.launch"],
    ):
        start, rest = "torchrun", rest[2:]
    if rest[:2] == ["-m", "llamafactory.cli"]:
        return _own_program("llamafactory-cli", rest[2:], launch, line, file)
    module, rest, options = _program_of(rest, start in _LAUNCHERS)
    if module is None:
        return None
    launch |= {name: given(name, value) for name, value in options.items()}
    if module.startswith("axolotl"):
        return _own_program("axolotl", ["train", *rest], launch, line, file)
    settings, plain = _options(rest)
    if not settings and not plain:
        return None
    of_trl = _TRL_SCRIPT.search(module.replace("\\", "/"))
    if of_trl:
        settings.setdefault("method_of_command", of_trl[1])
    names = set(settings)
    program: Program = "trainer"
    if {"stage", "finetuning_type", "cutoff_len"} & names and ("template" in names or "stage" in names):
        program = "llamafactory"
    return Command(
        program=program,
        settings={name: given(name, _read(value)) for name, value in settings.items()},
        configs=tuple(plain),
        launch=launch,
        line=line,
    )


def _own_program(start: str, rest: list[str], launch: dict[str, Given], line: int, file: Path) -> Command | None:
    """A tool's own command: `llamafactory-cli train FILE`, `axolotl train FILE`, `trl sft …`."""
    if not rest or rest[0] in (
        "chat",
        "export",
        "webui",
        "api",
        "merge-lora",
        "inference",
        "preprocess",
        "version",
        "env",
    ):
        return None
    action, rest = rest[0], rest[1:]
    settings, plain = _options(rest)
    for word in list(plain):
        name, equals, value = word.partition("=")
        if equals:
            settings[name] = value
            plain.remove(word)
    if start == "trl":
        settings.setdefault("method_of_command", action)
    program: Program = (
        "llamafactory" if start in ("llamafactory-cli", "lmf") else "axolotl" if start == "axolotl" else "trainer"
    )
    return Command(
        program=program,
        settings={name: Given(name=name, value=_read(value), file=file, line=line) for name, value in settings.items()},
        configs=tuple(plain),
        launch=launch,
        line=line,
    )


def _program_of(words: list[str], is_launcher: bool) -> tuple[str | None, list[str], dict[str, object]]:
    """The script or module, what is passed to it, and the launcher's own options before it."""
    options: dict[str, object] = {}
    place = 0
    while place < len(words):
        word = words[place]
        if word == "-m" and place + 1 < len(words):
            return words[place + 1], words[place + 2 :], options
        if not word.startswith("-"):
            # A launcher's own words may stand before the script, whose name a variable may hold.
            ends = word.lower().endswith((".py", ".pyz")) or "$" in word or not is_launcher
            return (word, words[place + 1 :], options) if ends else (None, [], options)
        name, equals, value = word.lstrip("-").replace("-", "_").partition("=")
        if equals:
            options[name] = value
        elif is_launcher and word not in _FLAGS_OF_LAUNCHERS and place + 1 < len(words):
            options[name] = words[place + 1]
            place += 1
        else:
            options[name] = True
        place += 1
    return None, [], options


def _options(words: list[str]) -> tuple[dict[str, Any], list[str]]:
    """`--name value …`, `--name=value`, `--flag`; and the words that belong to no option."""
    found: dict[str, Any] = {}
    plain: list[str] = []
    name = ""
    for word in words:
        if re.match(r"^--?[A-Za-z_]", word):
            name, equals, _ = word.lstrip("-").replace("-", "_").partition("=")
            if equals:
                found[name] = word.partition("=")[2]
                name = ""
            else:
                found[name] = True
        elif name:
            held = found[name]
            found[name] = word if held is True else [*(held if isinstance(held, list) else [held]), word]
        else:
            plain.append(word)
    return found, plain


def _expanded(word: str, variables: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = next(group for group in (found[1], found[3], found[4], found[5]) if group)
        return variables.get(name, found[2] if found[2] is not None else found[0])

    for _ in range(3):
        after = _VARIABLE.sub(value, word)
        if after == word:
            break
        word = after
    return word


def _read(value: object) -> object:
    """A value that still holds a variable is not known."""
    words = " ".join(value) if isinstance(value, list) else value
    return Unread(words) if isinstance(words, str) and _VARIABLE.search(words) else value
