"""Cards that are too hot are given a rest, and memory that spills is asked back."""

from __future__ import annotations

import sys

import pytest

from doctor.card_watch import told
from doctor.guarding import Advice, CardReading, Guard
from doctor.words.text import render, text


def hot(celsius: int | None, limit: int | None = 90) -> tuple[CardReading, ...]:
    return (CardReading(name="GPU 0", celsius=celsius, slowdown_celsius=limit),)


def spilled(mib: int | None) -> tuple[CardReading, ...]:
    return (CardReading(name="GPU 0", shared_mib=mib),)


def commands(guard: Guard, *looks: tuple[CardReading, ...]) -> list[list[str]]:
    return [[advice.command for advice in guard.advise(look)] for look in looks]


def test_a_card_that_stays_hot_is_given_a_rest_until_it_has_cooled() -> None:
    looks = [hot(celsius) for celsius in (80, 89, 91, 88, 90, 85, 76, 75, 80)]
    assert commands(Guard(), *looks) == [[], [], [], ["pause"], [], [], [], ["continue"], []]


def test_one_hot_moment_is_nothing() -> None:
    assert commands(Guard(), hot(95), hot(80), hot(95), hot(80)) == [[], [], [], []]


@pytest.mark.parametrize("reading", [hot(None), hot(99, None), spilled(None)], ids=["no heat", "no limit", "no memory"])
def test_what_cannot_be_measured_is_never_a_reason(reading: tuple[CardReading, ...]) -> None:
    assert commands(Guard(), *[reading] * 5) == [[]] * 5


def test_all_cards_must_have_cooled() -> None:
    guard = Guard()
    both = [*hot(95), CardReading(name="GPU 1", celsius=60, slowdown_celsius=90)]
    for _ in range(3):
        guard.advise(tuple(both))
    assert guard.paused
    warm = (CardReading(name="GPU 0", celsius=70, slowdown_celsius=90), both[0])
    assert [advice.command for advice in guard.advise(warm)] == []


def test_memory_that_the_driver_keeps_elsewhere_is_asked_back_as_often_as_it_grows() -> None:
    looks = [spilled(mib) for mib in (300, 350, 900, 950, 1500, 400)]
    assert commands(Guard(), *looks) == [[], [], ["smaller"], [], ["smaller"], []]


def test_it_is_not_asked_for_ever() -> None:
    asked = commands(Guard(), *[spilled(600 * look) for look in range(20)])
    assert sum(map(len, asked)) == 6


@pytest.mark.parametrize("command", ["pause", "smaller"])
def test_the_user_is_told_why_in_words(command: str) -> None:
    card = CardReading(name="GPU 0", celsius=91, slowdown_celsius=90, shared_mib=700)
    watched = told(Advice(command=command, card=card))  # type: ignore[arg-type]
    assert watched.command == command
    assert watched.warning is not None
    words = render(text(f"train.warned_{watched.warning.code}", **watched.warning.detail), "en")
    assert "GPU 0" in words


def test_cooling_needs_no_words_of_its_own() -> None:
    assert told(Advice(command="continue", card=CardReading(name="GPU 0"))).warning is None


def test_windows_counters_are_read_or_not_there() -> None:
    from doctor.host.pdh import open_counters

    read = open_counters(r"\Memory\Available Bytes")
    if sys.platform != "win32":
        assert read is None
    elif read is not None:
        found = read()
        assert found is None or all(value >= 0 for value in found)
