"""`tunedoc demo`: the main job once, with every station told and timed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.cli.render import quoted
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.apply.progress import Progress
    from doctor.cli.face import Face
    from doctor.demo import DemoOutcome, StationBegan, StationEnded
    from trainer.contract import Event

DESCRIPTION = text("demo.description")
EXAMPLE = text("demo.example")


def configure(parser: VerbParser) -> None:
    from doctor.demo import DEFAULT_MODEL

    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=parser.say(text("demo.help_model", default=DEFAULT_MODEL))
    )
    parser.add_argument("--offline-ok", action="store_true", help=parser.say(text("demo.help_offline")))
    parser.add_argument("--restart", action="store_true", help=parser.say(text("demo.help_restart")))
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.install import agreement
    from doctor.cli.install import reporter as install_reporter
    from doctor.cli.training_view import TrainingView
    from doctor.demo import StationBegan, StationEnded, run_demo

    install_report = install_reporter(face)
    with TrainingView(face.screen) as view:
        station = ""

        def report(event: StationBegan | StationEnded | Progress | Event) -> None:
            nonlocal station
            match event:
                case StationBegan():
                    station = event.station
                    face.screen.note(text("demo.began", stage=text(f"demo.stage_{station}")))
                case StationEnded():
                    stage = text(f"demo.stage_{station}")
                    if event.reused:
                        face.screen.note(text("demo.reused", stage=stage, detail=event.detail))
                    else:
                        face.screen.note(text("demo.ended", stage=stage, detail=event.detail, seconds=event.seconds))
                case _ if station == "install":
                    install_report(event)  # type: ignore[arg-type]
                case _ if station == "train":
                    view.report(event)  # type: ignore[arg-type]
                case _:
                    pass

        outcome = run_demo(
            face.host,
            face.home,
            report=report,
            agree=agreement(face, yes=arguments.yes),
            model=arguments.model,
            offline=arguments.offline_ok,
            restart=arguments.restart,
        )
    if outcome is None:
        face.screen.note(text("cli.declined"))
        return Answer(data={"done": False})
    _show(outcome, face)
    return Answer(data=_record(outcome))


def _show(outcome: DemoOutcome, face: Face) -> None:
    from rich.table import Table

    from doctor.demo import COMPARED_TYPE

    words = face.screen.words
    table = Table(show_lines=True, expand=False)
    table.add_column(words(text("demo.question")), style="bold", max_width=26)
    table.add_column(words(text("demo.before", type=COMPARED_TYPE)), max_width=44)
    table.add_column(words(text("demo.after", type=COMPARED_TYPE)), style="green", max_width=44)
    for exchange in outcome.exchanges:
        table.add_row(exchange.prompt, exchange.before.strip(), exchange.after.strip())
    face.screen.show("")
    face.screen.show(table, "")
    reused = [words(text(f"demo.stage_{s.station}")) for s in outcome.stations if s.reused]
    face.screen.show(
        text(
            "demo.summary",
            seconds=outcome.seconds,
            reused=", ".join(reused) if reused else text("demo.nothing"),
        )
    )
    file = next(f.path for f in outcome.tuned.files if f.type == COMPARED_TYPE)
    face.screen.show(text("demo.next", command=_command(), file=quoted(str(file))))


def _record(outcome: DemoOutcome) -> dict[str, object]:
    return {
        "done": True,
        "seconds": round(outcome.seconds, 3),
        "stations": [
            {"station": s.station, "seconds": round(s.seconds, 3), "reused": s.reused} for s in outcome.stations
        ],
        "loss_before": outcome.training.loss_before,
        "loss_after": outcome.training.loss_after,
        "steps": outcome.training.step,
        "run": str(outcome.training.run),
        "files": [{"type": f.type, "path": str(f.path), "bytes": f.bytes} for f in outcome.tuned.files],
        "answers": [{"prompt": e.prompt, "before": e.before, "after": e.after} for e in outcome.exchanges],
    }


def _command() -> str:
    """How this tunedoc is called: by name where the shell finds it, else by the path of its script."""
    import shutil

    if shutil.which("tunedoc"):
        return "tunedoc"
    script = Path(sys.executable).with_name("tunedoc.exe" if sys.platform == "win32" else "tunedoc")
    return quoted(str(script)) if script.exists() else f"{quoted(sys.executable)} -m doctor"
