"""The one document, with the first screen's data in it: written and compressed once an answer."""

import gzip
from dataclasses import dataclass

from api.assets import CONTENT_TYPES, Asset, Frontend, etag_of
from api.first_data import FirstData

FIRST_DATA_MARK = "<!--first-data-->"
MOST_DOCUMENTS = 64


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
    """The documents that were made last, by the answer they carry: its path and its tag."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str] | None, _Made] = {}

    def of(self, frontend: Frontend, first: FirstData | None) -> Asset:
        """The document with ``first`` in it."""
        carried = (first.path, first.prepared.etag) if first else None
        made = self._made.get(carried)
        if made is None or not made.is_of(frontend, first):
            made = self._made[carried] = _Made(frontend, first, _document(frontend, first))
            if len(self._made) > MOST_DOCUMENTS:
                del self._made[next(iter(self._made))]
        return made.document


def _document(frontend: Frontend, first: FirstData | None) -> Asset:
    text = frontend.document
    if first is not None:
        text = text.replace(FIRST_DATA_MARK, _data_block(first.json().decode()))
    body = text.encode()
    compressed = {"gzip": gzip.compress(body, mtime=0)}
    return Asset(body, CONTENT_TYPES[".html"], compressed, etag_of(body), immutable=False)


def _data_block(json_text: str) -> str:
    # Within JSON these characters stand in strings only, where the escape means the same.
    for character in "<>&\u2028\u2029":
        json_text = json_text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="first-data">{json_text}</script>'
