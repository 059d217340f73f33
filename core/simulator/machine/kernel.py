"""A machine's kernel: settings under /proc/sys and modules; both begin anew at each boot."""

from __future__ import annotations

import msgspec

RELEASE = "6.12.48+deb13-amd64"
ARCHITECTURE = "x86_64"

SYSCTLS = {
    "fs/inotify/max_user_instances": "128",
    "fs/inotify/max_user_watches": "61390",
    "fs/file-max": "9223372036854775807",
    "kernel/panic": "0",
    "kernel/panic_on_oops": "0",
    "kernel/pid_max": "4194304",
    "net/bridge/bridge-nf-call-ip6tables": "1",
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/core/somaxconn": "4096",
    "net/ipv4/conf/all/forwarding": "0",
    "net/ipv4/conf/all/rp_filter": "2",
    "net/ipv4/conf/default/rp_filter": "2",
    "net/ipv4/ip_forward": "0",
    "net/ipv4/ip_local_port_range": "32768\t60999",
    "net/ipv4/ip_nonlocal_bind": "0",
    "net/ipv6/conf/all/forwarding": "0",
    "net/netfilter/nf_conntrack_max": "262144",
    "vm/max_map_count": "1048576",
    "vm/overcommit_memory": "0",
    "vm/swappiness": "60",
}
"""What a fresh Debian kernel has."""

_NEEDS = {"net/bridge/": "br_netfilter", "net/netfilter/": "nf_conntrack"}
"""Settings that are there only while a module is."""

BUILT_IN = frozenset({"ext4", "ipv6", "unix", "virtio_net"})

AVAILABLE = frozenset(
    {
        "br_netfilter", "dummy", "ip_set", "ip_tables", "ip_vs", "ip_vs_rr", "ip_vs_sh", "ip_vs_wrr", "ipip",
        "iptable_filter", "iptable_nat", "nf_conntrack", "nf_nat", "nf_tables", "overlay", "tun", "veth", "vxlan",
        "wireguard", "xt_conntrack", "xt_set",
    }
)  # fmt: skip
"""Modules that can be loaded."""


class Kept(msgspec.Struct):
    """What lasts while the machine runs."""

    sysctls: dict[str, str]
    modules: list[str]


class Kernel:
    """Settings by path under /proc/sys, and modules by the kernel's names (with "_")."""

    def __init__(self) -> None:
        self._sysctls = dict(SYSCTLS)
        self._modules: set[str] = set()

    def sysctl(self, path: str) -> str | None:
        """A setting's value, None where there is no such setting."""
        needed = next((module for prefix, module in _NEEDS.items() if path.startswith(prefix)), None)
        return None if needed and needed not in self._modules else self._sysctls.get(path)

    def set_sysctl(self, path: str, value: str) -> bool:
        """Set it; False where there is no such setting."""
        if self.sysctl(path) is None:
            return False
        self._sysctls[path] = value
        return True

    def has_module(self, name: str) -> bool:
        """Whether a module is loaded or built in."""
        return name in self._modules or name in BUILT_IN

    def load_module(self, name: str) -> bool:
        """modprobe; False where there is no such module."""
        name = name.replace("-", "_")
        if self.has_module(name):
            return True
        if name in AVAILABLE:
            self._modules.add(name)
        return name in AVAILABLE

    def boot(self, sysctls: dict[str, str], modules: list[str]) -> None:
        """Begin anew, with what the machine's files ask for."""
        self._sysctls, self._modules = dict(SYSCTLS), set()
        for name in modules:
            self.load_module(name)
        for path, value in sysctls.items():
            self.set_sysctl(path, value)

    def dump(self) -> Kept:
        """What there is now."""
        changed = {path: value for path, value in self._sysctls.items() if SYSCTLS.get(path) != value}
        return Kept(changed, sorted(self._modules))

    def load(self, kept: Kept) -> None:
        """Take what was."""
        self._sysctls = {**SYSCTLS, **kept.sysctls}
        self._modules = set(kept.modules)
