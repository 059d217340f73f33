"""The catalogue's applications as lines: the list by category, and what is known of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.model.catalogue import Entry, Parameter
from core.model.expansion import allowed_by
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import EMPTY, Line, Span, cell, counted, fit, spread, wrapped

KEYS = (
    ("enter", "Add it"),
    ("/", "Filter"),
    ("c", "Category"),
    ("t", "Tag"),
    ("esc", "Back"),
)
"""The catalogue's own keys."""

_LABELS = 11
_NAMES = 13


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked at: of a category, with a tag, with words in their texts; None and "" for all."""

    category: str | None = None
    tag: str | None = None
    text: str = ""

    @property
    def words(self) -> str:
        """What is filtered by, "" where nothing is."""
        parts = (self.category, f"tag {self.tag}" if self.tag else "", f"/{self.text}" if self.text else "")
        return "   ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A line of the list: a category's heading, or an entry."""

    category: str
    entry: Entry | None = None


def catalogue_rows(entries: Sequence[Entry]) -> list[CatalogueRow]:
    """The entries, which are in the order of their categories, below a heading for each of these."""
    return [
        row
        for category, inside in groupby(entries, lambda entry: entry.category)
        for row in (CatalogueRow(category), *(CatalogueRow(category, entry) for entry in inside))
    ]


def row_line(row: CatalogueRow, width: int, glyphs: Glyphs) -> Line:
    """A heading, or an entry with its id at the right edge."""
    if row.entry is None:
        return fit((Span(glyphs.fold(row.category), "strong"),), width, glyphs.cut)
    left: Line = (Span(f"  {glyphs.fold(row.entry.title)}"),)
    return spread(left, (Span(row.entry.id, "dim"),), width, glyphs.cut)


def catalogue_heading(environment: str, wanted: Wanted, count: int) -> Line:
    """Where entries are added to, how many are shown, and what they are filtered by."""
    to = f" for {environment}" if environment else ""
    applications = counted(count, "application")
    return (Span(f" Catalogue{to}", "title"), Span(f"   {applications}   "), Span(wanted.words, "accent"))


def categories(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """The categories, each with how many entries it has."""
    return sorted(Counter(entry.category for entry in entries).items())


def tags(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    """The tags, those of most entries first, each with how many entries have it."""
    found = Counter(tag for entry in entries for tag in entry.tags)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0].lower()))


def row_details(row: CatalogueRow | None, width: int, glyphs: Glyphs) -> list[Line]:
    """What is known of the row that has the cursor."""
    if row is None:
        return [EMPTY]
    if row.entry is None:
        return [(Span(glyphs.fold(row.category), "strong"),), (Span("choose one of its applications", "dim"),)]
    return list(_entry_lines(row.entry, width, glyphs))


def _entry_lines(entry: Entry, width: int, glyphs: Glyphs) -> Iterator[Line]:
    yield (Span(glyphs.fold(entry.title), "strong"), Span(f"   {entry.id}", "dim"))
    yield from wrapped(EMPTY, glyphs.fold(entry.description), width)
    yield EMPTY
    for label, text in _facts(entry):
        yield from wrapped((Span(f"{label:<{_LABELS}}", "dim"),), glyphs.fold(text), width)
    yield from _companions(entry, width, glyphs)
    if entry.parameters:
        yield EMPTY
        yield (Span("Parameters", "strong"),)
    for name, parameter in entry.parameters.items():
        yield from _parameter_lines(name, parameter, width, glyphs)


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "image", entry.image or "that of each of its pods"
    yield "licence", entry.licence
    yield "tags", ", ".join(entry.tags)
    if entry.predecessor:
        yield "replaces", f"{entry.predecessor}: {entry.note}" if entry.note else entry.predecessor


def _companions(entry: Entry, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """What comes with it: the pods that it is, or the applications that it cannot do without."""
    told = [f"{pod.name}: {counted(pod.replicas, 'replica')} of {pod.entry}" for pod in entry.pods]
    told += [f"{other}, unless the parameter {name} names one" for name, other in entry.needed.items()]
    if told:
        yield EMPTY
        yield (Span("What comes with it", "strong"),)
    for text in told:
        yield from wrapped((Span("  "),), glyphs.fold(text), width)


def _parameter_lines(name: str, parameter: Parameter, width: int, glyphs: Glyphs) -> Iterator[Line]:
    head: Line = (Span("  "), Span(f"{cell(name, _NAMES, glyphs.cut)} ", "accent"))
    yield from wrapped(head, glyphs.fold(f"{parameter.title}: {parameter.help}"), width)
    indent: Line = (Span(" " * (_NAMES + 3)),)
    yield from wrapped(indent, glyphs.fold(f"{allowed_by(parameter)}{_left_out(parameter)}"), width, "dim")


def _left_out(parameter: Parameter) -> str:
    if parameter.entry:
        return f"; left out, {parameter.entry} is added with it"
    if parameter.required:
        return "; needed"
    return "" if parameter.default is None else f"; by default {_said(parameter.default)}"


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
