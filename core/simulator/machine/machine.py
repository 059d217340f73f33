"""One simulated machine: what it is made of, and its life from boot to boot."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from core.simulator.machine.files import Files
from core.simulator.machine.image import install_image
from core.simulator.machine.journal import Journal
from core.simulator.machine.kernel import Kept, Kernel
from core.simulator.machine.packages import Packages
from core.simulator.machine.ports import Ports
from core.simulator.machine.runtime import Runtime
from core.simulator.machine.units import Units

if TYPE_CHECKING:
    from core.simulator.world import World

Result = TypeVar("Result")

BOOT_SECONDS = 0.1


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A machine to be made. `host_key` is the private key (OpenSSH text) it shows, `login_key` the public key that
    may log in. `memory` and `disk` are bytes.
    """

    environment: str
    component: str
    role: str
    name: str
    host_key: str
    login_key: str
    processors: int = 4
    memory: int = 8 * 1024**3
    disk: int = 40 * 1024**3


class Record(msgspec.Struct):
    """What is kept of a machine beside its files, units and journal. `booted` is in seconds since 1970."""

    wish: Wish
    id: str
    machine_id: str
    address: str
    boot_id: str = ""
    booted: float = 0.0
    powered: bool = False
    packages: dict[str, str] | None = None
    kernel: Kept | None = None
    images: list[str] = []


class Machine:
    """A machine by its parts: `files`, `units`, `journal`, `packages`, `kernel`, `ports`.

    `runtime` is what its kubelet runs, as the container runtime sees it; the kubelet sets it.
    """

    def __init__(self, world: World, record: Record) -> None:
        self.world = world
        self.record = record
        wish = record.wish
        self.environment, self.name, self.role, self.component = wish.environment, wish.name, wish.role, wish.component
        self.id, self.address = record.id, record.address
        keep = world.keeping
        self.files = Files(self.clock, self._disk_full, keep.journal(f"files:{self.id}"))
        self.journal = Journal(self.clock, keep.journal(f"journal:{self.id}"))
        self.units = Units(self, lambda: keep.put("units", self.id, self.units.dump))
        self.packages = Packages(self)
        self.kernel = Kernel()
        self.ports = Ports()
        self.runtime: Runtime | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._pids = itertools.count(412, 7)

    @property
    def boot_id(self) -> str:
        """Another one after each boot."""
        return self.record.boot_id

    @property
    def powered(self) -> bool:
        """Whether it runs."""
        return self.record.powered

    @property
    def key(self) -> tuple[str, str]:
        """Its key in the world."""
        return self.environment, self.name

    def clock(self) -> float:
        """The machine's time, seconds since 1970."""
        skew = self.world.faults.active("clock-skew", self)
        return time.time() + (skew.number("seconds") if skew else 0.0)

    def new_pid(self) -> int:
        """The number of another process."""
        return next(self._pids)

    def spawn(self, work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
        """Run something for as long as the machine has power."""
        task = self.world.spawn(work, f"{self.name}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def execute(self, argv: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str]:
        """Run a command of the machine; gives its status and what it said."""
        from core.simulator.shell.interpreter import run_words

        return await run_words(self, argv, environ)

    def install(self) -> None:
        """Write the disk of a machine that was just made."""
        wish = self.record.wish
        install_image(
            self.files,
            name=self.name,
            address=self.address,
            machine_id=self.record.machine_id,
            login_key=wish.login_key,
        )
        self.keep()

    async def boot(self) -> None:
        """Give it power; returns when its kernel runs. Its units start by themselves."""
        if self.powered:
            return
        self.record.boot_id = str(uuid.uuid4())
        for folder in ("/run", "/tmp"):
            for name in self.files.listing(folder):
                self.files.remove(f"{folder}/{name}")
        await asyncio.sleep(BOOT_SECONDS * self.world.pace)
        self.record.booted, self.record.powered = self.clock(), True
        self.kernel.boot(*_kept_settings(self.files))
        self.journal.append("", f"Linux version for {self.name} (simulated)", source="kernel")
        self.spawn(self.units.boot(), "boot")
        self.keep()

    async def halt(self) -> None:
        """Take its power away, whatever it is about."""
        if not self.powered:
            return
        self.record.powered = False
        await self._end_tasks()
        await self.units.shut_down(orderly=False)
        self.ports.clear()
        self.runtime = None
        self.keep()

    async def suspend(self) -> None:
        """The simulator goes: everything ends, and what is kept says that it runs."""
        kept = self.units.dump()
        self.record.powered, powered = False, self.record.powered
        await self._end_tasks()
        await self.units.shut_down(orderly=False)
        self.record.powered = powered
        self.world.keeping.put("units", self.id, kept)

    def keep(self) -> None:
        """Keep the record as it is when the next batch is written."""
        self.world.keeping.put("machines", f"{self.environment}/{self.name}", self._dump)

    def load(self) -> None:
        """Take everything that was kept."""
        keeping = self.world.keeping
        self.files.load(keeping.items(f"files:{self.id}"))
        self.journal.load(keeping.items(f"journal:{self.id}"))
        if self.record.packages is not None:
            self.packages.installed = self.record.packages
        if self.record.kernel is not None:
            self.kernel.load(self.record.kernel)

    def forget(self) -> None:
        """Keep nothing of it any more."""
        keeping = self.world.keeping
        for room in ("files", "journal"):
            keeping.drop(f"{room}:{self.id}")
        keeping.put("units", self.id, None)
        keeping.put("machines", f"{self.environment}/{self.name}", None)

    def _dump(self) -> bytes:
        self.record.packages, self.record.kernel = self.packages.installed, self.kernel.dump()
        return msgspec.json.encode(self.record)

    def _disk_full(self) -> bool:
        return self.world.faults.active("disk-full", self) is not None

    async def _end_tasks(self) -> None:
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _kept_settings(files: Files) -> tuple[dict[str, str], list[str]]:
    """What /etc/sysctl.d and /etc/modules-load.d ask for."""
    lines = [
        [line.strip() for name in files.listing(folder) for line in files.text(f"{folder}/{name}").splitlines()]
        for folder in ("/etc/sysctl.d", "/etc/modules-load.d")
    ]
    sysctls = [line.partition("=") for line in lines[0] if "=" in line and not line.startswith("#")]
    modules = [line for line in lines[1] if line and not line.startswith("#")]
    return {key.strip().replace(".", "/"): value.strip() for key, _, value in sysctls}, modules
