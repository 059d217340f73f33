"""Programs that do no more than run: containerd, sshd."""

from __future__ import annotations

import asyncio

from core.simulator.programs.base import Context, program

READY_SECONDS = 0.02


class Daemon:
    """Runs until it is stopped; needs the files that it is told of."""

    ready = "ready"

    def __init__(self, context: Context) -> None:
        self.context = context

    async def start(self) -> None:
        self.context.needed(*self.files())
        await asyncio.sleep(READY_SECONDS * self.context.world.pace)
        self.context.log(self.ready)

    async def stop(self) -> None:
        """Nothing outlives it."""

    def files(self) -> tuple[str, ...]:
        """What it cannot start without."""
        return ()


@program("sshd")
class Sshd(Daemon):
    """Its listening is the machine's own door, which is there as long as the machine has power."""

    ready = "Server listening on 0.0.0.0 port 22."


@program("containerd")
class Containerd(Daemon):
    """The container runtime: reads its configuration and has a socket."""

    ready = "containerd successfully booted in 0.020000s"

    def files(self) -> tuple[str, ...]:
        return (self.context.option("config", "/etc/containerd/config.toml"), "/usr/local/bin/containerd-shim-runc-v2")

    async def start(self) -> None:
        await super().start()
        self.context.machine.files.write("/run/containerd/containerd.sock", b"", 0o660)

    async def stop(self) -> None:
        self.context.machine.files.remove("/run/containerd/containerd.sock")
