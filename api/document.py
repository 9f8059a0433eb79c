"""The one document, with the first screen and its data in it: made once an answer."""

import gzip
from dataclasses import dataclass
from threading import Lock

from api.assets import CONTENT_TYPES, Asset, Frontend
from api.etags import etag_of
from api.first_data import DASHBOARD, FirstData

ROOT = '<div id="root"></div>'
FIRST_DATA_MARK = "<!--first-data-->"
MOST_DOCUMENTS = 64

_Key = tuple[tuple[str, str, bool] | None, str | None]


@dataclass(frozen=True)
class _Made:
    frontend: Frontend
    first: FirstData | None
    document: Asset

    def is_of(self, frontend: Frontend, first: FirstData | None) -> bool:
        """The very same answer: a newer one has other bytes, if only its time of making."""
        mine = self.first and self.first.prepared
        return self.frontend is frontend and mine is (first and first.prepared)


class Documents:
    """The documents that were made last, by answer, whether it is drawn, and theme."""

    def __init__(self) -> None:
        self._making = Lock()
        self._made: dict[_Key, _Made] = {}

    def ready(self, frontend: Frontend, first: FirstData | None, theme: str | None) -> Asset | None:
        """The document with ``first`` in it, if it was made before."""
        made = self._made.get(_key(first, theme))
        return made.document if made is not None and made.is_of(frontend, first) else None

    def make(self, frontend: Frontend, first: FirstData | None, theme: str | None) -> Asset:
        """The same; drawing takes some hundredths of a second, and is done once at a time."""
        with self._making:
            document = self.ready(frontend, first, theme)
            if document is None:
                document = _document(frontend, first, theme)
                self._made[_key(first, theme)] = _Made(frontend, first, document)
                if len(self._made) > MOST_DOCUMENTS:
                    del self._made[next(iter(self._made))]
        return document


def _key(first: FirstData | None, theme: str | None) -> _Key:
    answer = (first.path, first.prepared.etag, first.is_drawn) if first else None
    return answer, theme


def _document(frontend: Frontend, first: FirstData | None, theme: str | None) -> Asset:
    text = frontend.themed(theme)
    if first is not None:
        data = first.json().decode()
        if first.is_drawn and frontend.prerenderer is not None:
            screen = frontend.prerenderer.html(DASHBOARD, data) or ""
            text = text.replace(ROOT, f'<div id="root">{screen}</div>')
        text = text.replace(FIRST_DATA_MARK, _data_block(data))
    body = text.encode()
    compressed = {"gzip": gzip.compress(body, mtime=0)}
    return Asset(body, CONTENT_TYPES[".html"], compressed, etag_of(body), immutable=False)


def _data_block(json_text: str) -> str:
    # Within JSON these characters stand in strings only, where the escape means the same.
    for character in "<>&\u2028\u2029":
        json_text = json_text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="first-data">{json_text}</script>'
