"""When SSH never answers, a person reads what the machine wrote on its console."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.clouds.arrival import CONSOLE_LINES, ssh_step
from core.clouds.machines import MachineContext, Node
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.provider import OpenStackCloud
from core.engine.errors import Trouble, Unreachable
from core.engine.step import Step
from core.model.provider import OpenStack
from tests.unit.clouds.openstack_fakes import MARKS, FakeCalls, Report, sdk_server


class Silent:
    """A machine that takes no connection."""

    async def wait(self, deadline: float) -> None:
        raise Unreachable(f"no answer from 10.76.0.9 port 22 in time (waited {deadline:.0f} s)", where="kube-2")


def step(cloud: object) -> Step:
    async def connect(node: Node) -> Silent:
        return Silent()

    def made(phase: str, title: str, probe: Any, apply: Any, **_: object) -> Step:
        return Step(phase, "alpha", "kube-2", phase, title, probe, apply)

    context = SimpleNamespace(cloud=cloud, connect=connect, id=lambda *_: "create", step=made)
    return ssh_step(cast("MachineContext", context), Node("kube-2", "worker", 1))


def openstack(console: str) -> OpenStackCloud:
    compute = SimpleNamespace(
        servers=lambda **_: [sdk_server("kube-2")],
        get_server_console_output=lambda id, length: {"output": console},
    )
    network = SimpleNamespace(ports=lambda **_: [], ips=lambda **_: [])
    calls = FakeCalls(SimpleNamespace(compute=compute, network=network))
    return OpenStackCloud(MARKS, OpenStack(cloud="c"), cast("Calls", calls))


async def test_the_end_of_the_console_is_in_the_message() -> None:
    console = "\n".join(f"line {number}" for number in range(200)) + "\nKernel panic - not syncing\n"
    with pytest.raises(Trouble) as caught:
        await step(openstack(console)).apply([], Report())
    text = str(caught.value)
    assert text.startswith("kube-2: no answer from 10.76.0.9 port 22 in time (waited 240 s); its console ends with:\n")
    assert "Kernel panic - not syncing" in text
    assert "line 199" in text
    assert text.count("\nline ") == CONSOLE_LINES - 1
    assert "security groups and routes" in caught.value.fix


async def test_a_console_that_says_nothing_leaves_the_message_as_it_is() -> None:
    with pytest.raises(Unreachable, match=r"^kube-2: no answer from 10\.76\.0\.9 port 22 in time"):
        await step(openstack("  \n")).apply([], Report())


async def test_a_provider_without_consoles_leaves_the_message_as_it_is() -> None:
    with pytest.raises(Unreachable, match="waited 240 s"):
        await step(object()).apply([], Report())
