"""What a request is about.

Source: kubernetes.io, "API Concepts", "Standard API terminology" and "Resource URIs".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.simulator.kubernetes.access.rules import Attempt
from core.simulator.kubernetes.errors import bad_request, no_such_path, not_allowed

_ITEM_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_LIST_VERBS = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
# Parts of a namespace's own path that are no kinds in it.
_NAMESPACE_PARTS = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class Target:
    """A verb on a collection, on an object, or on a part of one ("log"); `plural` is the kind's."""

    verb: str
    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    part: str = ""

    @property
    def resource(self) -> str:
        """The resource as objects are asked for by it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def attempt(self) -> Attempt:
        """What the user has to be allowed."""
        return Attempt(self.verb, self.group, self.plural, self.part, self.namespace, self.name)


def target_of(method: str, path: str, query: Mapping[str, str]) -> Target | None:
    """The target of a request; None for a path that is no resource's.

    Raises:
        ApiError: 404 for a path with too much in it, 405 for a method that no resource has there.
    """
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in _NAMESPACE_PARTS:
        namespace, rest = rest[1], rest[2:]
    plural, name, part = [*rest, "", ""][:3]
    if len(rest) > 3:
        raise no_such_path()
    return Target(_verb(method, name, part, query), group, version, plural, namespace, name, part)


def _verb(method: str, name: str, part: str, query: Mapping[str, str]) -> str:
    verbs = _ITEM_VERBS if name else _LIST_VERBS
    verb = verbs.get(method)
    if verb is None or (method == "POST" and name and not part):
        raise not_allowed()
    watching = method == "GET" and not part and flag(query, "watch")
    return "watch" if watching else verb


def flag(query: Mapping[str, str], name: str) -> bool:
    """A query parameter that is true or false."""
    return query.get(name, "").lower() in ("1", "true", "t")


def number(query: Mapping[str, str], name: str) -> int | None:
    """A query parameter that is a number, None where there is none.

    Raises:
        ApiError: 400, it is something else.
    """
    text = query.get(name, "")
    if not text:
        return None
    if not text.lstrip("-").isdecimal():
        raise bad_request(f'invalid query parameter {name}: "{text}" is not a number')
    return int(text)
