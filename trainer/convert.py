"""Run llama.cpp's own converter: a model folder in Hugging Face layout becomes one 16-bit GGUF."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import deque
from typing import TYPE_CHECKING

from trainer.program import Refusal

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = "convert_hf_to_gguf.py"
_KEPT_LINES = 60


class Conversion:
    """The converter at work. It is a child process, which must not outlive this one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(self, model: Path, target: Path, *, converter: Path, name: str, kind: str = "f16") -> None:
        """Convert to `f16`, or to `Q8_0` in one go, and wait. Raises Refusal with the converter's own words."""
        script = converter / _SCRIPT
        if not script.is_file():
            raise Refusal("missing_package", f"llama.cpp's converter is not there: {script}", file=str(script))
        code = next(model.glob("*.py"), None)
        if code is not None:
            # For some tokenizers the converter would run what the folder brings along.
            raise Refusal(
                "bad_model",
                "the model folder brings Python code of its own, which the converter could run; convert a copy without",
                file=str(code),
            )
        # The converter has a gguf package of its own, which must win over the environment's.
        environ = {**os.environ, "PYTHONPATH": str(converter.absolute()), "PYTHONUTF8": "1", "NO_LOCAL_GGUF": "1"}
        process = subprocess.Popen(
            [
                sys.executable,
                str(script.absolute()),
                # From inside the folder: sentencepiece opens its file by a narrow path, which on Windows cannot hold
                # the letters of every user's name.
                ".",
                "--outfile",
                str(target.absolute()),
                "--outtype",
                kind.lower(),
                "--model-name",
                name,
            ],
            cwd=model,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            encoding="utf-8",
            errors="replace",
        )
        self._process = process
        lines: deque[str] = deque(maxlen=_KEPT_LINES)
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            sys.stderr.write(line)
        exit_code = process.wait()
        self._process = None
        if exit_code != 0 or not target.is_file():
            raise explain(list(lines), exit_code, model)

    def end(self) -> None:
        """End the child, from any thread."""
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()


def explain(lines: list[str], code: int, model: Path) -> Refusal:
    """What the converter's last words mean."""
    words = "\n".join(lines)
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if "No space left on device" in words or "[Errno 28]" in words or "[WinError 112]" in words:
        return Refusal("no_space", "no space left on the disk while converting", file=str(model))
    if "pre-tokenizer was not recognized" in words:
        return Refusal(
            "bad_model",
            "llama.cpp's converter does not know this tokenizer: its files were changed, or the model is newer than "
            "the converter",
            file=str(model),
        )
    unsupported = re.search(r"Model (\S+) is not supported", words)
    if unsupported:
        return Refusal("bad_model", f"llama.cpp has no {unsupported.group(1)} models", file=str(model))
    absent = re.search(r"ModuleNotFoundError: (.*)", words)
    if absent:
        return Refusal("missing_package", f"the training environment lacks a package: {absent.group(1)}")
    if "MemoryError" in words or code in (-9, 137):
        return Refusal("out_of_memory", "not enough memory to convert the model", file=str(model))
    return Refusal("crashed", f"llama.cpp's converter failed (exit code {code}): {last}", file=str(model))
