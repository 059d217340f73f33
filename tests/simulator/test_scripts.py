"""Every script and command that the product sends is one that a simulated machine knows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import core.cluster
from core.cluster import etcd, system
from core.cluster.gateway import gateway_state
from core.cluster.retire import _SCRIPT as RETIRE
from core.containers.actions import list_command, stop_command
from core.deployment import docker_host
from core.machines import kernel
from core.machines.connection import _STREAM, Connection
from core.machines.scripts import script
from core.simulator.machine.machine import Machine
from core.simulator.machine.packages import LISTS
from core.simulator.programs.docker import engine_of
from core.simulator.shell.interpreter import UNKNOWN

PRODUCT = Path(core.cluster.__file__).parents[1]
MACHINE_SCRIPTS = sorted(path.name for path in (PRODUCT / "machines/scripts").glob("*.sh"))

GIVEN = {
    "facts.sh": "host\n",
    "packages.sh": "socat\n",
    "place.sh": "absent - - - - /etc/nothing\n",
    "units.sh": "daemon-reload\nshow ssh.service\n",
    "stream.sh": "",
}
"""What each script of core/machines is given as input."""

COMMANDS = {
    "set settings": (kernel._SET, "net/ipv4/ip_forward 1\n"),
    "load modules": (kernel._LOAD, "overlay\n"),
    "retire": ("sh -s", RETIRE),
    "install": (f"setsid --wait sh -c {shlex.quote(script('packages.sh'))} packages 180", "socat"),
    "stream": (f"{_STREAM}\nstream {shlex.quote('journalctl -u etcd -n 5 -o cat')}", ""),
    "etcd's data": (f"test -d {etcd.DATA}/member", ""),
    "flannel's subnet": ("test -s /run/flannel/subnet.env", ""),
    "two states": ("systemctl is-active calico-node.service flanneld.service", ""),
    "stop": ("systemctl stop kubelet.service", ""),
    "set aside": (f"systemctl stop etcd.service; mv {etcd.DATA} {etcd.DATA}.removed-$(date +%s)", ""),
    "last words": ("journalctl -u etcd.service -n 10 --no-pager -o cat", ""),
    "list containers": (list_command("0f2c"), ""),
    "stop containers": (stop_command(["0f2c"]), ""),
}


@pytest.mark.parametrize("name", MACHINE_SCRIPTS)
async def test_the_scripts_for_machines_are_known(link: Connection, name: str) -> None:
    text = script(name) if name != "stream.sh" else f"{script(name)}\nstream true"
    done = await link.run(text, stdin=GIVEN[name], check=False)
    assert (done.status, done.stderr) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
async def test_the_commands_of_the_product_are_known(link: Connection, name: str) -> None:
    command, given = COMMANDS[name]
    done = await link.run(command, stdin=given, check=False)
    assert done.status != UNKNOWN
    assert "gondolier simulator" not in done.stderr


def test_no_other_command_is_sent_than_those_above() -> None:
    """A command that is added to the product must be added here, and to the simulator."""
    sent = re.compile(r"(?:connection|voter|link)\.(?:run|feed|stream)\(")
    rooms = ("cluster", "deployment", "containers", "machines")
    files = [path for room in rooms for path in sorted((PRODUCT / room).rglob("*.py"))]
    found = {str(path.relative_to(PRODUCT)): len(sent.findall(path.read_text())) for path in files}
    assert {path: count for path, count in found.items() if count} == {
        "cluster/calico.py": 2,
        "cluster/departure.py": 2,
        "cluster/etcd.py": 3,
        "cluster/look.py": 1,
        "cluster/network.py": 2,
        "cluster/retire.py": 1,
        "cluster/voters.py": 1,
        "machines/facts.py": 1,
        "machines/kernel.py": 2,
        "machines/packages.py": 1,
        "machines/unit_actions.py": 2,
    }


async def test_reading_a_file_is_known_whatever_its_name(link: Connection, machine: Machine) -> None:
    machine.files.write("/etc/it's a; file]", b"\0\xff")
    assert await link.read("/etc/it's a; file]") == b"\0\xff"
    assert await link.read("/etc/it's none") is None


async def test_retiring_takes_the_daemons_off_a_machine(link: Connection, machine: Machine) -> None:
    units = {"etcd": "/etc/etcd/pki/ca.crt", "kubelet": "/var/lib/kubelet/config", "containerd": "/etc/kubernetes/x"}
    for name, path in units.items():
        machine.files.write(f"/etc/systemd/system/{name}.service", "[Service]\nExecStart=/usr/sbin/sshd\n")
        machine.files.write(path, b"x")
        await machine.units.start(name)
    machine.files.write("/etc/cni/net.d/10-gondolier.conflist", b"{}")
    machine.files.write("/usr/local/bin/etcd", b"stays")
    await link.run("sh -s", stdin=RETIRE)
    assert [machine.units.state(name).load for name in units] == ["not-found"] * 3
    assert not any(machine.files.exists(path) for path in (*units.values(), "/etc/cni/net.d/10-gondolier.conflist"))
    assert machine.files.exists("/usr/local/bin/etcd")


def test_what_is_removed_when_a_machine_retires_is_what_the_product_removes() -> None:
    from core.simulator.shell import retire

    removed = re.search(r"rm -rf (.*?)\nsystemctl", RETIRE, re.DOTALL)
    units = re.search(r'units="(.*?)"', RETIRE, re.DOTALL)
    assert removed is not None
    assert units is not None
    assert tuple(removed[1].replace("\\", "").split()) == retire._GONE
    assert tuple(units[1].split()) == retire._UNITS


async def test_all_packages_that_the_product_wants_can_be_installed() -> None:
    gateway = gateway_state(node="g", server="", authority=b"", certificate=b"", key=b"").packages
    assert {*system.PACKAGES, *docker_host.PACKAGES, *gateway} <= LISTS.keys()


async def test_a_product_file_is_never_read_by_the_simulator() -> None:
    sources = "".join(path.read_text() for path in sorted((PRODUCT / "simulator").rglob("*.py")))
    assert "core.machines" not in sources.replace("core.simulator", "")


async def test_retiring_removes_the_containers_of_a_docker_host_and_no_other(
    link: Connection, machine: Machine
) -> None:
    await machine.packages.install("docker.io")
    engine = engine_of(machine)
    engine.images.add("nginx:1.29")
    ours = engine.create("web", {"Image": "nginx:1.29", "Labels": {"gondolier.io/host": "box"}})
    other = engine.create("other", {"Image": "nginx:1.29"})
    await engine.start(ours)
    await link.run("sh -s", stdin=RETIRE)
    assert list(engine.containers) == [other.id]
