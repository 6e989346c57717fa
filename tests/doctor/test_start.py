"""What makes the doctor start quickly keeps to what it stands in for."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from typing import Any

import pytest

import doctor
from doctor.late_pattern import LatePattern, late_pattern
from doctor.quick_dataclass import dataclass
from doctor.snapshot import model


def modules() -> list[Any]:
    """All of the doctor that this machine can import."""
    found = []
    for module in pkgutil.walk_packages(doctor.__path__, "doctor."):
        if not module.name.endswith("__main__"):
            found.append(importlib.import_module(module.name))
    return found


def test_every_late_pattern_is_a_regular_expression() -> None:
    late = [value for module in modules() for value in vars(module).values() if isinstance(value, LatePattern)]
    assert len(late) > 100
    for each in late:
        assert isinstance(re.compile(each.pattern, each.flags & ~re.UNICODE), re.Pattern)  # type: ignore[attr-defined]


def test_a_late_pattern_answers_as_a_compiled_one() -> None:
    late = late_pattern(r"(\d+)-(\d+)", re.ASCII)
    assert late.sub(r"\2-\1", "1-2") == "2-1"
    found = late.fullmatch("10-20")
    assert found is not None and found.groups() == ("10", "20")
    with pytest.raises(re.error):
        late_pattern("(").match("x")


@dataclasses.dataclass(frozen=True)
class Slow:
    first: int
    second: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quick:
    first: int
    second: tuple[str, ...] = ()
    third: dict[str, int] = dataclasses.field(default_factory=dict, compare=True)


@dataclass(frozen=True, kw_only=True)
class Checked:
    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("negative")


def test_a_quick_dataclass_behaves_as_the_standard_one() -> None:
    quick = Quick(1, ("a",))
    assert repr(quick) == "Quick(first=1, second=('a',), third={})"
    assert quick == Quick(second=("a",), first=1) != Quick(2)
    assert quick != Slow(1, ("a",))
    assert dataclasses.replace(quick, first=3).first == 3
    assert dataclasses.asdict(quick) == {"first": 1, "second": ("a",), "third": {}}
    assert Quick(1).third is not Quick(1).third
    assert hash(Checked(number=1)) == hash(Checked(number=1))
    assert len({model.Unknown("a"), model.Unknown("a"), model.Unknown("b")}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        quick.first = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del quick.first
    with pytest.raises(ValueError, match="negative"):
        Checked(number=-1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Quick(), "needs first"),  # type: ignore[call-arg]
        (lambda: Quick(1, fourth=2), "has no fourth"),  # type: ignore[call-arg]
        (lambda: Quick(1, first=2), "got first twice"),  # type: ignore[misc]
        (lambda: Checked(1), "by position"),  # type: ignore[misc]
    ],
)
def test_a_quick_dataclass_refuses_wrong_arguments(make: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        make()


def test_a_quick_dataclass_is_frozen() -> None:
    with pytest.raises(TypeError):

        @dataclass(frozen=False)
        class Open:
            number: int
