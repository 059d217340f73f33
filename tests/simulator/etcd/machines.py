"""Simulated machines that are set up for etcd and the networks as the product does it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from core.cluster.etcd import initial_file
from core.simulator.machine.machine import Machine
from tests.simulator.etcd.lab import certificates


def template(name: str) -> str:
    """A template of the product's, as it is."""
    return files("core.cluster").joinpath("templates", f"{name}.j2").read_text()


def peer(machine: Machine) -> str:
    """A machine's peer URL."""
    return f"https://{machine.address}:2380"


def prepare(machine: Machine, roster: Mapping[str, Machine], *, existing: bool = False) -> None:
    """Everything that etcd needs before its unit is started."""
    pki, disk = certificates(), machine.files
    for path, content in pki.items():
        if path.startswith("/"):
            disk.write(path, content)
    disk.write("/etc/etcd/pki/server.crt", pki["server.crt"])
    disk.write("/etc/etcd/pki/server.key", b"")
    environ = template("etcd.env").replace("{{ node.address }}", machine.address)
    disk.write("/etc/etcd/etcd.env", environ.replace("{{ node.name }}", machine.name))
    disk.write("/etc/systemd/system/etcd.service", template("etcd.service"))
    for name in ("etcd", "etcdctl"):
        disk.write(f"/usr/local/bin/{name}", f"simulated {name}", 0o755)
    peers = {name: peer(each) for name, each in roster.items()}
    initial = initial_file(peers, existing=existing, token="env-alpha")
    disk.write(initial.path, initial.content)


def prepare_calico(machine: Machine, endpoints: str) -> None:
    """calico-node's unit, without what its container needs before it."""
    unit = template("calico-node.service").partition("{%- if cgroup %}")
    rest = unit[2].partition("{%- endif %}")[2].replace("{{ image }}", "quay.io/calico/node:v3.31.0")
    kept = [line for line in (unit[0] + rest).splitlines() if "ExecStartPre" not in line and "Requires" not in line]
    machine.files.write("/etc/systemd/system/calico-node.service", "\n".join(kept))
    machine.files.write("/usr/local/bin/ctr", "simulated ctr", 0o755)
    folder = "/etc/kubernetes/network"
    machine.files.write(
        f"{folder}/calico.env",
        f"DATASTORE_TYPE=etcdv3\nETCD_ENDPOINTS={endpoints}\nETCD_CA_CERT_FILE={folder}/etcd-ca.crt\n"
        f"ETCD_CERT_FILE={folder}/etcd-client.crt\nETCD_KEY_FILE={folder}/etcd-client.key\n"
        f"NODENAME={machine.name}\nIP={machine.address}\nCALICO_IPV4POOL_CIDR=10.244.0.0/16\n",
    )


def prepare_flannel(machine: Machine, endpoints: str) -> None:
    """flanneld's unit."""
    unit = template("flanneld.service").replace("{{ etcd_endpoints }}", endpoints)
    machine.files.write("/etc/systemd/system/flanneld.service", unit.replace("{{ node.address }}", machine.address))
    machine.files.write("/usr/local/bin/flanneld", "simulated flanneld", 0o755)
