"""Users, services, flavors, an image and networks: what a project finds in a cloud."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

import openstack
import openstack.config
import yaml

from tests.openstack.testbed.place import Place

_CATALOGUE = {
    "nova": ("compute", "nova-api", "/v2.1"),
    "neutron": ("network", "neutron", ""),
    "glance": ("image", "glance", ""),
    "placement": ("placement", "placement", ""),
}
"""Each service's type, who serves it, and the path of its API."""

_FLAVORS = (
    ("m1.small", 2048, 1, 20),
    ("m1.medium", 4096, 2, 40),
    ("m1.tiny", 512, 1, 1),
    ("m1.too-big", 2048, 1, 9000000),
)
"""Name, MiB of memory, processors, GiB of disk; the last one's disk fits nowhere."""

IMAGE = "debian-12"


def identities(place: Place) -> None:
    """clouds.yaml, and in keystone users, projects, services and endpoints; every step looks before it makes."""
    _write_clouds(place)
    loader = openstack.config.OpenStackConfig(config_files=[str(place.clouds)], load_envvars=False)
    admin: Any = openstack.connection.Connection(config=loader.get_one(cloud="testbed-admin"))
    _identity(place, admin)
    admin.close()


def registered(admin: Any) -> bool:
    """Whether nova-compute has made itself known."""
    return any(one.state == "up" for one in admin.compute.services(binary="nova-compute"))


def fill(place: Place, admin: Any, demo: Any) -> None:
    """A host in its cell, flavors, an image and networks; every step looks before it makes."""
    _map_host(place, admin)
    _offers(admin)
    _networks(place, admin, demo)


def _write_clouds(place: Place) -> None:
    clouds = {
        cloud: {
            "auth": {
                "auth_url": f"{place.url('keystone')}/v3",
                "username": user,
                "password": place.password,
                "project_name": user,
                "user_domain_name": "Default",
                "project_domain_name": "Default",
            },
            "region_name": "RegionOne",
            "interface": "public",
        }
        for cloud, user in (("testbed", "demo"), ("testbed-other", "other"), ("testbed-admin", "admin"))
    }
    place.clouds.touch(mode=0o600)
    place.clouds.write_text(yaml.safe_dump({"clouds": clouds}))


def _identity(place: Place, admin: Any) -> None:
    identity = admin.identity
    roles = _named(identity.roles(), ("service", "member", "reader"), lambda name: identity.create_role(name=name))
    projects = _named(
        identity.projects(),
        ("service", "demo", "other"),
        lambda name: identity.create_project(name=name, domain_id="default"),
    )
    users = _named(
        identity.users(),
        (*_CATALOGUE, "demo", "other"),
        lambda name: identity.create_user(name=name, password=place.password, domain_id="default"),
    )
    for user in _CATALOGUE:
        for role in ("admin", "service"):
            identity.assign_project_role_to_user(projects["service"], users[user], roles[role])
    for user in ("demo", "other"):
        for role in ("member", "reader"):
            identity.assign_project_role_to_user(projects[user], users[user], roles[role])
    _endpoints(place, identity)


def _named(there: Any, names: tuple[str, ...], make: Callable[[str], Any]) -> dict[str, Any]:
    found = {one.name: one for one in there}
    for name in names:
        if name not in found:
            found[name] = make(name)
    return found


def _endpoints(place: Place, identity: Any) -> None:
    services = {one.name: one for one in identity.services()}
    there = {(one.service_id, one.interface) for one in identity.endpoints()}
    for name, (kind, server, path) in _CATALOGUE.items():
        service = services.get(name) or identity.create_service(name=name, type=kind)
        for interface in ("public", "internal", "admin"):
            if (service.id, interface) not in there:
                identity.create_endpoint(
                    service_id=service.id, interface=interface, url=place.url(server) + path, region_id="RegionOne"
                )


def _map_host(place: Place, admin: Any) -> None:
    discover = [f"{place.bin}/nova-manage", f"--config-file={place.etc}/nova/nova.conf", "cell_v2", "discover_hosts"]
    end = time.monotonic() + 120
    while not list(admin.compute.hypervisors()):
        if time.monotonic() > end:
            raise TimeoutError("the compute host was not mapped to its cell")
        subprocess.run([*discover, "--by-service"], check=True, capture_output=True)


def _offers(admin: Any) -> None:
    flavors = {one.name for one in admin.compute.flavors()}
    for name, ram, vcpus, disk in _FLAVORS:
        if name not in flavors:
            admin.compute.create_flavor(name=name, ram=ram, vcpus=vcpus, disk=disk)
    if not admin.image.find_image(IMAGE):
        said = {"os_distro": "debian", "os_version": "12", "min_disk": 1, "visibility": "public"}
        content = {"data": b"\0" * 1048576, "disk_format": "raw", "container_format": "bare"}
        admin.image.create_image(IMAGE, wait=True, **content, **said)


def _networks(place: Place, admin: Any, demo: Any) -> None:
    """An external network, and in project demo a network that exists before any environment."""
    outside = admin.network.find_network("public") or admin.network.create_network(
        name="public",
        is_router_external=True,
        is_shared=False,
        provider_network_type="flat",
        provider_physical_network="public",
    )
    _subnet(admin.network, "public-subnet", outside, place.public, dhcp=False)
    inside = demo.network.find_network("private") or demo.network.create_network(name="private")
    # Neutron takes a subnet of loopback only without DHCP.
    subnet = _subnet(demo.network, "private-subnet", inside, place.private, dhcp=not place.private.startswith("127."))
    gateway: Mapping[str, str] = {"network_id": outside.id}
    router = demo.network.find_router("router1") or demo.network.create_router(
        name="router1", external_gateway_info=gateway
    )
    if not list(demo.network.ports(device_id=router.id, network_id=inside.id)):
        demo.network.add_interface_to_router(router, subnet=subnet.id)


def _subnet(network: Any, name: str, parent: Any, start: str, *, dhcp: bool) -> Any:
    return network.find_subnet(name) or network.create_subnet(
        name=name,
        network_id=parent.id,
        ip_version=4,
        cidr=f"{start}.0/24",
        gateway_ip=f"{start}.1",
        is_dhcp_enabled=dhcp,
        allocation_pools=[{"start": f"{start}.10", "end": f"{start}.250"}],
    )
