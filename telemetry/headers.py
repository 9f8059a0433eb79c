"""A request's headers by name, looked up once for all who need one of them."""

from collections.abc import Mapping, Sequence

from starlette.types import Scope

Headers = Sequence[tuple[bytes, bytes]]

_KEY = "headers_by_name"  # in a request's scope


def by_name(scope: Scope) -> Mapping[bytes, bytes]:
    """The headers; of those with one name the last."""
    known: dict[bytes, bytes] | None = scope.get(_KEY)
    if known is None:
        known = scope[_KEY] = dict(scope["headers"])
    return known
