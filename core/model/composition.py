"""What the catalogue adds to a document: the components of an entry, with those of the entries that it needs; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.model.catalogue import Entry
from core.model.plain import to_yaml
from core.model.template import filled

Component = dict[str, Any]
Values = Mapping[str, Any]

_COMPONENTS = re.compile(r"^components:", re.MULTILINE)
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


class Unsuitable(ValueError):
    """An entry that cannot be added in this way, with a sentence."""


@dataclass(frozen=True, slots=True)
class Order:
    """An entry that is to be added as `name`: to `cluster` in a pod of its own, or to a Docker host `host`."""

    entry: Entry
    name: str
    cluster: str | None = None
    host: str | None = None
    replicas: int = 1
    parameters: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Addition:
    """What comes into a document: whole components, and applications for a Docker host that is there."""

    components: tuple[Component, ...] = ()
    applications: tuple[Component, ...] = ()


def addition(order: Order, entries: Mapping[str, Entry]) -> Addition:
    """The parts that an order adds.

    Raises:
        Unsuitable: an entry of several pods is to go on a Docker host.
    """
    if order.host is not None:
        if order.entry.pods:
            raise Unsuitable(f"{order.entry.id} is {len(order.entry.pods)} pods, which need a cluster")
        return Addition(applications=tuple(_host_applications(order, entries)))
    if order.entry.pods:
        return Addition(components=tuple(_bundle(order)))
    return Addition(components=tuple(_pods(order, entries)))


def _pods(order: Order, entries: Mapping[str, Entry]) -> Iterator[Component]:
    given = dict(order.parameters)
    for parameter, entry in _missing(order):
        companion = f"{order.name}-{parameter}"
        inside = Order(entries[entry], companion, cluster=order.cluster, parameters=_scoped(entries[entry]))
        yield from _pods(inside, entries)
        given[parameter] = f"{companion}/{companion}"
    yield _pod(order.name, order, _application(order.entry.id, order.name, given))


def _host_applications(order: Order, entries: Mapping[str, Entry]) -> Iterator[Component]:
    given = dict(order.parameters)
    for parameter, entry in _missing(order):
        companion = f"{order.name}-{parameter}"
        inside = Order(entries[entry], companion, host=order.host, parameters=_scoped(entries[entry]))
        yield from _host_applications(inside, entries)
        given[parameter] = companion
    yield _application(order.entry.id, order.name, given)


def _missing(order: Order) -> list[tuple[str, str]]:
    """The parameters that name another application and were not given, with the entries that they ask for."""
    return [(name, entry) for name, entry in order.entry.needed.items() if name not in order.parameters]


def _scoped(entry: Entry) -> dict[str, str]:
    """A companion is seen by whom it accompanies, not by everybody."""
    return {"scope": "internal"} if "scope" in entry.parameters else {}


def _bundle(order: Order) -> Iterator[Component]:
    defaults = {name: one.default for name, one in order.entry.parameters.items()}
    siblings = {pod.name: f"{order.name}-{pod.name}/{pod.name}" for pod in order.entry.pods}
    values = {**defaults, **order.parameters, **siblings}
    for pod in order.entry.pods:
        parameters = {name: filled(value, values) for name, value in pod.parameters.items()}
        component = _pod(f"{order.name}-{pod.name}", order, _application(pod.entry, pod.name, parameters))
        yield component | {"replicas": pod.replicas} | ({"labels": pod.labels} if pod.labels else {})


def _pod(name: str, order: Order, application: Component) -> Component:
    return {
        "kind": "KubernetesPod",
        "name": name,
        "cluster": order.cluster,
        "replicas": order.replicas,
        "applications": [application],
    }


def _application(entry: str, name: str, parameters: Values) -> Component:
    return {"name": name, "catalogue": entry} | ({"parameters": dict(parameters)} if parameters else {})


def appended(text: str, components: tuple[Component, ...]) -> str | None:
    """A document's text with components behind its last one, its own words untouched.

    None where that cannot be seen: where `components` is not a list in blocks at the document's end.
    """
    start = _COMPONENTS.search(text)
    item = _ITEM.search(text, start.end()) if start else None
    if start is None or item is None or re.search(r"^[^\s#-]", text[start.end() :], re.MULTILINE):
        return None
    added = to_yaml(list(components)).splitlines()
    return "\n".join([text.rstrip(), *(f"{item[1]}{line}" for line in added)]) + "\n"
