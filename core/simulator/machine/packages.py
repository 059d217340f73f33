"""A machine's packages: what Debian's lists have, and what each brings beside its programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_HAPROXY_UNIT = """\
[Unit]
Description=HAProxy Load Balancer
Documentation=man:haproxy(1)
After=network-online.target rsyslog.service
Wants=network-online.target

[Service]
EnvironmentFile=-/etc/default/haproxy
Environment="CONFIG=/etc/haproxy/haproxy.cfg" "PIDFILE=/run/haproxy.pid" "EXTRAOPTS=-S /run/haproxy-master.sock"
ExecStart=/usr/sbin/haproxy -Ws -f $CONFIG -p $PIDFILE $EXTRAOPTS
ExecReload=/usr/sbin/haproxy -Ws -f $CONFIG -c $EXTRAOPTS
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
Restart=always
SuccessExitStatus=143
Type=notify

[Install]
WantedBy=multi-user.target
"""

_DOCKER_UNIT = """\
[Unit]
Description=Docker Application Container Engine
Documentation=https://docs.docker.com
After=network-online.target docker.socket
Wants=network-online.target

[Service]
Type=notify
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H unix:///run/docker.sock $DOCKER_OPTS
ExecReload=/bin/kill -s HUP $MAINPID
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""

_HAPROXY_CONFIGURATION = """\
global
	log /dev/log	local0
	user haproxy
	group haproxy
	daemon

defaults
	mode	http
	timeout connect 5000
	timeout client  50000
	timeout server  50000
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the lists: its version, programs, other files, and the unit that its installation starts."""

    version: str
    programs: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""


LISTS: Mapping[str, Package] = {
    "ca-certificates": Package("20250419"),
    "conntrack": Package("1:1.4.8-2", ("/usr/sbin/conntrack",)),
    "cri-tools": Package("1.26.0-1", ("/usr/bin/crictl",)),
    "curl": Package("8.14.1-2", ("/usr/bin/curl",)),
    "docker.io": Package(
        "26.1.5+dfsg1-9+b9",
        ("/usr/sbin/dockerd",),
        {"/usr/lib/systemd/system/docker.service": _DOCKER_UNIT},
        "docker.service",
    ),
    "docker-cli": Package("26.1.5+dfsg1-9+b9", ("/usr/bin/docker",)),
    "ebtables": Package("2.0.11-6", ("/usr/sbin/ebtables",)),
    "ethtool": Package("1:6.14.2-1", ("/usr/sbin/ethtool",)),
    "haproxy": Package(
        "3.0.11-1+deb13u1",
        ("/usr/sbin/haproxy",),
        {
            "/usr/lib/systemd/system/haproxy.service": _HAPROXY_UNIT,
            "/etc/haproxy/haproxy.cfg": _HAPROXY_CONFIGURATION,
        },
        "haproxy.service",
    ),
    "iproute2": Package("6.15.0-1", ("/usr/sbin/ip",)),
    "ipset": Package("7.22-1", ("/usr/sbin/ipset",)),
    "iptables": Package("1.8.11-2", ("/usr/sbin/iptables",)),
    "kmod": Package("34.2-2", ("/usr/sbin/modprobe",)),
    "nfs-common": Package("1:2.8.3-1"),
    "nftables": Package("1.1.3-1", ("/usr/sbin/nft",)),
    "open-iscsi": Package("2.1.11-1"),
    "openssh-server": Package("1:10.0p1-7", ("/usr/sbin/sshd",)),
    "procps": Package("2:4.0.4-9", ("/usr/bin/kill",)),
    "python3": Package("3.13.5-1", ("/usr/bin/python3",)),
    "rsync": Package("3.4.1+ds1-5", ("/usr/bin/rsync",)),
    "socat": Package("1.8.0.3-1", ("/usr/bin/socat",)),
    "sudo": Package("1.9.16p2-3", ("/usr/bin/sudo",)),
    "systemd": Package("257.8-1~deb13u2", ("/usr/bin/systemctl",)),
    "tar": Package("1.35+dfsg-3.1", ("/usr/bin/tar",)),
    "xz-utils": Package("5.8.1-1", ("/usr/bin/xz",)),
}
"""What a machine can install."""

INSTALLED = ("ca-certificates", "iproute2", "kmod", "openssh-server", "procps", "systemd", "tar")
"""What a fresh machine has."""


class Packages:
    """What is installed. `held_by` is who holds apt's locks, empty where nobody does."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.installed: dict[str, str] = {name: LISTS[name].version for name in INSTALLED}
        self.held_by = ""

    async def install(self, name: str) -> None:
        """Unpack a package and start its unit. Raises `MachineError` where its files cannot be written."""
        package = LISTS[name]
        if name in self.installed:
            return
        for path in package.programs:
            self._machine.files.write(path, f"simulated {name} {package.version}\n", 0o755)
        for path, text in package.files.items():
            # dpkg keeps a configuration file that is there.
            if not (path.startswith("/etc/") and self._machine.files.exists(path)):
                self._machine.files.write(path, text)
        self.installed[name] = package.version
        if package.unit:
            self._machine.units.enable(package.unit)
            await self._machine.units.start(package.unit)
