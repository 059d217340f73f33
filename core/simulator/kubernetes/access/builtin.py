"""The roles and bindings that every cluster has from the start, as far as clients and nodes meet them.

Source: kubernetes.io, "Using RBAC Authorization", "Default roles and role bindings".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Object = dict[str, Any]

_RBAC = "rbac.authorization.k8s.io"
_READ = "get list watch"
_WRITE = "create delete deletecollection patch update"
_EVENTS = ("|events.k8s.io", "events", "create patch update")
_NON_RESOURCE = "/"

# Each rule: API groups ("|" between them), resources, verbs; a rule on paths has "/" as its group.
_Rule = tuple[str, str, str]

_APPS = "daemonsets deployments replicasets statefulsets"
_APPS_PARTS = "deployments/scale replicasets/scale statefulsets/scale"
_CORE_READ = (
    "bindings configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims "
    "persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale "
    "replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts services services/status"
)
_CORE_WRITE = (
    "configmaps events persistentvolumeclaims pods pods/attach pods/exec pods/portforward pods/proxy "
    "replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy"
)

_VIEW: tuple[_Rule, ...] = (
    ("", _CORE_READ, _READ),
    ("events.k8s.io", "events", _READ),
    ("discovery.k8s.io", "endpointslices", _READ),
    ("apps", f"controllerrevisions {_APPS} {_APPS_PARTS} deployments/status replicasets/status", _READ),
    ("apps", "statefulsets/status daemonsets/status", _READ),
    ("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", _READ),
    ("batch", "cronjobs cronjobs/status jobs jobs/status", _READ),
    ("policy", "poddisruptionbudgets poddisruptionbudgets/status", _READ),
    ("networking.k8s.io", "ingresses ingresses/status networkpolicies", _READ),
)
_EDIT: tuple[_Rule, ...] = (
    ("", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", _READ),
    ("", "serviceaccounts", "impersonate"),
    ("", _CORE_WRITE, _WRITE),
    ("", "pods/eviction serviceaccounts/token", "create"),
    ("apps", f"{_APPS} {_APPS_PARTS}", _WRITE),
    ("autoscaling", "horizontalpodautoscalers", _WRITE),
    ("batch", "cronjobs jobs", _WRITE),
    ("policy", "poddisruptionbudgets", _WRITE),
    ("networking.k8s.io", "ingresses networkpolicies", _WRITE),
    ("coordination.k8s.io", "leases", f"{_READ} {_WRITE}"),
)
_ADMIN: tuple[_Rule, ...] = (
    ("authorization.k8s.io", "localsubjectaccessreviews", "create"),
    (_RBAC, "rolebindings roles", f"{_READ} {_WRITE}"),
)
_NODE: tuple[_Rule, ...] = (
    ("authentication.k8s.io", "tokenreviews", "create"),
    ("authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews", "create"),
    ("", "services pods configmaps secrets", _READ),
    ("", "nodes", f"create patch update {_READ}"),
    ("", "nodes/status pods/status", "patch update"),
    _EVENTS,
    ("", "pods", "create delete"),
    ("", "pods/eviction serviceaccounts/token", "create"),
    ("", "persistentvolumeclaims persistentvolumes endpoints", "get"),
    ("certificates.k8s.io", "certificatesigningrequests", f"create {_READ}"),
    ("coordination.k8s.io", "leases", "create delete get patch update"),
    ("storage.k8s.io", "csinodes", "create delete get patch update"),
    ("storage.k8s.io", "csidrivers volumeattachments", _READ),
    ("node.k8s.io", "runtimeclasses", _READ),
)
_SCHEDULER: tuple[_Rule, ...] = (
    _EVENTS,
    ("coordination.k8s.io", "leases", "create get list update watch"),
    ("", "nodes namespaces persistentvolumeclaims persistentvolumes replicationcontrollers services", _READ),
    ("", "pods", f"delete {_READ}"),
    ("", "bindings pods/binding", "create"),
    ("", "pods/status", "patch update"),
    ("apps", "replicasets statefulsets", _READ),
    ("policy", "poddisruptionbudgets", _READ),
    ("storage.k8s.io", "*", _READ),
    ("authentication.k8s.io", "tokenreviews", "create"),
    ("authorization.k8s.io", "subjectaccessreviews", "create"),
)
_CONTROLLER_MANAGER: tuple[_Rule, ...] = (
    _EVENTS,
    ("coordination.k8s.io", "leases", "create get update"),
    ("", "secrets serviceaccounts", "create delete update"),
    ("", "serviceaccounts/token", "create"),
    ("authentication.k8s.io", "tokenreviews", "create"),
    ("authorization.k8s.io", "subjectaccessreviews", "create"),
    ("*", "*", "get list watch"),
)
_PROXY: tuple[_Rule, ...] = (
    ("", "endpoints services", "list watch"),
    ("", "nodes", _READ),
    _EVENTS,
    ("discovery.k8s.io", "endpointslices", "list watch"),
)
_KUBELET_API: tuple[_Rule, ...] = (
    ("", "nodes", f"proxy {_READ}"),
    ("", "nodes/log nodes/metrics nodes/proxy nodes/stats nodes/configz nodes/healthz nodes/pods", "*"),
)
_DISCOVERY: tuple[_Rule, ...] = (
    (_NON_RESOURCE, "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/", "get"),
)
_PUBLIC: tuple[_Rule, ...] = ((_NON_RESOURCE, "/healthz /livez /readyz /version /version/", "get"),)
_MONITORING: tuple[_Rule, ...] = (
    (_NON_RESOURCE, "/healthz /healthz/* /livez /livez/* /metrics /readyz /readyz/*", "get"),
    ("", "nodes/metrics", "get"),
)
_BASIC: tuple[_Rule, ...] = (
    ("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
    ("authentication.k8s.io", "selfsubjectreviews", "create"),
)
_EVERYTHING: tuple[_Rule, ...] = (("*", "*", "*"), (_NON_RESOURCE, "*", "*"))
_DNS: tuple[_Rule, ...] = (("", "endpoints services", "list watch"),)
_AGGREGATE = f"{_RBAC}/aggregate-to-"

_ROLES: dict[str, tuple[_Rule, ...]] = {
    "cluster-admin": _EVERYTHING,
    "system:aggregate-to-admin": _ADMIN,
    "system:aggregate-to-edit": _EDIT,
    "system:aggregate-to-view": _VIEW,
    "system:basic-user": _BASIC,
    "system:discovery": _DISCOVERY,
    "system:kube-controller-manager": _CONTROLLER_MANAGER,
    "system:kube-dns": _DNS,
    "system:kube-scheduler": _SCHEDULER,
    "system:kubelet-api-admin": _KUBELET_API,
    "system:monitoring": _MONITORING,
    "system:node": _NODE,
    "system:node-proxier": _PROXY,
    "system:public-info-viewer": _PUBLIC,
}
_AGGREGATED = {"admin": "", "edit": "admin", "view": "edit"}
"""Roles that are made of others, and the role that each of them is a part of."""

_BINDINGS: dict[str, tuple[str, str]] = {
    "cluster-admin": ("Group", "system:masters"),
    "system:basic-user": ("Group", "system:authenticated"),
    "system:discovery": ("Group", "system:authenticated"),
    "system:kube-controller-manager": ("User", "system:kube-controller-manager"),
    "system:kube-scheduler": ("User", "system:kube-scheduler"),
    "system:monitoring": ("Group", "system:monitoring"),
    "system:node-proxier": ("User", "system:kube-proxy"),
    "system:public-info-viewer": ("Group", "system:authenticated"),
}


def roles() -> list[Object]:
    """The ClusterRoles."""
    plain = [_object(name, _labels(name), rules=_rules(rules)) for name, rules in _ROLES.items()]
    made = [
        _object(name, {f"{_AGGREGATE}{above}": "true"} if above else {}, aggregationRule=_aggregation(name))
        for name, above in _AGGREGATED.items()
    ]
    return [*plain, *made]


def bindings() -> list[Object]:
    """The ClusterRoleBindings, each called as its role."""
    return [
        _object(
            role,
            {},
            roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
            subjects=[{"apiGroup": _RBAC, "kind": kind, "name": name}],
        )
        for role, (kind, name) in _BINDINGS.items()
    ]


def _object(name: str, labels: dict[str, str], **body: object) -> Object:
    marks = {"kubernetes.io/bootstrapping": "rbac-defaults"} | labels
    notes = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
    return {"metadata": {"name": name, "labels": marks, "annotations": notes}, **body}


def _labels(name: str) -> dict[str, str]:
    beginning = "system:aggregate-to-"
    return {f"{_AGGREGATE}{name.removeprefix(beginning)}": "true"} if name.startswith(beginning) else {}


def _aggregation(name: str) -> Object:
    return {"clusterRoleSelectors": [{"matchLabels": {f"{_AGGREGATE}{name}": "true"}}]}


def _rules(rules: Iterable[_Rule]) -> list[Object]:
    return [_rule(*rule) for rule in rules]


def _rule(groups: str, resources: str, verbs: str) -> Object:
    if groups == _NON_RESOURCE:
        return {"nonResourceURLs": resources.split(), "verbs": verbs.split()}
    return {"apiGroups": groups.split("|"), "resources": resources.split(), "verbs": verbs.split()}
