"""The requests that were sent to a real API server: (method, path, body, media type), in their order."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
Request = tuple[str, str, Any, str]

_JSON, _MERGE = "application/json", "application/merge-patch+json"
_LIST, _STRATEGIC = "application/json-patch+json", "application/strategic-merge-patch+json"

_LABELS = {"a": "b"}
_SELECTOR = {"matchLabels": _LABELS}
_CONTAINER = {
    "name": "c",
    "image": "nginx",
    "ports": [{"containerPort": 80}],
    "livenessProbe": {"httpGet": {"port": 80}},
    "env": [{"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
    "resources": {"limits": {"cpu": "1"}},
    "volumeMounts": [{"name": "v", "mountPath": "/v"}],
}
_VOLUMES = [{"name": "v", "configMap": {"name": "x"}}, {"name": "e"}, {"name": "h", "hostPath": {"path": "/"}}]
_POD = {"containers": [_CONTAINER], "volumes": _VOLUMES}
_TEMPLATE = {"metadata": {"labels": _LABELS}, "spec": _POD}
_ONCE = {"spec": _POD | {"restartPolicy": "Never"}}
_NAMES = {"plural": "boats", "kind": "Boat"}
_SCHEMA = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
_VERSION = {"name": "v1", "served": True, "storage": True, "schema": _SCHEMA}
_SMALL = {"name": "a", "image": "x"}

_CORE, _APPS, _BATCH = (
    "/api/v1/namespaces/default",
    "/apis/apps/v1/namespaces/default",
    "/apis/batch/v1/namespaces/default",
)
_RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
_NETWORK = "/apis/networking.k8s.io/v1/namespaces/default"


def _named(name: str, **body: Any) -> Object:
    return {"metadata": {"name": name}, **body}


def _create(path: str, name: str, **body: Any) -> Request:
    return ("POST", path, _named(name, **body), _JSON)


def _service(name: str, **spec: Any) -> Request:
    return _create(f"{_CORE}/services", name, spec=spec)


def _pod(name: str, **spec: Any) -> Request:
    return _create(f"{_CORE}/pods", name, spec=spec)


def _deployment(name: str, **spec: Any) -> Request:
    return _create(f"{_APPS}/deployments", name, spec={"selector": _SELECTOR, "template": _TEMPLATE} | spec)


CREATED: tuple[Request, ...] = (
    _create(f"{_CORE}/serviceaccounts", "default"),
    _deployment("d"),
    _create(f"{_APPS}/replicasets", "d", spec={"selector": _SELECTOR, "template": _TEMPLATE}),
    _create(f"{_APPS}/statefulsets", "d", spec={"serviceName": "x", "selector": _SELECTOR, "template": _TEMPLATE}),
    _create(f"{_APPS}/daemonsets", "d", spec={"selector": _SELECTOR, "template": _TEMPLATE}),
    _create(f"{_CORE}/replicationcontrollers", "d", spec={"template": _TEMPLATE}),
    _pod("d", **_POD),
    _create(f"{_BATCH}/jobs", "d", spec={"template": _ONCE}),
    _create(f"{_BATCH}/cronjobs", "d", spec={"schedule": "* * * * *", "jobTemplate": {"spec": {"template": _ONCE}}}),
    _service("d", ports=[{"port": 80}], clusterIP="10.96.0.77"),
    _service("n", type="NodePort", ports=[{"port": 80, "nodePort": 30099}], clusterIP="10.96.0.78"),
    _service("l", type="LoadBalancer", ports=[{"port": 80, "nodePort": 30098}], clusterIP="10.96.0.79"),
    _service("h", ports=[{"port": 80}], clusterIP="None", selector=_LABELS),
    _service("x", type="ExternalName", externalName="a.b"),
    _create("/api/v1/namespaces", "zz"),
    _create("/api/v1/nodes", "n1"),
    _create(f"{_CORE}/configmaps", "c", data={"a": "b"}),
    _create(f"{_CORE}/secrets", "c", stringData={"a": "b"}),
    _create(
        "/apis/policy/v1/namespaces/default/poddisruptionbudgets", "c", spec={"minAvailable": 1, "selector": _SELECTOR}
    ),
    _create(f"{_NETWORK}/networkpolicies", "c", spec={"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}),
    _create(f"{_NETWORK}/ingresses", "c", spec={"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}}),
    _create("/apis/storage.k8s.io/v1/storageclasses", "c", provisioner="x.io/y"),
    _create(f"{_RBAC}/roles", "c", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]),
    _create(
        f"{_RBAC}/rolebindings",
        "c",
        roleRef={"kind": "Role", "name": "c"},
        subjects=[{"kind": "User", "name": "u"}],
    ),
    _create("/apis/scheduling.k8s.io/v1/priorityclasses", "c", value=5),
    _create(
        "/apis/coordination.k8s.io/v1/namespaces/default/leases",
        "c",
        spec={"holderIdentity": "x", "leaseDurationSeconds": 40},
    ),
    _create(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
        "c",
        addressType="IPv4",
        endpoints=[{"addresses": ["10.1.1.1"]}],
        ports=[{"port": 80}],
    ),
    _create(
        f"{_CORE}/events",
        "c",
        involvedObject={"namespace": "default", "name": "x", "kind": "Pod"},
        reason="r",
        message="m",
    ),
    _create(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "boats.x.io",
        spec={"group": "x.io", "scope": "Namespaced", "names": _NAMES, "versions": [_VERSION]},
    ),
    ("GET", f"{_APPS}/deployments/d/scale", None, _JSON),
)

REFUSED: tuple[Request, ...] = (
    _deployment("d"),
    _deployment("e", selector={"matchLabels": {"x": "y"}}),
    _deployment("E_"),
    _deployment("e", replicas=-1),
    _pod("e", containers=[{"name": "a"}, _SMALL]),
    _pod("e", containers=[_SMALL | {"volumeMounts": [{"name": "q", "mountPath": "/x"}]}], restartPolicy="Q"),
    ("POST", f"{_CORE}/pods", {"metadata": {}, "spec": {"containers": [_SMALL]}}, _JSON),
    _create("/api/v1/namespaces/nope/configmaps", "c"),
    ("POST", f"{_CORE}/configmaps", {"metadata": {"name": "c2", "namespace": "other"}}, _JSON),
    _service("s1"),
    _service("s1", ports=[{"port": 1}, {"port": 2}]),
    _service("s1", ports=[{"port": 1}], clusterIP="10.96.0.77"),
    _service("s1", ports=[{"port": 1}], clusterIP="1.2.3.4"),
    ("PATCH", f"{_APPS}/deployments/d", {"spec": {"selector": {"matchLabels": {"q": "r"}}}}, _MERGE),
    ("PATCH", f"{_CORE}/pods/d", {"spec": {"nodeName": "q"}}, _MERGE),
    ("PATCH", f"{_APPS}/deployments/d/scale", {"spec": {"replicas": -3}}, _MERGE),
    ("PATCH", f"{_APPS}/deployments/nope", {"spec": {}}, _MERGE),
    ("PATCH", f"{_APPS}/deployments/d", {"spec": {}}, "text/plain"),
    ("PATCH", f"{_APPS}/deployments/d", [{"op": "test", "path": "/spec/replicas", "value": 77}], _LIST),
    ("PATCH", f"{_APPS}/deployments/d", [{"op": "remove", "path": "/spec/nope"}], _LIST),
    ("PATCH", f"{_APPS}/deployments/d", {"metadata": {"resourceVersion": "1"}}, _MERGE),
    ("PATCH", f"{_APPS}/deployments/d", {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}, _STRATEGIC),
    ("GET", f"{_CORE}/pods?labelSelector=a%20b", None, _JSON),
    ("GET", f"{_CORE}/pods?fieldSelector=spec.image%3Dx", None, _JSON),
    ("GET", f"{_CORE}/pods?limit=x", None, _JSON),
    ("GET", f"{_CORE}/pods/nope/log", None, _JSON),
    ("GET", f"{_CORE}/pods/d/log?container=q", None, _JSON),
    ("DELETE", f"{_CORE}/configmaps/none", None, _JSON),
    ("DELETE", f"{_APPS}/deployments/d", {"propagationPolicy": "Sideways"}, _JSON),
    ("DELETE", "/api/v1/namespaces/kube-system", None, _JSON),
    ("PUT", f"{_CORE}/configmaps/nope", _named("nope"), _JSON),
    ("PUT", f"{_CORE}/configmaps/nope", _named("other"), _JSON),
    ("DELETE", "/api/v1/pods", None, _JSON),
    _create("/api/v1/pods", "x", spec={"containers": [_SMALL]}),
    ("GET", "/api/v1/nope", None, _JSON),
)

AFTERWARDS: tuple[Request, ...] = (
    ("PATCH", f"{_APPS}/deployments/d", {"spec": {"replicas": 2}}, _MERGE),
    ("PATCH", f"{_APPS}/deployments/d/status", {"status": {"replicas": 2}, "spec": {"replicas": 9}}, _MERGE),
    ("PATCH", f"{_APPS}/deployments/d/scale", {"spec": {"replicas": 3}}, _MERGE),
    (
        "PATCH",
        f"{_APPS}/deployments/d",
        {
            "spec": {
                "template": {"spec": {"containers": [{"name": "c", "image": "nginx:2"}, {"name": "s", "image": "s"}]}}
            }
        },
        _STRATEGIC,
    ),
    (
        "PATCH",
        f"{_APPS}/deployments/d",
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        _STRATEGIC,
    ),
    (
        "PATCH",
        f"{_CORE}/services/d",
        {"spec": {"ports": [{"port": 81, "name": "b"}, {"port": 80, "name": "a"}]}},
        _STRATEGIC,
    ),
    ("POST", f"{_CORE}/pods/d/eviction", _named("d"), _JSON),
    ("DELETE", f"{_CORE}/configmaps/c", None, _JSON),
)

REQUESTS = (*CREATED, *REFUSED, *AFTERWARDS)
