"""What objects name, and who leads to whom: pure functions."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.kube.relations import Reference, ingress_uses, named, references, selected, uses
from core.kube.rows import IngressRow
from core.live.objects import ClusterRef

_NAMES = st.text("abc-", min_size=1, max_size=6)
_LABELS = st.dictionaries(_NAMES, _NAMES, max_size=4)


def _pod(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p", "namespace": "default"}, "spec": spec}


def test_a_pod_names_what_is_in_its_volumes() -> None:
    projected = {"sources": [{"configMap": {"name": "c2"}}, {"secret": {"name": "s2"}}, {"serviceAccountToken": {}}]}
    volumes = [
        {"name": "a", "configMap": {"name": "c1"}},
        {"name": "b", "secret": {"secretName": "s1"}},
        {"name": "c", "persistentVolumeClaim": {"claimName": "v1"}},
        {"name": "d", "projected": projected},
        {"name": "e", "emptyDir": {}},
    ]
    found = {(one.kind, one.name) for one in references(_pod(volumes=volumes))}
    wanted = {("ConfigMap", "c1"), ("ConfigMap", "c2"), ("Secret", "s1"), ("Secret", "s2")}
    assert found == wanted | {("PersistentVolumeClaim", "v1")}


def test_a_pod_names_what_its_variables_come_from_in_every_container() -> None:
    def container(name: str, kind: str) -> dict[str, Any]:
        of = {"name": "X", "valueFrom": {f"{kind}KeyRef": {"name": f"{name}-env", "key": "k"}}}
        return {
            "name": name,
            "envFrom": [{f"{kind}Ref": {"name": f"{name}-all"}}],
            "env": [{"name": "Y", "value": "z"}, of],
        }

    pod = _pod(containers=[container("main", "secret")], initContainers=[container("first", "configMap")])
    assert {(one.kind, one.name) for one in references(pod)} == {
        ("Secret", "main-all"),
        ("Secret", "main-env"),
        ("ConfigMap", "first-all"),
        ("ConfigMap", "first-env"),
    }


def test_a_pod_names_its_node_account_and_pull_secrets() -> None:
    pod = _pod(nodeName="kube-2", serviceAccountName="robot", imagePullSecrets=[{"name": "pull"}])
    assert Reference("Secret", "pull", "image pull") in references(pod)
    assert uses(pod, "Node", "kube-2")
    assert uses(pod, "ServiceAccount", "robot")
    assert not uses(pod, "Secret", "kube-2")
    targets = [(target.kind.kind, target.name, target.namespace) for target in named(ClusterRef("lab", "alpha"), pod)]
    assert targets == [("Node", "kube-2", ""), ("Secret", "pull", "default")]


@given(_LABELS, _LABELS)
def test_a_selector_selects_labels_that_hold_all_of_it_and_none_selects_nothing(
    selector: dict[str, str], labels: dict[str, str]
) -> None:
    assert selected(selector, labels | selector) is bool(selector)
    assert selected(selector, labels) is (bool(selector) and selector.items() <= labels.items())


def test_an_ingress_uses_its_backends_and_certificates() -> None:
    rule = {"http": {"paths": [{"backend": {"service": {"name": "a"}}}, {"backend": {"resource": {"kind": "Bucket"}}}]}}
    default = {"service": {"name": "b"}}
    spec = {"rules": [rule, {"host": "empty"}], "defaultBackend": default, "tls": [{"secretName": "t"}]}
    ingress = msgspec.convert({"metadata": {"name": "i"}, "spec": spec}, IngressRow)
    assert all(ingress_uses(ingress, "Service", name) for name in "ab")
    assert not ingress_uses(ingress, "Service", "t")
    assert ingress_uses(ingress, "Secret", "t")
    assert not ingress_uses(ingress, "ConfigMap", "a")
