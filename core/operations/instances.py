"""Pods recreated and their containers restarted, seen through until they are ready again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from core.containers.actions import container_ids, list_command, own_containers, stop_command
from core.engine.errors import Refusal, Trouble
from core.engine.step import Report
from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import PodRow
from core.kube.waiting import until
from core.kube.words import pod_ready, pod_words
from core.live.objects import Target

PATIENCE = 300.0
"""Seconds until pods must be ready again."""

RunOn = Callable[[str, str], Awaitable[str]]
"""Runs a command on the node of this name; gives what it wrote."""


async def recreate(cluster: Cluster, target: Target, report: Report, patience: float = PATIENCE) -> str:
    """Delete a pod and return when its controller has as many ready ones as before.

    Raises:
        Refusal: it has no controller. Trouble: no new one is ready in time.
    """
    pod = await _pod(cluster, target)
    owner = next((one for one in pod.metadata.owner_references if one.controller), None)
    if owner is None:
        raise Refusal(f"{target.name} has no controller: nothing would bring it back", where=cluster.name)
    wanted = sum(_of(row, owner.uid) and pod_ready(row) for row in await _pods(cluster, target))
    await cluster.delete(paths.pod(target.namespace, target.name), uid=pod.metadata.uid)
    report(f"pod {target.name} is deleted")

    def back(rows: Mapping[str, PodRow]) -> bool:
        ready = [row for row in rows.values() if _of(row, owner.uid) and pod_ready(row)]
        return pod.metadata.uid not in rows and len(ready) >= max(1, wanted)

    await _wait(cluster, target, back, patience, f"no new pod of {owner.kind} {owner.name} is ready")
    return f"pod {target.name} is replaced: {owner.kind} {owner.name} has {max(1, wanted)} ready"


async def restart_containers(
    cluster: Cluster, target: Target, run_on: RunOn, report: Report, patience: float = PATIENCE
) -> str:
    """Stop a pod's containers in its node's runtime and return when the kubelet has started them again.

    Raises:
        Refusal: it is on no node. Trouble: the runtime refuses, or they are not ready in time.
    """
    pod = await _pod(cluster, target)
    node = pod.spec.node_name
    if not node:
        raise Refusal(f"{target.name} is on no node yet", where=cluster.name)
    before = container_ids(pod)
    ids = own_containers(await run_on(node, list_command(pod.metadata.uid)), pod)
    if not ids:
        raise Trouble(f"no container of {target.name} runs on {node}", where=cluster.name)
    await run_on(node, stop_command(ids))
    report(f"{len(ids)} containers of {target.name} are stopped on {node}")

    def back(rows: Mapping[str, PodRow]) -> bool:
        row = rows.get(pod.metadata.uid)
        return row is None or (pod_ready(row) and not container_ids(row) & before)

    await _wait(cluster, target, back, patience, f"the containers of {target.name} are not ready again")
    return f"{len(ids)} containers of {target.name} are restarted"


async def _pod(cluster: Cluster, target: Target) -> PodRow:
    found = await cluster.read(paths.pod(target.namespace, target.name), PodRow)
    if found is None:
        raise Trouble(f"there is no pod {target.name} any more", where=cluster.name)
    return found


async def _pods(cluster: Cluster, target: Target) -> list[PodRow]:
    return list(await cluster.list(paths.pods(target.namespace), PodRow))


def _of(row: PodRow, owner: str) -> bool:
    return any(one.uid == owner for one in row.metadata.owner_references)


async def _wait(
    cluster: Cluster, target: Target, done: Callable[[Mapping[str, PodRow]], bool], patience: float, what: str
) -> None:
    try:
        async with asyncio.timeout(patience):
            await until(cluster, paths.pods(target.namespace), PodRow, done)
    except TimeoutError:
        words = "; ".join(
            f"{row.metadata.name}: {pod_words(row).status}"
            for row in await _pods(cluster, target)
            if not pod_ready(row)
        )
        raise Trouble(f"{what} after {patience:.0f} s ({words or 'no pod'})", where=cluster.name) from None
