"""A real lab for the tests: a home, the mirror of components, a registry in a namespace, the command line."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mirror import registry, store

HOST_LINK = "labreg0"
SUBNET = "10.77.0.0/24"

_PROGRAMS = ("debootstrap", "systemd-nspawn", "iptables", "ip", "skopeo", "docker-registry")


def obstacle() -> str:
    """Why no real cluster can be made here, empty where one can."""
    if os.geteuid() != 0:
        return "real clusters need root"
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    if missing:
        return f"real clusters need these programs: {', '.join(missing)}"
    if not (store.cache() / "mirror").is_dir():
        return "the components are not built: python -m tests.mirror.build"
    return ""


@dataclass(frozen=True)
class Lab:
    """The command line with a home directory of its own."""

    home: Path
    registry: str

    @property
    def environment(self) -> dict[str, str]:
        """What the command line is given."""
        return os.environ | {
            "GONDOLIER_HOME": str(self.home),
            "GONDOLIER_CACHE": str(store.cache() / "product"),
            "GONDOLIER_CONFIG": str(self.home / "config.toml"),
        }

    def configure(self) -> None:
        """Write the settings: the mirror, and pins for what its publisher gives no checksum."""
        mirror = store.cache() / "mirror"
        flannel = mirror / "github.com/flannel-io"
        pins = {}
        for file in flannel.glob("*/releases/download/*/flannel*"):
            name = "flannel-cni" if "cni-plugin" in file.parts else "flannel"
            pins[f"{name} {file.parent.name[1:]} amd64"] = store.digest_of(file)
        lines = [f'mirrors = ["file://{mirror}"]', "[pins]", *(f'"{name}" = "{pin}"' for name, pin in pins.items())]
        (self.home / "config.toml").write_text("\n".join(lines) + "\n")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "core", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, code: int | None = 0, timeout: float = 600) -> str:
        """Run a command to its end and give what it printed; it must end with `code`, None for any."""
        done = subprocess.run(
            [sys.executable, "-m", "core", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        text = done.stdout + done.stderr
        assert code is None or done.returncode == code, f"gondolier {' '.join(arguments)}: {done.returncode}\n{text}"
        return text if done.returncode or "--json" not in arguments else done.stdout

    def json(self, *arguments: str) -> Any:
        """What a command prints as JSON."""
        return json.loads(self.run(*arguments, "--json"))

    def plan(self, environment: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json("plan", environment)
        return found

    def component(self, environment: str, name: str) -> dict[str, Any]:
        """A component's part of the status."""
        parts = self.json("status", environment)["components"]
        found: dict[str, Any] = next(part for part in parts if part["name"] == name)
        return found

    def machines(self, environment: str) -> set[str]:
        """The machines that the provider has on disk."""
        directory = self.home / "nspawn" / environment
        if not directory.is_dir():
            return set()
        return {path.name for path in directory.iterdir() if path.is_dir()}

    def ssh(self, environment: str, address: str, command: str, check: bool = True) -> str:
        """Run a command on a machine with the operator's key; the host key is pinned by the lab's own file."""
        known = self.home / "known_hosts"
        host_keys = sorted((self.home / "keys" / environment / "hosts").iterdir())
        lines = []
        for key in host_keys:
            public = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, text=True, check=True).stdout
            lines.append(f"{address} {public.strip()}")
        known.write_text("\n".join(lines) + "\n")
        login = self.home / "keys" / environment / "login"
        words = ["ssh", "-o", f"UserKnownHostsFile={known}", "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR"]
        done = subprocess.run(
            [*words, "-i", str(login), f"root@{address}", command], capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def shell(self, entry: dict[str, object], command: str) -> str:
        """Run a command on a machine of an inventory."""
        known = self.home / "known_hosts"
        known.write_text(f"{entry['address']} {entry['host_key']}\n")
        words = ["ssh", "-o", f"UserKnownHostsFile={known}", "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR"]
        target = [*words, "-i", str(entry["key_file"]), f"root@{entry['address']}", command]
        return subprocess.run(target, capture_output=True, text=True, check=True).stdout

    def kubectl(self, kubeconfig: Path, *arguments: str, program: str = "", check: bool = True) -> str:
        """Run kubectl, the current one by default."""
        words = [program or str(current_kubectl()), "--kubeconfig", str(kubeconfig), *arguments]
        done = subprocess.run(words, capture_output=True, text=True, timeout=180, check=False)
        assert not check or done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout


def current_kubectl() -> Path:
    """The kubectl that was built with the components, as a program."""
    version = json.loads(Path(registry.__file__).with_name("versions.json").read_text())["kubernetes"]
    found = store.cache() / "mirror/dl.k8s.io/release" / f"v{version}" / "bin/linux/amd64/kubectl"
    found.chmod(0o755)
    return found


def document(lab_registry: str, **changes: object) -> str:
    """The README's document, with images out of the lab's registry."""
    cluster: dict[str, object] = {
        "kind": "KubernetesCluster",
        "name": "alpha",
        "version": "1.36",
        "workers": {"count": 2, "max": 5},
        "gateways": {"count": 1, "max": 2},
        "network": "calico",
        "registry": {"mirror": lab_registry},
    }
    pod = {
        "kind": "KubernetesPod",
        "name": "web",
        "cluster": "alpha",
        "replicas": 2,
        "applications": [{"name": "site", "image": "nginx:1.29", "ports": [{"port": 80, "scope": "public"}]}],
    }
    environment = {
        "environment": "lab",
        "provider": {"kind": "nspawn", "subnet": SUBNET},
        "components": [cluster | changes, pod],
    }
    return json.dumps(environment, indent=2)


@dataclass(frozen=True)
class Wire:
    """The way to a registry: its namespace, the two ends of a link and their addresses, in a /30."""

    namespace: str = "lab-registry"
    host_link: str = HOST_LINK
    registry_link: str = "labreg1"
    host_address: str = "10.78.0.1"
    registry_address: str = "10.78.0.2"


@contextlib.contextmanager
def registry_running(wire: Wire | None = None) -> Iterator[str]:
    """Debian's docker-registry in a network namespace beside the machines' bridge; gives its URL.

    Suites with wires of their own may run side by side.
    """
    wire = wire or Wire()
    space = ("-n", wire.namespace)
    _remove_namespace(wire)
    _ip("netns", "add", wire.namespace)
    try:
        peer = ("type", "veth", "peer", "name", wire.registry_link, "netns", wire.namespace)
        _ip("link", "add", wire.host_link, *peer)
        _ip("address", "add", f"{wire.host_address}/30", "dev", wire.host_link)
        _ip("link", "set", wire.host_link, "up")
        _ip(*space, "address", "add", f"{wire.registry_address}/30", "dev", wire.registry_link)
        _ip(*space, "link", "set", wire.registry_link, "up")
        _ip(*space, "link", "set", "lo", "up")
        _ip(*space, "route", "add", "default", "via", wire.host_address)
        with registry.serving(f"{wire.registry_address}:5000", wire.namespace) as url:
            yield url
    finally:
        _remove_namespace(wire)


def _remove_namespace(wire: Wire) -> None:
    """Take the namespace away; its end of the link, and so the link, goes with it."""
    if wire.namespace in _ip("netns", "list").split():
        _ip("netns", "delete", wire.namespace)
    if f"{wire.host_link}@" in _ip("link", "show"):
        subprocess.run(["ip", "link", "delete", wire.host_link], capture_output=True, check=False)


def _ip(*words: str) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(["ip", *words], capture_output=True, text=True, check=True)
    return done.stdout


def public_url(endpoints: Sequence[dict[str, Any]]) -> str:
    """The URL of the first public endpoint."""
    found = next(endpoint for endpoint in endpoints if endpoint["scope"] == "public")
    return f"http://{found['address']}:{found['port']}/"
