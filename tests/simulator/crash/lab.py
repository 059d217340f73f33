"""An environment whose deploying process is killed, and what must hold of it after the next run."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import signal
from collections.abc import Sequence
from pathlib import Path

from core.deployment.context import EnvironmentContext
from core.deployment.outcome import Outcome
from core.engine.lock import live_holder
from core.model.document import parse
from core.model.naming import declared_machines
from core.simulator.messages import Seen
from core.store.keys import keys_directory
from core.store.store import Store
from tests.simulator.crash import run
from tests.simulator.crash.points import Point, Turns
from tests.simulator.home import document
from tests.simulator.lab import Lab, is_ready

_PROCESSES = multiprocessing.get_context("forkserver")
# Forked from a process that has imported everything already, a run begins within milliseconds.
_PROCESSES.set_forkserver_preload([run.__name__])

UNITS = (
    *(f"{name}.service" for name in ("etcd", "containerd", "kubelet", "kube-proxy", "calico-node", "haproxy")),
    *(f"kube-{name}.service" for name in ("apiserver", "controller-manager", "scheduler")),
    "gondolier-gateway.service",
)
"""Every daemon that a cluster's machines may have."""

Restarts = frozenset[tuple[str, str]]
"""Units by machine."""

Stamps = dict[tuple[str, str, str], str]
"""When each unit that runs was started, by machine, the machine's identity and unit."""


class CrashLab(Lab):
    """Environment lab, with runs that are killed; `turns` are those of its deployment."""

    def __init__(self, home: Path, store: Store) -> None:
        super().__init__(home, store)
        self.turns: Turns = {}
        self.declare(workers=1)

    def declare(self, workers: int) -> None:
        """What the environment shall be from now on, for the looks of this class."""
        self.wanted = parse(document(workers=workers, gateways=1, replicas=1), "lab.yaml")

    async def begin(self, action: str, point: Point | None = None) -> int:
        """Run in a process of its own, killed at a point; gives the process's exit code."""
        words = [point.step, point.where, str(point.turn)] if point else []
        process = _PROCESSES.Process(target=run.main, args=(str(self.home), self.environment, action, *words))
        process.start()
        await asyncio.to_thread(process.join, 120)
        assert process.exitcode is not None, f"{action} does not end"
        return process.exitcode

    async def counted(self, action: str) -> Turns:
        """Run undisturbed, and count how often the work of each step waits."""
        assert await self.begin(action) == 0
        turns: Turns = json.loads((self.home / run.TURNS).read_text())
        return turns

    async def killed(self, action: str, point: Point) -> None:
        """Run and be killed at a point; a step that waits for something may find it there, and then nobody dies."""
        code = await self.begin(action, point)
        if code == 0 and self._held(point.step):
            print(f"{action} did not come to {point}: the step found nothing to do")
        else:
            assert code == -signal.SIGKILL, f"{action} did not come to {point}"

    def _held(self, step: str) -> bool:
        """Whether a step of the newest run found that what it wants holds already."""
        latest = self.console.store.deployments.latest(self.environment)
        assert latest is not None
        return any(each.step == step and each.event == "unchanged" for each in self.console.store.journal.of(latest.id))

    async def stamps(self) -> Stamps:
        """When the units that run now were started, on the machines that can be asked."""
        context = EnvironmentContext(self.console.store, self.wanted)
        try:
            machines = [seen for seen in await self.seen() if seen.status == "running"]
            known = {record.name for record in self.console.store.machines.list(self.environment) if record.address}
            found = await asyncio.gather(*(self._started(context, seen) for seen in machines if seen.name in known))
        finally:
            await context.close()
        return {key: value for stamps in found for key, value in stamps.items()}

    async def _started(self, context: EnvironmentContext, seen: Seen) -> Stamps:
        link = await context.connections.get(seen.name)
        done = await link.run(f"systemctl show -p Id,ActiveState,ActiveEnterTimestamp {' '.join(UNITS)}")
        blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in done.stdout.split("\n\n")]
        running = [block for block in blocks if block.get("ActiveState") == "active"]
        return {(seen.name, seen.id, block["Id"]): block["ActiveEnterTimestamp"] for block in running}

    async def seen(self) -> list[Seen]:
        """The machines that the world has."""
        return await self.client.ask("machines", list[Seen], environment=self.environment)

    async def recover(self, action: str, point: Point, workers: int, voters: list[str], may: Restarts) -> None:
        """Be killed at a point of an action, run again, and find everything as after an undisturbed run.

        `may` are the units that an undisturbed run starts anew. Beside those only the machines may be touched whose
        steps the killed run was in.
        """
        print(f"{action} is killed at {point}")
        await self.killed(action, point)
        self.declare(workers)
        busy, running = self.in_flight(), await self.stamps()
        outcome = await self.deploy()
        await self.check(outcome, voters)
        anew = {(machine, unit) for machine, _, unit in changed(running, await self.stamps())}
        assert {(machine, unit) for machine, unit in anew if machine not in busy} <= may

    def in_flight(self) -> set[str]:
        """The machines, or components, that a killed run was working on."""
        latest = self.console.store.deployments.latest(self.environment)
        assert latest is not None
        return {entry.target for entry in self.console.store.journal.unfinished(latest.id)}

    async def forget(self) -> None:
        """Take the machines away and abandon the environment: the world is as empty as before the first deployment."""
        await self.client.ask("remove", type(None), environment=self.environment)
        await self.console.abandon(self.environment)

    async def check(self, outcome: Outcome, voters: list[str]) -> None:
        """Every invariant that must hold after a run that ended well, whatever befell the one before."""
        nodes = declared_machines(self.wanted)["alpha"]
        assert outcome.good, "\n".join([outcome.message, *self.report.texts])
        alpha = await self.component("alpha")
        assert is_ready(alpha), alpha.conditions
        assert is_ready(await self.component("web"))
        assert sorted(node.name for node in alpha.nodes) == sorted(nodes)
        assert len(voters) % 2 == 1
        assert sorted(member.name for member in alpha.etcd.members) == voters
        assert not any(member.learner for member in alpha.etcd.members)
        self._check_records(nodes)
        assert sorted(seen.name for seen in await self.seen()) == sorted(nodes)
        await self._check_idle_run()

    def _check_records(self, nodes: Sequence[str]) -> None:
        """Nothing is kept of machines that are not there, of a run that is over, or of a secret."""
        store, name = self.console.store, self.environment
        assert sorted(record.name for record in store.machines.list(name)) == sorted(nodes)
        keys = keys_directory(store.home, name) / "hosts"
        assert sorted(path.name for path in keys.iterdir()) == sorted(nodes)
        assert live_holder(store, name) is None
        assert not list((self.home / "run").iterdir())
        deployments = store.deployments.list(name)
        assert {deployment.state for deployment in deployments} <= {"succeeded", "interrupted"}
        texts = [line.text for each in deployments for line in store.lines.after(each.id)]
        texts += [entry.text for each in deployments for entry in store.journal.of(each.id)]
        assert not any("PRIVATE KEY" in text for text in texts)

    async def _check_idle_run(self) -> None:
        """The next plan is empty, and the run that it belongs to starts nothing anew."""
        assert await self.plan() == []
        before = await self.stamps()
        outcome = await self.deploy()
        assert outcome.good, outcome.message
        assert await self.stamps() == before


def changed(before: Stamps, after: Stamps) -> set[tuple[str, str, str]]:
    """The units that ran on machines that are there still, and were stopped or started anew."""
    there = {key[1] for key in after}
    return {key for key, stamp in before.items() if key[1] in there and after.get(key) != stamp}
