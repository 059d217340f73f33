"""A whole life of an environment, printed as JSON: what is on the box before, between and after.

Arguments: home, subnet. Run it in mount and network namespaces of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from core.clouds.nspawn.cgroups import under_systemd
from core.clouds.process import run
from tests.machines.nspawn_box import Box, traces


async def life(box: Box) -> dict[str, object]:
    mark = box.names.mark
    cloud = box.cloud()
    before = traces(box.home, mark)
    await asyncio.gather(*(cloud.create(box.wish(name), box.report) for name in ("kube-1", "kube-2", "gateway-1")))
    reached = await _reached(box, "kube-1", "kube-2")
    await cloud.stop("kube-2", box.report)
    await cloud.delete("gateway-1", box.report)
    between = traces(box.home, mark)
    await cloud.remove_all(box.report)
    after = traces(box.home, mark)
    return {
        "before": before,
        "between": between,
        "after": after,
        "reached": reached,
        "own_cgroups": not under_systemd(),
    }


async def _reached(box: Box, one: str, other: str) -> bool:
    """Whether one machine reaches another where forwarding is forbidden by default, as a Docker engine leaves it."""
    if not under_systemd():
        await run("iptables", "-P", "FORWARD", "DROP")
    machines = await box.cloud().machines()
    ping = f"ping -c 1 -W 5 -q {machines[other].address} > /dev/null && echo reached || echo lost"
    return await box.ssh(machines[one], ping) == "reached"


async def main() -> None:
    box = Box(Path(sys.argv[1]), subnet=sys.argv[2])
    try:
        print(json.dumps(await life(box)))
    finally:
        await box.cloud().remove_all(box.report)


asyncio.run(main())
