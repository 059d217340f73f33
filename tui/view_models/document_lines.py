"""A document form's lines."""

from __future__ import annotations

from tui.view_models.document_form import NEEDED, Entry
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import EMPTY, Line, Span, cell, counted, fit, wrapped

KEYS = (
    ("enter", "Fill in"),
    ("space", "Choose"),
    ("+", "Add"),
    ("del", "Take away"),
    ("a", "Every field"),
    ("n", "Next mistake"),
    ("e", "Editor"),
    ("S", "Keep"),
    ("P", "Keep and plan"),
    ("esc", "Back"),
)
"""The form's own keys."""

_TITLES = 30


def form_heading(title: str, mistakes: int, changed: bool, glyphs: Glyphs) -> Line:
    """What is edited, whether it differs from what it was, and how many mistakes are in it."""
    head: Line = (Span(f" {title}", "title"), Span("   changed" if changed else "", "accent"))
    if not mistakes:
        return (*head, Span("   "), glyphs.mark("ready"), Span(" nothing is wrong", "good"))
    return (*head, Span("   "), glyphs.mark("failed"), Span(f" {counted(mistakes, 'mistake')}", "bad"))


def entry_line(entry: Entry, value: str, problem: str, width: int, glyphs: Glyphs) -> Line:
    """A heading, or a field with what stands in it; a mark where it is wrong, its default where it is empty."""
    mark = glyphs.mark("failed") if problem else Span(" ")
    indent = "  " * entry.depth
    if entry.sort in ("group", "list"):
        count = f"  {glyphs.dash} {entry.help}" if entry.sort == "list" or entry.item else ""
        return fit(
            (mark, Span(f" {indent}{glyphs.fold(entry.title)}", "strong"), Span(count, "dim")), width, glyphs.cut
        )
    title = cell(f"{indent}{entry.title}", _TITLES, glyphs.cut)
    shown = Span(glyphs.fold(value), "bad" if problem else "accent")
    if not value:
        shown = Span(entry.default or "none", "bad" if entry.default == NEEDED else "dim")
    choices = f"   {glyphs.fold(', '.join(entry.choices))}" if entry.choices else ""
    line = (mark, Span(f" {title} "), shown, Span(choices, "dim"))
    return fit(line, width, glyphs.cut)


def about_lines(entry: Entry | None, problem: str, width: int, glyphs: Glyphs) -> list[Line]:
    """What a field is for and what is allowed in it; below that what is wrong with it."""
    if entry is None:
        return [EMPTY, EMPTY]
    about = fit((Span(glyphs.fold(entry.help), "dim"),), width, glyphs.cut)
    if not problem:
        return [about, EMPTY]
    return [about, wrapped((glyphs.mark("failed"), Span(" ")), glyphs.fold(problem), width, "bad")[0]]
