"""Differences as a plan shows them, from facts as data."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.step import Change
from core.machines.artifacts import Artifacts
from core.machines.difference import diff
from core.machines.observed import Facts, PathFact, SysctlFact, UnitFact
from core.machines.state import Binary, Desired, Directory, File, Unit
from core.machines.unit_actions import unit_commands
from tests.unit.machines.programs import program, publish, table

CONFIG = File("/etc/app.conf", b"port = 1\n")
KEY = File("/etc/app.key", b"s3cret", mode=0o600, secret=True)
UNIT_FILE = File("/etc/systemd/system/app.service", b"[Service]\n")
UNIT = Unit("app.service", reads=(CONFIG.path, UNIT_FILE.path))
WISH = Desired(files=(CONFIG, KEY, UNIT_FILE), units=(UNIT,))


def seen(file: File, changed: float = 100.0) -> PathFact:
    digest = hashlib.sha256(file.content).hexdigest()
    return PathFact("file", file.mode, "root", "root", len(file.content), changed, digest)


UP = UnitFact("loaded", "active", "running", "enabled", started=200.0, settled=200.0)
RIGHT = Facts(
    paths={file.path: seen(file) for file in WISH.files},
    units={"app.service": UP},
    clock=1000.0,
    arch="x86_64",
)


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path / "cache", [f"file://{tmp_path}/mirror"], table())


def with_path(file: File, fact: PathFact) -> Facts:
    return replace(RIGHT, paths={**RIGHT.paths, file.path: fact})


def test_a_machine_as_wanted_has_no_difference(artifacts: Artifacts) -> None:
    assert diff(WISH, RIGHT, artifacts) == []


def test_a_machine_that_is_absent_gets_everything_in_the_order_of_work(artifacts: Artifacts) -> None:
    wish = Desired(
        packages=("nftables",),
        modules=("overlay",),
        sysctls={"net.ipv4.ip_forward": "1"},
        directories=(Directory("/etc/app", 0o700),),
        binaries=(Binary("/usr/local/bin/kubelet", "kubelet", "1"),),
        files=(CONFIG, KEY),
        absent=("/etc/app/old",),
        units=(UNIT, Unit("other.service", enabled=False, running=False)),
    )
    assert diff(wish, Facts.absent(), artifacts) == [
        Change("create", "package nftables"),
        Change("create", "module overlay"),
        Change("update", "sysctl net.ipv4.ip_forward", after="1"),
        Change("create", "directory /etc/app", after="mode 0700, owner root"),
        Change("create", "program /usr/local/bin/kubelet", after="kubelet 1"),
        Change("create", "file /etc/app.conf", after="port = 1\n"),
        Change("create", "file /etc/app.key", after="(content hidden)", secret=True),
        Change("start", "unit app.service", before="no such unit", after="active, enabled"),
    ]


def test_a_changed_file_shows_both_texts_and_restarts_who_reads_it(artifacts: Artifacts) -> None:
    facts = with_path(CONFIG, replace(seen(CONFIG), sha256="0" * 64, content=b"port = 2\n"))
    assert diff(WISH, facts, artifacts) == [
        Change("update", "file /etc/app.conf", "port = 2\n", "port = 1\n"),
        Change(
            "restart", "unit app.service", "active (running), enabled", "active, enabled, restarted for /etc/app.conf"
        ),
    ]


def test_a_changed_file_that_nobody_reads_restarts_nothing_and_hides_its_secret(artifacts: Artifacts) -> None:
    facts = with_path(KEY, replace(seen(KEY), sha256="0" * 64, content=b"older secret"))
    assert diff(WISH, facts, artifacts) == [Change("update", f"file {KEY.path}", after="(content hidden)", secret=True)]


def test_rights_alone_are_a_difference(artifacts: Artifacts) -> None:
    facts = with_path(KEY, replace(seen(KEY), mode=0o644))
    assert diff(WISH, facts, artifacts) == [
        Change("update", "file /etc/app.key", "mode 0644, owner root:root", "mode 0600, owner root", secret=True)
    ]


def test_a_link_in_a_files_place_is_a_difference(artifacts: Artifacts) -> None:
    facts = with_path(CONFIG, replace(seen(CONFIG), kind="link"))
    assert diff(WISH, facts, artifacts)[0] == Change("update", "file /etc/app.conf", "(a link)", "port = 1\n")


def test_a_kill_between_write_and_restart_is_made_good(artifacts: Artifacts) -> None:
    (change,) = diff(WISH, with_path(CONFIG, seen(CONFIG, changed=200.5)), artifacts)
    assert (change.action, change.subject) == ("restart", "unit app.service")


@pytest.mark.parametrize("changed", [199.9, 200.0, 1000.1])
def test_older_files_and_files_of_the_future_restart_nothing(artifacts: Artifacts, changed: float) -> None:
    assert diff(WISH, with_path(CONFIG, seen(CONFIG, changed=changed)), artifacts) == []


def test_a_reloaded_unit_counts_from_its_reload(artifacts: Artifacts) -> None:
    wish = replace(WISH, units=(replace(UNIT, reload=True),))
    facts = with_path(CONFIG, seen(CONFIG, changed=300.0))
    (change,) = diff(wish, facts, artifacts)
    assert change.after == "active, enabled, reloaded for /etc/app.conf"
    assert list(unit_commands(wish, facts, [change])) == ["reload-or-restart app.service"]
    reloaded = replace(facts, units={"app.service": replace(UP, settled=301.0)})
    assert diff(wish, reloaded, artifacts) == []


@pytest.mark.parametrize(
    ("unit", "fact", "action"),
    [
        (Unit("a"), UnitFact("loaded", "inactive", "dead", "enabled"), "start"),
        (Unit("a"), UnitFact("loaded", "failed", "failed", "enabled"), "start"),
        (Unit("a"), UnitFact("loaded", "activating", "auto-restart", "enabled"), "start"),
        (Unit("a"), UnitFact("loaded", "active", "running", "disabled"), "update"),
        (Unit("a"), UnitFact("loaded", "active", "running", "static"), None),
        (Unit("a"), UnitFact("loaded", "active", "exited", "enabled"), None),
        (Unit("a"), UnitFact("loaded", "active", "running", "enabled", needs_reload=True), "update"),
        (Unit("a", enabled=False, running=False), UnitFact("loaded", "active", "running", "enabled"), "stop"),
        (Unit("a", enabled=False, running=False), UnitFact("loaded", "inactive", "dead", "enabled"), "update"),
        (Unit("a", enabled=False, running=False), UnitFact("loaded", "failed", "failed", "disabled"), None),
        (Unit("a", enabled=False, running=False), UnitFact(), None),
    ],
)
def test_a_units_state_decides_what_it_needs(
    artifacts: Artifacts, unit: Unit, fact: UnitFact, action: str | None
) -> None:
    found = diff(Desired(units=(unit,)), Facts(units={"a": fact}), artifacts)
    assert [change.action for change in found] == ([action] if action else [])


def test_units_are_told_in_one_command_for_each_verb_after_daemon_reload(artifacts: Artifacts) -> None:
    stale = replace(seen(UNIT_FILE), sha256="0" * 64)
    units = (UNIT, Unit("two.service", reads=(UNIT_FILE.path,)), Unit("new.service"))
    wish = replace(WISH, units=units)
    facts = replace(with_path(UNIT_FILE, stale), units={"app.service": UP, "two.service": UP})
    assert list(unit_commands(wish, facts, diff(wish, facts, artifacts))) == [
        "daemon-reload",
        "enable new.service",
        "restart app.service two.service",
        "start new.service",
    ]


@pytest.mark.parametrize(
    ("fact", "kept", "differs"),
    [
        (SysctlFact("1", True), "1", False),
        (SysctlFact("1", True), None, True),
        (SysctlFact("0", True), "1", True),
        (SysctlFact("1", False), None, False),
        (SysctlFact("2", False), None, False),
        (SysctlFact("0", False), None, True),
        (None, None, True),
    ],
)
def test_a_kernel_setting_must_hold_now_and_after_a_boot(
    artifacts: Artifacts, fact: SysctlFact | None, kept: str | None, differs: bool
) -> None:
    facts = Facts(sysctls={"a.b": fact} if fact else {}, kept_sysctls={"a.b": kept} if kept else {})
    assert bool(diff(Desired(sysctls={"a.b": "1"}), facts, artifacts)) is differs


async def test_a_program_is_right_only_by_the_checksum_of_a_fetched_artifact(
    artifacts: Artifacts, tmp_path: Path
) -> None:
    binary = Binary("/usr/local/bin/kubelet", "kubelet", "1")
    content = program("kubelet")
    fact = PathFact("file", 0o755, "root", "root", 200, 1.0, hashlib.sha256(content).hexdigest())
    facts = Facts(paths={binary.path: fact}, arch="x86_64")
    wish = Desired(binaries=(binary,))
    assert diff(wish, facts, artifacts) == [Change("update", "program /usr/local/bin/kubelet", after="kubelet 1")]
    publish(tmp_path / "mirror", "127.0.0.1:9/v1/amd64/kubelet", content)
    await artifacts.fetch("kubelet", "1", "x86_64")
    assert diff(wish, facts, artifacts) == []
    other = replace(facts, paths={binary.path: replace(fact, sha256="0" * 64)})
    (change,) = diff(wish, other, artifacts)
    assert change.before == f"sha256 {'0' * 64}"
    assert fact.sha256 in change.after


def test_only_what_is_there_need_be_made_absent(artifacts: Artifacts) -> None:
    wish = Desired(absent=("/var/lib/x", "/var/lib/y"))
    facts = Facts(paths={"/var/lib/x": PathFact("directory", 0o755, "root", "root", 0, 1.0)})
    assert diff(wish, facts, artifacts) == [Change("delete", "file /var/lib/x")]
