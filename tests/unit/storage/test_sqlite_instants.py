"""The event store's own way to write instants, held against Python's."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from api.storage.event_store_sqlite import _Instants

NEAR = st.integers(0, 200_000_000).map(
    lambda us: datetime(2026, 11, 25, 23, 58, tzinfo=UTC) + timedelta(microseconds=us)
)
ANY = st.datetimes(timezones=st.just(UTC))


@example([datetime(1, 1, 1, 0, 0, 30, tzinfo=UTC)])  # the first minute there is
@example([datetime(1970, 1, 1, tzinfo=UTC)])
@given(st.lists(NEAR | ANY, max_size=20))
def test_instants_are_written_as_python_writes_them(instants: list[datetime]) -> None:
    written = _Instants()
    assert [written(one) for one in instants] == [
        one.replace(tzinfo=None).isoformat(" ", "microseconds") for one in instants
    ]
