"""A machine's first steps, whatever it is for: it is created, answers SSH, and is one that can be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from core.clouds.base import Grounded, MachineWish
from core.clouds.machines import MachineContext, Node, wanted
from core.engine.errors import Refusal, Trouble, Unreachable
from core.engine.step import Change, Report, Step
from core.machines.facts import HostFacts, gather_host
from core.machines.outcome import LoginRefused

SKEW_ALLOWED = 60.0
"""Seconds that a machine's clock may differ from ours; certificates are backdated by more."""

CONSOLE_LINES = 20
"""How much of a machine's console is shown when SSH does not answer."""

_FIRST_BOOT_DONE = "if command -v cloud-init >/dev/null; then cloud-init status --wait; fi"
"""Waits for what a cloud's image does at its first boot: it holds the package manager's lock, too."""

ROOM_NEEDED = 2 * 1024**3
"""Bytes free on a machine's root file system."""


def create_step(context: MachineContext, node: Node, wish: Callable[[Node], MachineWish]) -> Step:
    """The machine itself."""

    async def probe() -> Sequence[Change]:
        if not context.exists(node):
            return wanted("create", f"machine {node.name}", node.address or "address given by the provider")
        return [] if context.recorded(node) else wanted("update", f"record of machine {node.name}")

    async def apply(changes: Sequence[Change], report: Report) -> None:
        report(f"creating machine {node.name}" if changes[0].action == "create" else f"looking up {node.name}")
        # The identity is kept before anything exists, so that what a killed run made is known to be ours.
        context.store.machines.upsert(context.identity(node))
        machine = await context.cloud.create(wish(node), report)
        context.record(node, machine)
        report(f"machine {node.name} is running at {machine.address}")

    return context.step("create", f"create {node.name}", probe, apply, node=node, deadline=900)


def ssh_step(context: MachineContext, node: Node) -> Step:
    """SSH answers with the pinned key, and the machine is one that can be used."""

    async def probe() -> Sequence[Change]:
        if not context.exists(node):
            return wanted("wait", f"SSH on {node.name}")
        try:
            await _meet(context, node)
        except Unreachable as trouble:
            return wanted("wait", f"SSH on {node.name}", trouble.what)
        return []

    async def apply(changes: Sequence[Change], report: Report) -> None:
        connection = await context.connect(node)
        try:
            await connection.wait(240)
        except (Unreachable, LoginRefused) as silent:
            raise await _with_console(context, node, silent) from silent
        await connection.run(_FIRST_BOOT_DONE, check=False, timeout=200)
        facts = await _meet(context, node)
        report(f"{node.name} answers: {facts.os}, {facts.arch}, kernel {facts.kernel}")

    requires = frozenset({context.id("create", node)})
    return context.step("ssh", f"reach {node.name}", probe, apply, node=node, requires=requires)


async def _with_console(context: MachineContext, node: Node, silent: Trouble) -> Trouble:
    """Why SSH does not answer, with what the machine wrote on its console, where its provider can tell."""
    try:
        said = await context.cloud.console(node.name) if isinstance(context.cloud, Grounded) else ""
    except Trouble as trouble:
        said = f"its console cannot be read: {trouble}"
    if not said.strip():
        return silent
    lines = "\n".join(said.rstrip().splitlines()[-CONSOLE_LINES:])
    fix = "see what it says, and whether the security groups and routes let you in; destroy the machine to replace it"
    return Trouble(f"{silent.what}; its console ends with:\n{lines}\n", where=node.name, fix=fix)


async def _meet(context: MachineContext, node: Node) -> HostFacts:
    connection = await context.connect(node)
    asked = time.time()
    facts = await gather_host(connection)
    check_host(node.name, facts, (asked + time.time()) / 2)
    context.met(node, facts)
    return facts


def check_host(name: str, facts: HostFacts, now: float) -> None:
    """Raises `Refusal` where the machine cannot be used."""
    if facts.arch not in ("x86_64", "aarch64"):
        raise Refusal(f"architecture {facts.arch} is not supported", where=name, fix="use x86_64 or aarch64")
    skew = facts.clock - now
    if abs(skew) > SKEW_ALLOWED:
        raise Refusal(f"its clock differs by {skew:.0f} s from ours", where=name, fix="set up NTP on the machine")
    if facts.free_root < ROOM_NEEDED:
        raise Refusal(
            f"only {facts.free_root // 1024**2} MiB are free on /", where=name, fix="make room: 2 GiB are needed"
        )
