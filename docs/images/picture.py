"""Make a picture of a terminal from a real run: `python docs/images/picture.py OUT.svg [--last N] -- COMMAND …`."""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import shlex
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 110
"""Columns."""


def main() -> int:
    """Run the command, then write what it printed, colours included, as an SVG. The command's exit code is ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--last", type=int, default=0, help="only the last N lines")
    parser.add_argument("--title", default="")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    code, words = run_in_terminal(options.command)
    lines = as_it_stands(words)
    if options.last:
        lines = lines[-options.last :]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, color_system="truecolor")
        for line in lines:
            console.print(Text.from_ansi(line), soft_wrap=False)
        title = options.title or shlex.join(["tunedoc", *options.command[1:]])
        svg = console.export_svg(title=title)
    options.picture.write_text(without_web_fonts(svg), encoding="utf-8")
    return code


def without_web_fonts(svg: str) -> str:
    """The picture with fonts of the reader's machine: one in a repository should fetch nothing from anywhere."""
    kept = [line for line in svg.splitlines() if "url(" not in line or "clip-path" in line]
    words = (
        "\n".join(line.rstrip() for line in kept).replace('-Regular"),', '-Regular");').replace('-Bold"),', '-Bold");')
    )
    return words + "\n"


def as_it_stands(words: str) -> list[str]:
    """The lines that stand at the end: what a progress bar drew and took back is gone."""
    lines: list[str] = []
    for line in words.rstrip().split("\n"):
        taken_back = line.count("\x1b[1A")
        if taken_back:
            del lines[-taken_back:]
        lines.append(line.rsplit("\x1b[2K", 1)[-1].strip("\r"))
    return lines


def run_in_terminal(command: list[str]) -> tuple[int, str]:
    """The command's exit code and all that it wrote to a terminal of our width. Linux and macOS only."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = bytearray()
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the terminal is gone: nobody holds its other end any more
            break
        if not piece:
            break
        written += piece
    os.close(ours)
    return process.wait(), written.decode("utf-8", "replace").replace("\r\n", "\n")


if __name__ == "__main__":
    sys.exit(main())
