"""Unmodified kubectls, old and new, against the simulated API."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from core.simulator.kubernetes.objects import Objects, now
from tests.simulator.kubernetes.kubectl import NOT_FOUND, Kubectl, programs
from tests.simulator.kubernetes.kubelets import run_pod
from tests.simulator.kubernetes.serving import Served

Object = dict[str, Any]

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "nginx:1.29", ports: [{containerPort: 80}], env: [{name: A, value: "1"}]}
      - {name: side, image: "busybox:1.36"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""

pytestmark = pytest.mark.skipif(not programs(), reason=NOT_FOUND)


@pytest.fixture(params=programs() or [Path("kubectl")], ids=lambda program: str(program)[-40:])
def kubectl(request: pytest.FixtureRequest, served: Served, tmp_path: Path) -> Kubectl:
    return Kubectl(request.param, served.write_kubeconfig(tmp_path / "kubeconfig"), tmp_path / "cache")


def add_node(objects: Objects, name: str) -> None:
    """A node that is ready."""
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
    times = {"lastHeartbeatTime": now(), "lastTransitionTime": now()}
    amounts = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    status = {
        "conditions": [ready | times],
        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": name}],
        "capacity": amounts,
        "allocatable": amounts,
        "nodeInfo": {"kubeletVersion": "v1.36.4", "osImage": "Debian GNU/Linux 12 (bookworm)"},
    }
    labels = {"node-role.kubernetes.io/worker": "", "kubernetes.io/hostname": name}
    objects.create("nodes", {"metadata": {"name": name, "labels": labels}, "status": status})


async def test_get_shows_the_servers_tables(kubectl: Kubectl, served: Served) -> None:
    add_node(served.objects, "n1")
    run_pod(served.objects, "web-1")
    nodes = (await kubectl.run("get", "nodes", "-o", "wide")).splitlines()
    assert nodes[0].split()[:7] == ["NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP"]
    assert nodes[1].split()[:3] == ["n1", "Ready", "worker"] and "10.0.0.1" in nodes[1]
    pods = (await kubectl.run("get", "pods", "-A")).splitlines()
    assert pods[1].split()[:5] == ["default", "web-1", "1/1", "Running", "0"]
    everything = await kubectl.run("get", "all")
    assert "pod/web-1" in everything and "service/kubernetes" in everything
    assert "app=web-1" in await kubectl.run("get", "pod", "web-1", "--show-labels")
    assert json.loads(await kubectl.run("get", "pod", "web-1", "-o", "json"))["spec"]["nodeName"] == "n1"
    assert 'pods "nobody" not found' in await kubectl.run("get", "pod", "nobody", code=1)


async def test_get_watches(kubectl: Kubectl, served: Served) -> None:
    run_pod(served.objects, "a")
    process = await kubectl.start("get", "pods", "-w")
    assert process.stdout is not None
    assert (await process.stdout.readline()).split()[:2] == [b"NAME", b"READY"]
    assert (await process.stdout.readline()).split()[0] == b"a"
    run_pod(served.objects, "b")
    seen = [(await process.stdout.readline()).split()[:3] for _ in range(2)]
    assert seen == [[b"b", b"0/1", b"Pending"], [b"b", b"1/1", b"Running"]]
    process.kill()
    await process.wait()


async def test_describe(kubectl: Kubectl, served: Served) -> None:
    add_node(served.objects, "n1")
    pod = run_pod(served.objects, "web-1")
    about = {"kind": "Pod", "namespace": "default", "name": "web-1", "uid": pod["metadata"]["uid"]}
    event = {"metadata": {"name": "web-1.1", "namespace": "default"}, "involvedObject": about, "type": "Normal"}
    times = {"firstTimestamp": now(), "lastTimestamp": now(), "count": 1, "source": {"component": "kubelet"}}
    served.objects.create("events", event | times | {"reason": "Started", "message": "Started container main"})
    said = await kubectl.run("describe", "pod", "web-1")
    assert "Node:" in said and "n1/10.0.0.1" in said and "Started container main" in said
    said = await kubectl.run("describe", "node", "n1")
    assert "KubeletReady" in said and "web-1" in said and "Non-terminated Pods:" in said
    assert "Started container main" in await kubectl.run("get", "events")


async def test_apply_creates_changes_and_removes(kubectl: Kubectl, served: Served) -> None:
    said = await kubectl.run("apply", "-f", "-", stdin=MANIFEST)
    assert "deployment.apps/web created" in said and "service/web created" in said
    assert "web unchanged" in await kubectl.run("apply", "-f", "-", stdin=MANIFEST)
    changed = MANIFEST.replace("1.29", "1.30").replace(', env: [{name: A, value: "1"}]', "")
    changed = changed.replace('      - {name: side, image: "busybox:1.36"}\n', "")
    await kubectl.run("apply", "-f", "-", stdin=changed)
    live = served.objects.get("deployments.apps", "default", "web")
    assert live is not None
    [container] = live["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "nginx:1.30" and "env" not in container
    assert container["imagePullPolicy"] == "IfNotPresent"
    said = await kubectl.run(
        "apply", "-f", "-", stdin=MANIFEST.replace("matchLabels: {app: web}", "matchLabels: {a: b}"), code=1
    )
    assert "field is immutable" in said or "does not match" in said
    await kubectl.run("delete", "-f", "-", stdin=MANIFEST)
    assert served.objects.get("deployments.apps", "default", "web") is None


async def test_server_side_apply(kubectl: Kubectl, served: Served) -> None:
    await kubectl.run("apply", "--server-side", "-f", "-", stdin=MANIFEST)
    other = MANIFEST.replace("replicas: 2", "replicas: 3")
    said = await kubectl.run("apply", "--server-side", "--field-manager=other", "-f", "-", stdin=other, code=1)
    assert "conflict" in said and ".spec.replicas" in said
    force = ("--field-manager=other", "--force-conflicts")
    await kubectl.run("apply", "--server-side", *force, "-f", "-", stdin=other)
    live = served.objects.get("deployments.apps", "default", "web")
    assert live is not None and live["spec"]["replicas"] == 3


async def test_changing_a_deployment(kubectl: Kubectl, served: Served) -> None:
    await kubectl.run("apply", "-f", "-", stdin=MANIFEST)
    await kubectl.run("scale", "deployment/web", "--replicas=4")
    await kubectl.run("set", "image", "deployment/web", "main=nginx:1.31")
    await kubectl.run("label", "deployment/web", "tier=front")
    await kubectl.run("annotate", "deployment/web", "note=it")
    await kubectl.run("label", "deployment/web", "app-")
    await kubectl.run("patch", "deployment/web", "-p", '{"spec":{"minReadySeconds":3}}')
    await kubectl.run(
        "patch", "deployment/web", "--type=json", "-p", '[{"op":"add","path":"/spec/paused","value":true}]'
    )
    await kubectl.run("rollout", "resume", "deployment/web")
    await kubectl.run("edit", "deployment/web", EDITOR="sed -i s/revisionHistoryLimit:.*/revisionHistoryLimit:\\ 5/")
    live = served.objects.get("deployments.apps", "default", "web")
    assert live is not None
    spec, metadata = live["spec"], live["metadata"]
    assert (spec["replicas"], spec["minReadySeconds"], spec["revisionHistoryLimit"]) == (4, 3, 5)
    assert (
        not spec.get("paused") and metadata["labels"] == {"tier": "front"} and metadata["annotations"]["note"] == "it"
    )
    assert [each["image"] for each in spec["template"]["spec"]["containers"]] == ["nginx:1.31", "busybox:1.36"]


async def test_rollout_status_and_history(kubectl: Kubectl, served: Served) -> None:
    await kubectl.run("apply", "-f", "-", stdin=MANIFEST)
    process = await kubectl.start("rollout", "status", "deployment/web")
    assert process.stdout is not None
    assert b"Waiting for deployment" in await process.stdout.readline()
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 2)
    served.objects.update_status("deployments.apps", "default", "web", counts | {"observedGeneration": 1})
    assert b"successfully rolled out" in (await process.communicate())[0]
    deployment = served.objects.get("deployments.apps", "default", "web")
    assert deployment is not None
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": deployment["metadata"]["uid"]}
    for number, image in ((1, "nginx:1.28"), (2, "nginx:1.29")):
        template = json.loads(json.dumps(deployment["spec"]["template"]))
        template["spec"]["containers"][0]["image"] = image
        template["metadata"]["labels"]["pod-template-hash"] = str(number)
        metadata = {
            "name": f"web-{number}",
            "namespace": "default",
            "labels": {"app": "web", "pod-template-hash": str(number)},
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "ownerReferences": [owner | {"controller": True}],
        }
        spec = {"replicas": 0, "selector": {"matchLabels": template["metadata"]["labels"]}, "template": template}
        served.objects.create("replicasets.apps", {"metadata": metadata, "spec": spec})
    history = await kubectl.run("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.splitlines() if line[:1].isdigit()] == ["1", "2"]
    await kubectl.run("rollout", "undo", "deployment/web")
    live = served.objects.get("deployments.apps", "default", "web")
    assert live is not None and live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28"


async def test_logs_and_following_them(kubectl: Kubectl, served: Served) -> None:
    run_pod(served.objects, "web-1")
    log = served.kubelets.log("web-1")
    await log.write("one", "two", "three")
    assert await kubectl.run("logs", "web-1") == "one\ntwo\nthree\n"
    assert await kubectl.run("logs", "web-1", "--tail=1") == "three\n"
    assert (await kubectl.run("logs", "web-1", "--timestamps", "--tail=1")).split()[0].startswith("20")
    assert "waiting to start" in await kubectl.run("logs", "web-1", "--previous", code=1)
    process = await kubectl.start("logs", "-f", "web-1", "--tail=1")
    assert process.stdout is not None and await process.stdout.readline() == b"three\n"
    await log.write("four")
    assert await process.stdout.readline() == b"four\n"
    await log.end()
    assert await process.wait() == 0


async def test_drain_and_cordon(kubectl: Kubectl, served: Served) -> None:
    add_node(served.objects, "n1")
    run_pod(served.objects, "a")
    confirming = asyncio.create_task(confirm_deletions(served.objects))
    said = await kubectl.run("drain", "n1", "--force", "--ignore-daemonsets", "--timeout=20s")
    assert "pod/a evicted" in said
    assert served.objects.list("pods") == []
    assert "SchedulingDisabled" in await kubectl.run("get", "node", "n1")
    await kubectl.run("uncordon", "n1")
    node = served.objects.get("nodes", "", "n1")
    assert node is not None and not node["spec"].get("unschedulable")
    confirming.cancel()


async def test_delete_waits_until_it_is_gone(kubectl: Kubectl, served: Served) -> None:
    run_pod(served.objects, "a")
    confirming = asyncio.create_task(confirm_deletions(served.objects))
    assert 'pod "a" deleted' in await kubectl.run("delete", "pod", "a")
    run_pod(served.objects, "b")
    await kubectl.run("delete", "pods", "--all", "--grace-period=0", "--force")
    assert served.objects.list("pods") == []
    confirming.cancel()


async def test_who_may_what_and_what_there_is(kubectl: Kubectl, served: Served) -> None:
    assert "yes" in await kubectl.run("auth", "can-i", "create", "pods")
    assert "no" in await kubectl.run("auth", "can-i", "create", "pods", "--as=bob", code=1)
    resources = await kubectl.run("api-resources")
    assert "deployments" in resources and "poddisruptionbudgets" in resources
    add_node(served.objects, "n1")
    run_pod(served.objects, "a")
    assert "n1" in await kubectl.run("top", "nodes")
    assert "a" in await kubectl.run("top", "pods")
    assert "v1.36.4" in await kubectl.run("version")


async def test_create_and_delete_by_words(kubectl: Kubectl, served: Served) -> None:
    await kubectl.run("create", "namespace", "x")
    await kubectl.run("create", "configmap", "c", "--from-literal=a=b")
    await kubectl.run("create", "secret", "generic", "s", "--from-literal=password=swordfish")
    await kubectl.run("create", "deployment", "d", "--image=nginx:1.29", "--replicas=2", "--port=80")
    await kubectl.run("create", "service", "clusterip", "d", "--tcp=80:8080")
    await kubectl.run("create", "role", "r", "--verb=get", "--resource=pods")
    await kubectl.run("create", "rolebinding", "r", "--role=r", "--user=bob")
    await kubectl.run("expose", "deployment", "d", "--name=e", "--port=81")
    objects = served.objects
    config, secret = objects.get("configmaps", "default", "c"), objects.get("secrets", "default", "s")
    assert config is not None and config["data"] == {"a": "b"}
    assert secret is not None and secret["data"] == {"password": "c3dvcmRmaXNo"} and secret["type"] == "Opaque"
    deployment, service = objects.get("deployments.apps", "default", "d"), objects.get("services", "default", "d")
    assert deployment is not None and deployment["spec"]["replicas"] == 2
    assert service is not None and service["spec"]["ports"][0]["targetPort"] == 8080
    assert "yes" in await kubectl.run("auth", "can-i", "get", "pods", "--as=bob", "-n", "default")
    await kubectl.run("delete", "configmap/c", "secret/s", "deployment/d", "service/d", "service/e")
    assert objects.list("configmaps") == [] and objects.list("deployments.apps") == []


async def confirm_deletions(objects: Objects) -> None:
    """Let pods go that are to go, as their kubelets would."""
    async for event in objects.subscribe("pods"):
        if event.type != "DELETED" and "deletionTimestamp" in event.object["metadata"]:
            objects.remove("pods", event.namespace, event.name)
