"""A simulated machine answers the product's questions as a real one does."""

from __future__ import annotations

import hashlib
import json
import time

from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.difference import diff
from core.machines.facts import gather, gather_host
from core.machines.state import Binary, Desired, Directory, File, Unit
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator.conftest import Maker


async def test_paths_are_told_with_all_that_is_asked(link: Connection, machine: Machine) -> None:
    before = time.time()
    machine.files.mkdir("/etc/app", 0o700, "app:staff")
    machine.files.write("/etc/app/a b.conf", b"one\n", 0o640)
    machine.files.link("/etc/app/link", "/etc/app/a b.conf")
    wish = Desired(
        directories=(Directory("/etc/app", 0o700, "app:staff"),),
        files=(File("/etc/app/a b.conf", b"one\n", 0o640), File("/etc/app/absent", b"")),
        absent=("/etc/app/link",),
    )
    facts = await gather(link, wish)
    assert set(facts.paths) == {"/etc/app", "/etc/app/a b.conf", "/etc/app/link"}
    found = facts.paths["/etc/app/a b.conf"]
    assert (found.kind, found.mode, found.owner, found.size) == ("file", 0o640, "root", 4)
    assert found.sha256 == hashlib.sha256(b"one\n").hexdigest()
    assert before - 0.01 <= found.changed <= facts.clock <= time.time()
    assert facts.paths["/etc/app/link"].kind == "link"
    assert facts.paths["/etc/app"].belongs_to("app:staff")


async def test_contents_that_differ_are_shown_unless_large_or_secret(link: Connection, machine: Machine) -> None:
    machine.files.write("/etc/differs", b"old")
    machine.files.write("/etc/same", b"same")
    machine.files.write("/etc/secret", b"old secret")
    machine.files.write("/etc/large", b"x" * 70_000)
    wishes = (File("/etc/differs", b"new"), File("/etc/same", b"same"), File("/etc/large", b"y"))
    facts = await gather(link, Desired(files=(*wishes, File("/etc/secret", b"new", secret=True))))
    shown = {path: fact.content for path, fact in facts.paths.items() if fact.content is not None}
    assert shown == {"/etc/differs": b"old"}


async def test_large_programs_and_trees_have_checksums(link: Connection, machine: Machine) -> None:
    content = b"program" * 300_000
    machine.files.write("/opt/cni/bin/bridge", content, 0o755)
    facts = await gather(link, Desired(binaries=(Binary("/opt/cni/bin", "cni", "1", "bin/"),)))
    assert facts.paths["/opt/cni/bin/bridge"].sha256 == hashlib.sha256(content).hexdigest()
    assert machine.files.entry("/opt/cni/bin/bridge").content is None  # type: ignore[union-attr]


async def test_settings_modules_and_packages_are_told(link: Connection, machine: Machine) -> None:
    wish = Desired(
        packages=("kmod", "socat", "no-such-package"),
        modules=("br-netfilter", "overlay", "ext4"),
        sysctls={"net.ipv4.ip_forward": "1", "net.ipv4.ip_local_port_range": "1 2", "kernel.no_such": "1"},
    )
    machine.kernel.load_module("overlay")
    machine.files.write("/etc/sysctl.d/90-gondolier.conf", "# ours\nnet.ipv4.ip_forward = 1\n")
    machine.files.write("/etc/modules-load.d/90-gondolier.conf", "# ours\noverlay\n")
    facts = await gather(link, wish)
    assert facts.packages == {"kmod": "34.2-2"}
    assert facts.modules == {"overlay", "ext4"}
    assert {key: fact.value for key, fact in facts.sysctls.items()} == {
        "net.ipv4.ip_forward": "0",
        "net.ipv4.ip_local_port_range": "32768 60999",
    }
    assert facts.kept_sysctls == {"net.ipv4.ip_forward": "1"}
    assert facts.kept_modules == {"overlay"}


async def test_units_are_told_in_systemds_words(link: Connection) -> None:
    facts = await gather(link, Desired(units=(Unit("ssh.service"), Unit("nothing.service"))))
    ssh, nothing = facts.units["ssh.service"], facts.units["nothing.service"]
    assert (ssh.load, ssh.enabled, ssh.needs_reload) == ("loaded", "enabled", False)
    assert ssh.started is not None
    assert abs(ssh.started - time.time()) < 60
    assert (nothing.load, nothing.active, nothing.sub, nothing.enabled) == ("not-found", "inactive", "dead", "")
    assert nothing.started is None


async def test_a_machine_says_what_it_is(make: Maker, link: Connection, machine: Machine, world: World) -> None:
    facts = await gather_host(link)
    assert (facts.arch, facts.hostname, facts.os_id, facts.os_version) == ("x86_64", "m1", "debian", "13")
    assert facts.machine_id == machine.record.machine_id
    assert facts.boot_id == machine.boot_id
    assert facts.memory == 8 * 1024**3
    assert facts.processors == 4
    assert facts.free_root > 2 * 1024**3
    assert not facts.cgroup_v1
    assert facts.machine == {}
    assert 0 <= facts.uptime < 60
    machine.files.write("/etc/gondolier/machine.json", json.dumps({"cgroup_driver": "cgroupfs"}))
    world.faults.inject("clock-skew", "env", "m1", parameters={"seconds": 300})
    world.faults.inject("disk-full", "env", "m1")
    later = await gather_host(link)
    assert later.machine == {"cgroup_driver": "cgroupfs"}
    assert 299 < later.clock - facts.clock < 360
    assert later.free_root == 0


async def test_a_fresh_machine_differs_in_everything_that_is_wanted(link: Connection, artifacts: Artifacts) -> None:
    wish = Desired(
        packages=("socat",),
        modules=("overlay",),
        sysctls={"net.ipv4.ip_forward": "1"},
        directories=(Directory("/etc/app"),),
        files=(File("/etc/app/conf", b"x"),),
        units=(Unit("app.service"),),
    )
    found = diff(wish, await gather(link, wish), artifacts)
    assert [change.subject for change in found] == [
        "package socat", "module overlay", "sysctl net.ipv4.ip_forward", "directory /etc/app", "file /etc/app/conf",
        "unit app.service",
    ]  # fmt: skip
