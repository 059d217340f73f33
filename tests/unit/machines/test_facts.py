"""Facts: read from this very box through sshd, and from recorded words of systemd."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from pathlib import Path

import pytest

from core.engine.errors import Trouble
from core.machines.connections import Connections
from core.machines.facts import gather, gather_host
from core.machines.facts_text import parsed, parsed_host, requests, sysctl_path
from core.machines.observed import UnitFact
from core.machines.state import Binary, Desired, Directory, File, Unit

RECORDED = """\
clock\t1795433000.5
arch\tx86_64
sysctl\tnet/ipv4/tcp_rmem\tyes\t4096 131072 6291456
path\tf\t644\troot\troot\t9\t1795432000.2500000000\t/etc/app.conf
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  /etc/app.conf
content\t/etc/app.conf\tcG9ydCA9IDIK
package\thaproxy\tii \t2.6.12-1+deb12u2
package\tsocat\thi \t1.7.4.4-2
package\tipset\trc \t7.17-1
kept-sysctl\tnet.ipv4.tcp_rmem\t4096 131072 6291456
kept-module\toverlay
units
ActiveEnterTimestamp=Mon 2026-11-23 11:40:01.500000 UTC
StateChangeTimestamp=Mon 2026-11-23 11:40:02.000000 UTC
ExecMainStartTimestamp=Mon 2026-11-23 11:40:00.250000 UTC
Id=etcd.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
NeedDaemonReload=yes

ActiveEnterTimestamp=
StateChangeTimestamp=
ExecMainStartTimestamp=n/a
Id=nonesuch.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
NeedDaemonReload=no
"""

WISH = Desired(
    packages=("haproxy", "socat", "ipset"),
    sysctls={"net.ipv4.tcp_rmem": "4096 131072 6291456"},
    files=(File("/etc/app.conf", b"port = 1\n"),),
    units=(Unit("etcd.service"), Unit("nonesuch.service")),
)


def test_recorded_answers_become_facts() -> None:
    facts = parsed(WISH, RECORDED)
    app = facts.paths["/etc/app.conf"]
    assert (app.kind, app.mode, app.sha256, app.content) == ("file", 0o644, "a" * 64, b"port = 2\n")
    assert app.changed == 1795432000.25
    assert facts.packages == {"haproxy": "2.6.12-1+deb12u2", "socat": "1.7.4.4-2"}
    assert facts.sysctls["net.ipv4.tcp_rmem"].value == facts.kept_sysctls["net.ipv4.tcp_rmem"]
    assert facts.kept_modules == {"overlay"}
    assert (facts.clock, facts.arch) == (1795433000.5, "x86_64")


def test_a_unit_is_started_when_its_main_process_was() -> None:
    facts = parsed(WISH, RECORDED)
    assert facts.units["etcd.service"] == UnitFact(
        "loaded", "active", "running", "enabled", started=1795434000.25, settled=1795434002.0, needs_reload=True
    )
    assert facts.units["nonesuch.service"] == UnitFact()


@pytest.mark.parametrize("answer", ["", "Welcome to my machine\n", RECORDED.partition("\nunits\n")[0]])
def test_what_is_not_the_scripts_answer_is_an_error(answer: str) -> None:
    with pytest.raises(ValueError, match=r"clock|shorter"):
        parsed(WISH, answer)


def test_secrets_contents_are_never_asked_for() -> None:
    wish = Desired(files=(File("/etc/key", b"s3cret", secret=True), File("/etc/big", b"x" * 70_000)))
    assert list(requests(wish)) == ["path /etc/big", "path /etc/key"]


@pytest.mark.parametrize(
    ("key", "path"),
    [("net.ipv4.ip_forward", "net/ipv4/ip_forward"), ("net/ipv4/conf/eth0.5/mtu", "net/ipv4/conf/eth0.5/mtu")],
)
def test_a_kernel_settings_key_has_a_path(key: str, path: str) -> None:
    assert sysctl_path(key) == path


async def test_paths_of_a_real_machine_are_seen_in_one_command(connections: Connections, tmp_path: Path) -> None:
    content = os.urandom(1_500_000)
    (tmp_path / "big").write_bytes(content)
    (tmp_path / "right").write_bytes(b"same")
    (tmp_path / "wrong name").write_bytes(b"before")
    (tmp_path / "link").symlink_to("right")
    (tmp_path / "tree/deep").mkdir(parents=True)
    (tmp_path / "tree/deep/leaf").write_bytes(b"leaf")
    wish = Desired(
        directories=(Directory(f"{tmp_path}/tree"),),
        binaries=(Binary(f"{tmp_path}/tree", "x", "1", "bin/"),),
        files=(
            File(f"{tmp_path}/right", b"same"),
            File(f"{tmp_path}/wrong name", b"after"),
            File(f"{tmp_path}/no", b""),
        ),
        absent=(f"{tmp_path}/big", f"{tmp_path}/link"),
    )
    facts = await gather(await connections.get("m1"), wish)
    names = {Path(path).name: fact for path, fact in facts.paths.items()}
    assert set(names) == {"big", "right", "wrong name", "link", "tree", "deep", "leaf"}
    assert names["big"].sha256 == hashlib.sha256(content).hexdigest()
    assert names["leaf"].sha256 == hashlib.sha256(b"leaf").hexdigest()
    assert (names["link"].kind, names["tree"].kind) == ("link", "directory")
    assert (names["wrong name"].content, names["right"].content) == (b"before", None)
    assert names["right"].changed == pytest.approx((tmp_path / "right").stat().st_ctime, abs=1e-3)
    assert abs(facts.clock - time.time()) < 60


async def test_kernel_settings_and_packages_of_a_real_machine(connections: Connections) -> None:
    wish = Desired(
        packages=("coreutils", "no-such-package"),
        sysctls={"net.ipv4.tcp_rmem": "1", "no.such": "1", "kernel.ostype": "x"},
    )
    facts = await gather(await connections.get("m1"), wish)
    assert facts.sysctls["net.ipv4.tcp_rmem"].value == " ".join(Path("/proc/sys/net/ipv4/tcp_rmem").read_text().split())
    assert (facts.sysctls["kernel.ostype"].value, facts.sysctls["kernel.ostype"].writable) == ("Linux", False)
    assert "no.such" not in facts.sysctls
    assert list(facts.packages) == ["coreutils"]
    assert facts.arch == platform.machine()


async def test_gathering_needs_one_command(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = await connections.get("m1")
    told: list[str] = []
    feed = machine.feed

    async def counted(command: str, *rest: object, **options: object) -> object:
        told.append(command)
        return await feed(command, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(machine, "feed", counted)
    await gather(machine, Desired(packages=("coreutils",), files=(File("/etc/hosts", b""),)))
    assert len(told) == 1


async def test_a_machine_without_systemd_is_told_in_a_sentence(connections: Connections) -> None:
    if Path("/run/systemd/system").exists():
        pytest.skip("this box has systemd as init")
    with pytest.raises(Trouble, match="m1: its facts cannot be read"):
        await gather(await connections.get("m1"), Desired(units=(Unit("x.service"),)))


async def test_what_kind_of_machine_this_is(connections: Connections) -> None:
    host = await gather_host(await connections.get("m1"))
    assert (host.arch, host.kernel, host.hostname) == (platform.machine(), platform.release(), platform.node())
    assert host.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert host.processors == os.cpu_count()
    assert host.free_root > 0
    assert host.memory > 1 << 28
    assert "127.0.0.53" not in host.nameservers


def test_a_machines_own_words_are_part_of_its_facts() -> None:
    said = {
        "kernel": "6.1", "hostname": "n", "machine-id": "m", "boot-id": "b", "uptime": "9.5", "processors": "2",
        "memory": "1024", "free./": "10", "free./var/lib": "20", "cgroup": "cgroup2fs",
        "machine": "eyJjZ3JvdXBfcm9vdCI6ICIvbjEifQ==",
    }  # fmt: skip
    lines = ["clock\t1.5", "arch\taarch64", *(f"host\t{key}\t{value}" for key, value in said.items())]
    lines += ["host\tnameserver\t10.0.0.1", "host\tnameserver\t10.0.0.2"]
    host = parsed_host("\n".join(lines))
    assert (host.machine, host.nameservers, host.cgroup_v1) == ({"cgroup_root": "/n1"}, ("10.0.0.1", "10.0.0.2"), False)
    assert (host.free_root, host.free_var_lib, host.memory) == (10240, 20480, 1 << 20)
