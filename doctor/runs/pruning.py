"""Make runs smaller: what can go is listed first with its size, and then moved to the trash or deleted.

Old checkpoints go, what was put aside as incomplete, what was left half written, and of finished runs the optimizer's
state. The newest whole checkpoint of a run that is not finished never does, and nothing of one that is running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from doctor.errors import TunedocError
from doctor.holding import hold, is_held
from doctor.quick_dataclass import dataclass
from doctor.runs.checkpoints import RECORD, checkpoints_of, is_intact, is_state
from doctor.runs.reading import folder_bytes, read_run
from doctor.words.text import text
from trainer.file_moves import is_held as is_in_use
from trainer.file_moves import move_folder, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from doctor.paths import Home
    from doctor.runs.reading import Run

Reason = Literal["old_checkpoint", "incomplete", "aside", "half_written", "optimizer_state"]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A folder or file that can go."""

    run: Path
    path: Path
    reason: Reason
    bytes: int

    @property
    def inside(self) -> str:
        """Its place in the run's folder."""
        return self.path.relative_to(self.run).as_posix()


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What became of the pieces."""

    gone: tuple[Piece, ...]
    left: tuple[Piece, ...]
    """In use, or changed since they were listed."""
    trash: tuple[Path, ...]
    """Where they are now; empty when they were deleted."""

    @property
    def bytes(self) -> int:
        return sum(piece.bytes for piece in self.gone)


def pieces_to_prune(runs: Iterable[Run], *, keep: int = 1) -> list[Piece]:
    """What can go from these runs when each keeps its newest `keep` checkpoints (1 at least)."""
    found: list[Piece] = []
    for run in runs:
        # Of a damaged one nobody knows what is worth something.
        if run.state in {"finished", "unfinished"}:
            found += _of_run(run, max(keep, 1))
    return found


def prune(home: Home, pieces: Sequence[Piece], *, keep: int = 1, delete: bool = False) -> Pruned:
    """Move the pieces to the trash, or delete them. What is in use stays and is told. `keep` as they were listed with.

    Raises TunedocError for the trash when a run lies on another volume, from where nothing can be moved there.
    """
    gone: list[Piece] = []
    left: list[Piece] = []
    trash: dict[Path, Path] = {}
    for root in dict.fromkeys(piece.run for piece in pieces):
        mine = [piece for piece in pieces if piece.run == root]
        busy = TunedocError(text("runs.busy", name=root.name))
        try:
            with hold(root / "doctor.lock", busy):
                # It may have been begun again, or have finished, while somebody thought about the list.
                run = read_run(root)
                still = {(each.path, each.reason) for each in _of_run(run, max(keep, 1))} if run is not None else set()
                for piece in mine:
                    allowed = (piece.path, piece.reason) in still and not is_held(root / "trainer.lock")
                    done = allowed and (_delete(piece) if delete else _move(piece, home, trash))
                    (gone if done else left).append(piece)
        except TunedocError as error:
            if error is not busy:
                raise
            left += mine
    return Pruned(gone=tuple(gone), left=tuple(left), trash=tuple(trash.values()))


def _of_run(run: Run, keep: int) -> list[Piece]:
    root = run.folder
    if run.state not in {"finished", "unfinished"}:
        return []
    found: list[Piece] = []
    checkpoints = checkpoints_of(root)
    # A finished run needs none to go on from, so those whose state was taken out count as well.
    good = [each for each in checkpoints if (each.whole if run.state == "finished" else each.resumable)]
    kept = good[-keep:]
    if run.state == "unfinished" and len(checkpoints) > len(kept):
        # Sizes may be right and bytes wrong: what training would not go on from must not outlive what it would.
        while good and not is_intact(good[-1]):
            good.pop()
        kept = good[-keep:]
    # Without one that is whole nothing goes: the rest may be all that is left to somebody who looks for weights.
    for each in checkpoints if kept else ():
        old = each.step < kept[0].step or (run.state == "finished" and each not in kept)
        if old:
            reason: Reason = "old_checkpoint" if each.whole else "incomplete"
            found.append(Piece(run=root, path=each.folder, reason=reason, bytes=each.bytes))
    if run.state == "finished":
        for each in kept:
            found += [
                Piece(run=root, path=file, reason="optimizer_state", bytes=folder_bytes(file) or _size(file))
                for file in sorted(each.folder.iterdir())
                if is_state(file.name)
            ]
    for name, reason in _LEFTOVERS:
        path = root / name
        if path.exists():
            found.append(Piece(run=root, path=path, reason=reason, bytes=folder_bytes(path)))
    return found


_LEFTOVERS: tuple[tuple[str, Reason], ...] = (("aside", "aside"), ("adapter.new", "half_written"))


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _delete(piece: Piece) -> bool:
    _unmark(piece)
    return remove_tree(piece.path)


def _move(piece: Piece, home: Home, trash: dict[Path, Path]) -> bool:
    if piece.run not in trash:
        home.trash.mkdir(parents=True, exist_ok=True)
        number = 1
        while (target := home.trash / f"{piece.run.name}-pruned-{number}").exists():
            number += 1
        if home.trash.stat().st_dev != piece.run.stat().st_dev:
            raise TunedocError(text("runs.other_volume"), hint=text("runs.other_volume_hint"), file=str(piece.run))
        trash[piece.run] = target
    target = trash[piece.run] / piece.inside
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        move_folder(piece.path, target)
    except OSError as error:
        if is_in_use(error):
            return False
        raise
    return True


def _unmark(piece: Piece) -> None:
    """A checkpoint that is being removed is none any more, however far that comes."""
    if piece.reason in {"old_checkpoint", "incomplete"}:
        (piece.path / RECORD).unlink(missing_ok=True)
