"""Which applications need which others, and whether what they ask for can be given; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from core.model.base import Path, suggestion
from core.model.container import Application
from core.model.contradiction import Contradiction
from core.model.declaration import Declaration
from core.model.endpoint import closest_scope
from core.model.host import DockerStandaloneHost
from core.model.pod import KubernetesPod
from core.model.scope import Scope
from core.model.value import ApplicationReference, ConnectionValue, SharedValue

Holder = KubernetesPod | DockerStandaloneHost
"""A component that has applications."""

Unit = tuple[str, str]
"""What is deployed as one: a component's name and, on a Docker host, the application's."""


@dataclass(frozen=True, slots=True)
class Need:
    """A variable of an application that is about another one; `path` is where the document says so."""

    holder: Holder
    application: Application
    variable: str
    value: ConnectionValue | SharedValue
    path: Path


def holders(declaration: Declaration) -> dict[str, Holder]:
    """The components that have applications, by name."""
    return {
        part.name: part for part in declaration.components if isinstance(part, KubernetesPod | DockerStandaloneHost)
    }


def needs(declaration: Declaration) -> Iterator[Need]:
    """Every variable that is about another application, in the document's order."""
    for index, part in enumerate(declaration.components):
        if isinstance(part, KubernetesPod | DockerStandaloneHost):
            for place, application in enumerate(part.applications):
                here: Path = ("components", index, "applications", place, "env")
                for name, value in application.env.items():
                    if isinstance(value, ConnectionValue | SharedValue):
                        yield Need(part, application, name, value, (*here, name))


def target_of(
    declaration: Declaration, holder: Holder, reference: ApplicationReference
) -> tuple[Holder, Application] | None:
    """The component and application that a reference means, None where there is none."""
    known = holders(declaration)
    owner = known.get(reference.component) if reference.component else known.get(holder.name)
    applications = owner.applications if owner else ()
    found = next((one for one in applications if one.name == reference.application), None)
    return (owner, found) if owner and found else None


def closest(holder: Holder, target: Holder) -> Scope:
    """The narrowest scope in which applications of one component reach those of another.

    Containers of one Docker host do not share a loopback: they meet at their addresses on its bridge, which is the
    host scope there.
    """
    same_host = holder.name == target.name
    return closest_scope(same_pod=same_host, same_cluster=scope_id(holder) == scope_id(target))


def scope_id(holder: Holder) -> str:
    """The same for all whose applications reach each other in scope `internal`: a cluster's name, or a host's own.

    Components' names are unique, so a host never has that of a cluster.
    """
    return holder.cluster if isinstance(holder, KubernetesPod) else holder.name


def unit_of(holder: Holder, application: Application) -> Unit:
    """What is deployed as one: a pod with all its applications, each application of a Docker host by itself."""
    return (holder.name, "" if isinstance(holder, KubernetesPod) else application.name)


def required_units(declaration: Declaration) -> dict[Unit, frozenset[Unit]]:
    """Which units must be reachable before another one can run, for every unit."""
    found: dict[Unit, set[Unit]] = {
        unit_of(holder, application): set()
        for holder in holders(declaration).values()
        for application in holder.applications
    }
    for need in needs(declaration):
        target = target_of(declaration, need.holder, need.value)
        own = unit_of(need.holder, need.application)
        if target and isinstance(need.value, ConnectionValue) and unit_of(*target) != own:
            found[own].add(unit_of(*target))
    return {unit: frozenset(others) for unit, others in found.items()}


def connection_contradictions(declaration: Declaration) -> Iterator[Contradiction]:
    """Every connection that cannot be given, and every circle of applications that wait for each other."""
    for need in needs(declaration):
        target = target_of(declaration, need.holder, need.value)
        if target is None:
            yield _unknown(declaration, need)
        elif isinstance(need.value, SharedValue):
            yield from _shared(need, need.value, *target)
        else:
            yield from _reachable(need, need.value, *target)
    yield from _circles(declaration)


def _unknown(declaration: Declaration, need: Need) -> Contradiction:
    owner = holders(declaration).get(need.value.component or need.holder.name)
    if owner is None:
        names = list(holders(declaration))
        wanted = need.value.component or ""
        allowed = f"a component with applications: {', '.join(names)}{suggestion(wanted, names)}"
        return Contradiction((*need.path, "component"), f'"{wanted}"', allowed)
    names = [one.name for one in owner.applications]
    wanted = need.value.application
    allowed = f"an application of {owner.name}: {', '.join(names)}{suggestion(wanted, names)}"
    return Contradiction((*need.path, "application"), f'"{wanted}"', allowed)


def _shared(need: Need, value: SharedValue, owner: Holder, target: Application) -> Iterator[Contradiction]:
    found = target.env.get(value.variable)
    if found is None:
        allowed = f"a variable of {owner.name}/{target.name}: {', '.join(target.env) or 'it has none'}"
        yield Contradiction((*need.path, "variable"), f'"{value.variable}"', allowed)
    elif isinstance(found, ConnectionValue | SharedValue):
        allowed = "a variable with a text or a secret of its own"
        yield Contradiction((*need.path, "variable"), f"{value.variable}, which is itself about another one", allowed)


def _reachable(need: Need, value: ConnectionValue, owner: Holder, target: Application) -> Iterator[Contradiction]:
    ports = {(port.port, port.protocol): port for port in target.ports}
    port = ports.get((value.port, value.protocol))
    if port is None:
        listed = ", ".join(f"{one.port}/{one.protocol}" for one in target.ports) or "it has none"
        allowed = f"a port of {owner.name}/{target.name}: {listed}"
        yield Contradiction((*need.path, "port"), f"{value.port}/{value.protocol}", allowed)
        return
    wanted = closest(need.holder, owner)
    if not port.scope.includes(wanted):
        found = f"port {port.port}/{port.protocol} of {owner.name}/{target.name}, which has scope {port.scope}"
        allowed = f"a port of scope {wanted} or wider: {need.holder.name} does not reach it otherwise"
        yield Contradiction((*need.path, "port"), found, allowed)


def _circles(declaration: Declaration) -> Iterator[Contradiction]:
    circle = _circle(required_units(declaration))
    if circle:
        first = next(index for index, part in enumerate(declaration.components) if part.name == circle[0][0])
        names = " → ".join("/".join(part for part in unit if part) for unit in circle)
        yield Contradiction(
            ("components", first), f"a circle of connections: {names}", "no application that waits for itself"
        )


def _circle(graph: Mapping[Unit, frozenset[Unit]]) -> list[Unit]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib lists a circle from what is needed to what needs it, its first node again at its end.
        return list(reversed(error.args[1]))
    return []
