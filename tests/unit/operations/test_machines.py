"""SSH command lines and the journal of units."""

from __future__ import annotations

import shlex
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest

from core.engine.errors import Refusal, Trouble, Unreachable
from core.live.logs import LogSource
from core.live.objects import ClusterRef
from core.machines.access import Access
from core.machines.connection import Connection
from core.operations.machines import record, ssh_command, unit_log

ALPHA = ClusterRef("lab", "alpha")
SOURCE = LogSource(ALPHA, "", "kube-2", "kubelet")


def _access(name: str, address: str, port: int = 22, jump: Access | None = None) -> Access:
    return Access(name, address, port, "root", f"ssh-ed25519 KEY-{name}", Path("/keys/login"), jump)


def test_a_session_trusts_the_pinned_key_alone(tmp_path: Path) -> None:
    words = ssh_command(_access("kube-2", "10.0.0.2", 2222), tmp_path / "ssh" / "known")
    assert words[-1] == "root@10.0.0.2"
    assert words[words.index("-p") + 1] == "2222"
    assert "StrictHostKeyChecking=yes" in words
    assert f"UserKnownHostsFile={tmp_path}/ssh/known" in words
    assert "IdentityFile=/keys/login" in words
    assert (tmp_path / "ssh" / "known").read_text() == "[10.0.0.2]:2222 ssh-ed25519 KEY-kube-2\n"


def _proxy(words: list[str]) -> list[str]:
    found = next(word for word in words if word.startswith("ProxyCommand="))
    return shlex.split(found.removeprefix("ProxyCommand="))


def test_the_way_over_other_machines_has_each_ones_pinned_key(tmp_path: Path) -> None:
    entry = _access("entry", "1.1.1.1")
    middle = _access("middle", "10.0.0.1", jump=entry)
    words = ssh_command(_access("kube-2", "10.0.0.2", jump=middle), tmp_path / "known")
    through = _proxy(words)
    assert through[-3:] == ["-W", "%h:%p", "root@10.0.0.1"]
    further = _proxy(through)
    # ssh takes one "%" away before it hands the command on.
    assert further[-3:] == ["-W", "%%h:%%p", "root@1.1.1.1"]
    assert (tmp_path / "known").read_text().splitlines() == [
        "10.0.0.2 ssh-ed25519 KEY-kube-2",
        "10.0.0.1 ssh-ed25519 KEY-middle",
        "1.1.1.1 ssh-ed25519 KEY-entry",
    ]


def test_lines_of_the_journal_have_their_time_and_no_head() -> None:
    found = record(SOURCE, "1700000000.123456 kube-2 kubelet[71]: I1114 ready: yes")
    assert (found.time, found.text) == (1_700_000_000_123_456_000, "I1114 ready: yes")
    assert record(SOURCE, "-- No entries --").text == "-- No entries --"


class _Machine:
    """Gives lines, or fails."""

    name = "kube-2"

    def __init__(self, *lines: str, trouble: Trouble | None = None) -> None:
        self.lines = lines
        self.trouble = trouble
        self.commands: list[str] = []

    async def stream(self, command: str) -> AsyncGenerator[str, None]:
        self.commands.append(command)
        for line in self.lines:
            yield line
        if self.trouble is not None:
            raise self.trouble


async def test_a_units_journal_comes_in_batches_and_ends_where_it_is_not_followed() -> None:
    machine = _Machine("1.5 h etcd[1]: one", "2.5 h etcd[1]: two")
    log = unit_log(cast(Connection, machine), ALPHA, "etcd", tail=10, follow=False)
    found = [one async for batch in log for one in batch]
    assert [one.text for one in found] == ["one", "two"]
    assert "--follow" not in machine.commands[0]
    assert "--unit=etcd --lines=10" in machine.commands[0]


class _Flaky(_Machine):
    """Cut after its first lines, then there again with what the journal holds from the second that is asked for."""

    async def stream(self, command: str) -> AsyncGenerator[str, None]:
        self.commands.append(command)
        if len(self.commands) == 1:
            for line in self.lines[:3]:
                yield line
            raise Unreachable("the connection was lost")
        for line in self.lines[1:]:
            yield line


async def test_a_lost_connection_loses_and_doubles_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.operations.machines._FIRST_PAUSE", 0.0)
    machine = _Flaky(
        "1.9 h etcd[1]: old", "2.1 h etcd[1]: twin", "2.1 h etcd[1]: twin", "2.1 h etcd[1]: twin", "3.0 h etcd[1]: new"
    )
    log = unit_log(cast(Connection, machine), ALPHA, "etcd", tail=10, follow=True)
    found = [one async for batch in log for one in batch]
    assert [one.text for one in found if one.kind == "line"] == ["old", "twin", "twin", "twin", "new"]
    assert [one.text for one in found if one.kind == "lost"] == ["the connection was lost"]
    assert "--since=@2 --lines=all" in machine.commands[1]


async def test_what_was_read_is_told_before_the_trouble() -> None:
    machine = _Machine("1.5 h etcd[1]: one", trouble=Trouble("the connection was lost"))
    log = unit_log(cast(Connection, machine), ALPHA, "etcd", tail=10, follow=True)
    assert [one.text for one in await anext(log)] == ["one"]
    with pytest.raises(Trouble, match="lost"):
        await anext(log)


async def test_what_is_no_units_name_is_refused() -> None:
    with pytest.raises(Refusal, match="no name of a unit"):
        await anext(unit_log(cast(Connection, _Machine()), ALPHA, "etcd; rm", tail=1, follow=False))
