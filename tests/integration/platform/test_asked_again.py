"""Whoever asks again for what has not changed is sent no body; what has no tag has a reason."""

import pytest
from fastapi.testclient import TestClient

from api.auth import permissions

STREAMED = "a file that is written while it is sent: its end is not known when its head leaves"
NOW_ONLY = "it says what is so at this moment, in a few bytes"
PERSONAL = "who is signed in is never kept"
NO_TAG = {
    "/api/health": NOW_ONLY,
    "/api/ready": NOW_ONLY,
    "/api/session": PERSONAL,
    "/api/export.csv": STREAMED,
    "/api/export.xlsx": STREAMED,
    "/api/audit.csv": STREAMED,
    "/api/kpis/{key}.csv": STREAMED,
    "/api/kpis/{key}.xlsx": STREAMED,
    "/api/kpis/{key}/rows.csv": STREAMED,
    "/api/kpis/{key}/rows.xlsx": STREAMED,
}
PARAMETERS = {"key": "revenue", "name": "ttfb", "alert_id": 1}
PATHS = sorted(
    path for method, path in permissions.TABLE if method == "GET" and path.startswith("/api/")
)
# There is no alert here: tests/integration/alerts has one, and asks for its history twice.
ELSEWHERE = {"/api/alerts/{alert_id}/history"}


@pytest.mark.parametrize("path", [path for path in PATHS if path not in {*NO_TAG, *ELSEWHERE}])
def test_an_answer_that_is_known_is_not_sent_again(client: TestClient, path: str) -> None:
    address = path.format(**PARAMETERS)
    first = client.get(address)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"another", {tag}', "*"):
        again = client.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": '"another"'}).json() is not None


@pytest.mark.parametrize("path", NO_TAG)
def test_what_has_no_tag_is_kept_by_nobody(client: TestClient, path: str) -> None:
    answer = client.get(path.format(**PARAMETERS))
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
