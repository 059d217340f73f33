"""The language of filters: what a person types after `/`.

web           lines that contain it; small letters stand for both cases
^web-\\d+$     a regular expression, where it has signs of one and is a right one
!web          lines that do not
-f wbx        its letters in this order, others between them
-l app=web    labels, as kubectl's selectors; may be followed by one of the others
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.engine.errors import Refusal
from core.kube.selectors import Selector, parse_selector, selects

_SIGNS = frozenset("^$*+?[](){}|\\")
_LABELS = "-l"
_FUZZY = "-f"

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was understood; `problem` is the sentence why a part of it was not, and that part lets all through.

    `labels` is the selector, to be given to the server or matched here. `find` finds in a text what is to be
    highlighted; None where nothing is (an inverse or fuzzy filter, or none).
    """

    text: str
    labels: Selector = ()
    passes: Test = lambda text: True
    find: re.Pattern[str] | None = None
    problem: str = ""

    @property
    def empty(self) -> bool:
        """Whether it lets everything through."""
        return not self.text.strip()

    def matches(self, text: str, labels: Mapping[str, str] | None = None) -> bool:
        """Whether a line with this text, of an object with these labels, is let through."""
        return selects(self.labels, labels or {}) and self.passes(text)


def parse_filter(text: str) -> Filter:
    """The filter that a person typed; never raises, for it is called at every key."""
    selector, rest, problem = _labels(text.strip())
    if rest.startswith(f"{_FUZZY} "):
        return Filter(text, selector, _fuzzy(rest.removeprefix(_FUZZY).strip()), problem=problem)
    if rest.startswith("!") and len(rest) > 1:
        pattern = _pattern(rest[1:])
        return Filter(text, selector, lambda line: pattern.search(line) is None, problem=problem)
    if not rest:
        return Filter(text, selector, problem=problem)
    pattern = _pattern(rest)
    return Filter(text, selector, lambda line: pattern.search(line) is not None, pattern, problem)


def fuzzy(letters: str, text: str) -> bool:
    """Whether the letters come in the text in this order; case does not matter."""
    rest = iter(text.casefold())
    return all(letter in rest for letter in letters.casefold())


def _fuzzy(letters: str) -> Test:
    wanted = letters.replace(" ", "")
    return lambda line: fuzzy(wanted, line)


def _labels(text: str) -> tuple[Selector, str, str]:
    """The selector, what comes after it, and what is wrong with it."""
    if not text.startswith(f"{_LABELS} "):
        return (), text, ""
    rest = text.removeprefix(_LABELS).strip()
    end = _end(rest)
    try:
        return parse_selector(rest[:end]), rest[end:].strip(), ""
    except Refusal as refusal:
        return (), rest[end:].strip(), refusal.what


_WORD = re.compile(r"\s*(?:[^\s,()]+\s+(?:in|notin)\s*\([^()]*\)|[^\s,]+)\s*(?:,|$)?")


def _end(text: str) -> int:
    """Where a selector ends: requirements are joined by commas, a space after one without a comma ends it."""
    place = 0
    while found := _WORD.match(text, place):
        place = found.end()
        if not found[0].rstrip().endswith(","):
            break
    return place


def _pattern(text: str) -> re.Pattern[str]:
    flags = re.NOFLAG if any(letter.isupper() for letter in text) else re.IGNORECASE
    if _SIGNS & set(text):
        try:
            return re.compile(text, flags)
        except (re.error, OverflowError):
            # Half typed, or meant as it is.
            return re.compile(re.escape(text), flags)
    return re.compile(re.escape(text), flags)
