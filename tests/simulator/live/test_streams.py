"""Streams into and out of pods, against a served, running cluster: logs, shells, ports."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from core.engine.errors import Refusal
from core.kube.kinds import NAMESPACE, SERVICE
from core.live.logs import LogQuery
from core.live.operations import JournalQuery
from tests.simulator.live.world import ALPHA, World, metadata


async def test_the_logs_of_a_deployment_are_those_of_its_pods(alpha: World) -> None:
    web = await alpha.deploy(replicas=2)
    first, second = await alpha.pods()
    await alpha.served.kubelets.log(first.name).write("one")
    await alpha.served.kubelets.log(second.name).write("two")
    found: list[tuple[str, str]] = []
    async with asyncio.timeout(10), aclosing(alpha.live.logs(LogQuery((web,), tail=10))) as batches:
        async for batch in batches:
            found += [(record.source.pod, record.text) for record in batch]
            if len(found) == 2:
                await alpha.served.kubelets.log(first.name).write("three")
            if len(found) == 3:
                break
    assert found == [(first.name, "one"), (second.name, "two"), (first.name, "three")]


async def test_logs_by_labels_and_only_what_was_written(alpha: World) -> None:
    await alpha.deploy(replicas=1)
    pod = (await alpha.pods())[0]
    await alpha.served.kubelets.log(pod.name).write("one", "two")
    query = LogQuery(clusters=(ALPHA,), namespace="default", labels="app=web", tail=1, follow=False)
    found = [record.text async for batch in alpha.live.logs(query) for record in batch]
    assert found == ["two"]


async def test_what_has_no_pods_has_no_logs(alpha: World) -> None:
    with pytest.raises(Refusal, match="nothing is selected"):
        await anext(aiter(alpha.live.logs(LogQuery())))
    with pytest.raises(Refusal, match="has no pods"):
        await anext(aiter(alpha.live.logs(LogQuery((alpha.target(NAMESPACE, "default"),)))))


async def test_a_shell_takes_input_gives_output_and_its_status(alpha: World) -> None:
    await alpha.deploy(replicas=1)
    pod = (await alpha.pods())[0]
    async with asyncio.timeout(10), alpha.live.shell(pod, ["cat"], columns=100, rows=30) as terminal:
        await terminal.write(b"hello")
        output = aiter(terminal.output())
        assert await anext(output) == b"hello"
        await terminal.resize(80, 24)
    async with alpha.live.shell(pod, ["false"]) as terminal:
        assert [piece async for piece in terminal.output()]
        assert terminal.status == 3
    entries = await alpha.live.journal(JournalQuery(action="shell"))
    assert [entry.subject for entry in entries] == [str(pod)] * 2
    assert entries[0].command == f"kubectl --context=alpha -n default exec -it {pod.name} -- sh"


async def test_attaching_shows_what_the_container_writes_from_now_on(alpha: World) -> None:
    await alpha.deploy(replicas=1)
    pod = (await alpha.pods())[0]
    log = alpha.served.kubelets.log(pod.name)
    await log.write("before")
    async with asyncio.timeout(10), alpha.live.attach(pod) as terminal:
        output = aiter(terminal.output())
        reading = asyncio.ensure_future(anext(output))
        while not reading.done():
            await log.write("after")
            await asyncio.sleep(0.01)
        assert (await reading).startswith(b"after")


async def _greeted(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"world\n")
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_forwarded_port_survives_the_pod_behind_it(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    old = (await alpha.pods())[0]
    made = await alpha.live.forward(web, 80)
    assert made.pod == old.name
    assert await _greeted(made.local) == b"hello world\n"
    await alpha.perform("recreate", old)
    assert await _greeted(made.local) == b"hello world\n"
    now = next(iter(alpha.live.forwards()))
    assert now.pod == (await alpha.pods())[0].name != old.name
    with pytest.raises(Refusal, match="cannot be used"):
        await alpha.live.forward(web, 80, made.local)
    await alpha.live.stop_forward(made.id)
    assert list(alpha.live.forwards()) == []
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await _greeted(made.local)
    with pytest.raises(Refusal, match="no port-forward"):
        await alpha.live.stop_forward(made.id)


async def test_a_service_is_forwarded_to_its_target_port_and_a_refusal_is_told(alpha: World) -> None:
    await alpha.deploy(replicas=1)
    ports = [{"name": "site", "port": 8080, "targetPort": 80}, {"name": "dead", "port": 81}]
    spec = {"selector": {"app": "web"}, "ports": ports}
    alpha.running.objects.create("services", {"metadata": metadata("front"), "spec": spec})
    front = alpha.target(SERVICE, "front")
    made = await alpha.live.forward(front, 8080)
    assert await _greeted(made.local) == b"hello world\n"
    dead = await alpha.live.forward(front, 81)
    assert await _greeted(dead.local) == b""
    told = next(one for one in alpha.live.forwards() if one.id == dead.id)
    assert "the pod refuses the connection" in told.trouble
