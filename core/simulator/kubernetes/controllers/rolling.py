"""How a Deployment's ReplicaSets are resized on the way to a new template; pure arithmetic.

Rules: kubernetes/pkg/controller/deployment/rolling.go, recreate.go, sync.go and util/deployment_util.go.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from core.simulator.kubernetes.shape import Object, replicas_of

Sizes = dict[str, int]


def bounds(deployment: Object) -> tuple[int, int]:
    """maxSurge and maxUnavailable in pods; never both 0, or nothing could move."""
    spec = deployment["spec"]
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return 0, 0
    rolling, wanted = strategy.get("rollingUpdate") or {}, spec.get("replicas", 1)
    surge = resolve(rolling.get("maxSurge", "25%"), wanted, math.ceil)
    unavailable = resolve(rolling.get("maxUnavailable", "25%"), wanted, math.floor)
    return (surge, unavailable) if surge or unavailable else (0, 1)


def max_surge(deployment: Object) -> int:
    """How many pods more than wanted there may be."""
    return bounds(deployment)[0]


def max_unavailable(deployment: Object) -> int:
    """How many pods fewer than wanted may be available."""
    return min(bounds(deployment)[1], replicas_of(deployment))


def resolve(amount: int | str, total: int, rounding: Callable[[float], int]) -> int:
    """A number, or a percentage of the total."""
    if isinstance(amount, str) and amount.endswith("%"):
        return rounding(int(amount[:-1]) * total / 100)
    return int(amount)


def rolled(deployment: Object, current: Object, old: Sequence[Object]) -> Sizes:
    """First the new one grows as far as it may; only when it may not, old ones shrink."""
    grown = _grown(deployment, current, old)
    if grown != size(current):
        return {current["metadata"]["name"]: grown}
    return _shrunk(deployment, current, old)


def recreated(deployment: Object, current: Object, old: Sequence[Object]) -> Sizes:
    """All old pods go, and are gone, before new ones come."""
    if any(size(one) for one in old):
        return {one["metadata"]["name"]: 0 for one in old if size(one)}
    if any(_count(one, "replicas") or _count(one, "terminatingReplicas") for one in old):
        return {}
    return {current["metadata"]["name"]: replicas_of(deployment)}


def proportional(deployment: Object, current: Object | None, old: Sequence[Object]) -> Sizes:
    """Another number of replicas while nothing rolls, or while it does: each gets its share, leftovers the largest."""
    wanted = replicas_of(deployment)
    sets = [one for one in [*old, current] if one is not None and size(one)]
    if len(sets) <= 1:
        latest = sets[0] if sets else current
        return {latest["metadata"]["name"]: wanted} if latest is not None else {}
    if current is not None and size(current) == _count(current, "availableReplicas") == wanted:
        return {one["metadata"]["name"]: 0 for one in old if size(one)}
    total = sum(map(size, sets))
    allowed = wanted + max_surge(deployment) if wanted else 0
    return _shares(sorted(sets, key=size, reverse=True), total, allowed)


def size(one: Object) -> int:
    """The replicas that a ReplicaSet shall have."""
    return int(one["spec"].get("replicas", 0))


def _shares(sets: Sequence[Object], total: int, allowed: int) -> Sizes:
    found = {one["metadata"]["name"]: round(size(one) * allowed / total) for one in sets}
    largest = sets[0]["metadata"]["name"]
    found[largest] = max(0, found[largest] + allowed - sum(found.values()))
    return found


def _grown(deployment: Object, current: Object, old: Sequence[Object]) -> int:
    wanted, before = replicas_of(deployment), size(current)
    if before >= wanted:
        return wanted
    room = wanted + max_surge(deployment) - before - sum(map(size, old))
    return before + max(0, min(room, wanted - before))


def _shrunk(deployment: Object, current: Object, old: Sequence[Object]) -> Sizes:
    needed = replicas_of(deployment) - max_unavailable(deployment)
    waiting = size(current) - _count(current, "availableReplicas")
    spare = size(current) + sum(map(size, old)) - needed - waiting
    if spare <= 0:
        return {}
    sizes = {one["metadata"]["name"]: size(one) for one in old}
    _take_unhealthy(sizes, old, spare)
    available = sum(_count(one, "availableReplicas") for one in [*old, current])
    _take(sizes, old, available - needed)
    return sizes


def _take_unhealthy(sizes: Sizes, old: Sequence[Object], spare: int) -> None:
    """Pods that do not work go first: nobody misses them."""
    for one in old:
        taken = max(0, min(spare, size(one) - _count(one, "availableReplicas")))
        sizes[one["metadata"]["name"]] -= taken
        spare -= taken


def _take(sizes: Sizes, old: Sequence[Object], spare: int) -> None:
    for one in old:
        taken = max(0, min(spare, sizes[one["metadata"]["name"]]))
        sizes[one["metadata"]["name"]] -= taken
        spare -= taken


def _count(one: Object, name: str) -> int:
    return int(one.get("status", {}).get(name, 0))
