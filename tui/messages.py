"""Messages that more than one widget sends."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from core.live.tables import LiveRow
from tui.view_models.glyphs import State


@dataclass
class Told(Message):
    """Something happened that a person must read."""

    text: str
    state: State = "failed"


class ChoiceMoved(Message):
    """Something else is selected, marked or allowed: what can be done is to be looked at again."""


@dataclass
class ObjectOpened(Message):
    """A live object without anything inside is to be read."""

    row: LiveRow


@dataclass
class ViewKept(Message):
    """A table is to be kept, as the command that shows it."""

    command: str
