"""Writing events as the real components do: the same thing said again is counted, not repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.shape import Object, headed, stamp


class Recorder:
    """One component's voice. A cluster that is not there to listen is no reason to stop working."""

    def __init__(self, objects: Objects, clock: Callable[[], float], component: str, host: str = "") -> None:
        self._objects = objects
        self._clock = clock
        self._component = component
        self._host = host

    def record(self, about: Object, reason: str, message: str, type: str = "Normal") -> None:
        """Say something about an object; `about` is an object reference."""
        namespace = about.get("namespace") or "default"
        said = "\0".join((about.get("uid", ""), type, reason, message, self._component, self._host))
        name = f"{about['name']}.{hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}"
        known = self._objects.get("events", namespace, name)
        when = stamp(self._clock())
        try:
            if known is None:
                fresh = self._event({"name": name, "namespace": namespace}, about, reason, message, type)
                self._objects.create("events", fresh | {"firstTimestamp": when, "lastTimestamp": when, "count": 1})
            else:
                again = {"count": known.get("count", 1) + 1, "lastTimestamp": when}
                self._objects.update("events", known | again, expected="")
        except ApiError as error:
            # A namespace on its way out takes no events.
            if error.status not in (403, 404, 409):
                raise

    def _event(self, metadata: Object, about: Object, reason: str, message: str, type: str) -> Object:
        source = {"component": self._component} | ({"host": self._host} if self._host else {})
        return headed(
            "events",
            metadata,
            involvedObject=about,
            reason=reason,
            message=message,
            type=type,
            source=source,
            eventTime=None,
            reportingComponent=self._component,
            reportingInstance=self._host,
        )
