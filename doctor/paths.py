"""Where tunedoc keeps things on this machine. Nothing outside this folder is written unless the user names a place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Home:
    """tunedoc's own folder and the places in it."""

    root: Path

    @property
    def environments(self) -> Path:
        """Training environments, `<stack>-<n>`, each built in place and never modified."""
        return self.root / "environments"

    @property
    def current_environment(self) -> Path:
        """Pointer file, replaced as a whole: JSON that names the environment in use."""
        return self.environments / "current.json"

    @property
    def pythons(self) -> Path:
        """Pythons that tunedoc fetched because the machine had none that fits."""
        return self.root / "pythons"

    @property
    def models(self) -> Path:
        """Models in Hugging Face layout, one folder each."""
        return self.root / "models"

    @property
    def runs(self) -> Path:
        """Training runs, one folder each."""
        return self.root / "runs"

    @property
    def exports(self) -> Path:
        """Finished GGUF files, one folder a run."""
        return self.root / "exports"

    @property
    def trainers(self) -> Path:
        """Copies of the trainer package, named by their content, that the training environment runs."""
        return self.root / "trainers"

    @property
    def journal(self) -> Path:
        """What was done to this machine and how to take it back: one JSON object a line, only ever appended."""
        return self.root / "journal.jsonl"

    @property
    def variables(self) -> Path:
        """Variables that tunedoc gives to its own processes alone: JSON, replaced as a whole."""
        return self.root / "variables.json"

    @property
    def mirrors(self) -> Path:
        """What places on the network answered lately: JSON, safe to delete."""
        return self.root / "cache" / "mirrors.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def trash(self) -> Path:
        """What was put aside, on the same volume, so that putting it back is a rename."""
        return self.root / "trash"

    @property
    def scratch(self) -> Path:
        """Work in progress; safe to empty when nothing of tunedoc runs."""
        return self.root / "scratch"


def find_home(environ: Mapping[str, str], system: str, user_folder: Path) -> Home:
    """TUNEDOC_HOME if set; else the place that the system gives to a program's data."""
    chosen = environ.get("TUNEDOC_HOME")
    if chosen:
        return Home(Path(chosen).expanduser().absolute())
    if system == "windows":
        base = environ.get("LOCALAPPDATA")
        return Home((Path(base) if base else user_folder / "AppData" / "Local") / "tunedoc")
    if system == "macos":
        return Home(user_folder / "Library" / "Application Support" / "tunedoc")
    data = environ.get("XDG_DATA_HOME")
    return Home((Path(data) if data else user_folder / ".local" / "share") / "tunedoc")
