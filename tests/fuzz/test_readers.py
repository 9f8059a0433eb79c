"""The readers of what strangers send refuse it in their own words, whatever it is, and in time.

``make fuzz`` tries as many as FUZZ_EXAMPLES says; a reader that hangs is ended by the deadline.
"""

import io
import os
from contextlib import suppress
from datetime import timedelta

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.imports.errors import ImportRefused
from api.imports.kinds import KINDS
from api.imports.mapping import ColumnMapping, MappingError, read_mapping
from api.imports.reader import RowReader, decoded
from api.ingest.reader import Circumstances, Unreadable, read
from slo.documents import SpecError
from slo.objectives import DEFAULT_FILE, parse_objectives
from tests.architecture.source import ROOT
from tests.fuzz.tally import trying
from tests.integration.ingest.events import NOW

fuzz = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "150")),
    deadline=timedelta(seconds=20),
    suppress_health_check=[*HealthCheck],
    derandomize="FUZZ_EXAMPLES" not in os.environ,
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text()
    | st.sampled_from(["page_view", "2026-11-22T18:30:00Z", "9999-12-31T23:59:59+14:00", "revenue"])
)
NAMES = st.text(max_size=50) | st.sampled_from(
    ["events", "event_type", "event_id", "event_time", "sent_at", "meta", "ttfb_ms", "session_id"]
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=30
)
OBJECTIVES = DEFAULT_FILE.read_text(encoding="utf-8")
MAPPINGS = (ROOT / "mappings" / "superstore.yaml").read_text(encoding="utf-8")
ORDERS = KINDS["orders"]
ORDER_LINES = """\
order_id,customer_id,booked_on,recognized_on,cancelled_on,amount,profit,type,product,segment,region
1,C1,2024-01-05,2024-01-31,,1234.56,-7,one_off,"Desk, oak",Home,North
2,C2,2024-02-29,,2024-03-01,-0.0001,,subscription,"a ""b""\nc",,
"""


def damaged(text: str) -> st.SearchStrategy[str]:
    """The text with some of its parts taken out, doubled or replaced."""
    places = st.integers(0, len(text))
    cuts = st.lists(
        st.tuples(places, st.integers(0, 60), st.text(max_size=20)), min_size=1, max_size=5
    )

    def apply(changes: list[tuple[int, int, str]]) -> str:
        out = text
        for start, length, instead in changes:
            out = out[:start] + instead + out[start + length :]
        return out

    return cuts.map(apply)


@fuzz
@given(body=st.binary() | JSON.map(str).map(str.encode))
def test_any_bytes_are_events_or_refused(body: bytes) -> None:
    with trying("bytes as events"), suppress(Unreadable):
        read(body, Circumstances(NOW, timedelta(days=35)))


@fuzz
@given(document=st.dictionaries(NAMES, JSON))
def test_any_json_object_is_events_or_refused(document: dict[str, object]) -> None:
    with suppress(TypeError, ValueError):  # what is no JSON cannot be sent as such
        body = orjson.dumps(document)
        with trying("JSON objects as events"), suppress(Unreadable):
            batch = read(body, Circumstances(NOW, timedelta(days=35)))
            orjson.dumps([rejection.reason for rejection in batch.rejections])


@fuzz
@given(kind=st.sampled_from([*KINDS.values()]), content=st.binary(), cells=st.lists(st.text()))
def test_any_file_is_rows_or_refused(kind: object, content: bytes, cells: list[str]) -> None:
    chosen = next(one for one in KINDS.values() if one is kind)
    header = ",".join(item.name for item in chosen.fields)
    row = ",".join(cells)
    for file in (content, f"{header}\n{row}\n".encode("utf-8", "surrogatepass"), content + b"\n,"):
        with trying("files as rows"), suppress(ImportRefused):
            reader = RowReader(chosen, decoded(io.BytesIO(file)), ColumnMapping())
            assert sum(1 for _ in reader) == reader.accepted


@fuzz
@given(text=damaged(OBJECTIVES) | st.text())
def test_any_text_is_objectives_or_refused(text: str) -> None:
    with trying("texts as objectives"), suppress(SpecError):
        parse_objectives(text)


@fuzz
@given(text=damaged(ORDER_LINES))
def test_any_damaged_orders_are_rows_or_refused(text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    with trying("damaged orders as rows"), suppress(ImportRefused):
        reader = RowReader(ORDERS, decoded(io.BytesIO(content)), ColumnMapping())
        assert sum(1 for _ in reader) == reader.accepted


@fuzz
@given(text=damaged(MAPPINGS) | JSON.map(str) | st.text())
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    with trying("texts as mappings"), suppress(MappingError):
        mapping = read_mapping(text.encode("utf-8", "surrogatepass"), ORDERS)
        with suppress(ImportRefused):
            for _row in RowReader(ORDERS, io.StringIO(ORDER_LINES), mapping):
                pass
