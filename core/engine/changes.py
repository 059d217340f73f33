"""Changes in a few words, without any content."""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.step import Change

MOST_SUBJECTS = 5


def count(changes: Sequence[Change]) -> str:
    """How many, in words: "1 change", "3 changes"."""
    return "1 change" if len(changes) == 1 else f"{len(changes)} changes"


def summarise(changes: Sequence[Change]) -> str:
    """What is changed by name: "create file /etc/hosts, restart unit etcd.service and 4 more"."""
    shown = ", ".join(f"{change.action} {change.subject}" for change in changes[:MOST_SUBJECTS])
    rest = len(changes) - MOST_SUBJECTS
    return f"{shown} and {rest} more" if rest > 0 else shown
