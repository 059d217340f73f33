"""The pod network, Calico or Flannel, over etcd and up before Kubernetes starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.cluster.blueprint import Blueprint, pair_files, secret_file, unit_file
from core.cluster.layout import Node
from core.engine.errors import Unreachable
from core.machines.connection import Connection
from core.machines.state import Binary, Desired, Directory, File, Unit

FLANNEL_KEY = "/coreos.com/network/config"
"""Where flanneld looks for its configuration (its `--etcd-prefix` default plus /config)."""

CONFLIST = "/etc/cni/net.d/10-gondolier.conflist"
_SUBNET = "/run/flannel/subnet.env"
_FELIX_PORT = 9099
"""Where Felix answers for its health, on loopback only."""

_FOLDER = "/etc/kubernetes/network"
_INSTALLER = "/usr/local/lib/gondolier/calico-cni-install"


def network_state(blueprint: Blueprint, node: Node) -> Desired:
    """The network's daemon and CNI configuration on one machine."""
    builder = _calico if blueprint.cluster.network == "calico" else _flannel
    return builder(blueprint, node)


async def network_trouble(connection: Connection) -> str:
    """Why the pod network does not work on this machine yet, empty where its daemon says that it does."""
    asked = await connection.run("systemctl is-active calico-node.service flanneld.service", check=False)
    calico, flannel = (asked.stdout.splitlines() + ["unknown"] * 2)[:2]
    if flannel == "active":
        found = await connection.run(f"test -s {_SUBNET}", check=False)
        return "" if found.status == 0 else "flanneld has no subnet yet"
    if calico != "active":
        return f"calico-node is {calico}"
    try:
        return await _felix_trouble(connection)
    except Unreachable as error:
        return f"calico-node does not answer: {error.what}"


async def _felix_trouble(connection: Connection) -> str:
    async with connection.tcp("127.0.0.1", _FELIX_PORT) as (reader, writer):
        writer.write(b"GET /readiness HTTP/1.0\r\n\r\n")
        status = (await reader.readline()).split()
    return "" if status[1:2] in ([b"200"], [b"204"]) else "calico-node is not ready"


def flannel_configuration(blueprint: Blueprint) -> str:
    """What flanneld reads from etcd."""
    document = {"Network": str(blueprint.cluster.pod_cidr), "Backend": {"Type": "vxlan"}}
    return json.dumps(document, sort_keys=True)


def _credentials(blueprint: Blueprint) -> tuple[File, ...]:
    return (
        File(f"{_FOLDER}/etcd-ca.crt", blueprint.authority("etcd-ca")),
        *pair_files(f"{_FOLDER}/etcd-client", blueprint.pair("etcd-network")),
    )


def _flannel(blueprint: Blueprint, node: Node) -> Desired:
    credentials = _credentials(blueprint)
    unit = unit_file("flanneld.service", node=blueprint.addressed(node), etcd_endpoints=blueprint.etcd_endpoints)
    return Desired(
        binaries=(
            Binary("/usr/local/bin/flanneld", "flannel", blueprint.versions["flannel"]),
            Binary("/opt/cni/bin/flannel", "flannel-cni", blueprint.versions["flannel-cni"]),
        ),
        files=(*credentials, unit, _conflist(_flannel_plugins())),
        units=(Unit("flanneld.service", reads=(unit.path, *(file.path for file in credentials))),),
    )


def _flannel_plugins() -> list[dict[str, Any]]:
    delegate = {"hairpinMode": True, "isDefaultGateway": True}
    return [
        {"type": "flannel", "delegate": delegate},
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ]


def _calico(blueprint: Blueprint, node: Node) -> Desired:
    version = blueprint.versions["calico"]
    credentials = _credentials(blueprint)
    env = File(f"{_FOLDER}/calico.env", _calico_env(blueprint, node).encode())
    quirks = blueprint.quirks_of(node)
    cgroup = f"{quirks.cgroup_root}/calico-node" if quirks.cgroup_root else ""
    units = (
        unit_file("calico-node.service", image=f"quay.io/calico/node:v{version}", cgroup=cgroup),
        unit_file("calico-cni.service", image=f"quay.io/calico/cni:v{version}"),
    )
    installer = File(
        _INSTALLER, Path(__file__).with_name("templates").joinpath("calico-cni-install.sh").read_bytes(), 0o755
    )
    kubeconfig = secret_file(f"{_FOLDER}/cni.kubeconfig", blueprint.kubeconfig("calico-cni"))
    return Desired(
        directories=(Directory("/usr/local/lib/gondolier"),),
        binaries=_calicoctl_binary(node, version),
        files=(*credentials, env, *units, installer, kubeconfig, _conflist(_calico_plugins(blueprint, node))),
        units=(
            Unit("calico-node.service", reads=(units[0].path, env.path, *(file.path for file in credentials))),
            Unit("calico-cni.service", reads=(units[1].path, installer.path)),
        ),
    )


def _calicoctl_binary(node: Node, version: str) -> tuple[Binary, ...]:
    # Only where the operator asks about the network.
    return (Binary("/usr/local/bin/calicoctl", "calicoctl", version),) if node.role == "control-plane" else ()


def calicoctl(blueprint: Blueprint) -> str:
    """calicoctl's command on the control plane, without its arguments."""
    settings = [f"{name}={value}" for name, value in _datastore(blueprint).items()]
    return " ".join([*settings, "/usr/local/bin/calicoctl"])


def _datastore(blueprint: Blueprint) -> dict[str, str]:
    return {
        "DATASTORE_TYPE": "etcdv3",
        "ETCD_ENDPOINTS": blueprint.etcd_endpoints,
        "ETCD_CA_CERT_FILE": f"{_FOLDER}/etcd-ca.crt",
        "ETCD_CERT_FILE": f"{_FOLDER}/etcd-client.crt",
        "ETCD_KEY_FILE": f"{_FOLDER}/etcd-client.key",
    }


def _calico_env(blueprint: Blueprint, node: Node) -> str:
    """Calico's own names; source: docs.tigera.io, "Configuring calico/node"."""
    values = _datastore(blueprint) | {
        "NODENAME": node.name,
        "CALICO_K8S_NODE_REF": node.name,
        "CALICO_NETWORKING_BACKEND": "vxlan",
        "CLUSTER_TYPE": "k8s",
        "IP": blueprint.address(node),
        "CALICO_IPV4POOL_CIDR": str(blueprint.cluster.pod_cidr),
        "CALICO_IPV4POOL_IPIP": "Never",
        "CALICO_IPV4POOL_VXLAN": "Always",
        "CALICO_IPV4POOL_NAT_OUTGOING": "true",
        "CALICO_DISABLE_FILE_LOGGING": "true",
        "WAIT_FOR_DATASTORE": "true",
        "FELIX_LOGSEVERITYSCREEN": "Warning",
        "FELIX_DEFAULTENDPOINTTOHOSTACTION": "ACCEPT",
        "FELIX_HEALTHENABLED": "true",
        "FELIX_HEALTHHOST": "127.0.0.1",
        "FELIX_IPV6SUPPORT": "false",
        "FELIX_USAGEREPORTINGENABLED": "false",
        "FELIX_IPTABLESBACKEND": "NFT",
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _calico_plugins(blueprint: Blueprint, node: Node) -> list[dict[str, Any]]:
    return [
        {
            "type": "calico",
            "datastore_type": "etcdv3",
            "etcd_endpoints": blueprint.etcd_endpoints,
            "etcd_ca_cert_file": f"{_FOLDER}/etcd-ca.crt",
            "etcd_cert_file": f"{_FOLDER}/etcd-client.crt",
            "etcd_key_file": f"{_FOLDER}/etcd-client.key",
            "nodename": node.name,
            "log_level": "warning",
            "ipam": {"type": "calico-ipam"},
            "policy": {"type": "k8s"},
            "kubernetes": {"kubeconfig": f"{_FOLDER}/cni.kubeconfig"},
        },
        {"type": "portmap", "snat": True, "capabilities": {"portMappings": True}},
        {"type": "bandwidth", "capabilities": {"bandwidth": True}},
    ]


def _conflist(plugins: list[dict[str, Any]]) -> File:
    document = {"name": "gondolier", "cniVersion": "0.3.1", "plugins": plugins}
    return File(CONFLIST, (json.dumps(document, indent=2) + "\n").encode())
