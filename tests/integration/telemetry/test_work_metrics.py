"""What the service does beside answering can be seen: prepared answers, alerts, imports."""

import math

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine

from tests.integration.telemetry.conftest import Traced

PATH = "/api/executive-dashboard"
RISKS = "title,owner,due,mitigation,status\nLate parts,Ada,2026-12-01,Second source,open\n"
CSV = {"content-type": "text/csv"}


def seen(traced: Traced) -> dict[str, float]:
    """Every sample of /metrics by its name, and its kind and outcome where it has them."""
    found = {}
    for family in text_string_to_metric_families(traced.client.get("/metrics").text):
        for sample in family.samples:
            labels = (sample.labels.get(name) for name in ("kind", "outcome"))
            found[" ".join([sample.name, *filter(None, labels)])] = sample.value
    return found


def test_the_age_of_the_first_screen_is_known_once_it_was_asked_for(traced: Traced) -> None:
    before = seen(traced)
    assert math.isnan(before["snapshot_age_seconds"])
    assert traced.client.get(PATH).status_code == 200
    after = seen(traced)
    assert 0 <= after["snapshot_age_seconds"] < 60
    made = "snapshot_refresh_duration_seconds_count"
    assert after[made] == before[made] + 1


def test_a_stale_answer_is_counted(traced: Traced) -> None:
    assert traced.client.get(PATH).status_code == 200
    state = traced.client.app.state  # type: ignore[attr-defined]  # it is our FastAPI
    state.snapshots._engine = create_engine("sqlite:////nowhere/at/all.db")
    state.data_version.distrust()
    assert traced.client.get(PATH).json()["freshness"]["stale"] is True
    assert seen(traced)["snapshot_stale_answers_total"] == 1


def test_polls_and_judgements_of_alerts_are_counted(traced: Traced) -> None:
    traced.client.get("/api/alerts")
    traced.client.get("/api/alerts")
    found = seen(traced)
    assert found["alerts_polls_total"] == 2
    assert found["alerts_judging_duration_seconds_count"] == 1  # when it started


def test_rows_of_imports_are_counted_by_what_became_of_them(traced: Traced) -> None:
    for content in (RISKS, RISKS, RISKS + "x\n"):
        traced.client.post("/api/imports/risks", content=content, headers=CSV)
    dry = traced.client.post("/api/imports/risks?dry_run=true", content=RISKS, headers=CSV)
    assert dry.status_code == 200
    found = seen(traced)
    assert found["import_rows_total risks inserted"] == 1
    assert found["import_rows_total risks unchanged"] == 1
    assert found["import_rows_total risks rejected"] == 1
    assert found["import_duration_seconds_count risks"] == 3
