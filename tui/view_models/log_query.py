"""What is searched for in a log: a text, a pattern, a field of JSON lines, or what has none of it.

`timeout` a text; a small letter stands for a capital one as well. `/5\\d\\d/` a pattern. `.level=error`,
`.status>=500`, `.user.id~^a` a field of lines that are JSON. `!` before any of them: lines without it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tui.view_models.log_json import field_of, parsed

Test = Callable[[str], bool]

_FIELD = re.compile(r"\.([\w.@-]+)\s*(=~|>=|<=|!=|=|>|<|~)\s*(.*)")
_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


class QueryError(ValueError):
    """The query cannot be meant as it is, with the reason."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A query that was understood; `pattern` finds what to highlight in a line, None where nothing is.

    `lowered` says that the test wants the line in small letters.
    """

    text: str
    test: Test
    lowered: bool = False
    pattern: re.Pattern[str] | None = field(default=None, compare=False)

    def matches(self, text: str) -> bool:
        """Whether one line is found."""
        return self.test(text.lower() if self.lowered else text)

    def found(self, texts: Sequence[str], first: int) -> list[int]:
        """The numbers of the lines that are found, where the first text has the number `first`."""
        test = self.test
        if self.lowered:
            return [number for number, text in enumerate(texts, first) if test(text.lower())]
        return [number for number, text in enumerate(texts, first) if test(text)]


def log_query(text: str) -> LogQuery | None:
    """The query that this text means, None where it is empty.

    Raises:
        QueryError: a pattern that is none, or a comparison with what is no number.
    """
    body = text.removeprefix("!").strip()
    if not body:
        return None
    query = _field_query(text, body) or _text_query(text, body)
    if not text.startswith("!"):
        return query
    return LogQuery(text, _inverse(query.test), query.lowered)


def spans_of(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where a pattern is found in a text; what is found empty is left out."""
    return (found.span() for found in pattern.finditer(text) if found.end() > found.start())


def _text_query(text: str, body: str) -> LogQuery:
    is_pattern = len(body) > 2 and body.startswith("/") and body.endswith("/")
    source = body[1:-1] if is_pattern else body
    lowered = source == source.lower()
    if not is_pattern:
        pattern = re.compile(re.escape(source), re.IGNORECASE if lowered else 0)
        return LogQuery(text, _contains(source), lowered, pattern)
    try:
        compiled = re.compile(source)
    except re.error as error:
        raise QueryError(f"{source} is no pattern: {error}") from error
    found = compiled.search
    return LogQuery(
        text, lambda line: found(line) is not None, lowered, re.compile(source, re.IGNORECASE if lowered else 0)
    )


def _field_query(text: str, body: str) -> LogQuery | None:
    found = _FIELD.fullmatch(body)
    if found is None:
        return None
    path, sign, wanted = found[1].split("."), found[2], found[3].strip().strip('"')
    holds = _comparison(sign, wanted)

    def test(line: str) -> bool:
        value = field_of(parsed(line), path)
        return value is not None and holds(value)

    return LogQuery(text, test, pattern=re.compile(re.escape(wanted), re.IGNORECASE) if wanted else None)


def _comparison(sign: str, wanted: str) -> Callable[[object], bool]:
    if sign in _ORDERS:
        return _ordered(_ORDERS[sign], wanted)
    if sign in ("~", "=~"):
        try:
            search = re.compile(wanted).search
        except re.error as error:
            raise QueryError(f"{wanted} is no pattern: {error}") from error
        return lambda value: search(str(value)) is not None
    equal = sign == "="
    folded = wanted.casefold()
    return lambda value: (str(value).casefold() == folded) is equal


def _ordered(order: Callable[[float, float], bool], wanted: str) -> Callable[[object], bool]:
    try:
        number = float(wanted)
    except ValueError as error:
        raise QueryError(f"{wanted or 'nothing'} is no number") from error

    def holds(value: object) -> bool:
        try:
            return order(float(str(value)), number)
        except ValueError:
            return False

    return holds


def _contains(needle: str) -> Test:
    return lambda line: needle in line


def _inverse(test: Test) -> Test:
    return lambda line: not test(line)


def any_of(queries: Iterable[LogQuery]) -> Test:
    """A test that one of the queries is met."""
    tests = list(queries)
    return lambda text: any(query.matches(text) for query in tests)
