"""What happens in an engine, told to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from core.simulator.docker.records import Body, Container

_LATE = 256
"""Events that a listener may be behind; then it is told no more of what it missed."""


class Events:
    """A queue for each listener."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._listeners: set[asyncio.Queue[Body]] = set()

    def listen(self) -> asyncio.Queue[Body]:
        """Events from now on."""
        queue: asyncio.Queue[Body] = asyncio.Queue(_LATE)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Body]) -> None:
        """Listen no more."""
        self._listeners.discard(queue)

    def of_container(self, action: str, container: Container, **more: str) -> None:
        """Something happened to a container."""
        attributes = {**container.labels, "image": container.reference, "name": container.name, **more}
        self.tell("container", action, container.id, attributes)

    def tell(self, kind: str, action: str, id: str, attributes: Mapping[str, str]) -> None:
        """Something happened."""
        now = self._clock()
        actor = {"ID": id, "Attributes": dict(attributes)}
        event: Body = {"Type": kind, "Action": action, "Actor": actor, "scope": "local", "time": int(now)}
        event |= {"timeNano": int(now * 1e9)}
        if kind == "container":
            event |= {"status": action, "id": id, "from": attributes.get("image", "")}
        for queue in self._listeners:
            if not queue.full():
                queue.put_nowait(event)


def wanted(event: Body, filters: Mapping[str, Any]) -> bool:
    """Whether an event passes filters as the API takes them: of one name any value, of several names all."""
    return all(any(_has(event, name, value) for value in values) for name, values in filters.items())


def _has(event: Body, name: str, value: str) -> bool:
    attributes: dict[str, str] = event["Actor"]["Attributes"]
    match name:
        case "type":
            return bool(event["Type"] == value)
        case "event":
            return bool(event["Action"] == value)
        case "container":
            named = event["Actor"]["ID"].startswith(value) or attributes.get("name") == value
            return bool(event["Type"] == "container" and named)
        case "label":
            return labelled(attributes, value)
    return True


def labelled(labels: Mapping[str, str], wanted: str) -> bool:
    """Whether there is a label "NAME", or "NAME=VALUE"."""
    name, equals, value = wanted.partition("=")
    return name in labels and (not equals or labels[name] == value)
