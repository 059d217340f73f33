"""What a container uses, from the engine's figures; pure, with the rules of `docker stats`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.status import UsageStatus

Figures = Mapping[str, Any]


def usage_of(component: str, application: str, told: Figures) -> UsageStatus:
    """What the engine told, in processors and bytes; zeros for a container at rest.

    Memory is without the page cache that would be given back at once (docker/cli, `calculateMemUsageUnixNoCache`).
    """
    memory = told.get("memory_stats", {})
    networks = (told.get("networks") or {}).values()
    return UsageStatus(
        component=component,
        application=application,
        cpu=round(_processors(told.get("cpu_stats", {}), told.get("precpu_stats", {})), 3),
        memory=max(0, int(memory.get("usage", 0)) - _cache(memory.get("stats") or {})),
        memory_limit=int(memory.get("limit", 0)),
        received=_sum(networks, "rx_bytes"),
        sent=_sum(networks, "tx_bytes"),
        processes=int(told.get("pids_stats", {}).get("current", 0)),
    )


def _processors(now: Figures, before: Figures) -> float:
    """The share of the machine's time between two looks, times its processors."""
    used = _total(now) - _total(before)
    passed = int(now.get("system_cpu_usage", 0)) - int(before.get("system_cpu_usage", 0))
    if used <= 0 or passed <= 0:
        return 0.0
    return used / passed * int(now.get("online_cpus", 1))


def _total(figures: Figures) -> int:
    return int(figures.get("cpu_usage", {}).get("total_usage", 0))


def _cache(stats: Figures) -> int:
    """Version 1 of control groups has the total of a tree, version 2 its own alone."""
    return int(stats.get("total_inactive_file", stats.get("inactive_file", 0)))


def _sum(networks: Iterable[Figures], name: str) -> int:
    return sum(int(network.get(name, 0)) for network in networks)
