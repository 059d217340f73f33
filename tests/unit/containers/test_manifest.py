"""What pods become in Kubernetes."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.containers.endpoints import pod_endpoints
from core.containers.manifest import Manifest, digest_of, service, service_name, volume_name, workload
from core.containers.outline import outline
from core.containers.ports import wanted_services
from core.kube.rows import Metadata, ServiceRow, ServiceSpec
from core.model.pod import KubernetesPod
from core.model.scope import Scope
from tests.unit.containers.world import application, declare, web

_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)


def _pod(*applications: dict[str, Any], **fields: Any) -> KubernetesPod:
    found = declare(web(*applications, **fields)).component("web")
    assert isinstance(found, KubernetesPod)
    return found


def _workload(pod: KubernetesPod) -> Manifest | None:
    """The workload of a pod whose variables are all plain texts."""
    return workload(pod, {one.name: {name: str(value) for name, value in one.env.items()} for one in pod.applications})


def _container(**fields: Any) -> dict[str, Any]:
    manifest = _workload(_pod(application(**fields)))
    assert manifest is not None
    container: dict[str, Any] = manifest["spec"]["template"]["spec"]["containers"][0]
    return container


def test_a_container_has_everything_that_was_declared() -> None:
    container = _container(
        command=["--port", "80"],
        env={"B": "2", "A": "1"},
        ports=[{"port": 53, "scope": "cloud", "protocol": "UDP"}],
        privileged=True,
        resources={"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
        probe={"kind": "http", "port": 80, "path": "/up", "delay": 3},
    )
    assert container == {
        "name": "site",
        "image": "nginx:1.29",
        "args": ["--port", "80"],
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "ports": [{"containerPort": 53, "protocol": "UDP"}],
        "securityContext": {"privileged": True},
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
        "readinessProbe": {
            "initialDelaySeconds": 3,
            "periodSeconds": 10,
            "timeoutSeconds": 1,
            "failureThreshold": 3,
            "httpGet": {"port": 80, "path": "/up"},
        },
    }


def test_what_was_not_declared_is_left_to_kubernetes() -> None:
    assert set(_container()) == {"name", "image", "ports"}


def test_every_kind_of_volume_is_mounted() -> None:
    volumes = {
        "/tmp/x": {"kind": "temporary"},
        "/data": {"kind": "host-path", "path": "/srv/data"},
        "/claim": {"kind": "claim", "claim": "disk", "read_only": True},
    }
    manifest = _workload(_pod(application(volumes=volumes)))
    assert manifest is not None
    spec = manifest["spec"]["template"]["spec"]
    sources = {volume["name"]: volume for volume in spec["volumes"]}
    mounted = {mount["mountPath"]: sources[mount["name"]] for mount in spec["containers"][0]["volumeMounts"]}
    assert mounted["/tmp/x"]["emptyDir"] == {}
    assert mounted["/data"]["hostPath"] == {"path": "/srv/data"}
    assert mounted["/claim"]["persistentVolumeClaim"] == {"claimName": "disk", "readOnly": True}


def test_the_labels_by_which_we_find_a_pod_always_win() -> None:
    # Documents with our labels are refused; a pod made otherwise must not lead us to others' objects either.
    manifest = _workload(_pod().model_copy(update={"labels": {"id": "evil", "tier": "front"}}))
    assert manifest is not None
    expected = {"id": "web", "tier": "front", "app.kubernetes.io/managed-by": "gondolier"}
    assert manifest["metadata"]["labels"] == expected
    assert manifest["spec"]["template"]["metadata"]["labels"] == expected
    assert manifest["spec"]["selector"] == {"matchLabels": {"id": "web"}}


def test_a_pod_without_applications_is_no_workload() -> None:
    assert _workload(_pod(applications=[])) is None


def test_the_digest_counts_everything_but_the_number_of_replicas() -> None:
    base = _workload(_pod(application(env={"A": "1"})))
    assert base is not None
    others = [
        _pod(application(env={"A": "2"})),
        _pod(application(env={"A": "1"}), labels={"tier": "front"}),
        _pod(application(env={"A": "1"}, command=["x"])),
        _pod(application(env={"A": "1"}), workload="ReplicationController"),
    ]
    for other in others:
        manifest = _workload(other)
        assert manifest is not None
        assert digest_of(manifest) != digest_of(base)
    more = _workload(_pod(application(env={"A": "1"}), replicas=5))
    assert more is not None
    assert digest_of(more) == digest_of(base)
    assert more["spec"]["replicas"] == 5


def test_services_publish_cloud_and_public_ports_only() -> None:
    ports = [
        {"port": 80, "scope": "public"},
        {"port": 53, "scope": "cloud", "protocol": "UDP"},
        {"port": 81, "scope": "internal"},
        {"port": 82, "scope": "host"},
    ]
    pod = _pod(application(ports=ports))
    declared = pod.applications[0].ports
    made = service(pod, pod.applications[0], "web-site", dict(zip(declared[:3], (8080, 53, 81), strict=True)))
    assert made["metadata"]["annotations"]["gondolier.io/publish"] == "8080/TCP,53/UDP"
    assert [(port["name"], port["port"], port["targetPort"], port["protocol"]) for port in made["spec"]["ports"]] == [
        ("8080-tcp", 8080, 80, "TCP"),
        ("53-udp", 53, 53, "UDP"),
        ("81-tcp", 81, 81, "TCP"),
    ]


@given(_names, _names)
def test_service_names_are_always_names_that_kubernetes_takes(pod: str, name: str) -> None:
    for unique in (True, False):
        assert _LABEL.fullmatch(service_name(pod, name, unique=unique))
    assert service_name(pod, name) == service_name(pod, name)


@given(_names, st.text(max_size=100), st.text(max_size=100))
def test_volume_names_are_valid_stable_and_apart(name: str, path: str, other: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", volume_name(name, path))
    assert (volume_name(name, path) == volume_name(name, other)) == (path == other)


def test_long_service_names_stay_apart() -> None:
    assert service_name("a" * 60, "site-1") != service_name("a" * 60, "site-2")


def test_two_applications_whose_names_join_to_the_same_get_two_services() -> None:
    pods = [web(application("b-c"), name="a"), web(application("c"), name="a-b")]
    declaration = declare(*pods)
    names = [
        wanted.manifest["metadata"]["name"]
        for pod in declaration.pods("alpha")
        for wanted in wanted_services(declaration, "alpha", pod, [])
    ]
    assert len(set(names)) == 2
    assert names[0] == "a-b-c"


def test_a_service_that_is_there_keeps_its_name_whatever_the_order_of_the_document() -> None:
    labels = {"id": "a-b", "gondolier.io/application": "c", "app.kubernetes.io/managed-by": "gondolier"}
    live = [ServiceRow(Metadata("a-b-c", namespace="default", labels=labels), ServiceSpec(cluster_ip="10.96.0.1"))]
    declaration = declare(web(application("b-c"), name="a"), web(application("c"), name="a-b"))
    names = {
        pod.name: wanted.manifest["metadata"]["name"]
        for pod in declaration.pods("alpha")
        for wanted in wanted_services(declaration, "alpha", pod, live)
    }
    assert names["a-b"] == "a-b-c"
    assert names["a"] != "a-b-c"


def test_a_port_whose_service_is_not_there_yet_has_no_endpoint() -> None:
    pod = _pod(application(ports=[{"port": 80, "scope": "public"}, {"port": 81, "scope": "host"}]))
    assert [(one.scope, one.container_port) for one in pod_endpoints(pod, [], [])] == [(Scope.HOST, 81)]


def test_an_outline_of_the_live_object_is_that_of_the_declaration() -> None:
    volumes = {"/data": {"kind": "host-path", "path": "/srv"}}
    manifest = _workload(_pod(application(volumes=volumes, probe={"kind": "tcp", "port": 80}, env={"A": "secret"})))
    assert manifest is not None
    text = outline(manifest)
    manifest["status"] = {"replicas": 2}
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    container |= {"imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log"}
    container["readinessProbe"]["successThreshold"] = 1
    container["volumeMounts"].append({"name": "kube-api-access-x", "mountPath": "/var/run/secrets"})
    assert outline(manifest) == text
    assert "secret" not in text.replace("/var/run/secrets", "")
