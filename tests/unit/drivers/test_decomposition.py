"""Effects sum to the change exactly, and mean what they are called."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.drivers import decomposition
from api.drivers.decomposition import Effect, Parts, Payback

CENTS = st.integers(-(10**12), 10**12).map(lambda units: Fraction(units, 10_000))
POSITIVE = st.integers(1, 10**12).map(lambda units: Fraction(units, 10_000))
NAMES = st.sampled_from("abcdefgh")
SUMS = st.dictionaries(NAMES, CENTS)
DENOMINATORS = st.one_of(st.just(Fraction(0)), CENTS)
RATIOS = st.dictionaries(NAMES, st.builds(Parts, CENTS, DENOMINATORS), min_size=1)
PAYBACKS = st.builds(Payback, st.one_of(st.just(Fraction(0)), POSITIVE), POSITIVE, POSITIVE)


def total(effects: list[Effect]) -> Fraction:
    return sum((item.effect for item in effects), Fraction(0))


def whole(parts: dict[str, Parts]) -> Fraction:
    return sum(p.numerator for p in parts.values()) / sum(
        (p.denominator for p in parts.values()), Fraction(0)
    )


def summed(elements: dict[str, Parts]) -> Parts:
    return Parts(
        sum((p.numerator for p in elements.values()), Fraction(0)),
        sum((p.denominator for p in elements.values()), Fraction(0)),
    )


def parts(**pairs: tuple[int, int]) -> dict[str, Parts]:
    return {name: Parts(Fraction(n), Fraction(d)) for name, (n, d) in pairs.items()}


@given(SUMS, SUMS)
def test_additive_contributions_sum_to_the_change_to_the_last_unit(
    before: dict[str, Fraction], now: dict[str, Fraction]
) -> None:
    effects = decomposition.additive(before, now)
    assert total(effects) == sum(now.values()) - sum(before.values())
    assert {item.name for item in effects} == set(before) | set(now)


@given(RATIOS, RATIOS)
def test_rate_and_mix_effects_sum_to_the_change_of_the_ratio(
    before: dict[str, Parts], now: dict[str, Parts]
) -> None:
    assume(sum(p.denominator for p in before.values()) != 0)
    assume(sum(p.denominator for p in now.values()) != 0)
    assert total(decomposition.ratio(before, now)) == whole(now) - whole(before)


@given(RATIOS, RATIOS)
def test_rate_and_mix_effects_are_what_their_formulas_say(
    before: dict[str, Parts], now: dict[str, Parts]
) -> None:
    old_whole, new_whole = summed(before), summed(now)
    assume(old_whole.denominator and new_whole.denominator)
    middle = (whole(before) + whole(now)) / 2
    expected = []
    for name in sorted({*before, *now}):
        nothing = Parts(Fraction(0), Fraction(0))
        old, new = before.get(name, nothing), now.get(name, nothing)
        share_before = old.denominator / old_whole.denominator
        share_now = new.denominator / new_whole.denominator
        if not old.denominator or not new.denominator:
            pull = new.numerator / new_whole.denominator - old.numerator / old_whole.denominator
            expected.append(Effect(name, pull - (share_now - share_before) * middle, "mix"))
            continue
        rate, rate_now = old.numerator / old.denominator, new.numerator / new.denominator
        own = (share_before + share_now) / 2 * (rate_now - rate)
        mix = (share_now - share_before) * ((rate + rate_now) / 2 - middle)
        expected += [Effect(name, own, "rate"), Effect(name, mix, "mix")]
    assert decomposition.ratio(before, now) == expected


@given(st.lists(st.fractions(-1000, 1000, max_denominator=10**6), max_size=30))
def test_elements_are_counted_until_67_of_100_are_reached_exactly(sizes: list[Fraction]) -> None:
    effects = [Effect(f"e{number}", size, "additive") for number, size in enumerate(sizes)]
    ordered = sorted(map(abs, sizes), reverse=True)
    needed = sum(ordered, Fraction(0)) * 67 / 100
    reaching = [n for n in range(len(sizes) + 1) if sum(ordered[:n], Fraction(0)) >= needed]
    assert decomposition.concentration(effects)[1:] == (reaching[0], len(sizes))


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_floats_do_not_decide_whether_67_of_100_are_reached(more: int) -> None:
    """Sizes that differ by far less than floats tell apart."""
    least = Fraction(more, 10**30)
    effects = [
        Effect("first", 67 + least, "additive"),
        Effect("second", 33 - least, "additive"),
    ]
    assert decomposition.concentration(effects)[1] == (2 if more < 0 else 1)


def test_sums_of_floats_that_fall_short_do_not_decide_either() -> None:
    tenths = [0.067] * 10
    assert sum(tenths) < 0.67
    sizes = [Fraction(67, 1000)] * 10 + [Fraction(33, 1000)] * 10
    effects = [Effect(f"e{number}", size, "additive") for number, size in enumerate(sizes)]
    assert decomposition.concentration(effects)[1] == 10


@given(st.lists(st.fractions(max_denominator=10**9)), CENTS)
def test_what_is_left_is_the_change_less_every_effect(
    sizes: list[Fraction], change: Fraction
) -> None:
    effects = [Effect("element", size, "mix") for size in sizes]
    assert decomposition.residual(change, effects) == change - sum(sizes, Fraction(0))


@given(st.dictionaries(NAMES, RATIOS, min_size=1), st.dictionaries(NAMES, RATIOS, min_size=1))
def test_what_an_element_is_made_of_sums_to_its_rate_and_mix(
    before: dict[str, dict[str, Parts]], now: dict[str, dict[str, Parts]]
) -> None:
    old, new = ({name: summed(inner) for name, inner in window.items()} for window in (before, now))
    assume(sum(p.denominator for p in old.values()) and sum(p.denominator for p in new.values()))
    own: dict[str, Fraction] = {}
    for item in decomposition.ratio(old, new):
        own[item.name] = own.get(item.name, Fraction(0)) + item.effect
    both = (summed(old), summed(new))
    for name, effect in own.items():
        inner = decomposition.inner_ratio(both, before.get(name, {}), now.get(name, {}))
        assert total(inner) == effect


@given(CENTS, st.dictionaries(NAMES, CENTS))
def test_what_is_shared_out_sums_to_the_effect(
    effect: Fraction, parts: dict[str, Fraction]
) -> None:
    assume(sum(parts.values()) != 0)
    assert total(decomposition.proportional(effect, parts)) == effect


@given(PAYBACKS, PAYBACKS)
def test_the_parts_of_payback_sum_to_its_change(before: Payback, now: Payback) -> None:
    effects = decomposition.payback(before, now)
    assert total(effects) == now.months - before.months
    assert [item.name for item in effects] == [
        "Sales and marketing expense",
        "New MRR",
        "Gross margin",
    ]


@given(CENTS, POSITIVE, CENTS, POSITIVE)
def test_a_numerators_and_a_denominators_effects_sum_to_the_change_of_their_quotient(
    above: Fraction, below: Fraction, above_now: Fraction, below_now: Fraction
) -> None:
    effects = decomposition.quotient(
        Parts(above, below), Parts(above_now, below_now), ("above", "below")
    )
    assert total(effects) == above_now / below_now - above / below


def test_what_stood_still_moved_nothing() -> None:
    before, now = Parts(Fraction(120), Fraction(40)), Parts(Fraction(120), Fraction(30))
    above, below = decomposition.quotient(before, now, ("above", "below"))
    assert [above.effect, below.effect] == [Fraction(0), Fraction(1)]


@given(
    st.dictionaries(NAMES, CENTS.filter(bool)),
    st.dictionaries(NAMES, CENTS.filter(bool)),
)
def test_customers_movements_sum_to_the_change_of_mrr(
    before: dict[str, Fraction], now: dict[str, Fraction]
) -> None:
    moved = decomposition.customer_movements(before, now)
    assert sum(moved.values()) == sum(now.values()) - sum(before.values())
    assert moved["New"] == sum(now[name] for name in now if name not in before)
    assert moved["Churn"] == -sum(before[name] for name in before if name not in now)
    assert moved["Expansion"] >= 0 >= moved["Contraction"]


@given(
    st.lists(st.builds(Effect, NAMES, CENTS, st.sampled_from(["rate", "mix"]))),
    st.integers(0, 10),
)
def test_condensing_keeps_the_sum(effects: list[Effect], limit: int) -> None:
    assert total(decomposition.condensed(effects, limit)) == total(effects)


def test_a_margin_that_fell_inside_one_region_is_rate_and_only_there() -> None:
    effects = decomposition.ratio(
        parts(east=(30, 100), west=(20, 100)), parts(east=(30, 100), west=(10, 100))
    )
    moved = [item for item in effects if item.effect]
    assert moved == [Effect("west", Fraction(-1, 20), "rate")]


def test_a_shift_between_regions_with_steady_margins_is_mix_alone() -> None:
    effects = decomposition.ratio(
        parts(rich=(40, 100), poor=(10, 100)), parts(rich=(20, 50), poor=(15, 150))
    )
    assert {item.kind for item in effects if item.effect} == {"mix"}
    assert total(effects) == Fraction(35, 200) - Fraction(50, 200)
    # (1/4 - 1/2) x (40 % - (25 % + 17.5 %) / 2), and the same for the other.
    assert {item.name: item.effect for item in effects if item.effect} == {
        "rich": Fraction(-1, 4) * (Fraction(40, 100) - Fraction(2125, 10000)),
        "poor": Fraction(1, 4) * (Fraction(10, 100) - Fraction(2125, 10000)),
    }


def test_an_element_that_is_absent_from_one_window_is_mix_as_a_whole() -> None:
    effects = decomposition.ratio(parts(old=(30, 100)), parts(old=(30, 100), new=(50, 100)))
    assert [item.kind for item in effects if item.name == "new"] == ["mix"]
    assert total(effects) == Fraction(80, 200) - Fraction(30, 100)


def test_an_element_with_a_numerator_and_no_denominator_still_adds_up() -> None:
    effects = decomposition.ratio(parts(a=(10, 100), b=(5, 0)), parts(a=(10, 100), b=(0, 50)))
    assert [item.kind for item in effects if item.name == "b"] == ["mix"]
    assert total(effects) == Fraction(10, 150) - Fraction(15, 100)


def test_payback_that_doubled_with_expense_alone_belongs_to_expense() -> None:
    before = Payback(Fraction(100), Fraction(20), Fraction(1, 2))
    now = Payback(Fraction(200), Fraction(20), Fraction(1, 2))
    assert [item.effect for item in decomposition.payback(before, now)] == [10, 0, 0]


def test_payback_splits_by_the_logarithm_of_each_factors_growth() -> None:
    before = Payback(Fraction(100), Fraction(20), Fraction(1, 2))
    now = Payback(Fraction(300), Fraction(30), Fraction(2, 5))
    mean = 15 / math.log(25 / 10)
    expected = [mean * math.log(3), -mean * math.log(1.5), -mean * math.log(0.8)]
    effects = decomposition.payback(before, now)
    assert [float(item.effect) for item in effects] == pytest.approx(expected, rel=1e-12)


def test_payback_that_came_back_to_the_same_value_still_shows_what_moved() -> None:
    before = Payback(Fraction(100), Fraction(20), Fraction(1, 2))
    now = Payback(Fraction(200), Fraction(40), Fraction(1, 2))
    spent, sold, margin = (item.effect for item in decomposition.payback(before, now))
    assert float(spent) == pytest.approx(10 * math.log(2), rel=1e-12)
    assert sold == -spent
    assert margin == 0


@pytest.mark.parametrize(("expense_before", "expense_now"), [(0, 100), (100, 0), (0, 0), (-5, 9)])
def test_payback_without_expense_in_one_window_leaves_all_of_the_change_to_expense(
    expense_before: int, expense_now: int
) -> None:
    before = Payback(Fraction(expense_before), Fraction(20), Fraction(1, 2))
    now = Payback(Fraction(expense_now), Fraction(40), Fraction(1, 4))
    effects = decomposition.payback(before, now)
    assert [item.effect for item in effects] == [now.months - before.months, 0, 0]


def test_a_customer_who_changed_is_counted_once_under_the_right_movement() -> None:
    before = {"stays": 10, "grows": 10, "shrinks": 10, "leaves": 10}
    now = {"stays": 10, "grows": 15, "shrinks": 4, "arrives": 7}
    moved = decomposition.customer_movements(
        {k: Fraction(v) for k, v in before.items()}, {k: Fraction(v) for k, v in now.items()}
    )
    assert moved == {"New": 7, "Expansion": 5, "Contraction": -6, "Churn": -10}


def effects_of(*sizes: int) -> list[Effect]:
    return [Effect(f"e{i}", Fraction(size), "additive") for i, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("why", "first", "second"),
    [
        ("one element of two beats two of three", effects_of(70, 30), effects_of(40, 40, 20)),
        ("67 of 100 is reached by the first alone", effects_of(67, 33), effects_of(66, 20, 14)),
        ("66 of 100 is not enough", effects_of(67, 33), effects_of(66, 34)),
        ("signs do not matter", effects_of(-90, 5), effects_of(50, -45)),
        ("a dimension with one element says nothing", effects_of(50, 30, 20), effects_of(100)),
        ("a dimension where nothing moved says nothing", effects_of(1, 1), effects_of(0, 0)),
        ("fewer elements win a tie", effects_of(90, 10), effects_of(90, 5, 5)),
    ],
)
def test_dimensions_rank_by_how_few_elements_make_the_change(
    why: str, first: list[Effect], second: list[Effect]
) -> None:
    assert decomposition.concentration(first) < decomposition.concentration(second), why


@pytest.mark.parametrize(
    ("why", "sizes", "expected"),
    [
        ("all in one direction", (10, 20), False),
        ("100 of 500 is exactly a fifth", (300, -200), False),
        ("99 of 501 is less than a fifth", (300, -201), True),
        ("nothing moved", (0, 0), False),
        ("everything cancels", (5, -5), True),
    ],
)
def test_effects_offset_when_the_change_is_under_a_fifth_of_all_movement(
    why: str, sizes: tuple[int, ...], expected: bool
) -> None:
    assert decomposition.offsetting(Fraction(sum(sizes)), effects_of(*sizes)) is expected, why


def test_the_residual_is_what_the_effects_do_not_explain() -> None:
    assert decomposition.residual(Fraction(7), effects_of(10, -4)) == 1


def test_effects_rank_by_size_and_the_tail_is_summed_under_other() -> None:
    shown = decomposition.condensed(effects_of(1, -50, 20, 2, -7), 2)
    assert shown == [
        Effect("e1", Fraction(-50), "additive"),
        Effect("e2", Fraction(20), "additive"),
        Effect("Other (3)", Fraction(-4), "additive"),
    ]
