"""What a cluster's machines are made from: its declaration, versions, certificates and each machine's own facts."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.cluster.layout import Layout, Node
from core.cluster.pki import Pair, Pki
from core.machines.facts import HostFacts
from core.machines.state import File
from core.machines.steps import Unknown
from core.model.cluster import KubernetesCluster

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)

API_PORT = 6443


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a machine differs from a plain one; its provider says so in /etc/gondolier/machine.json.

    `cgroup_root` is a cgroup that is the machine's own where several share one hierarchy. `nameservers` are those
    that its resolv.conf names.
    """

    cgroup_root: str = ""
    cgroup_driver: str = "systemd"
    cgroup_v1: bool = False
    restrict_oom_score_adj: bool = False
    conntrack_unwritable: bool = False
    nameservers: tuple[str, ...] = ()


def quirks_of(facts: HostFacts) -> Quirks:
    """What the machine says of itself, in the cluster's terms."""
    said = facts.machine
    return Quirks(
        cgroup_root=str(said.get("cgroup_root", "")).removesuffix("/"),
        cgroup_driver=str(said.get("cgroup_driver", "systemd")),
        cgroup_v1=facts.cgroup_v1,
        restrict_oom_score_adj=bool(said.get("restrict_oom_score_adj", False)),
        conntrack_unwritable=bool(said.get("conntrack_unwritable", False)),
        nameservers=tuple(facts.nameservers),
    )


@dataclass(slots=True)
class Blueprint:
    """Everything that decides what a machine of the cluster shall be like.

    `quirks` fill up as machines are reached; asking for those of a machine that was not raises `Unknown`, as does
    asking for a certificate or an address that is not there yet. `floating` are the machines' public addresses.
    """

    cluster: KubernetesCluster
    layout: Layout
    versions: Mapping[str, str]
    pki: Pki
    quirks: dict[str, Quirks] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    floating: dict[str, str] = field(default_factory=dict)

    def address(self, node: Node) -> str:
        try:
            return self.addresses[node.name]
        except KeyError:
            raise Unknown(f"the address of {node.name}") from None

    def addressed(self, node: Node) -> Node:
        """The node with the address that it has by now."""
        return Node(node.name, node.role, node.index, self.address(node))

    def quirks_of(self, node: Node) -> Quirks:
        try:
            return self.quirks[node.name]
        except KeyError:
            raise Unknown(f"what kind of machine {node.name} is") from None

    def pair(self, file: str) -> Pair:
        try:
            return self.pki.pair(file)
        except FileNotFoundError:
            raise Unknown(f"the certificate {file}") from None

    def authority(self, name: str) -> bytes:
        try:
            return self.pki.authority(name)
        except FileNotFoundError:
            raise Unknown(f"the authority {name}") from None

    def secret(self, name: str) -> bytes:
        try:
            return self.pki.secret(name)
        except FileNotFoundError:
            raise Unknown(f"the secret {name}") from None

    @property
    def server(self) -> str:
        """The API server's URL as the cluster's machines use it."""
        return f"https://{self.address(self.layout.control_plane)}:{API_PORT}"

    @property
    def etcd_endpoints(self) -> str:
        """Where the network's daemons find etcd. The control plane always votes, whatever else changes."""
        return f"https://{self.address(self.layout.control_plane)}:2379"

    @property
    def api_service_address(self) -> str:
        return str(ipaddress.ip_network(self.cluster.service_cidr)[1])

    @property
    def dns_service_address(self) -> str:
        return str(ipaddress.ip_network(self.cluster.service_cidr)[10])

    def kubeconfig(self, file: str, *, server: str = "", user: str = "") -> bytes:
        """A kubeconfig with everything embedded, for the holder of this certificate."""
        pair = self.pair(file)
        name = self.cluster.name
        document: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": server or self.server,
                        "certificate-authority-data": _base64(self.authority("ca")),
                    },
                }
            ],
            "users": [
                {
                    "name": user or file,
                    "user": {
                        "client-certificate-data": _base64(pair.certificate),
                        "client-key-data": _base64(pair.key),
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": user or file}}],
        }
        return yaml_text(document)


def render(template: str, **values: object) -> bytes:
    """A template of this folder with its values; a value that is missing is an error."""
    return _TEMPLATES.get_template(template).render(**values).encode()


def unit_file(name: str, **values: object) -> File:
    """The unit file made from the template of the same name."""
    return File(f"/etc/systemd/system/{name}", render(f"{name}.j2", **values))


def yaml_file(path: str, document: Mapping[str, Any]) -> File:
    """A configuration file in YAML."""
    return File(path, yaml_text(document))


def yaml_text(document: Mapping[str, Any]) -> bytes:
    """A document as YAML; libyaml, where it is there, writes the same text ten times as fast."""
    text: str = yaml.dump(dict(document), Dumper=_DUMPER, sort_keys=False)
    return text.encode()


def secret_file(path: str, content: bytes) -> File:
    """A file that only root may read and no plan shows."""
    return File(path, content, mode=0o600, secret=True)


def pair_files(path: str, pair: Pair) -> tuple[File, File]:
    """A certificate at `path`.crt with its key at `path`.key."""
    return File(f"{path}.crt", pair.certificate), secret_file(f"{path}.key", pair.key)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
