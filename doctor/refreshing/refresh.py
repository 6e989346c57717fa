"""Ask the real indexes what is not as wheels.toml has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import NoNetwork
from doctor.quick_dataclass import dataclass
from doctor.refreshing.asked import Asked, Silent
from doctor.refreshing.changes import (
    address_changes,
    bitsandbytes_changes,
    package_changes,
    python_changes,
    torch_changes,
    variant_changes,
)
from doctor.refreshing.indexes import default_index
from doctor.refreshing.releases import release_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from doctor.catalogue.model import Catalogue
    from doctor.refreshing.changes import Change
    from doctor.refreshing.web import Web
    from doctor.uv.program import Uv


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What came out."""

    changes: tuple[Change, ...]
    silent: tuple[Silent, ...]
    """Addresses that did not answer: about these nothing is known."""
    index: str
    """The default index that was asked; empty where it could not be found out."""


def refresh(
    catalogue: Catalogue, uv: Uv, web: Web, on_step: Callable[[str], None] | None = None, only: Collection[str] = ()
) -> Refreshed:
    """Every difference, or those of some packages. What cannot be reached is named and ends nothing."""
    say = on_step or (lambda _: None)
    index, silent = "", []
    try:
        index = default_index(uv)
    except NoNetwork as exc:
        silent.append(Silent(url="-", why=exc.message))
    asked = Asked(web, index)
    changes: list[Change] = []
    if index:
        for name, ask in (
            ("packages", package_changes),
            ("pythons", python_changes),
            ("torch", torch_changes),
            ("bitsandbytes", bitsandbytes_changes),
        ):
            say(name)
            changes += ask(catalogue, asked)
    for name, ask in (("variants", variant_changes), ("addresses", address_changes), ("releases", release_changes)):
        say(name)
        changes += ask(catalogue, asked)
    if only:
        changes = [change for change in changes if any(name in f"{change.row} {change.field}" for name in only)]
    return Refreshed(changes=tuple(changes), silent=(*silent, *asked.silent), index=index)
