"""A project of the testbed's, with what a test does in it: as the product, and as somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from core.clouds.base import MachineWish, OpenPort
from core.clouds.openstack.provider import OpenStackCloud
from core.deployment.context import EnvironmentContext
from core.deployment.identity import host_key, login_key
from core.deployment.wishes import machine_options
from core.engine.plan import PlannedStep
from core.engine.step import Level
from core.model.environment import Environment
from core.model.naming import machines
from core.store.keys import keys_directory
from core.store.store import Store
from tests.openstack import driving
from tests.openstack.driving import Told
from tests.openstack.testbed.services import Testbed

Result = TypeVar("Result")


class Lines(list[str]):
    """Keeps what was reported."""

    def __call__(self, text: str, level: Level = "info") -> None:
        self.append(f"{level} {text}")

    @property
    def text(self) -> str:
        return "\n".join(self)


class Project:
    """The declared environment in project demo; `user` is somebody with the same rights who knows nothing of us."""

    def __init__(self, bed: Testbed, store: Store, environment: Environment) -> None:
        self.bed = bed
        self.store = store
        self.environment = environment
        self.user: Any = bed.connect()
        self.admin: Any = bed.connect("testbed-admin")

    def deploy(self, environment: Environment | None = None, *ports: OpenPort) -> Told:
        """Make the cloud what the document says, with these ports published."""
        self.environment = environment or self.environment
        return asyncio.run(driving.deploy(self.store, self.environment, ports))

    def deployed(self, environment: Environment | None = None, *ports: OpenPort) -> Told:
        """The same, which must succeed."""
        told = self.deploy(environment, *ports)
        assert told.state == "succeeded", told.text
        return told

    def destroyed(self) -> Told:
        """Take everything away, which must succeed."""
        told = asyncio.run(driving.destroy(self.store, self.environment))
        assert told.state == "succeeded", told.text
        return told

    def plan(self, *ports: OpenPort) -> list[PlannedStep]:
        """What a deployment would do now."""
        return asyncio.run(driving.planned(self.store, self.environment, ports))

    def with_cloud(self, work: Callable[[OpenStackCloud], Awaitable[Result]], **changes: Any) -> Result:
        """Do something with the provider itself; `changes` are other settings of it."""

        async def inside() -> Result:
            provider = self.environment.provider.model_copy(update=changes)
            self.store.environments.ensure(self.environment.name)
            context = EnvironmentContext(self.store, self.environment.model_copy(update={"provider": provider}))
            assert isinstance(context.cloud, OpenStackCloud)
            try:
                return await work(context.cloud)
            finally:
                await context.close()

        return asyncio.run(inside())

    def wish(self, name: str) -> MachineWish:
        """The wish for one of the declared machines, with its keys."""
        cluster = self.environment.clusters()[0]
        entry = next(one for one in machines(cluster) if one.name == name)
        keys = keys_directory(self.store.home, self.environment.name)
        host_key(keys, name)
        options = machine_options(self.environment, cluster, entry.role, entry.index)
        return MachineWish("lab", "alpha", entry.role, name, keys / "hosts" / name, login_key(keys), options=options)

    def server(self, machine: str) -> Any:
        """A machine's server, as the user sees it."""
        found = [one for one in self.user.compute.servers() if one.metadata.get("gondolier-machine") == machine]
        assert len(found) == 1, f"{len(found)} servers of {machine}"
        return found[0]

    def port(self, machine: str) -> Any:
        """A machine's port."""
        (found,) = self.user.network.ports(device_id=self.server(machine).id)
        return found

    def group(self, role: str) -> Any:
        """A role's security group."""
        return next(one for one in self.user.network.security_groups() if one.name.startswith(f"lab-alpha-{role}-"))

    def rules(self, role: str) -> set[str]:
        """What a role lets in, in words."""
        return {
            f"{rule['protocol']} {rule['port_range_min']}-{rule['port_range_max']} "
            f"{rule['remote_ip_prefix'] or 'a group'}"
            for rule in self.group(role).security_group_rules
            if rule["direction"] == "ingress"
        }

    def clean(self) -> None:
        """Take away what the test left, and end the connections."""
        if self.store.environments.get(self.environment.name) is not None:
            self.destroyed()
        self.user.close()
        self.admin.close()
