"""Messages that more than one widget sends."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from tui.view_models.glyphs import State


@dataclass
class Told(Message):
    """Something happened that a person must read."""

    text: str
    state: State = "failed"
