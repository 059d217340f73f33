"""What the API server asks of kubelets: logs, commands, ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.hooks import Hooks, LogOptions, Streams
from core.simulator.kubernetes.kubelet.hooks import KubeletHooks
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import template
from tests.simulator.kubernetes.running import Running, cluster


async def running_pod(running: Running, name: str = "web", **spec: object) -> tuple[Hooks, Object]:
    made = template(**{"image": "nginx:1.29", **spec})  # type: ignore[arg-type]
    running.objects.create("pods", {"metadata": {"name": name, "namespace": "default"}, "spec": made["spec"]})
    pods = await running.until("pods", lambda pods: pods[0]["status"]["phase"] == "Running")
    return KubeletHooks(running.fleet), pods[0]


async def read(hooks: Hooks, pod: Object, **options: object) -> list[str]:
    pieces = hooks.logs(pod, "main", LogOptions(**options))  # type: ignore[arg-type]
    return b"".join([piece async for piece in pieces]).decode().splitlines()


async def test_a_log_has_times_and_its_end_can_be_asked_for() -> None:
    async with cluster(nodes=("kube-1",)) as running:
        hooks, pod = await running_pod(running, container={"command": ["sh", "-c", "echo one; echo two; sleep 9"]})
        await asyncio.sleep(0.05)
        lines = await read(hooks, pod)
        assert [line.split(" ", 1)[1] for line in lines] == ["one", "two"]
        assert await read(hooks, pod, tail=1) == lines[-1:]
        assert await read(hooks, pod, since=datetime.now(UTC)) == []


async def test_following_ends_with_the_run_and_the_one_before_can_be_read() -> None:
    async with cluster(nodes=("kube-1",)) as running:
        hooks, pod = await running_pod(running)
        with pytest.raises(ApiError, match="previous terminated container"):
            await read(hooks, pod, previous=True)
        following = asyncio.create_task(read(hooks, pod, follow=True))
        await asyncio.sleep(0)
        kubelet = running.kubelets["kube-1"]
        assert kubelet.restart_container(kubelet.containers()[0].id, 137)
        async with asyncio.timeout(5):
            lines = await following
        assert "status 137" in lines[-1]
        await running.ready(1)
        assert await read(hooks, pod, previous=True) == lines


async def test_what_has_not_run_has_no_log() -> None:
    async with cluster(nodes=("kube-1",)) as running:
        made = template("nginx:does-not-exist")
        running.objects.create("pods", {"metadata": {"name": "bad", "namespace": "default"}, "spec": made["spec"]})
        pods = await running.until("pods", lambda pods: "ImagePullBackOff" in str(pods[0]["status"]))
        with pytest.raises(ApiError, match="is waiting to start: trying and failing to pull image") as refused:
            await read(KubeletHooks(running.fleet), pods[0])
        assert refused.value.status == 400


async def test_a_kubelet_that_is_away_answers_nobody() -> None:
    async with cluster(nodes=("kube-1",)) as running:
        hooks, pod = await running_pod(running)
        await running.kubelets["kube-1"].stop()
        with pytest.raises(ApiError, match="kube-1 does not answer"):
            await read(hooks, pod)


async def run(hooks: Hooks, pod: Object, *command: str, stdin: bytes = b"", tty: bool = False) -> tuple[int, str, str]:
    out, err = bytearray(), bytearray()

    async def pieces() -> AsyncIterator[bytes]:
        if stdin:
            yield stdin

    async def keep(where: bytearray, data: bytes) -> None:
        where += data

    streams = Streams(pieces(), lambda data: keep(out, data), lambda data: keep(err, data), tty)
    status = await hooks.execute(pod, "main", list(command), streams)
    return status, out.decode(), err.decode()


async def test_commands() -> None:
    config = {"name": "config", "configMap": {"name": "site"}}
    container = {
        "env": [{"name": "COLOUR", "value": "red"}],
        "volumeMounts": [{"name": "config", "mountPath": "/etc/s"}],
    }
    async with cluster(nodes=("kube-1",)) as running:
        site = {"metadata": {"name": "site", "namespace": "default"}, "data": {"a.conf": "on\n"}}
        running.objects.create("configmaps", site)
        hooks, pod = await running_pod(running, container=container, volumes=[config])
        assert await run(hooks, pod, "hostname") == (0, "web\n", "")
        assert "COLOUR=red\n" in (await run(hooks, pod, "env"))[1]
        assert await run(hooks, pod, "cat", "/etc/hostname") == (0, "web\n", "")
        assert await run(hooks, pod, "cat", "/etc/s/a.conf") == (0, "on\n", "")
        assert (await run(hooks, pod, "cat", "/nothing"))[0] == 1
        assert await run(hooks, pod, "sh", "-c", "echo $COLOUR; exit 3") == (3, "red\n", "")
        assert (await run(hooks, pod, "sh", "-c", "frobnicate"))[0] == 127
        assert await run(hooks, pod, "cat", stdin=b"through") == (0, "through", "")
        assert await run(hooks, pod, "sh", stdin=b"hostname\nexit 4\n") == (4, "web\n", "")
        assert "simulated" in (await run(hooks, pod, "sh", stdin=b"exit\r", tty=True))[1]
        with pytest.raises(ApiError, match="executable file not found"):
            await run(hooks, pod, "frobnicate")


async def test_a_port_answers_where_somebody_listens() -> None:
    async with cluster(nodes=("kube-1",)) as running:
        hooks, pod = await running_pod(running)
        reader, writer = await hooks.connect(pod, 80)
        writer.write(b"GET / HTTP/1.1\r\nHost: web\r\n\r\n")
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200 OK") and b"nginx:1.29" in answer
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await hooks.connect(pod, 81)
