"""A cloud in memory, as far as the provider's own decisions need one: the calls, and servers that come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from core.clouds.base import MachineWish
from core.clouds.openstack.names import Marks
from core.engine.step import Level

MARKS = Marks("lab", "0123456789ab", "ffffffffffff")


class Report(list[str]):
    """Keeps what was reported."""

    def __call__(self, text: str, level: Level = "info") -> None:
        self.append(text)


def wish(name: str, role: str = "worker", **options: str) -> MachineWish:
    """A wish of cluster alpha."""
    from pathlib import Path

    return MachineWish("lab", "alpha", role, name, Path("/key"), "ssh-ed25519 A", options=tuple(options.items()))


def sdk_server(machine: str, status: str = "ACTIVE", generation: int = 1, **fields: Any) -> SimpleNamespace:
    """A server as the SDK gives it."""
    values: dict[str, Any] = {
        "id": f"id-{machine}-{generation}",
        "name": MARKS.server_name(machine, generation),
        "metadata": MARKS.metadata("alpha", "worker", machine, generation),
        "status": status,
        "task_state": None,
        "fault": None,
        "created_at": "2026-01-01T00:00:00Z",
        "launched_at": None if status == "BUILD" else "2026-01-01T00:00:01Z",
        "attached_volumes": [],
    }
    return SimpleNamespace(**(values | fields))


@dataclass
class FakeCalls:
    """Runs each piece of work at once on `cloud`; what `failures` holds is raised first, one by one."""

    cloud: Any
    failures: list[Exception] = field(default_factory=list)
    done: int = 0

    async def ask(self, work: Callable[[Any], Any]) -> Any:
        return await self.do(work)

    async def do(self, work: Callable[[Any], Any]) -> Any:
        self.done += 1
        if self.failures:
            raise self.failures.pop(0)
        return work(self.cloud)
