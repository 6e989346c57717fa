"""Show lines that begin with a status mark, in colour where a terminal has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.cli.face import Face


def show_marked(face: Face, lines: list[str]) -> None:
    """With colour where a terminal shows it; else plain, with ASCII stand-ins where the encoding needs them."""
    import sys

    from doctor.host.terminals import is_terminal

    stream = sys.stdout
    if not is_terminal(stream) or (stream.encoding or "").lower().replace("-", "") != "utf8":
        face.screen.show("\n".join(lines))
        return
    from rich.text import Text as Coloured

    colours = {"✓": "green", "·": "blue", "●": "yellow", "✗": "bold red", "?": "magenta"}
    parts = []
    for line in lines:
        coloured = Coloured(line)
        if line[:1] in colours and line[1:2] == " ":
            coloured.stylize(colours[line[0]], 0, 1)
        parts.append(coloured)
    face.screen.show(Coloured("\n").join(parts), "")
