"""What is inside each image: a function per image that fills a root file system."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.mirror import build, debian, store

FIREWALL_LINKS = ("iptables", "iptables-save", "iptables-restore")


def put_program(component: str, program: str, target: Path) -> None:
    """Put a built program into a root file system; a link, as it may be 100 MB."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.hardlink_to(build.programs_of(component) / program)


def put_file(name: str, target: Path) -> None:
    """Put one of our own small files into a root file system."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(store.HERE / "files" / name, target)


def pause(root: Path) -> None:
    """The sandbox image: one static program."""
    put_program("pause", "pause", root / "pause")


def coredns(root: Path) -> None:
    """CoreDNS alone, as upstream has it."""
    put_program("coredns", "coredns", root / "coredns")
    debian.add_basics(root)


def busybox(root: Path) -> None:
    """Debian's static busybox with all applets."""
    debian.add_basics(root)
    debian.add_shell(root)


def nginx(root: Path) -> None:
    """Debian's nginx over busybox, with a page that names the pod."""
    debian.unpack(["nginx", "nginx-common"], root)
    debian.add_basics(root)
    debian.add_shell(root)
    for folder in ("var/lib/nginx", "var/log/nginx", "usr/share/nginx/html"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    put_file("nginx.conf", root / "etc/nginx/nginx.conf")
    put_file("nginx-entrypoint", root / "docker-entrypoint.sh")


def socat(root: Path) -> None:
    """Debian's socat, which answers datagrams as few small programs do."""
    debian.unpack(["socat"], root)
    debian.add_basics(root)
    debian.add_shell(root)


def calico_node(root: Path) -> None:
    """calico-node and the programs it calls, without BIRD and without runit."""
    debian.unpack(["conntrack", "iproute2", "ipset", "iptables", "kmod", "nftables", "procps"], root)
    debian.add_basics(root)
    debian.add_shell(root)
    # Debian makes these links when it configures the package, which nobody does here.
    for name in (*FIREWALL_LINKS, *(link.replace("ip", "ip6", 1) for link in FIREWALL_LINKS)):
        (root / "usr/sbin" / name).symlink_to("xtables-nft-multi")
    put_program("calico", "calico-node", root / "bin/calico-node")
    put_file("start_runit", root / "usr/sbin/start_runit")


def calico_cni(root: Path) -> None:
    """The installer and what it installs, which includes some of the common plug-ins."""
    debian.add_basics(root)
    debian.add_shell(root)
    plugins = root / "opt/cni/bin"
    for program, name in (("calico", "calico"), ("calico", "calico-ipam"), ("install", "install")):
        put_program("calico", program, plugins / name)
    for name in ("bandwidth", "host-local", "loopback", "portmap", "tuning"):
        put_program("cni", name, plugins / name)


def calico_controllers(root: Path) -> None:
    """The controllers that clean up after removed nodes and pods."""
    debian.add_basics(root)
    put_program("calico", "kube-controllers", root / "usr/bin/kube-controllers")
