"""Errors as sentences a person can act on: the names that everything above the engine raises."""

from __future__ import annotations

from core.store.errors import Refusal, Transient, Trouble, Unreachable

__all__ = ["Refusal", "Transient", "Trouble", "Unreachable", "Unsettled"]


class Unsettled(Trouble):
    """Something was applied and still differs; what needs a moment to settle is given a few."""
