"""The ledger of events balances at every moment, whoever counts meanwhile."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from telemetry.ledger import IngestLedger

FATES = st.one_of(
    st.tuples(st.just("accepted"), st.integers(0, 500)),
    st.tuples(st.just("duplicates"), st.integers(0, 500)),
    st.tuples(st.just("rejected"), st.integers(0, 500)),
    st.tuples(st.just("shed"), st.integers(0, 500)),
)


def _settle(ledger: IngestLedger, fate: str, events: int) -> None:
    match fate:
        case "accepted":
            ledger.settle(accepted=events)
        case "duplicates":
            ledger.settle(duplicates=events)
        case "rejected":
            ledger.settle(rejected={"too_old": events})
        case _:
            ledger.settle(shed={"queue_full": events})


def _scrape(registry: CollectorRegistry) -> dict[str, float]:
    """Every sample of a scrape, summed over its reasons."""
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0) + sample.value
    return sums


@given(st.lists(FATES, max_size=30), st.integers(0, 100))
def test_received_is_the_sum_of_all_fates(fates: list[tuple[str, int]], waiting: int) -> None:
    registry = CollectorRegistry()
    ledger = IngestLedger(registry)
    ledger.receive(waiting)
    for fate, events in fates:
        ledger.receive(events)
        _settle(ledger, fate, events)
    sums = _scrape(registry)
    assert sums["ingest_events_in_flight"] == waiting
    assert sums["ingest_events_received_total"] == waiting + sum(events for _, events in fates)
    for fate in ("accepted", "duplicates", "rejected", "shed"):
        expected = sum(events for other, events in fates if other == fate)
        assert sums.get(f"ingest_events_{fate}_total", 0) == expected


def test_a_scrape_amid_many_writers_balances() -> None:
    registry = CollectorRegistry()
    ledger = IngestLedger(registry)

    def work(_: int) -> None:
        for _step in range(200):
            ledger.receive(5)
            ledger.settle(accepted=2, duplicates=1, rejected={"a": 1}, shed={"b": 1})

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(work, number) for number in range(4)]
        while not all(each.done() for each in running):
            counts = ledger.counts()
            fates = counts.accepted + counts.duplicates + counts.in_flight
            fates += sum(counts.rejected.values()) + sum(counts.shed.values())
            assert counts.received == fates
            assert 0 <= counts.in_flight <= 20
    assert ledger.counts().in_flight == 0
    assert ledger.counts().received == 4000


def test_requests_that_could_not_be_parsed_are_counted_apart() -> None:
    registry = CollectorRegistry()
    ledger = IngestLedger(registry)
    ledger.unparsed("invalid_json")
    ledger.unparsed("invalid_json")
    assert ledger.counts().unparsed_requests == {"invalid_json": 2}
    assert ledger.counts().received == 0
