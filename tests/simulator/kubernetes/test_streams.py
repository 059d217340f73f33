"""Logs, commands and forwarded ports, through the product's client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.engine.errors import Refusal
from core.kube.access import Cluster
from core.kube.exec import execute
from tests.simulator.kubernetes.kubelets import run_pod
from tests.simulator.kubernetes.serving import Served

Object = dict[str, Any]

POD = "/api/v1/namespaces/default/pods/web"


async def test_a_command_runs_and_its_output_comes_apart(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "web")
    done = await execute(cluster, "default", "web", ["echo", "hi"])
    assert (done.status, done.stdout, done.stderr) == (0, b"echo hi", b"warned")
    assert (await execute(cluster, "default", "web", ["false"])).status == 3
    assert served.kubelets.commands == [["echo", "hi"], ["false"]]


async def test_a_command_gets_its_input(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "web")
    done = await execute(cluster, "default", "web", ["cat"], stdin=b"some words" * 1000)
    assert done.stdout == b"some words" * 1000


async def test_what_cannot_be_streamed_is_told(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "web")
    with pytest.raises(Refusal, match="Upgrade request required"):
        await cluster.get(f"{POD}/exec", [("command", "ls")])
    with pytest.raises(Refusal, match="container other is not valid for pod web"):
        await cluster.get(f"{POD}/log", [("container", "other")])
    with pytest.raises(Refusal, match="at most one of"):
        await cluster.get(f"{POD}/log", [("sinceSeconds", "1"), ("sinceTime", "2026-01-01T00:00:00Z")])
    with pytest.raises(Refusal, match="is waiting to start"):
        await cluster.fetch(f"{POD}/log")


async def test_logs_are_cut_as_asked(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "web")
    await served.kubelets.log("web").write("one", "two")
    assert await cluster.fetch(f"{POD}/log") == b"one\ntwo\n"
    assert await cluster.fetch(f"{POD}/log", [("tailLines", "1")]) == b"two\n"
    assert await cluster.fetch(f"{POD}/log", [("limitBytes", "6")]) == b"one\ntw"
    stamped = await cluster.fetch(f"{POD}/log", [("timestamps", "true")])
    assert stamped is not None and stamped.startswith(b"20") and stamped.endswith(b" two\n")


async def test_a_log_is_followed_until_it_ends(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "web")
    log = served.kubelets.log("web")
    await log.write("one")
    async with cluster.stream(f"{POD}/log", [("follow", "true")]) as response:
        assert await response.content.readline() == b"one\n"
        await log.write("two")
        assert await response.content.readline() == b"two\n"
        await log.end()
        assert await response.content.read() == b""


async def test_ports_are_forwarded(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "web")
    query = [("ports", "80"), ("ports", "81")]
    async with asyncio.timeout(10), cluster.socket(f"{POD}/portforward", query, ["v4.channel.k8s.io"]) as socket:
        await socket.send_bytes(b"\x00world\n")
        told: dict[int, bytes] = {}
        while b"world" not in told.get(0, b"") or b"nobody listens" not in told.get(3, b""):
            message = await socket.receive_bytes()
            told[message[0]] = told.get(message[0], b"") + message[1:]
    assert told[0] == b"\x50\x00hello world\n" and told[3].startswith(b"\x51\x00error forwarding port 81")
