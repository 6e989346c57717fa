"""What places answered, remembered for a while in a small file that is safe to delete."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from doctor.mirrors.places import Measured
from doctor.words.text import Text
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from doctor.mirrors.places import Place

KEPT_SECONDS = 24 * 3600
AWAY_SECONDS = 600
"""How long a place that could not be reached is left alone: networks come back."""
_SCHEMA = 1
_NETWORK = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


def recall(
    file: Path, places: Iterable[Place], question: str, variables: Mapping[str, str], now: float
) -> dict[Place, Measured]:
    """What is remembered of these places for the same question, asked through the same network."""
    rows = _rows(file)
    found: dict[Place, Measured] = {}
    for place in places:
        row = rows.get(_key(place, question, variables))
        if row is None:
            continue
        try:
            one = _measured(place, row)
            age = now - float(row["at"])
        except (KeyError, TypeError, ValueError):
            continue
        if 0 <= age < (KEPT_SECONDS if one.reachable else AWAY_SECONDS):
            found[place] = one
    return found


def remember(file: Path, measured: Iterable[Measured], question: str, variables: Mapping[str, str], now: float) -> None:
    """Keep what was measured, without what is too old to be of use. Where it cannot be written, nothing is kept."""
    rows = {key: row for key, row in _rows(file).items() if 0 <= now - _time(row) < KEPT_SECONDS}
    for one in measured:
        rows[_key(one.place, question, variables)] = {
            "at": int(now),
            "reachable": one.reachable,
            "latency_ms": one.latency_ms,
            "bytes_per_second": one.bytes_per_second,
            "problem": None
            if one.problem is None
            else [one.problem.key, [list(field) for field in one.problem.fields]],
        }
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps({"schema": _SCHEMA, "places": rows}, indent=1), encoding="utf-8")
        replace_file(partial, file)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()


def _rows(file: Path) -> dict[str, dict[str, Any]]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["schema"] != _SCHEMA:
            return {}
        return {str(key): row for key, row in told["places"].items() if isinstance(row, dict)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _measured(place: Place, row: Mapping[str, Any]) -> Measured:
    problem = row["problem"]
    return Measured(
        place=place,
        reachable=row["reachable"] is True,
        latency_ms=None if row["latency_ms"] is None else int(row["latency_ms"]),
        bytes_per_second=None if row["bytes_per_second"] is None else int(row["bytes_per_second"]),
        problem=None if problem is None else Text(str(problem[0]), tuple((str(n), v) for n, v in problem[1])),
    )


def _time(row: Mapping[str, Any]) -> float:
    at = row.get("at")
    return float(at) if isinstance(at, (int, float)) else 0.0


def _key(place: Place, question: str, variables: Mapping[str, str]) -> str:
    # Hashed: an address or a proxy may carry a password, which has no business in a file.
    network = sorted((name.lower(), value) for name, value in variables.items() if name.lower() in _NETWORK)
    facts = [place.kind, place.url, place.layout, question, network]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
