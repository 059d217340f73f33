"""Scripts that units run once."""

from __future__ import annotations

import asyncio

from core.simulator.programs.base import Context, ProgramFailed, program

COPY_SECONDS = 0.02


class Oneshot:
    """Does its work in `start`."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """It has ended already."""


@program("host.sh")
class HostScript(Oneshot):
    """What a provider asks of its machines at boot: makes control groups writable, which they are here."""


@program("calico-cni-install")
class CalicoCniInstall(Oneshot):
    """Copies the CNI plug-ins out of the image that is its argument."""

    async def start(self) -> None:
        machine = self.context.machine
        if not machine.units.active("containerd"):
            raise ProgramFailed("ctr: cannot access socket /run/containerd/containerd.sock: no such file or directory")
        await asyncio.sleep(COPY_SECONDS * self.context.world.pace)
        image = self.context.argv[-1]
        for name in ("calico", "calico-ipam"):
            machine.files.write(f"/opt/cni/bin/{name}", f"{name} of {image}\n", 0o755)
