"""etcdctl and calicoctl."""

from __future__ import annotations

from core.simulator.etcd.control.command import etcdctl
from core.simulator.network.calicoctl import calicoctl
from core.simulator.shell.calls import Call, command


@command("etcdctl")
async def run_etcdctl(call: Call) -> int:
    """Ask the machine's etcd, or another one."""
    answer = await etcdctl(call.world, call.machine, call.arguments)
    call.out(answer.stdout)
    call.err(answer.stderr)
    return answer.status


@command("calicoctl")
async def run_calicoctl(call: Call) -> int:
    """Ask Calico's store."""
    document = await call.stdin.read() if "-" in call.arguments else b""
    answer = await calicoctl(call.world, call.machine, call.arguments, call.environ, document.decode())
    call.out(answer.stdout)
    call.err(answer.stderr)
    return answer.status
