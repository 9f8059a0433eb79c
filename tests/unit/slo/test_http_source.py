"""What the gate tells a running service of itself."""

import pytest

from slo.measurements import BadResult
from slo.sources.http import HttpSource
from tests.answering import answering


@pytest.mark.parametrize(
    ("token", "sent"), [(None, None), ("", None), ("execdash_abc\n", "Bearer execdash_abc")]
)
def test_a_token_is_shown(token: str | None, sent: str | None) -> None:
    with answering(b'{"objectives": []}') as server:
        assert HttpSource(server.url, 7, token).measure([]) == {}
        assert server.authorized == [sent]


@pytest.mark.parametrize("token", ["two\nlines", "schl\u00fcssel"])
def test_what_is_no_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(BadResult, match="the token must be") as error:
        HttpSource("http://127.0.0.1:1", 7, token)
    assert token not in str(error.value)
