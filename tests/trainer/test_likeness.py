"""Records that are the same or nearly so are found; different ones are not taken for it."""

from __future__ import annotations

import random

import pytest

from trainer.likeness import Places, Texts

WORDS = [f"word{number}" for number in range(2000)]
LETTERS = [chr(0x4E00 + number) for number in range(3000)]


def made_up(count: int, length: int, *, chinese: bool = False) -> list[str]:
    chance = random.Random(f"{count} {length}")
    some, between = (LETTERS, "") if chinese else (WORDS, " ")
    return [between.join(chance.choices(some, k=length)) for _ in range(count)]


def changed(text: str, changes: int, chance: random.Random) -> str:
    words = text.split() if " " in text else list(text)
    for _ in range(changes):
        words[chance.randrange(len(words))] = chance.choice(["other", "新"])
    return (" " if " " in text else "").join(words)


def test_a_table_holds_what_was_put_in_however_large_it_grows() -> None:
    places = Places()
    keys = [hash((number, "key")) for number in range(20_000)]
    assert [places.meet(key, place) for place, key in enumerate(keys)] == [None] * len(keys)
    assert [places.find(key) for key in keys] == list(range(len(keys)))
    assert places.meet(keys[7], 99) == 7
    assert places.find(hash("stranger")) is None


@pytest.mark.parametrize("chinese", [False, True], ids=["words", "characters"])
def test_one_change_in_a_hundred_is_nearly_the_same_and_half_is_not(chinese: bool) -> None:
    texts, chance = Texts(), random.Random(3)
    given = made_up(200, 100, chinese=chinese)
    for place, text in enumerate(given):
        assert texts.meet(hash(text), text, place) is None
    for place, text in enumerate(given):
        little, much = changed(text, 1, chance), changed(text, 50, chance)
        found = texts.find(hash(little), little)
        assert found is not None
        assert found.place == place
        assert found.percent > 80
        assert texts.find(hash(much), much) is None


def test_the_same_but_for_spelling_is_told_apart_from_the_same() -> None:
    texts = Texts()
    texts.meet(1, "What is it?", 5)
    assert texts.find(1, "What is it?") == texts.meet(1, "What is it?", 6)
    spelt = texts.find(2, "WHAT  is it")
    assert spelt is not None
    assert (spelt.how, spelt.place) == ("spelt", 5)
    assert texts.find(3, "What was it?") is None


def test_short_texts_are_not_nearly_the_same() -> None:
    texts = Texts()
    texts.meet(1, "What is 2 plus 2? 4", 0)
    assert texts.find(2, "What is 2 plus 3? 5") is None


def test_beyond_the_limit_only_what_is_the_same_is_found() -> None:
    texts = Texts(most=10)
    given = made_up(30, 50)
    for place, text in enumerate(given):
        texts.meet(hash(text), text, place)
    assert texts.full
    chance = random.Random(1)
    near = [texts.meet(hash(little), little, 99) for little in (changed(text, 1, chance) for text in given)]
    assert near == [None] * 30
    again = [texts.meet(hash(text), text, 99) for text in given]
    assert [found.place for found in again if found is not None] == list(range(30))
