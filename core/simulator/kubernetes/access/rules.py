"""What users may do: roles and the bindings that give them, read anew whenever they change.

Source: kubernetes.io, "Using RBAC Authorization" and "Using Node Authorization".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.simulator.kubernetes.access.users import User
from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.selectors import selects

Object = dict[str, Any]

_GROUP = "rbac.authorization.k8s.io"
_ROLES, _BINDINGS = f"roles.{_GROUP}", f"rolebindings.{_GROUP}"
_CLUSTER_ROLES, _CLUSTER_BINDINGS = f"clusterroles.{_GROUP}", f"clusterrolebindings.{_GROUP}"
_MASTERS = "system:masters"
_NODES, _NODE = "system:nodes", "system:node:"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What someone wants to do: a verb on a resource ("pods", and "log" in `part`), or on a plain `path`."""

    verb: str
    group: str = ""
    resource: str = ""
    part: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def target(self) -> str:
        """The resource as rules call it: "pods/log"."""
        return f"{self.resource}/{self.part}" if self.part else self.resource


class Authorizer:
    """Decides by the cluster's own roles and bindings; members of system:masters may do everything."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._changes = objects.subscribe(_ROLES, _BINDINGS, _CLUSTER_ROLES, _CLUSTER_BINDINGS)
        self._known: dict[tuple[User, str], list[Object]] = {}

    def close(self) -> None:
        """Stop listening to changes."""
        self._changes.close()

    def allows(self, user: User, attempt: Attempt) -> bool:
        """Whether a user may do something."""
        if _MASTERS in user.groups:
            return True
        if not _node_keeps_to_itself(user, attempt):
            return False
        return any(_permits(rule, attempt) for rule in self.rules(user, attempt.namespace))

    def demand(self, user: User, attempt: Attempt) -> None:
        """Raise ApiError 403 where a user may not do something."""
        if not self.allows(user, attempt):
            raise _refusal(user, attempt)

    def rules(self, user: User, namespace: str) -> list[Object]:
        """All rules that hold for a user in a namespace, or for the whole cluster where none is given."""
        if self._changes.drain():
            self._known.clear()
        found = self._known.get((user, namespace))
        if found is None:
            found = self._known[user, namespace] = list(self._collect(user, namespace))
        return found

    def _collect(self, user: User, namespace: str) -> Iterable[Object]:
        if _NODES in user.groups:
            yield from self._role(_CLUSTER_ROLES, "", "system:node")
        if _MASTERS in user.groups:
            yield from self._role(_CLUSTER_ROLES, "", "cluster-admin")
        bindings = self._objects.list(_CLUSTER_BINDINGS)
        bindings += self._objects.list(_BINDINGS, namespace) if namespace else []
        for binding in bindings:
            if any(_is(subject, user) for subject in binding.get("subjects") or ()):
                role, here = binding["roleRef"], binding["metadata"].get("namespace", "")
                kind = _ROLES if role["kind"] == "Role" else _CLUSTER_ROLES
                yield from self._role(kind, here if kind == _ROLES else "", role["name"])

    def _role(self, resource: str, namespace: str, name: str) -> list[Object]:
        role = self._objects.get(resource, namespace, name)
        if role is None:
            return []
        own: list[Object] = role.get("rules") or []
        selectors = (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
        return [*own, *(self._aggregated(name, selectors) if selectors else ())]

    def _aggregated(self, name: str, selectors: Iterable[Object]) -> Iterable[Object]:
        for role in self._objects.list(_CLUSTER_ROLES):
            metadata = role["metadata"]
            chosen = any(selects(selector, metadata.get("labels") or {}) for selector in selectors)
            if chosen and metadata["name"] != name:
                yield from self._role(_CLUSTER_ROLES, "", metadata["name"])


def _is(subject: Object, user: User) -> bool:
    match subject.get("kind"):
        case "User":
            return bool(subject["name"] == user.name)
        case "Group":
            return subject["name"] in user.groups
        case "ServiceAccount":
            return user.name == f"system:serviceaccount:{subject.get('namespace', '')}:{subject['name']}"
    return False


def _permits(rule: Object, attempt: Attempt) -> bool:
    if not _has(rule.get("verbs"), attempt.verb):
        return False
    if attempt.path:
        return any(_covers(url, attempt.path) for url in rule.get("nonResourceURLs") or ())
    if not _has(rule.get("apiGroups"), attempt.group) or not _names(rule.get("resources") or (), attempt):
        return False
    only = rule.get("resourceNames")
    return not only or attempt.name in only


def _has(values: Iterable[str] | None, value: str) -> bool:
    found = tuple(values or ())
    return "*" in found or value in found


def _names(resources: Iterable[str], attempt: Attempt) -> bool:
    wanted = {"*", attempt.target} | ({f"*/{attempt.part}"} if attempt.part else set())
    return any(resource in wanted for resource in resources)


def _covers(url: str, path: str) -> bool:
    return path.startswith(url[:-1]) if url.endswith("*") else url == path


def _node_keeps_to_itself(user: User, attempt: Attempt) -> bool:
    """A node changes no other node (the admission plug-in NodeRestriction)."""
    if _NODES not in user.groups or attempt.resource != "nodes" or attempt.verb in ("get", "list", "watch", "create"):
        return True
    return user.name == _NODE + attempt.name


def _refusal(user: User, attempt: Attempt) -> ApiError:
    if attempt.path:
        return ApiError(403, "Forbidden", f'forbidden: User "{user.name}" cannot {attempt.verb} path "{attempt.path}"')
    resource = f"{attempt.resource}.{attempt.group}" if attempt.group else attempt.resource
    subject = f'{resource} "{attempt.name}"' if attempt.name else resource
    where = f'in the namespace "{attempt.namespace}"' if attempt.namespace else "at the cluster scope"
    what = f'cannot {attempt.verb} resource "{attempt.target}" in API group "{attempt.group}" {where}'
    about = {"name": attempt.name, "group": attempt.group, "kind": attempt.resource}
    details = {key: value for key, value in about.items() if value}
    return ApiError(403, "Forbidden", f'{subject} is forbidden: User "{user.name}" {what}', details=details)
