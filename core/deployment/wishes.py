"""What a machine is made with beside its name: the component's own choices before the provider's."""

from __future__ import annotations

from core.model.cluster import KubernetesCluster
from core.model.environment import Environment
from core.model.host import DockerStandaloneHost
from core.model.naming import Role
from core.model.provider import OpenStack

_CHOICES = ("flavor", "image", "key_pair", "availability_zone")

Options = tuple[tuple[str, str], ...]


def machine_options(
    environment: Environment, part: KubernetesCluster | DockerStandaloneHost, role: Role, index: int
) -> Options:
    """The options of a wish, as far as the provider has any; `index` is the machine's place in its role, from 1."""
    provider = environment.provider
    if not isinstance(provider, OpenStack):
        return ()
    chosen = {name: getattr(part.instance, name) or getattr(provider, name) for name in _CHOICES}
    if not chosen["availability_zone"] and provider.spread_zones:
        chosen["availability_zone"] = provider.spread_zones[(index - 1) % len(provider.spread_zones)]
    chosen["floating"] = "true" if wants_floating(part, role) else "false"
    if isinstance(part, KubernetesCluster):
        chosen["pod_network"] = part.network
    return tuple((name, value) for name, value in chosen.items() if value)


def wants_floating(part: KubernetesCluster | DockerStandaloneHost, role: Role) -> bool:
    """Whether the document gives machines of this role a floating address."""
    if isinstance(part, DockerStandaloneHost):
        return part.floating_ip
    flags = {
        "control-plane": part.control_plane.floating_ip,
        "worker": part.workers.floating_ip,
        "gateway": part.gateways.floating_ip,
    }
    return flags[role]
