"""Commands that people and the product's later steps give: journalctl, systemctl, crictl."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from core.containers.actions import list_command, stop_command
from core.engine.errors import Trouble
from core.machines.connection import Connection
from core.simulator.machine.machine import Machine
from core.simulator.machine.runtime import Container
from core.simulator.programs.base import program_name
from core.simulator.shell.journalctl import moment
from tests.simulator import app

NOW = 1_795_680_000.0
"""2026-11-26 08:00:00"""


@pytest.mark.parametrize(
    ("text", "ago"),
    [("@1795679200", 800), ("2026-11-26 07:50:00", 600), ("-5min", 300), ("90 seconds ago", 90), ("2 hours ago", 7200),
     ("1h 30min ago", 5400), ("today", 8 * 3600), ("now", 0)],
)  # fmt: skip
def test_times_are_read_as_journalctl_reads_them(text: str, ago: float) -> None:
    assert NOW - moment(text, NOW) == ago


async def test_lines_are_chosen_counted_and_formed(link: Connection, machine: Machine) -> None:
    for number in range(5):
        machine.journal.append("app.service", f"line {number}", time=NOW + number, pid=7)
    machine.journal.append("other.service", "other", time=NOW + 10)

    async def told(arguments: str) -> list[str]:
        return (await link.run(f"journalctl {arguments}")).stdout.splitlines()

    assert await told("-u app -n 2 -o cat") == ["line 3", "line 4"]
    assert await told("-u app.service --lines=1 --output=cat --no-pager") == ["line 4"]
    assert await told(f"-u app -o cat --since @{NOW + 3} --until @{NOW + 3}") == ["line 3"]
    assert await told("-u app -r -n1") == ["Nov 26 08:00:04 m1 app[7]: line 4"]
    assert await told("-u app -n1 -o short-iso") == ["2026-11-26T08:00:04+00:00 m1 app[7]: line 4"]
    assert json.loads((await told("-u app -n 1 -o json"))[0])["MESSAGE"] == "line 4"
    assert "other" in await told("-o cat")
    with pytest.raises(Trouble, match="unknown command: journalctl --vacuum-size=1M"):
        await link.run("journalctl --vacuum-size=1M")


async def test_a_journal_keeps_its_newest_lines(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.simulator.machine.journal.CAPACITY", 50)
    for number in range(80):
        machine.journal.append("app.service", str(number))
    assert [line.text for line in machine.journal.lines("app.service")] == [str(number) for number in range(30, 80)]
    machine.world.keeping.flush()
    assert len(list(machine.world.keeping.items(f"journal:{machine.id}"))) == 50


async def test_systemctls_verbs_have_its_statuses(link: Connection, machine: Machine) -> None:
    app.install(machine, Type="notify")
    assert (await link.run("systemctl enable --now app && systemctl is-active app")).stdout == "active\n"
    assert (await link.run("systemctl is-active --quiet none", check=False)).status == 3
    assert (await link.run("systemctl start none", check=False)).status == 5
    assert (await link.run("systemctl show -p ActiveState --value app")).stdout == "active\n"
    assert "Active: active (running)" in (await link.run("systemctl status app --no-pager")).stdout
    assert (await link.run("systemctl cat app")).stdout.startswith("# /etc/systemd/system/app.service\n[Unit]")
    assert "app.service" in (await link.run("systemctl list-units")).stdout
    await link.run("systemctl disable --now app")
    assert (await link.run("systemctl is-enabled app", check=False)).stdout == "disabled\n"
    assert "unknown command: systemctl kexec" in (await link.run("systemctl kexec", check=False)).stderr


async def test_a_machine_reboots_itself(link: Connection, machine: Machine) -> None:
    before = machine.boot_id
    await link.run("systemctl reboot")
    while machine.boot_id == before or not machine.powered:
        await asyncio.sleep(0.01)
    await link.wait(20)
    assert (await link.run("hostname")).stdout == "m1\n"


class Containers:
    """What a kubelet says that runs."""

    def __init__(self) -> None:
        self.running = {"c1": "u1", "c2": "u2"}

    def containers(self) -> Sequence[Container]:
        return [Container(id, {"io.kubernetes.pod.uid": uid}) for id, uid in self.running.items()]

    def stop(self, identity: str) -> bool:
        return self.running.pop(identity, None) is not None


async def test_containers_are_listed_by_pod_and_stopped(link: Connection, machine: Machine) -> None:
    machine.runtime = runtime = Containers()
    assert (await link.run(list_command("u1"), check=False)).status == 1
    machine.files.write("/etc/systemd/system/containerd.service", "[Service]\nExecStart=/usr/sbin/sshd\n")
    await machine.units.start("containerd")
    listed = json.loads((await link.run(list_command("u1"))).stdout)["containers"]
    assert [(each["id"], each["labels"]) for each in listed] == [("c1", {"io.kubernetes.pod.uid": "u1"})]
    assert (await link.run(stop_command(["c1"]))).stdout == "c1\n"
    assert list(runtime.running) == ["c2"]
    with pytest.raises(Trouble, match="NotFound"):
        await link.run(stop_command(["c1"]))


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        ("/usr/local/bin/etcd", "etcd"),
        ("/usr/bin/python3 -u /usr/local/lib/gondolier/gateway.py /etc/gondolier/gateway.json", "gateway.py"),
        ("/bin/sh -e /etc/gondolier/host.sh", "host.sh"),
        ("/usr/local/bin/ctr -n gondolier run --rm --net-host quay.io/calico/node:v3 calico-node", "calico-node"),
        ("/usr/local/bin/ctr -n gondolier tasks ls", "ctr"),
    ],
)
def test_programs_are_known_by_what_their_starter_starts(argv: str, name: str) -> None:
    assert program_name(argv.split()) == name
