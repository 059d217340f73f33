"""Which groups, versions and resources there are."""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.errors import no_such_path
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.metrics import GROUP as METRICS
from core.simulator.kubernetes.web.reviews import REVIEWS

Object = dict[str, Any]

_ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_PART_VERBS = ("get", "patch", "update")
# Parts of pods and service accounts: (resource, kind, group and version where they are another's, verbs).
_PARTS: tuple[tuple[str, str, tuple[str, str], tuple[str, ...]], ...] = (
    ("namespaces/finalize", "Namespace", ("", ""), ("update",)),
    ("pods/attach", "PodAttachOptions", ("", ""), ("create", "get")),
    ("pods/binding", "Binding", ("", ""), ("create",)),
    ("pods/eviction", "Eviction", ("policy", "v1"), ("create",)),
    ("pods/exec", "PodExecOptions", ("", ""), ("create", "get")),
    ("pods/log", "Pod", ("", ""), ("get",)),
    ("pods/portforward", "PodPortForwardOptions", ("", ""), ("create", "get")),
    ("serviceaccounts/token", "TokenRequest", ("authentication.k8s.io", "v1"), ("create",)),
)


def core_versions(backend: Backend) -> Object:
    """The versions of the group without a name."""
    address = f"{backend.settings.address}:{backend.settings.port}"
    served = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": served}


def groups(backend: Backend) -> Object:
    """All other groups."""
    found: dict[str, list[str]] = {}
    for kind in _kinds(backend):
        versions = found.setdefault(kind.group, [])
        if kind.version not in versions:
            versions.append(kind.version)
    listed = [_group(name, versions) for name, versions in found.items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}


def group(backend: Backend, name: str) -> Object:
    """One group. ApiError 404 where there is none."""
    found = next((each for each in groups(backend)["groups"] if each["name"] == name), None)
    if found is None:
        raise no_such_path()
    return {"kind": "APIGroup", "apiVersion": "v1", **found}


def resources(backend: Backend, group: str, version: str) -> Object:
    """The resources of a version of a group. ApiError 404 where there is none."""
    kinds = [kind for kind in _kinds(backend) if (kind.group, kind.version) == (group, version)]
    if not kinds:
        raise no_such_path()
    listed = [each for kind in kinds for each in _resource(kind)]
    head = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": kinds[0].api_version}
    return head | {"resources": listed}


def _kinds(backend: Backend) -> list[Kind]:
    return [*backend.objects.kinds, *REVIEWS.values()]


def _group(name: str, versions: list[str]) -> Object:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _resource(kind: Kind) -> list[Object]:
    own: Object = {
        "name": kind.plural,
        "singularName": kind.one,
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": list(_verbs(kind)),
    }
    own |= {"shortNames": list(kind.short)} if kind.short else {}
    own |= {"categories": list(kind.categories)} if kind.categories else {}
    return [own, *_parts(kind)]


def _verbs(kind: Kind) -> tuple[str, ...]:
    if (kind.group, kind.plural) in REVIEWS:
        return ("create",)
    return ("get", "list") if kind.group == METRICS else _ALL_VERBS


def _parts(kind: Kind) -> list[Object]:
    head = {"singularName": "", "namespaced": kind.namespaced}
    found = (
        [head | {"name": f"{kind.plural}/status", "kind": kind.name, "verbs": list(_PART_VERBS)}] if kind.status else []
    )
    if kind.scaled:
        scale = {"name": f"{kind.plural}/scale", "group": "autoscaling", "version": "v1", "kind": "Scale"}
        found.append(head | scale | {"verbs": list(_PART_VERBS)})
    for name, part, (group, version), verbs in _PARTS:
        if name.partition("/")[0] == kind.plural and not kind.group:
            other = {"group": group, "version": version} if group else {}
            found.append(head | other | {"name": name, "kind": part, "verbs": list(verbs)})
    return found
