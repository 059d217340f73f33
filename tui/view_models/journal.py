"""The journal's entries as a table, and one of them in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.live.operations import JournalEntry, Result
from tui.view_models.glyphs import State
from tui.view_models.table import Column, Table

_STATES: Mapping[Result, State] = {
    "running": "working",
    "succeeded": "ready",
    "failed": "failed",
    "cancelled": "degraded",
}


KEYS = (
    ("enter", "In full"),
    ("/", "Filter"),
    ("c", "Copy the command"),
    ("S", "Save"),
    ("r", "Read again"),
    ("esc", "Back"),
)
"""The journal's own keys."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """An entry in the table."""

    entry: JournalEntry

    @property
    def key(self) -> str:
        return str(self.entry.id)


def journal_table() -> Table[JournalRow]:
    """An empty table of entries, the newest first."""
    return Table(
        [
            Column("WHEN", lambda row, now: _moment(row.entry.started), lambda row: (-row.entry.started,), ages=True),
            Column("ACTION", lambda row, now: row.entry.action, lambda row: (row.entry.action,)),
            Column("ON", lambda row, now: row.entry.subject, lambda row: (row.entry.subject,)),
            Column("WHERE", lambda row, now: _place(row.entry), lambda row: (_place(row.entry),)),
            Column("RESULT", lambda row, now: row.entry.result, lambda row: (row.entry.result,), tells=True),
            Column("TOOK", lambda row, now: _took(row.entry, now), lambda row: (row.entry.ended or 0,), right=True),
            Column("BY", lambda row, now: row.entry.user, lambda row: (row.entry.user,)),
            Column("WHAT IT SAYS", lambda row, now: _words(row.entry), lambda row: (_words(row.entry),)),
        ],
        lambda row: _STATES[row.entry.result],
    )


def entry_text(entry: JournalEntry) -> str:
    """Everything that is kept of an action, its error in full and the command that does the same."""
    ended = "it runs" if entry.ended is None else _moment(entry.ended)
    lines = [
        f"Action:       {entry.action}",
        f"On:           {entry.subject}",
        f"Where:        {_place(entry)}",
        f"By:           {entry.user}",
        f"Begun:        {_moment(entry.started)}",
        f"Ended:        {ended}",
        f"Result:       {entry.result}",
        f"Says:         {entry.text}",
        f"Command:      {entry.command}",
    ]
    return "\n".join([*lines, *(["Error:", *entry.error.splitlines()] if entry.error else [])])


def _moment(time: float) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S")


def _place(entry: JournalEntry) -> str:
    return f"{entry.environment}/{entry.cluster}" if entry.cluster else entry.environment


def _took(entry: JournalEntry, now: float) -> str:
    seconds = (entry.ended if entry.ended is not None else now) - entry.started
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)}:{int(seconds % 60):02}"


def _words(entry: JournalEntry) -> str:
    return (entry.error or entry.text).partition("\n")[0]
