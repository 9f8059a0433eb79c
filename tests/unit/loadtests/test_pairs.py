"""Two revisions held against each other, from samples that a machine's moods have touched."""

import random

import pytest

from loadtests.driven import Driven, Timed
from loadtests.pairs import Pairs, compared
from loadtests.run import API_LATENCY, API_STATUS
from slo.objectives import load_objectives

OBJECTIVES = load_objectives()
ROUNDS = 4


def driven(milliseconds: list[float], errors: int = 0, invalid: str | None = None) -> Driven:
    statuses = [200.0] * (len(milliseconds) - errors) + [500.0] * errors
    seconds = [float(number) for number in range(len(milliseconds))]
    readings = [
        {"at_seconds": 0.0, "cpu_seconds": 1.0, "requests": 0.0},
        {"at_seconds": 10.0, "cpu_seconds": 2.0, "requests": 500.0},
    ]
    return Driven(
        {API_LATENCY: Timed(milliseconds, seconds), API_STATUS: Timed(statuses, seconds)},
        readings,
        [],
        {"warm_up_seconds": 0},
        invalid,
    )


def answers(random_: random.Random, mood: float, factor: float = 1.0, count: int = 400) -> Driven:
    return driven([mood * factor * random_.lognormvariate(2, 0.5) for _ in range(count)])


def moods(random_: random.Random) -> list[tuple[float, float]]:
    """How slow the machine was in each run of each round: up to a fifth more or less."""
    return [(random_.uniform(0.8, 1.2), random_.uniform(0.8, 1.2)) for _ in range(ROUNDS)]


def paired(seed: int, factor: float) -> Pairs:
    random_ = random.Random(seed)
    both = [(answers(random_, then), answers(random_, now, factor)) for then, now in moods(random_)]
    return Pairs([before for before, _ in both], [after for _, after in both])


def test_the_same_program_is_hardly_ever_worse_whatever_the_machines_moods() -> None:
    alarms = sum(compared(paired(seed, factor=1.0), OBJECTIVES).is_worse for seed in range(50))
    assert alarms <= 1


def test_one_hiccup_of_the_machine_is_no_regression() -> None:
    """Equal programs whose other rounds differ by chance alone, as they always do."""
    alarms = 0
    for seed in range(100):
        random_ = random.Random(seed)
        before, after = (
            [answers(random_, 1.0, count=150) for _ in range(ROUNDS)] for _ in range(2)
        )
        after[seed % ROUNDS].samples[API_LATENCY].values[:15] = [900.0] * 15
        alarms += compared(Pairs(before, after), OBJECTIVES).is_worse
    assert alarms <= 1


def test_a_hiccup_hides_no_regression() -> None:
    pairs = paired(1, factor=2.0)
    pairs.before[0].samples[API_LATENCY].values[:40] = [900.0] * 40
    assert compared(pairs, OBJECTIVES).is_worse


def test_twice_the_time_is_worse() -> None:
    for seed in range(5):
        found = compared(paired(seed, factor=2.0), OBJECTIVES)
        worse = {row.objective for row in found.rows if row.is_worse}
        assert worse == {"api-latency"}


def test_one_bad_round_is_a_mood_and_no_regression() -> None:
    fast, slow = [10.0] * 400, [80.0] * 400
    pairs = Pairs([driven(fast)] * 4, [driven(slow), *[driven(fast)] * 3])
    (row,) = [row for row in compared(pairs, OBJECTIVES).rows if row.objective == "api-latency"]
    assert (row.worse_rounds, row.is_worse) == (1, False)


def test_more_errors_are_worse() -> None:
    fast = [10.0] * 400
    pairs = Pairs([driven(fast)] * 4, [driven(fast, errors=8)] * 4)
    found = compared(pairs, OBJECTIVES)
    assert {row.objective for row in found.rows if row.is_worse} == {"api-errors"}


def test_what_neither_side_measured_is_left_out() -> None:
    found = compared(paired(1, factor=1.0), OBJECTIVES)
    assert [row.objective for row in found.rows] == ["api-errors", "api-latency"]
    assert found.processor_ms == pytest.approx((2.0, 2.0))


def test_a_run_that_is_not_valid_says_nothing() -> None:
    pairs = Pairs([driven([1.0])], [driven([1.0], invalid="the generator was late")])
    assert pairs.why_invalid() == "the generator was late"
    assert "not known" in compared(pairs, OBJECTIVES).markdown("v1", pairs.why_invalid())


def test_the_comment_names_what_is_worse() -> None:
    text = compared(paired(1, factor=2.0), OBJECTIVES).markdown("v1.0", None)
    assert text.startswith("### Compared with `v1.0`: WORSE\n")
    assert "| api-latency |" in text
    assert "Processor time of the service for a request: 2 ms before, 2 ms now." in text
