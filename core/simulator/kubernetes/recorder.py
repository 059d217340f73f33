"""Writing events as the real components do: the same thing said again is counted, not repeated."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.shape import Object, headed, stamp

_REMEMBERED = 2_000


class Recorder:
    """One component's voice. A cluster that is not there to listen is no reason to stop working.

    Names of events grow with time, as the real ones do, so that those about an object are listed in their order.
    """

    def __init__(self, objects: Objects, clock: Callable[[], float], component: str, host: str = "") -> None:
        self._objects = objects
        self._clock = clock
        self._component = component
        self._host = host
        self._known: OrderedDict[tuple[str, ...], str] = OrderedDict()
        self._last = 0

    def record(self, about: Object, reason: str, message: str, type: str = "Normal") -> None:
        """Say something about an object; `about` is an object reference."""
        namespace = about.get("namespace") or "default"
        name = self._name((namespace, about["name"], about.get("uid", ""), type, reason, message))
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

    def _name(self, said: tuple[str, ...]) -> str:
        """The event's name: the same for what was said already, as long as that is remembered."""
        name = self._known.pop(said, "")
        if not name:
            self._last = max(self._last + 1, int(self._clock() * 1e9))
            name = f"{said[1]}.{self._last:x}"
        self._known[said] = name
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return name

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
