"""What every machine of a cluster has before any daemon is set up."""

from __future__ import annotations

from core.cluster.blueprint import Blueprint
from core.cluster.layout import Node
from core.machines.state import Desired, Directory

PACKAGES = ("conntrack", "iptables", "ipset", "nftables", "socat", "ethtool", "iproute2", "kmod", "procps")

SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.rp_filter": "0",
}


def system_state(blueprint: Blueprint, node: Node) -> Desired:
    """Packages, kernel settings and the directories that daemons share."""
    return Desired(
        packages=PACKAGES,
        sysctls=SYSCTLS,
        directories=(
            Directory("/etc/kubernetes", 0o755),
            Directory("/etc/kubernetes/pki", 0o755),
            Directory("/etc/kubernetes/network", 0o755),
            Directory("/etc/cni/net.d", 0o755),
            Directory("/opt/cni/bin", 0o755),
            Directory("/var/lib/gondolier", 0o700),
        ),
    )
