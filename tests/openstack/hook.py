"""What stands in for the hypervisor: a server becomes an nspawn machine at its port's address, told its user data.

    python -m tests.openstack.hook spawn|destroy|power_on|power_off|reboot

Called by nova-compute with a description of the server on standard input. Only servers of the environment that
`Orders` names become machines; a floating address leads to its machine by a rule of this box's firewall.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from core.clouds.base import MachineWish
from core.clouds.nspawn.provider import NspawnCloud
from core.engine.step import Level

FILE = "machines.json"
CHAIN = "GONDOLIER-TEST-FLOAT"


@dataclass(frozen=True)
class Orders:
    """Which environment's servers become machines, where they live, and the cache that they see."""

    environment: str
    home: str
    subnet: str
    artifacts: str

    def cloud(self) -> NspawnCloud:
        return NspawnCloud(self.environment, Path(self.home), self.subnet, artifacts=Path(self.artifacts))

    def write(self, bed: Path) -> None:
        """Put them in place for the hook."""
        (bed / FILE).write_text(json.dumps(asdict(self)))


def read_orders(bed: Path) -> Orders | None:
    """The orders that are in place, None where there are none."""
    file = bed / FILE
    return Orders(**json.loads(file.read_text())) if file.exists() else None


def say(text: str, level: Level = "info") -> None:
    print(level, text)


def main() -> None:
    """Do what nova-compute says happened."""
    orders, event, server = read_orders(Path(os.environ["OSTB_DIR"])), sys.argv[1], json.load(sys.stdin)
    machine = server["metadata"].get("gondolier-machine")
    if orders is None or machine is None or not server["name"].startswith(f"{orders.environment}-"):
        return
    record = Path(orders.home) / f"server-{machine}.json"
    if event == "spawn":
        record.write_text(json.dumps({"id": server["id"], "floating": _floating(server)}))
        asyncio.run(_spawn(orders, server))
    elif record.exists() and json.loads(record.read_text())["id"] == server["id"]:
        asyncio.run(_happened(orders, event, machine))
        if event == "destroy":
            _lead(json.loads(record.read_text())["floating"], "-D")
            record.unlink()


async def _spawn(orders: Orders, server: dict[str, Any]) -> None:
    told = yaml.safe_load(base64.b64decode(server["user_data"]))
    key = Path(orders.home) / f"key-{told['hostname']}"
    key.touch(mode=0o600)
    key.write_text(told["ssh_keys"]["ed25519_private"])
    (user,) = told["users"]
    address = server["nics"][0]["ips"][0]["address"]
    wish = MachineWish(
        environment=orders.environment,
        component="-",
        role="worker",
        name=told["hostname"],
        host_key=key,
        login_key=user["ssh_authorized_keys"][0],
        options=(("address", address),),
    )
    await orders.cloud().create(wish, say)
    for file in told["write_files"]:
        target = Path(orders.home) / "nspawn" / orders.environment / wish.name / "root" / file["path"].lstrip("/")
        target.write_text(file["content"])
    _lead(_floating(server), "-A")


async def _happened(orders: Orders, event: str, machine: str) -> None:
    cloud = orders.cloud()
    if event == "destroy":
        await cloud.delete(machine, say)
    if event in ("power_off", "reboot"):
        await cloud.stop(machine, say)
    if event in ("power_on", "reboot"):
        await cloud.start(machine, say)


def _floating(server: dict[str, Any]) -> list[tuple[str, str]]:
    """Floating addresses with what they lead to."""
    addresses = [address for nic in server["nics"] for address in nic["ips"]]
    return [(floating, one["address"]) for one in addresses for floating in one["floating"]]


def _lead(pairs: Sequence[Sequence[str]], order: str) -> None:
    """Lead packets for a floating address to its machine, or no more; from this box and from machines."""
    for floating, fixed in pairs:
        verb = "replace" if order == "-A" else "delete"
        _run("ip", "address", verb, f"{floating}/32", "dev", "lo")
        _run("iptables", "-w", "-t", "nat", order, CHAIN, "-d", floating, "-j", "DNAT", "--to-destination", fixed)


def open_chain() -> None:
    """Make the chain that floating addresses are led by."""
    close_chain()
    _run("iptables", "-w", "-t", "nat", "-N", CHAIN)
    for entrance in ("OUTPUT", "PREROUTING"):
        _run("iptables", "-w", "-t", "nat", "-A", entrance, "-j", CHAIN)


def close_chain() -> None:
    """Take it away with what it holds; one that is gone is fine."""
    listed = subprocess.run(["iptables", "-w", "-t", "nat", "-S", CHAIN], capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        if "-d " in line:
            floating = line.split("-d ")[1].split()[0]
            subprocess.run(["ip", "address", "delete", floating, "dev", "lo"], capture_output=True, check=False)
    for entrance in ("OUTPUT", "PREROUTING"):
        leaving = ["iptables", "-w", "-t", "nat", "-D", entrance, "-j", CHAIN]
        subprocess.run(leaving, capture_output=True, check=False)
    for order in ("-F", "-X"):
        subprocess.run(["iptables", "-w", "-t", "nat", order, CHAIN], capture_output=True, check=False)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
