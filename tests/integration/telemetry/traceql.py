"""As much of TraceQL as the dashboards use, over spans that the service wrote.

What it does not know fails: a query in here means the same as it does to Tempo.
"""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

TOKEN = re.compile(
    r'\s*(?:(?P<text>"[^"\\]*")|(?P<number>\d+(?:\.\d+)?(?:ms)?)'
    r"|(?P<operator>\|\||&&|=~|>=|<=|[=<>])|(?P<bracket>[{}()])|(?P<name>[a-z][\w.]*))"
)
WORDS = {"server", "error"}
Value = str | int | float | None
Holds = Callable[["Seen"], bool]

COMPARE: dict[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "=~": lambda value, pattern: bool(re.fullmatch(str(pattern), str(value))),
    ">=": operator.ge,  # type: ignore[dict-item]  # of equal types, as checked before
    "<=": operator.le,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    "<": operator.lt,  # type: ignore[dict-item]
}


@dataclass(frozen=True)
class Seen:
    """One span as Tempo has it, as if it had taken so many milliseconds."""

    span: ReadableSpan
    resource: Resource
    root: str
    milliseconds: float

    def value(self, name: str) -> Value:
        scope, _, attribute = name.partition(".")
        if attribute:
            holders = {"span": self.span.attributes, "resource": self.resource.attributes}
            found = (holders[scope] or {}).get(attribute)
            if isinstance(found, IntEnum):
                return int(found)  # as it is sent
            assert found is None or isinstance(found, str | int | float)
            return found
        intrinsic: dict[str, Value] = {
            "name": self.span.name,
            "kind": self.span.kind.name.lower(),
            "status": self.span.status.status_code.name.lower(),
            "duration": float(self.milliseconds),
            "rootName": self.root,
        }
        return intrinsic[name]


def seen(spans: Iterable[ReadableSpan], resource: Resource, milliseconds: float) -> list[Seen]:
    """The spans with the names of their traces' roots, as ``resource`` sends them."""
    listed = list(spans)
    roots = {
        span.context.trace_id: span.name
        for span in listed
        if span.parent is None and span.context is not None
    }
    return [
        Seen(span, resource, roots.get(span.context.trace_id, ""), milliseconds)
        for span in listed
        if span.context is not None
    ]


class Query:
    """One set of braces. Raises AssertionError on what it does not know."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._take("{")
        self._holds = self._either()
        self._take("}")
        assert not self._tokens

    def names(self, found: Sequence[Seen]) -> set[str]:
        """The names of the spans that it finds."""
        return {one.span.name for one in found if self._holds(one)}

    def _take(self, expected: str | None = None) -> str:
        token = self._tokens.pop(0)
        assert expected is None or token == expected, f"{token} where {expected} belongs"
        return token

    def _next_is(self, token: str) -> bool:
        return bool(self._tokens) and self._tokens[0] == token

    def _either(self) -> Holds:
        parts = [self._both()]
        while self._next_is("||"):
            self._take()
            parts.append(self._both())
        return lambda span: any([part(span) for part in parts])  # noqa: C419 - each is evaluated

    def _both(self) -> Holds:
        parts = [self._one()]
        while self._next_is("&&"):
            self._take()
            parts.append(self._one())
        return lambda span: all([part(span) for part in parts])  # noqa: C419 - each is evaluated

    def _one(self) -> Holds:
        if self._next_is("("):
            self._take()
            inner = self._either()
            self._take(")")
            return inner
        left = _operand(self._take())
        compare = COMPARE[self._take()]
        right = _operand(self._take())
        return lambda span: _holds(compare, left(span), right(span))


def _tokens(text: str) -> Iterable[str]:
    place = 0
    while text[place:].strip():
        match = TOKEN.match(text, place)
        assert match, f"not known: {text[place : place + 20]}"
        yield match[0].strip()
        place = match.end()


def _operand(token: str) -> Callable[[Seen], Value]:
    if token.startswith('"'):
        return lambda _: token[1:-1]
    if token[0].isdigit():
        plain = token.removesuffix("ms")
        number = int(plain) if plain == token and plain.isdigit() else float(plain)
        return lambda _: number
    if token in WORDS:
        return lambda _: token
    return lambda span: span.value(token)


def _holds(compare: Callable[[object, object], bool], left: Value, right: Value) -> bool:
    if left is None or right is None:
        return False
    assert type(left) is type(right), f"{left!r} is never compared with {right!r}"
    return compare(left, right)
