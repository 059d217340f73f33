"""CPU and memory of nodes and pods, where the cluster serves metrics.k8s.io; a short history for sparklines."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping

import msgspec

from core.engine.errors import Trouble
from core.kube.access import Cluster
from core.kube.forms import decode
from core.live.views import Usage, UsagePoint

_ROOT = "/apis/metrics.k8s.io/v1beta1"
POINTS = 60
PAUSE_SECONDS = 15.0
"""The metrics server itself looks no more often."""

_UNITS = {"": 1.0, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60}


class _Amounts(msgspec.Struct, frozen=True):
    cpu: str = "0"
    memory: str = "0"


class _Metadata(msgspec.Struct, frozen=True):
    name: str
    namespace: str = ""


class _Container(msgspec.Struct, frozen=True):
    usage: _Amounts = _Amounts()


class _Item(msgspec.Struct, frozen=True):
    metadata: _Metadata
    usage: _Amounts | None = None
    containers: tuple[_Container, ...] = ()


class _Items(msgspec.Struct, frozen=True):
    items: tuple[_Item, ...] | None = None


def quantity(text: str) -> float:
    """A Kubernetes quantity as a number: "250m" → 0.25, "128Mi" → 134217728.

    Raises:
        ValueError: it is none.
    """
    for suffix, factor in _BINARY.items():
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    if text[-1:].isalpha():
        if text[-1] not in _UNITS:
            raise ValueError(f"{text!r} is no quantity")
        return float(text[:-1]) * _UNITS[text[-1]]
    return float(text)


class _History:
    """The newest points of each name; a name that is no longer told is forgotten."""

    def __init__(self) -> None:
        self._points: dict[str, deque[UsagePoint]] = {}

    def add(self, now: float, items: Iterable[_Item]) -> Mapping[str, tuple[UsagePoint, ...]]:
        """Take a look's items; gives every name's points, the oldest first."""
        found: dict[str, deque[UsagePoint]] = {}
        for item in items:
            name = f"{item.metadata.namespace}/{item.metadata.name}" if item.metadata.namespace else item.metadata.name
            points = self._points.get(name) or deque(maxlen=POINTS)
            points.append(_point(now, item))
            found[name] = points
        self._points = found
        return {name: tuple(points) for name, points in found.items()}


async def usages(
    cluster: Cluster, pause: float = PAUSE_SECONDS, clock: Callable[[], float] = time.time
) -> AsyncGenerator[Usage, None]:
    """Looks at the cluster's metrics, without end; why there are none is told, and looked at again."""
    nodes, pods = _History(), _History()
    while True:
        try:
            bodies = await asyncio.gather(cluster.fetch(f"{_ROOT}/nodes"), cluster.fetch(f"{_ROOT}/pods"))
            if None in bodies:
                yield Usage(False, "the cluster serves no metrics: it has no metrics server")
            else:
                now = clock()
                told = [decode(body, _Items).items or () for body in bodies if body is not None]
                yield Usage(True, "", nodes.add(now, told[0]), pods.add(now, told[1]))
        except (Trouble, ValueError) as trouble:
            yield Usage(False, f"metrics cannot be read: {trouble}")
        await asyncio.sleep(pause)


def _point(now: float, item: _Item) -> UsagePoint:
    amounts = [item.usage] if item.usage else [container.usage for container in item.containers]
    cpu = sum(quantity(one.cpu) for one in amounts)
    return UsagePoint(now, cpu, int(sum(quantity(one.memory) for one in amounts)))
