"""A simulated control plane's files, and the product's client towards it."""

from __future__ import annotations

import base64
from pathlib import Path

from core.cluster.pki import Leaf, Pki
from core.kube.access import Cluster
from core.simulator.machine.machine import Machine
from tests.simulator.etcd.machines import prepare, template

UNIT = "kube-apiserver.service"
PKI = "/etc/kubernetes/pki"


def make_pki(directory: Path) -> Pki:
    """A cluster's authorities, with the certificates that need no machine."""
    found = Pki(directory)
    for name in ("ca", "etcd-ca", "front-proxy-ca"):
        found.make_authority(name, name)
    found.make_signing_pair("sa")
    for leaf in (
        Leaf("admin", "ca", "admin", "system:masters"),
        Leaf("apiserver-kubelet-client", "ca", "kubelet-client"),
        Leaf("front-proxy-client", "front-proxy-ca", "front-proxy-client"),
    ):
        found.issue(leaf)
    return found


def furnish(machine: Machine, pki: Pki) -> None:
    """Everything that etcd and the API server need before their units are started."""
    prepare(machine, {machine.name: machine})
    pki.issue(Leaf("apiserver", "ca", "kube-apiserver", uses=("server",), names=(machine.address, "127.0.0.1")))
    for name in ("ca", "front-proxy-ca"):
        machine.files.write(f"{PKI}/{name}.crt", pki.authority(name))
    for name in ("apiserver", "apiserver-kubelet-client", "front-proxy-client"):
        machine.files.write(f"{PKI}/{name}.crt", pki.pair(name).certificate)
        machine.files.write(f"{PKI}/{name}.key", pki.pair(name).key, 0o600)
    for end in ("pub", "key"):
        machine.files.write(f"{PKI}/sa.{end}", (pki.directory / f"sa.{end}").read_bytes())
    machine.files.write(f"{PKI}/encryption.yaml", b"kind: EncryptionConfiguration\n")
    etcd = machine.files.read("/etc/kubernetes/network/etcd-client.crt") or b""
    machine.files.write(f"{PKI}/apiserver-etcd-client.crt", etcd)
    machine.files.write(f"{PKI}/apiserver-etcd-client.key", b"")
    machine.files.write("/usr/local/bin/kube-apiserver", b"\nkube-apiserver 1.35.7 amd64: stands in\n", 0o755)
    unit = template("kube-apiserver.service").replace("{{ node.address }}", machine.address)
    unit = unit.replace("{{ cluster.dns_domain }}", "cluster.local").replace(
        "{{ cluster.service_cidr }}", "10.96.0.0/16"
    )
    machine.files.write(f"/etc/systemd/system/{UNIT}", unit)


def client(machine: Machine, pki: Pki) -> Cluster:
    """The product's client as an administrator."""
    pair = pki.pair("admin")
    texts = [base64.b64encode(each).decode() for each in (pki.authority("ca"), pair.certificate, pair.key)]
    server = {"server": f"https://{machine.address}:6443", "certificate-authority-data": texts[0]}
    keys = {"client-certificate-data": texts[1], "client-key-data": texts[2]}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        "clusters": [{"name": "c", "cluster": server}],
        "users": [{"name": "c", "user": keys}],
    }
    return Cluster(config, "alpha", timeout=5)
