"""Our columns beside those of the server's own table: both are kubectl's."""

from __future__ import annotations

import time

from core.kube import paths
from core.kube.access import Cluster
from core.kube.forms import Tables
from core.kube.kinds import TypedKind
from core.live.objects import ClusterRef
from core.live.tables import LiveRow

_TIMES = frozenset({"AGE", "LAST SEEN", "LAST SCHEDULE", "DURATION"})
_NOTHING = frozenset({"", "<none>", "<unset>", "<unknown>", "None"})


async def differences(cluster: Cluster, typed: TypedKind) -> tuple[int, list[str]]:
    """How many cells were compared, and those that are not the same; times are left out, for they pass."""
    path = paths.collection(typed.kind.version, typed.kind.resource)
    form = Tables()
    server = [row async for page in cluster.pages(path, form) for row in page[0]]
    ours = {(row.metadata.uid): row for row in await cluster.list(path, typed.row)}
    titles = [column.name.upper() for column in form.columns]
    compared, wrong = 0, []
    for row in server:
        if row.metadata.uid not in ours:
            continue
        live = LiveRow("", ClusterRef("", ""), typed.kind, ours[row.metadata.uid])
        for column in typed.shape.columns:
            if column.title in titles and column.title not in _TIMES:
                theirs, mine = str(row.cells[titles.index(column.title)]), column.text(live, time.time())
                compared += 1
                if theirs != mine and not (theirs in _NOTHING and mine in _NOTHING):
                    wrong.append(f"{row.metadata.name} {column.title}: {mine!r} is {theirs!r} in the server's table")
    return compared, wrong
