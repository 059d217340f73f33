"""Work that goes on beside the keys, and ends with the widget that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, cast

from textual.dom import DOMNode


def begin(node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], group: str, *, alone: bool = True) -> None:
    """Begin it; of those in a group that are `alone` the newest ends the others.

    The coroutine is made only when it begins: one that is ended before leaves nothing behind.
    """
    node.run_worker(cast("Any", work), group=group, exclusive=alone)
