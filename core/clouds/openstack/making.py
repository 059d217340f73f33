"""Making Neutron's objects with the environment's mark on them from the call that creates them on."""

from __future__ import annotations

from typing import Any

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.names import Marks


class Maker:
    """Creates objects of one environment; whoever calls has looked before."""

    def __init__(self, calls: Calls, marks: Marks) -> None:
        self._calls = calls
        self._marks = marks

    async def make(self, kind: str, *, tags: tuple[str, ...] = (), **fields: Any) -> Any:
        """Create an object, of a kind as the network proxy calls it ("network", "ip"), and give it as the SDK does.

        The description marks it in the same call. Tags, which are for people and other tools, come in a second one:
        Neutron takes none at creation.
        """
        described = {**fields, "description": self._marks.description}
        made = await self._calls.do(lambda cloud: getattr(cloud.network, f"create_{kind}")(**described))
        # Setting them twice is setting them once, so this may be tried again.
        return await self._calls.ask(lambda cloud: cloud.network.set_tags(made, [*self._marks.tags, *tags]))
