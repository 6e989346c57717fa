"""Write loss plots as files: beside a run when it is finished, and anywhere on demand."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.runs.curves import curve_of
from doctor.runs.picture import as_svg, loss_picture
from doctor.runs.reading import read_run
from doctor.words.text import text
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from doctor.runs.picture import Picture
    from doctor.runs.reading import Run
    from doctor.words.text import Language

NAMES = ("loss.svg", "loss.png")


def write_plots(folder: Path, language: Language) -> None:
    """loss.svg and loss.png in a run's folder. A disk that does not take them is no reason to lose the run's end."""
    run = read_run(folder)
    if run is None or not (run.losses or run.held_out):
        return
    picture = loss_picture([curve_of(run)], language)
    for name in NAMES:
        with suppress(OSError):
            _write(picture, folder / name)


def plot(runs: Sequence[Run], file: Path, language: Language) -> None:
    """One picture of one run or several; `file` ends in .svg or .png. Raises BadInput, OSError."""
    if file.suffix.lower() not in {".svg", ".png"}:
        raise BadInput(text("runs.plot_ending", file=file.name), hint=text("runs.plot_ending_hint"))
    if not file.absolute().parent.is_dir():
        raise BadInput(text("runs.plot_folder", folder=str(file.absolute().parent)))
    _write(loss_picture([curve_of(run) for run in runs], language), file)


def _write(picture: Picture, file: Path) -> None:
    if file.suffix.lower() == ".svg":
        content = as_svg(picture).encode("utf-8")
    else:
        from doctor.runs.raster import as_png

        content = as_png(picture)
    building = file.with_name(file.name + ".new")
    building.write_bytes(content)
    replace_file(building, file)
