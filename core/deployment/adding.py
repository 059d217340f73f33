"""An entry of the catalogue comes into an environment's document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.containers.catalogue import library
from core.deployment.checking import mistakes_of
from core.engine.errors import Refusal
from core.model.catalogue import Entry
from core.model.composition import Addition, Order, Unsuitable, addition, appended
from core.model.declaration import Declaration
from core.model.document import dump, parse
from core.model.environment import Environment
from core.model.host import DockerStandaloneHost
from core.model.plain import plain, to_yaml


def entry_of(name: str) -> Entry:
    """The entry of this id.

    Raises:
        Refusal: there is none.
    """
    found = library().entries.get(name)
    if found is None or not found.listed:
        raise Refusal(f"the catalogue has no entry {name}", fix="`gondolier catalogue` lists them")
    return found


def only_cluster(declaration: Declaration) -> str:
    """The cluster that is meant where none is named.

    Raises:
        Refusal: there is none, or more than one.
    """
    known = [cluster.name for cluster in declaration.clusters()]
    if len(known) != 1:
        what = f"it has {len(known)} clusters" if known else "it has no cluster"
        raise Refusal(what, where=declaration.environment, fix="name a cluster or a Docker host")
    return known[0]


def typed(entry: Entry, name: str, text: str) -> Any:
    """A parameter's value as it was typed: a number or a flag where the entry wants one, and where a secret is.

    Raises:
        Refusal: the entry has no such parameter.
    """
    parameter = entry.parameters.get(name)
    if parameter is None:
        known = ", ".join(entry.parameters) or "it has none"
        raise Refusal(f"{entry.id} has no parameter {name}", fix=f"its parameters: {known}")
    match parameter.kind:
        case "number":
            return int(text) if text.lstrip("-").isdecimal() else text
        case "flag":
            return {"true": True, "false": False}.get(text, text)
        case "secret":
            where, _, place = text.partition(":")
            return {where: place} if where in ("file", "env") else text
    return text


def with_entry(text: str, environment: Environment, order: Order) -> str:
    """The document with an order's parts in it, its own words kept where that can be; checked again as a whole.

    Raises:
        Refusal: the entry does not go there.
        DocumentError: a parameter is missing or wrong, or a name is taken.
    """
    try:
        added = addition(order, library().entries)
    except Unsuitable as error:
        raise Refusal(str(error), where=environment.name) from None
    wanted = to_yaml(_merged(environment, order, added))
    checked = parse(wanted, f"{environment.name} with {order.entry.id}", further=mistakes_of)
    kept = appended(text, added.components) if not added.applications else None
    return kept if kept is not None and _same(kept, checked) else dump(checked)


def _merged(environment: Environment, order: Order, added: Addition) -> Mapping[str, Any]:
    said: dict[str, Any] = plain(environment)
    said["components"] = [*said.get("components", []), *added.components]
    if order.host is not None:
        _host(said, environment, order.host)["applications"] += added.applications
    return said


def _host(said: dict[str, Any], environment: Declaration, name: str) -> dict[str, Any]:
    for component in said["components"]:
        if component["name"] == name and component["kind"] == DockerStandaloneHost.__name__:
            component.setdefault("applications", [])
            found: dict[str, Any] = component
            return found
    known = ", ".join(host.name for host in environment.hosts()) or "it has none"
    raise Refusal(f"there is no Docker host {name}", where=environment.name, fix=f"its Docker hosts: {known}")


def _same(text: str, wanted: Environment) -> bool:
    return parse(text, further=mistakes_of) == wanted
