"""Steps and micro-batches: the same records whatever the split, little padding, each record as often as it should."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from trainer.batches import (
    MOST_HELD_OUT,
    Batching,
    StepOrder,
    best_split,
    counts_of_sources,
    share_out,
    split_records,
)

SAME = Batching(how="same_records", a_step=32, at_once=8, tokens_at_once=4096, overhead_tokens=24)
CHANCE = random.Random(7)
LENGTHS = [min(512, round(CHANCE.lognormvariate(5, 0.7))) for _ in range(1000)]


def padded(lengths: list[int], groups: list[list[int]]) -> int:
    return sum(max(lengths[place] for place in group) * len(group) for group in groups)


def test_a_split_takes_every_record_once_and_keeps_to_the_most_tokens() -> None:
    lengths = LENGTHS[:64]
    groups = best_split(lengths, 1024, 24)
    assert sorted(itertools.chain(*groups)) == list(range(64))
    assert all(padded(lengths, [group]) <= 1024 or len(group) == 1 for group in groups)
    assert best_split([], 1024, 24) == []


def test_a_record_longer_than_the_most_stands_alone() -> None:
    assert sorted(map(sorted, best_split([10, 2000, 10], 100, 1))) == [[0, 2], [1]]


@pytest.mark.parametrize("overhead", [0, 5, 40])
def test_no_other_way_to_cut_the_sorted_records_is_better(overhead: int) -> None:
    lengths = [3, 9, 10, 11, 30, 31, 80, 7]
    ordered = sorted(lengths)

    def cost(cuts: tuple[int, ...]) -> float:
        borders = [0, *cuts, len(ordered)]
        groups = [ordered[a:b] for a, b in itertools.pairwise(borders)]
        if any(max(group) * len(group) > 120 and len(group) > 1 for group in groups):
            return float("inf")
        return sum(max(group) * len(group) + overhead for group in groups)

    ways = (cuts for size in range(8) for cuts in itertools.combinations(range(1, 8), size))
    found = best_split(lengths, 120, overhead)
    assert padded(lengths, found) + overhead * len(found) == min(map(cost, ways))


def test_little_of_a_step_is_padding() -> None:
    steps = list(StepOrder(LENGTHS, SAME, 42))
    computed = sum(
        padded([LENGTHS[place] for place in step], best_split([LENGTHS[place] for place in step], 4096, 24))
        for step in steps
    )
    assert computed < 1.15 * sum(LENGTHS)


@pytest.mark.parametrize("how", ["same_records", "like_lengths", "plain"])
def test_a_step_has_the_same_records_whatever_the_split_and_the_processes(how: str) -> None:
    one = replace(SAME, how=how)  # type: ignore[arg-type]
    alone = [set(step) for step in StepOrder(LENGTHS, one, 42)]
    assert sorted(itertools.chain(*alone)) == list(range(1000))
    for at_once, processes in ((8, 2), (4, 4), (2, 3)):
        split = replace(one, at_once=at_once, tokens_at_once=512)
        shares = [list(StepOrder(LENGTHS, split, 42, rank=rank, processes=processes)) for rank in range(processes)]
        together = [set(itertools.chain(*step)) for step in zip(*shares, strict=True)]
        assert together == alone
        assert sum(len(step) for share in shares for step in share) == 1000


def test_processes_get_like_amounts_of_work() -> None:
    shares = share_out(list(range(32)), LENGTHS, SAME, 2)
    work = [sum(LENGTHS[place] for place in share) for share in shares]
    assert abs(work[0] - work[1]) < 0.1 * sum(work)


def test_a_process_may_get_nothing_of_a_small_last_step() -> None:
    assert share_out([5], LENGTHS, SAME, 2) == [[5], []]


def test_steps_depend_on_the_seed_and_the_epoch_alone() -> None:
    order = StepOrder(LENGTHS, SAME, 42)
    first, again = list(order), list(StepOrder(LENGTHS, SAME, 42))
    order.set_epoch(1)
    assert first == again != list(order)
    assert len(order) == len(first) == 32


def test_sources_are_taken_as_often_as_their_weights_say() -> None:
    order = StepOrder(LENGTHS[:100], SAME, 42, counts=[60, 40], weights=[2.0, 0.5])
    taken = list(itertools.chain(*order))
    assert len(order) == -(-len(taken) // 32) == 5
    assert all(taken.count(place) == 2 for place in range(60))
    assert sum(place >= 60 for place in taken) == 20
    order.set_epoch(1)
    both = taken + list(itertools.chain(*order))
    assert all(both.count(place) == 1 for place in range(60, 100))


def test_places_belong_to_the_sources_that_they_came_from() -> None:
    assert counts_of_sources([0, 1, 5, 6, 9], [3, 4, 0, 3]) == [2, 2, 0, 1]


def test_no_more_is_held_out_than_a_loss_needs() -> None:
    learned, held_out = split_records(100_000, 0.1, 42)
    assert len(held_out) == MOST_HELD_OUT
    assert len(learned) == 100_000 - MOST_HELD_OUT
