"""Access reviews: what the user of the kubeconfig may do, asked once for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import msgspec

from core.engine.errors import Trouble
from core.kube.access import Cluster
from core.live.objects import Right

_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
KEPT_SECONDS = 300.0


class _Status(msgspec.Struct, frozen=True):
    allowed: bool = False
    reason: str = ""


class _Review(msgspec.Struct, frozen=True):
    status: _Status = _Status()


class Reviews:
    """The answers of one cluster."""

    def __init__(self, cluster: Cluster, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = cluster
        self._clock = clock
        self._known: dict[Right, tuple[float, str | None]] = {}

    async def answers(self, wanted: Sequence[Right]) -> dict[Right, str | None]:
        """None for each right that is given, else the sentence why not; what cannot be asked now is left out."""
        now = self._clock()
        old = {right for right in wanted if right not in self._known or now - self._known[right][0] > KEPT_SECONDS}
        await asyncio.gather(*(self._ask(right, now) for right in old))
        return {right: self._known[right][1] for right in wanted if right in self._known}

    async def _ask(self, right: Right, now: float) -> None:
        attributes = {
            "verb": right.verb,
            "group": right.group,
            "resource": right.resource,
            "subresource": right.subresource,
            "namespace": right.namespace,
        }
        spec = {"resourceAttributes": {key: value for key, value in attributes.items() if value}}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": spec,
        }
        try:
            answer = msgspec.convert(await self._cluster.create(_PATH, review), _Review)
        except (Trouble, msgspec.MsgspecError):
            # Nobody knows: the action itself will tell.
            self._known.pop(right, None)
            return
        self._known[right] = (now, None if answer.status.allowed else _refusal(right, answer.status.reason))


def _refusal(right: Right, reason: str) -> str:
    what = f"{right.resource}/{right.subresource}" if right.subresource else right.resource
    where = f" in namespace {right.namespace}" if right.namespace else ""
    return f"you may not {right.verb} {what}{where}" + (f": {reason}" if reason else "")
