"""What is wrong with objects, in words; shapes of all kinds."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.kubernetes.defaults import complete
from core.simulator.kubernetes.kinds import BY_RESOURCE, KINDS, Kind
from core.simulator.kubernetes.objects import ApiError
from core.simulator.kubernetes.rules.rules import check
from core.simulator.kubernetes.rules.shapes import readable

Object = dict[str, Any]

CONTAINER = {"name": "main", "image": "nginx:1.29"}


def complaint(resource: str, obj: Object, before: Object | None = None) -> str:
    """What is said about an object, empty for nothing."""
    kind = BY_RESOURCE[resource]
    metadata = {"name": "x", "namespace": "default"} | obj.get("metadata", {})
    try:
        fresh = complete(kind, readable(kind, obj | {"metadata": metadata}))
        check(kind, fresh, complete(kind, before | {"metadata": metadata}) if before else None)
    except ApiError as error:
        return error.message
    return ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource)
def test_every_shape_can_be_asked(kind: Kind) -> None:
    with pytest.raises(ApiError) as caught:
        readable(kind, {"metadata": {"labels": {"a": 1}}})
    assert caught.value.status == 400


def pod(**spec: object) -> Object:
    return {"spec": {"containers": [CONTAINER], **spec}}


@pytest.mark.parametrize(
    ("obj", "text"),
    [
        (pod(), ""),
        (pod(containers=[]), "spec.containers: Required value"),
        (pod(containers=[CONTAINER, CONTAINER]), 'spec.containers[1].name: Duplicate value: "main"'),
        (pod(containers=[{"name": "main"}]), "spec.containers[0].image: Required value"),
        (pod(containers=[CONTAINER | {"ports": [{"containerPort": 0}]}]), "must be between 1 and 65535"),
        (pod(containers=[CONTAINER | {"volumeMounts": [{"name": "v", "mountPath": "/"}]}]), 'Not found: "v"'),
        (pod(containers=[CONTAINER | {"resources": {"limits": {"cpu": "much"}}}]), "quantities must match"),
        (pod(restartPolicy="Often"), 'Unsupported value: "Often"'),
        (pod(restartPolicy=3), "cannot be handled as a Pod"),
        (pod() | {"metadata": {"name": "Web"}}, "a lowercase RFC 1123 subdomain"),
        (pod() | {"metadata": {"labels": {"a b": "c"}}}, "name part must consist of"),
        (pod() | {"metadata": {"labels": {"a": "-"}}}, "a valid label must be"),
    ],
)
def test_pods(obj: Object, text: str) -> None:
    said = complaint("pods", obj)
    assert text in said and bool(text) is bool(said)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"ports": [{"port": 80}]}, ""),
        ({}, "spec.ports: Required value"),
        ({"clusterIP": "None"}, ""),
        ({"ports": [{"port": 80}, {"port": 81}]}, "spec.ports[0].name: Required value"),
        ({"ports": [{"port": 70000}]}, "must be between 1 and 65535"),
        ({"ports": [{"port": 80, "protocol": "ICMP"}]}, 'Unsupported value: "ICMP"'),
        ({"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]}, "Duplicate value"),
        ({"type": "ExternalName"}, "spec.externalName: Required value"),
        ({"type": "Cloudy", "ports": [{"port": 80}]}, 'Unsupported value: "Cloudy"'),
    ],
)
def test_services(spec: Object, text: str) -> None:
    said = complaint("services", {"spec": spec})
    assert text in said and bool(text) is bool(said)


def workload(**spec: object) -> Object:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [CONTAINER]}}
    return {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}}


def test_workloads() -> None:
    assert complaint("deployments.apps", workload()) == ""
    assert "`selector` does not match" in complaint("deployments.apps", workload(selector={"matchLabels": {"a": "c"}}))
    assert "spec.selector: Required value" in complaint("deployments.apps", workload(selector=None))
    assert "spec.replicas: Invalid value: -1" in complaint("deployments.apps", workload(replicas=-1))
    strategy = {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}
    assert "may not be specified" in complaint("deployments.apps", workload(strategy=strategy))
    once = workload()
    once["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    assert 'Unsupported value: "Never"' in complaint("daemonsets.apps", once)
    assert 'Unsupported value: "Always"' in complaint("jobs.batch", workload(selector=None))


def test_what_may_not_change() -> None:
    other = workload(selector={"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]})
    assert "field is immutable" in complaint("deployments.apps", other, workload())
    assert "pod updates may not change fields" in complaint("pods", pod(nodeName="n2"), pod(nodeName="n1"))
    assert complaint("pods", pod(containers=[CONTAINER | {"image": "nginx:1.30"}]), pod()) == ""
    sealed = {"immutable": True, "data": {"a": "b"}}
    assert "immutable" in complaint("configmaps", {"immutable": True, "data": {"a": "c"}}, sealed)
    role, subject = {"kind": "ClusterRole", "name": "view"}, [{"kind": "User", "name": "bob"}]
    resource = "clusterrolebindings.rbac.authorization.k8s.io"
    before = {"roleRef": role, "subjects": subject}
    assert "cannot change roleRef" in complaint(resource, {"roleRef": role | {"name": "edit"}}, before)


def test_definitions_of_custom_kinds() -> None:
    resource, names = "customresourcedefinitions.apiextensions.k8s.io", {"plural": "boats", "kind": "Boat"}
    spec = {"group": "x.io", "scope": "Namespaced", "names": names, "versions": [{"name": "v1", "storage": True}]}
    assert "must be spec.names.plural" in complaint(resource, {"spec": spec})
    assert complaint(resource, {"metadata": {"name": "boats.x.io"}, "spec": spec}) == ""
    assert "exactly one version" in complaint(
        resource, {"metadata": {"name": "boats.x.io"}, "spec": spec | {"versions": [{"name": "v1"}]}}
    )
