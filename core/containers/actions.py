"""Operations on a running pod: its replicas recreated, its containers restarted."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

import msgspec

from core.containers.manifest import NAMESPACE, pod_selector, workload
from core.containers.readiness import diagnosis
from core.containers.rollout import lasting, obstacles
from core.containers.variables import Variables
from core.engine.errors import Refusal, Trouble
from core.engine.step import Report
from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import PodRow
from core.kube.scale import wanted_replicas
from core.kube.waiting import until
from core.model.pod import KubernetesPod

_PATIENCE = 300.0
_STOP_SECONDS = 10


class Ran(Protocol):
    """What a command on a node wrote."""

    @property
    def stdout(self) -> str: ...


RunOnNode = Callable[[str, str], Awaitable[Ran]]
"""Runs a shell command on the node with this name as root; raises Trouble where it fails."""


class _Labelled(msgspec.Struct, frozen=True):
    id: str
    labels: dict[str, str] = {}


class _Containers(msgspec.Struct, frozen=True):
    containers: tuple[_Labelled, ...] = ()


async def recreate_pod(
    cluster: Cluster, pod: KubernetesPod, variables: Variables, report: Report, *, patience: float = _PATIENCE
) -> None:
    """Delete every replica of the pod and return when as many new ones are ready; a bare pod is made again.

    Raises:
        Refusal: the pod is not deployed. Trouble: the new ones are not ready in time, with what they say.
    """
    old = await _replicas(cluster, pod)
    manifest = workload(pod, variables)
    if manifest is None or (not old and pod.replicas):
        raise _not_running(cluster, pod)
    uids = {each.metadata.uid for each in old}
    for each in old:
        await cluster.delete(paths.pod(NAMESPACE, each.metadata.name), uid=each.metadata.uid)
        report(f"pod {each.metadata.name} deleted")
    if pod.replicas == 0:
        await _wait(cluster, pod, variables, lambda rows: not rows, patience)
        await cluster.apply(manifest)
    wanted = await _replicas_asked(cluster, pod)
    anew = partial(_made_anew, uids=uids, wanted=wanted)
    await _wait(cluster, pod, variables, anew, patience)
    report(f"pod {pod.name}: {wanted} of {wanted} ready")


async def _replicas_asked(cluster: Cluster, pod: KubernetesPod) -> int:
    """How many replicas there shall be: by hand it may have become another number than what is declared."""
    if pod.replicas == 0:
        return 1
    return await wanted_replicas(cluster, pod.effective_workload, NAMESPACE, pod.name)


async def restart_containers(
    cluster: Cluster,
    pod: KubernetesPod,
    variables: Variables,
    run_on_node: RunOnNode,
    report: Report,
    *,
    patience: float = _PATIENCE,
) -> None:
    """Stop the application containers of every replica in their node's runtime and return when the kubelets have
    started them again; the pods keep their names, addresses and volumes.

    Raises:
        Refusal: no replica runs. Trouble: a node's runtime refuses, or the containers are not back in time.
    """
    running = [each for each in await _replicas(cluster, pod) if each.spec.node_name]
    if not running:
        raise _not_running(cluster, pod)
    before = {each.metadata.uid: container_ids(each) for each in running}
    await asyncio.gather(*(_restart(each, run_on_node, report) for each in running))
    await _wait(cluster, pod, variables, lambda rows: _restarted(rows, before), patience)
    report(f"pod {pod.name}: containers of {len(running)} replicas restarted")


def list_command(uid: str) -> str:
    """Lists the running containers of exactly the pod with this uid; its sandbox is none of them."""
    return f"crictl ps --state Running --output json --label {shlex.quote(f'io.kubernetes.pod.uid={uid}')}"


def stop_command(ids: Sequence[str]) -> str:
    """Stops containers, each by its own argument; the kubelet starts them again."""
    return shlex.join(["crictl", "stop", "--timeout", str(_STOP_SECONDS), *ids])


def own_containers(listed: str, pod: PodRow) -> list[str]:
    """The ids of the pod's application containers in the runtime's list.

    Raises:
        Trouble: the list cannot be read.
    """
    try:
        found = msgspec.json.decode(listed or "{}", type=_Containers).containers
    except msgspec.MsgspecError as error:
        raise Trouble(f"the list of containers cannot be read: {error}", where=pod.spec.node_name) from None
    names = {container.name for container in pod.spec.containers}
    return [
        each.id
        for each in found
        if each.labels.get("io.kubernetes.pod.uid") == pod.metadata.uid
        and each.labels.get("io.kubernetes.container.name") in names
    ]


def container_ids(pod: PodRow) -> set[str]:
    """The ids of the runs of a pod's application containers."""
    return {status.container_id for status in pod.status.container_statuses if status.container_id}


async def _restart(pod: PodRow, run_on_node: RunOnNode, report: Report) -> None:
    node = pod.spec.node_name
    listed = await run_on_node(node, list_command(pod.metadata.uid))
    ids = own_containers(listed.stdout, pod)
    if ids:
        await run_on_node(node, stop_command(ids))
    report(f"{len(ids)} containers of pod {pod.metadata.name} stopped on {node}")


async def _replicas(cluster: Cluster, pod: KubernetesPod) -> Sequence[PodRow]:
    return await cluster.list(paths.pods(NAMESPACE), PodRow, labels=pod_selector(pod.name))


async def _wait(
    cluster: Cluster,
    pod: KubernetesPod,
    variables: Variables,
    done: Callable[[Mapping[str, PodRow]], bool],
    patience: float,
) -> None:
    try:
        async with asyncio.timeout(patience):
            await until(cluster, paths.pods(NAMESPACE), PodRow, done, labels=pod_selector(pod.name))
    except TimeoutError:
        details = "\n".join(await diagnosis(cluster, pod.name, await _replicas(cluster, pod), variables))
        text = f"pod {pod.name} is not ready again after {patience:.0f} s\n{details}"
        raise Trouble(text, where=cluster.name, fix="put right what its pods say") from None


def _made_anew(rows: Mapping[str, PodRow], *, uids: set[str], wanted: int) -> bool:
    return not uids & rows.keys() and _all_ready(rows, wanted)


def _all_ready(rows: Mapping[str, PodRow], wanted: int) -> bool:
    pods = lasting(rows.values())
    return len(pods) == wanted and not obstacles(pods)


def _restarted(rows: Mapping[str, PodRow], before: Mapping[str, set[str]]) -> bool:
    """Whether each pod that is still there has new runs only, and all are ready."""
    there = [row for row in lasting(rows.values()) if row.metadata.uid in before]
    return not obstacles(there) and all(not container_ids(row) & before[row.metadata.uid] for row in there)


def _not_running(cluster: Cluster, pod: KubernetesPod) -> Refusal:
    return Refusal(f"no replica of {pod.name} runs", where=cluster.name, fix="deploy the environment first")
