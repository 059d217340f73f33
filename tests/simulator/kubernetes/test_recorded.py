"""What a real API server (1.36.4) answered, replayed against the simulated one; where they differ, it says why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from core.kube.kubeconfig import open_client
from tests.simulator.kubernetes.record import RECORDED, ask
from tests.simulator.kubernetes.recorded_requests import CREATED, REQUESTS, Request
from tests.simulator.kubernetes.serving import Served

KNOWN: tuple[tuple[str, str], ...] = (
    (r"POST \S+/daemonsets \S+ \.metadata\.annotations", "an old template counter that nobody reads"),
    (
        r"POST \S+/pods \S+ \.spec\.(volumes|containers\[0\]\.volumeMounts)",
        "no token is mounted: nothing in a pod runs",
    ),
    (r"POST \S+/jobs \S+ \.\S*(uid|controller-uid)$", "the uid of the job itself"),
    (r"POST \S+/nodes \S+ \.(spec\.taints|status\.)", "a node is tainted and described by its kubelet"),
    (r"POST \S+/customresourcedefinitions \S+ \.status", "names are accepted at once, not a moment later"),
    (r"PATCH \S+/pods/d \S+ \.\S*message", "the real one adds a difference of Go structures"),
    (r"PATCH \S+ text/plain \.message", "more words"),
    (r"PATCH \S+ application/json-patch\S+ \.message", "more words"),
    (r"PATCH \S+ application/strategic\S+ (status|\.(message|reason|code))$", "400 in the place of 500"),
    (r"GET \S+\?\S+ \S+ \.message", "the words of Go's parsers"),
    (r"\S+ \S+ \S+ \.details$", "an empty object"),
)
"""Patterns of "method path media place" for differences that are meant, with their reasons."""


async def test_it_answers_as_a_real_server_did(served: Served) -> None:
    served.objects.remove("serviceaccounts", "default", "default")
    client = await open_client(served.kubeconfig(), "sim")
    recorded = json.loads(RECORDED.read_text())
    assert len(recorded) == len(REQUESTS)
    found: list[str] = []
    for request, real in zip(REQUESTS, recorded, strict=True):
        ours = await ask(client.rest_client.pool_manager, served.url, request)
        found += [f"{_title(request)} {each}" for each in differences(real, ours)]
    await client.close()
    assert all(any(re.match(pattern, each) for each in found) for pattern, _ in KNOWN)
    unexplained = [each for each in found if not any(re.match(pattern, each) for pattern, _ in KNOWN)]
    assert unexplained == []


def test_what_was_recorded_was_done() -> None:
    recorded = json.loads(RECORDED.read_text())
    assert {each["status"] for each in recorded[: len(CREATED)]} == {200, 201}


def _title(request: Request) -> str:
    return f"{request[0]} {request[1]} {request[3]}"


def differences(real: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    """The places where two answers differ, with both values behind them where they are short."""
    if real["status"] != ours["status"]:
        yield "status"
    yield from _compare(real["answer"], ours["answer"], "")


def _compare(real: Any, ours: Any, place: str) -> Iterator[str]:
    if isinstance(real, dict) and isinstance(ours, dict):
        for key in sorted(real.keys() | ours.keys()):
            if key in real and key in ours:
                yield from _compare(real[key], ours[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}"
    elif isinstance(real, list) and isinstance(ours, list) and len(real) == len(ours):
        for index, (one, other) in enumerate(zip(real, ours, strict=True)):
            yield from _compare(one, other, f"{place}[{index}]")
    elif real != ours:
        yield place
