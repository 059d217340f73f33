"""What a fresh machine's disk holds: as much of Debian 13 as anything asks about."""

from __future__ import annotations

from core.simulator.machine.files import Files

_DIRECTORIES = (
    "/boot", "/dev", "/etc/default", "/etc/modules-load.d", "/etc/ssh", "/etc/sysctl.d", "/etc/systemd/system",
    "/home", "/mnt", "/opt", "/proc", "/run/systemd/system", "/srv", "/sys/fs/cgroup", "/usr/lib/systemd/system",
    "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/sbin", "/var/cache/apt/archives", "/var/lib/apt/lists",
    "/var/lib/dpkg", "/var/log", "/var/tmp",
)  # fmt: skip

_OS_RELEASE = """\
PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
NAME="Debian GNU/Linux"
VERSION_ID="13"
VERSION="13 (trixie)"
VERSION_CODENAME=trixie
ID=debian
"""

_PROGRAMS = ("sh", "base64", "cat", "cp", "journalctl", "ls", "mkdir", "mv", "openssl", "rm", "systemctl", "touch")

_SSH_UNIT = """\
[Unit]
Description=OpenBSD Secure Shell server
After=network.target auditd.service

[Service]
Type=notify
ExecStart=/usr/sbin/sshd -D
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""


def install_image(files: Files, *, name: str, address: str, machine_id: str, login_key: str) -> None:
    """Write a fresh disk for a machine."""
    for path in ("/", *_DIRECTORIES):
        files.mkdir(path)
    files.mkdir("/tmp", 0o1777)
    files.mkdir("/root", 0o700)
    files.write("/etc/hostname", f"{name}\n")
    files.write("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{address} {name}\n")
    files.write("/etc/machine-id", f"{machine_id}\n", 0o444)
    files.write("/etc/os-release", _OS_RELEASE)
    files.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    files.write("/root/.ssh/authorized_keys", f"{login_key.strip()}\n", 0o600)
    for program in _PROGRAMS:
        files.write(f"/usr/bin/{program}", f"simulated {program}\n", 0o755)
    files.write("/usr/sbin/sshd", "simulated sshd\n", 0o755)
    files.write("/usr/lib/systemd/system/ssh.service", _SSH_UNIT)
    files.link("/etc/systemd/system/multi-user.target.wants/ssh.service", "/usr/lib/systemd/system/ssh.service")
