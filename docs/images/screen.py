"""Make a picture of the full-screen app: `python docs/images/screen.py OUT.svg [--machine SNAPSHOT.json] [KEY …]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from docs.images.picture import without_web_fonts
from doctor.host.real import RealHost
from doctor.paths import Home
from doctor.snapshot.codec import from_json
from doctor.tui.app import TunedocApp

SIZE = (96, 26)
"""Columns and lines."""


def main() -> int:
    """Open the app on the machine of a snapshot, or on this one, press the keys, and export what it shows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--machine", type=Path)
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    parser.add_argument("keys", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        svg = asyncio.run(picture_of(options, Path(folder)))
    options.picture.write_text(without_web_fonts(svg), encoding="utf-8")
    return 0


async def picture_of(options: argparse.Namespace, folder: Path) -> str:
    """The app's own export."""
    snapshot = None
    if options.machine:
        snapshot = from_json(options.machine.read_text(encoding="utf-8"), str(options.machine))
    app = TunedocApp(
        RealHost(), Home(folder), language=options.lang, examine=None if snapshot is None else lambda: snapshot
    )
    async with app.run_test(size=SIZE) as pilot:
        while app.seen is None:
            await pilot.pause(0.05)
        for key in options.keys:
            await pilot.press(key)
            await pilot.pause(0.3)
        await pilot.pause()
        return app.export_screenshot(title="tunedoc")


if __name__ == "__main__":
    sys.exit(main())
