"""A table leaves as one file, of which nothing stays behind."""

import asyncio
import gc
import random
import resource
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.responses import StreamingResponse

from api.csv_files import Cell
from api.errors import Unavailable
from api.table_files import BYTES_IN_MEMORY, CSV, XLSX, TableFile

LONG = 10_000
MANY = 2 * BYTES_IN_MEMORY // LONG
KINDS = pytest.mark.parametrize("kind", [CSV, XLSX], ids=["csv", "xlsx"])


def many(kind: TableFile) -> StreamingResponse:
    """So many rows that they wait in a file."""
    source = random.Random(7)
    rows: Iterator[list[Cell]] = ([number, source.randbytes(LONG).hex()] for number in range(MANY))
    return kind.answer(["n", "text"], rows, "rows")


async def some_of(answer: StreamingResponse, chunks: int) -> bytes:
    taken = b""
    async for chunk in answer.body_iterator:
        assert isinstance(chunk, bytes)
        taken += chunk
        chunks -= 1
        if not chunks:
            break
    return taken


@KINDS
@pytest.mark.parametrize("chunks", [0, 1, -1], ids=["nothing", "some", "all"])
def test_a_file_is_closed_however_much_of_it_was_taken(kind: TableFile, chunks: int) -> None:
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always")
        answer = many(kind)
        if chunks:
            assert asyncio.run(some_of(answer, chunks))
        del answer
        gc.collect()
    assert [str(one.message) for one in noticed] == []


def test_many_rows_leave_in_chunks_and_in_order() -> None:
    body = asyncio.run(some_of(many(CSV), -1))
    lines = body.decode("utf-8-sig").splitlines()[1:]
    assert [int(line.partition(",")[0]) for line in lines] == list(range(MANY))


@KINDS
def test_rows_that_cannot_be_read_fail_before_anything_is_sent(kind: TableFile) -> None:
    def rows() -> Iterator[list[Cell]]:
        yield ["fine"]
        raise LookupError

    with pytest.raises(LookupError):
        kind.answer(["n"], rows(), "rows")


@contextmanager
def hardly_any_room() -> Iterator[None]:
    """No file may grow beyond a megabyte, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(CSV, id="csv"),
        # The library's archive writes its end into the file that is closed, and says that it can't.
        pytest.param(
            XLSX,
            id="xlsx",
            marks=pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
        ),
    ],
)
def test_a_full_disk_is_said_so_and_leaves_nothing_open(kind: TableFile) -> None:
    with hardly_any_room(), pytest.raises(Unavailable) as refused:
        many(kind)
    assert refused.value.headers == {"Retry-After": "60"}
    assert refused.value.detail == "There is no room for the file now."
    del refused
    gc.collect()  # what is open still is told of, and fails the test
