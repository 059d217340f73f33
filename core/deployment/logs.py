"""The log of a pod's replicas as lines of text."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from core.containers.manifest import NAMESPACE, pod_selector
from core.kube import paths
from core.kube.access import Cluster
from core.kube.log_follow import follow
from core.kube.log_lines import LogItem, LogLine, LogRestarted
from core.kube.logs import history, sources
from core.kube.rows import PodRow


async def pod_log(cluster: Cluster, pod: str, application: str, following: bool) -> AsyncGenerator[str, None]:
    """What the replicas wrote, by time, each line after its replica's name; then, if asked, what comes, without end.

    Only that of one application, unless `application` is empty.
    """
    labels = pod_selector(pod)
    if following:
        async with aclosing(follow(cluster, NAMESPACE, labels=labels)) as batches:
            async for batch in batches:
                for item in batch:
                    if application in ("", item.container):
                        yield _line(item)
        return
    rows = await cluster.list(paths.pods(NAMESPACE), PodRow, labels=labels)
    found = [source for row in rows for source in sources(row) if application in ("", source.container)]
    async for item in history(cluster, found):
        yield _line(item)


def _line(item: LogItem) -> str:
    name = f"{item.pod}/{item.container}"
    if isinstance(item, LogLine):
        return f"{name}  {item.text}"
    if isinstance(item, LogRestarted):
        return f"── {name} restarted ({item.restarts}) ──"
    return f"── {name}: {item.reason}; trying again ──"
