"""The linter names what cannot work, and says what a tier means."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from slo.lint import Finding, Measured, lint
from slo.objective import AlertTier, Objective, Threshold
from slo.objectives import load_objectives

TTFB = next(each for each in load_objectives() if each.name == "ttfb")
BUSY = {"ttfb": Fraction(10_000)}
MEASURED = Measured({"ttfb_ms": ("page_view",)}, {"ttfb_ms": (100.0, 300.0, 1000.0)})


def certain(objective: Objective, measured: Measured = MEASURED) -> list[str]:
    return [each.message for each in lint([objective], measured, BUSY) if each.level != "note"]


def test_a_promise_that_can_be_kept_has_nothing_to_find_but_notes() -> None:
    findings = lint([TTFB], MEASURED, BUSY)
    assert {each.level for each in findings} == {"note"}
    assert findings[0] == Finding(
        "note", "ttfb", "tier page-fast (page) fires over 67.2 % bad events in 1h and 5m"
    )


def test_an_unknown_metric_is_named_with_those_that_are_known() -> None:
    (message,) = certain(replace(TTFB, metric="ttfb"))
    assert message == "nothing measures 'ttfb'; measured are ttfb_ms"


def test_an_event_type_without_the_metric_is_named() -> None:
    (message,) = certain(replace(TTFB, event_types=("page_view", "drilldown")))
    assert message == "'drilldown' has no ttfb_ms; page_view has"


def test_a_threshold_that_is_no_bucket_is_named() -> None:
    (message,) = certain(replace(TTFB, threshold=Threshold("lt", 250.0)))
    assert message.startswith("the histogram has no bucket at 250 ms")


def test_both_ends_of_a_band_need_a_bucket() -> None:
    band = replace(TTFB, threshold=Threshold("band", low=100.0, high=400.0))
    (message,) = certain(band)
    assert "at 400 ms" in message


def test_a_metric_without_a_histogram_needs_no_bucket() -> None:
    assert certain(TTFB, Measured({"ttfb_ms": ("page_view",)}, {})) == []


@pytest.mark.parametrize(
    ("burn_rate", "fires"),
    [
        pytest.param("19.99", True, id="almost all events bad"),
        pytest.param("20", False, id="more than all events would have to be bad"),
    ],
)
def test_a_tier_that_cannot_fire_at_its_target_is_named(burn_rate: str, fires: bool) -> None:
    hours = timedelta(hours=1)
    tier = AlertTier("page-fast", "page", Fraction(burn_rate), hours, hours)
    found = certain(replace(TTFB, tiers=(tier,)))
    assert found == ([] if fires else [found[0]])
    assert fires or found[0].startswith("tier page-fast can never fire: a burn rate of 20")


def test_a_window_too_short_for_its_volume_is_named() -> None:
    objective = replace(TTFB, shown_windows=(1,), window_days=28, tiers=())
    findings = lint([objective], MEASURED, {"ttfb": Fraction(199)})
    assert [each.message for each in findings] == [
        "1d is too short: about 199 events come, a verdict needs 200"
    ]
    assert lint([objective], MEASURED, {"ttfb": Fraction(200)}) == []


def test_a_tier_that_stays_silent_at_its_volume_is_named() -> None:
    findings = lint([TTFB], MEASURED, {"ttfb": Fraction(239)})  # 9.96 an hour
    silent = [each.message for each in findings if "silent" in each.message]
    assert silent == [
        "tier page-fast stays silent at this volume: about 9 events come in 1h,"
        " and it needs 10 bad ones"
    ]


def test_without_volume_nothing_is_said_of_it() -> None:
    assert {each.level for each in lint([TTFB], MEASURED)} == {"note"}
