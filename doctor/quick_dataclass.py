"""Frozen dataclasses that cost little to define. Pure.

A module says `from doctor.quick_dataclass import dataclass` and writes `@dataclass(frozen=True, kw_only=True)` as ever;
type checkers see the one of the standard library. That one writes and compiles six methods a class, and 60 classes
took a seventh of `tunedoc check`; here they share theirs.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError
from dataclasses import dataclass as _standard
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool, kw_only: bool = False) -> Callable[[type], type]:
        """A decorator like the standard library's, for frozen classes without slots.

        Instances compare, hash, print and take their arguments as those do.

        Raises:
            TypeError: the class is not to be frozen.
        """
        if not frozen:
            raise TypeError("dataclasses that can be changed are made by the standard library's decorator")

        def decorate(cls: type) -> type:
            made = _standard(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
            made._shape = _Shape(made)
            for method in (__init__, __eq__, __hash__, __repr__, __setattr__, __delattr__):
                if method.__name__ not in cls.__dict__:
                    setattr(made, method.__name__, method)
            return made

        return decorate


class _Shape:
    """What the shared methods know of one class."""

    def __init__(self, cls: Any) -> None:
        fields = tuple(cls.__dataclass_fields__.values())
        self.names = tuple(field.name for field in fields)
        self.known = frozenset(self.names)
        self.positional = tuple(field.name for field in fields if not field.kw_only)
        self.defaults = {field.name: field.default for field in fields if field.default is not MISSING}
        self.factories = {field.name: field.default_factory for field in fields if field.default_factory is not MISSING}
        self.values: Any = attrgetter(*self.names) if self.names else lambda _: ()
        self.checked = hasattr(cls, "__post_init__")


def __init__(self: Any, *positional: Any, **given: Any) -> None:  # noqa: N807
    shape: _Shape = self._shape
    if positional:
        given = _with_positional(self, positional, given)
    own = self.__dict__
    if given.keys() == shape.known:
        for name in shape.names:
            own[name] = given[name]
    else:
        _refuse_strangers(self, given)
        for name in shape.names:
            own[name] = given[name] if name in given else _default(self, name)
    if shape.checked:
        self.__post_init__()


def _with_positional(self: Any, positional: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
    names = self._shape.positional
    if len(positional) > len(names):
        raise TypeError(f"{type(self).__name__} takes {len(names)} values by position, not {len(positional)}")
    placed = dict(zip(names, positional, strict=False))
    if placed.keys() & given.keys():
        raise TypeError(f"{type(self).__name__} got {', '.join(placed.keys() & given.keys())} twice")
    return placed | given


def _refuse_strangers(self: Any, given: dict[str, Any]) -> None:
    strangers = given.keys() - self._shape.known
    if strangers:
        raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(strangers))}")


def _default(self: Any, name: str) -> Any:
    shape: _Shape = self._shape
    if name in shape.defaults:
        return shape.defaults[name]
    if name in shape.factories:
        return shape.factories[name]()
    raise TypeError(f"{type(self).__name__} needs {name}")


def __eq__(self: Any, other: Any) -> Any:  # noqa: N807
    if other.__class__ is not self.__class__:
        return NotImplemented
    values = self._shape.values
    return values(self) == values(other)


def __hash__(self: Any) -> int:  # noqa: N807
    return hash((self.__class__, self._shape.values(self)))


def __repr__(self: Any) -> str:  # noqa: N807
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._shape.names)})"


def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def __delattr__(self: Any, name: str) -> None:  # noqa: N807
    raise FrozenInstanceError(f"cannot delete field {name!r}")
