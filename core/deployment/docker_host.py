"""A Docker host's machine and its engine: made, reached, and brought into the state that its document asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.clouds.arrival import create_step, ssh_step
from core.clouds.base import MachineWish
from core.clouds.machines import MachineContext, Node
from core.cluster.blueprint import Quirks, quirks_of
from core.engine.errors import Refusal
from core.engine.step import Step
from core.machines.facts import HostFacts
from core.machines.state import Desired, Directory, File, Unit
from core.machines.steps import Unknown
from core.model.host import DockerStandaloneHost
from core.model.registry import Registry

PACKAGES = ("docker.io", "iptables", "ca-certificates")
"""Debian's Docker Engine and what it needs."""

DAEMON = "/etc/docker/daemon.json"
_CERTS = "/etc/docker/certs.d"


@dataclass(slots=True, kw_only=True)
class HostContext(MachineContext):
    """One Docker host of one environment; `quirks` are known once its machine was reached."""

    host: DockerStandaloneHost
    node: Node
    quirks: Quirks | None = field(default=None)

    def met(self, node: Node, facts: HostFacts) -> None:
        """Take notice of how the machine differs from a plain one."""
        self.quirks = quirks_of(facts)

    @property
    def known_quirks(self) -> Quirks:
        """How the machine differs from a plain one. Raises `Unknown` before it was reached."""
        if self.quirks is None:
            raise Unknown(f"what kind of machine {self.node.name} is")
        return self.quirks


def machine_steps(context: HostContext, wish: Callable[[Node], MachineWish]) -> list[Step]:
    """The host's machine with a running engine."""
    node = context.node
    # The package starts the engine by itself: whether it must be restarted is known only once it is there.
    system = context.state_step(
        "system",
        f"Docker's packages on {node.name}",
        node,
        lambda: Desired(packages=PACKAGES),
        requires=frozenset({context.id("ssh", node)}),
        deadline=900,
    )
    engine = context.state_step(
        "engine",
        f"Docker on {node.name}",
        node,
        lambda: engine_state(context.host.registry, context.known_quirks),
        requires=frozenset({system.id}),
    )
    return [create_step(context, node, wish), ssh_step(context, node), system, engine]


def engine_state(registry: Registry, quirks: Quirks) -> Desired:
    """Docker's daemon, listening on its socket only.

    Raises:
        Refusal: the registry's authority cannot be read.
    """
    settings = File(DAEMON, (json.dumps(daemon_settings(registry, quirks), indent=2, sort_keys=True) + "\n").encode())
    authority = _authority_files(registry)
    return Desired(
        directories=(Directory("/etc/docker"), *(Directory(f"{_CERTS}/{registry.host}") for _ in authority)),
        files=(settings, *authority),
        units=(Unit("docker.service", reads=(DAEMON,)),),
    )


def daemon_settings(registry: Registry, quirks: Quirks) -> dict[str, Any]:
    """What daemon.json holds. Logs rotate, and containers go on while the engine is restarted."""
    found: dict[str, Any] = {
        "live-restore": True,
        "log-driver": "json-file",
        "log-opts": {"max-size": "10m", "max-file": "3"},
    }
    if registry.mirror:
        found["registry-mirrors"] = [registry.mirror]
        scheme, _, host = registry.mirror.partition("://")
        if scheme == "http":
            found["insecure-registries"] = [host.rstrip("/")]
    if quirks.cgroup_root:
        found["exec-opts"] = [f"native.cgroupdriver={quirks.cgroup_driver}"]
        found["cgroup-parent"] = cgroup_parent(quirks)
    return found


def cgroup_parent(quirks: Quirks) -> str:
    """The control group that containers stay in on a machine that shares its hierarchy; empty on any other."""
    return f"{quirks.cgroup_root}/docker" if quirks.cgroup_root else ""


def _authority_files(registry: Registry) -> tuple[File, ...]:
    if not registry.host or not registry.ca:
        return ()
    path = Path(registry.ca).expanduser()
    try:
        return (File(f"{_CERTS}/{registry.host}/ca.crt", path.read_bytes()),)
    except OSError as error:
        raise Refusal(f"the registry's authority cannot be read: {error.strerror}", where=str(path)) from error
