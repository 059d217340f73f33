"""A simulated API server under load, in a process of its own: `python -m tests.benchmarks.kube_load PODS`.

Prints its kubeconfig as a line of JSON, then obeys lines of standard input: "update RATE SECONDS", "log RATE SECONDS".
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from core.simulator.kubernetes.hooks import LogOptions
from core.simulator.kubernetes.objects import Objects
from tests.simulator.kubernetes.kubelets import FakeKubelets
from tests.simulator.kubernetes.serving import serving

Object = dict[str, Any]

_TICK = 0.05
TEXT = '{"level":"info","msg":"request served","path":"/api/v1/items/4711","status":200,"ms":12,"client":"10.77.0.31"}'


class Writers(FakeKubelets):
    """Containers that write at a rate, from when they are followed."""

    def __init__(self) -> None:
        super().__init__()
        self.rate = 0.0
        self.until = 0.0

    async def logs(self, pod: Object, container: str, options: LogOptions) -> AsyncIterator[bytes]:
        due, began, written = 0.0, time.monotonic(), 0
        while options.follow and time.monotonic() < self.until:
            due = (time.monotonic() - began) * self.rate
            lines = [f"{now_nanos()} {TEXT}\n" for _ in range(int(due) - written)]
            written += len(lines)
            if lines:
                yield "".join(lines).encode()
            await asyncio.sleep(_TICK)
        while options.follow:
            await asyncio.sleep(60)


def now_nanos() -> str:
    stamp = time.time_ns()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(stamp // 10**9))}.{stamp % 10**9:09}Z"


def fill(objects: Objects, count: int) -> None:
    """As many pods as wanted, each about as large as a real one."""
    for number in range(count):
        name = f"web-{number // 10:05}-{number % 10}"
        objects.create("pods", _pod(name, number))
        objects.update_status("pods", "default", name, _status(number, 0))


def _pod(name: str, number: int) -> Object:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"web-{number // 10}", "uid": f"u{number // 10}"}
    container = {
        "name": "site",
        "image": "registry.example.org/team/site:1.29.4",
        "env": [{"name": f"VARIABLE_{index}", "value": "a value of some length"} for index in range(20)],
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 10},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    metadata = {
        "name": name,
        "namespace": "default",
        "labels": {"app": "web", "tier": "front", "pod-template-hash": f"h{number // 10}"},
        "annotations": {
            f"example.org/note-{index}": "a note of some length, as tools leave them" for index in range(6)
        },
        "ownerReferences": [owner | {"controller": True}],
    }
    spec = {"nodeName": f"kube-{number % 50}", "containers": [container], "volumes": [{"name": "data", "emptyDir": {}}]}
    return {"metadata": metadata, "spec": spec}


def _status(number: int, restarts: int) -> Object:
    container = {
        "name": "site",
        "ready": True,
        "started": True,
        "restartCount": restarts,
        "image": "registry.example.org/team/site:1.29.4",
        "imageID": "registry.example.org/team/site@sha256:" + "0" * 64,
        "containerID": "containerd://" + "0" * 64,
        "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
        "lastState": {},
    }
    kinds = ("PodScheduled", "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
    since = "2026-01-01T00:00:00Z"
    return {
        "phase": "Running",
        "podIP": f"10.1.{number // 250 % 250}.{number % 250}",
        "hostIP": "10.77.0.11",
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": since} for kind in kinds],
        "containerStatuses": [container],
    }


async def _update(objects: Objects, count: int, rate: float, seconds: float) -> None:
    began, done = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while done < passed * rate:
            number = done * 7919 % count
            name = f"web-{number // 10:05}-{number % 10}"
            objects.update_status("pods", "default", name, _status(number, done + 1))
            done += 1
        await asyncio.sleep(0.01)


async def main(count: int) -> None:
    """Serve until standard input ends."""
    # Clients hang up when they have seen enough.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as directory:
        objects = Objects()
        fill(objects, count)
        writers = Writers()
        async with serving(Path(directory), objects, writers) as served:
            print(json.dumps(served.kubeconfig()), flush=True)
            while line := await asyncio.to_thread(sys.stdin.readline):
                what, rate, seconds = line.split()
                if what == "update":
                    await _update(objects, count, float(rate), float(seconds))
                else:
                    writers.rate, writers.until = float(rate), time.monotonic() + float(seconds)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
