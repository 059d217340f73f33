"""One kept connection to a real sshd: commands, streams, losses, keys."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import asyncssh
import pytest

from core.engine.errors import Refusal, Trouble, Unreachable
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.outcome import LoginRefused, WrongHostKey
from tests.unit.machines.conftest import SshdMaker
from tests.unit.machines.sshd import Sshd


async def test_a_command_gives_status_and_both_outputs(connections: Connections) -> None:
    machine = await connections.get("m1")
    done = await machine.run("echo out; echo err >&2; exit 3", check=False)
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "err\n")


async def test_a_failed_command_names_machine_command_status_and_last_words(connections: Connections) -> None:
    machine = await connections.get("kube-2")
    with pytest.raises(Trouble, match=r"kube-2: `echo no such thing.*` ended with status 4: no such thing"):
        await machine.run("echo no such thing >&2; exit 4")


async def test_input_reaches_the_command_and_does_not_show_among_processes(connections: Connections) -> None:
    machine = await connections.get("m1")
    done = await machine.run("cat; tr '\\0' ' ' < /proc/$PPID/cmdline; tr '\\0' ' ' < /proc/$$/cmdline", stdin="s3cret")
    assert done.stdout.startswith("s3cret")
    assert done.stdout.count("s3cret") == 1


async def test_many_commands_share_one_connection(connections: Connections, sshd: Sshd) -> None:
    machine = await connections.get("m1")
    done = await asyncio.gather(*(machine.run(f"echo {number}") for number in range(25)))
    assert [answer.stdout for answer in done] == [f"{number}\n" for number in range(25)]
    assert (sshd.folder / "sshd.log").read_text().count("Accepted publickey") == 1


async def test_a_command_beyond_its_time_is_unreachable(connections: Connections) -> None:
    machine = await connections.get("m1")
    with pytest.raises(Unreachable, match="did not end within 0 s"):
        await machine.run("exec sleep 20", timeout=0.3)
    assert (await machine.run("echo still here")).stdout == "still here\n"


async def test_a_lost_connection_is_told_and_comes_back_by_itself(connections: Connections, sshd: Sshd) -> None:
    machine = await connections.get("m1")
    await machine.run("true")
    lost = asyncio.create_task(machine.run(f"echo > {sshd.folder}/began; exec sleep 20"))
    while not (sshd.folder / "began").exists():
        await asyncio.wait([lost], timeout=0.01)
    sshd.stop()
    with pytest.raises(Unreachable, match=r"m1: .*lost"):
        await lost
    sshd.start()
    assert (await machine.run("echo back")).stdout == "back\n"


async def test_a_machine_that_refuses_connections_is_unreachable(connections: Connections, sshd: Sshd) -> None:
    sshd.stop()
    with pytest.raises(Unreachable, match=f"127.0.0.1 port {sshd.port} refuses connections"):
        await (await connections.get("m1")).run("true")


async def test_a_wrong_host_key_is_a_hard_stop_that_names_both_fingerprints(sshd: Sshd) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    access = dataclasses.replace(sshd.access(), host_key=other.export_public_key().decode())
    machine = Connection(access)
    with pytest.raises(WrongHostKey) as caught:
        await machine.wait(60)
    real = asyncssh.read_public_key(sshd.folder / "host.pub")
    assert isinstance(caught.value, Refusal)
    assert caught.value.where == "m1"
    assert f"expected ssh-ed25519 {other.get_fingerprint()}" in caught.value.what
    assert f"found ssh-ed25519 {real.get_fingerprint()}" in caught.value.what
    assert caught.value.fix


async def test_a_pinned_key_of_another_kind_is_a_wrong_host_key_too(sshd: Sshd) -> None:
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    access = dataclasses.replace(sshd.access(), host_key=other.export_public_key().decode())
    with pytest.raises(WrongHostKey, match=r"expected ecdsa.*found ssh-ed25519"):
        await Connection(access).run("true")


async def test_the_users_own_known_hosts_and_agent_are_not_asked(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {(sshd.folder / 'host.pub').read_text()}")
    monkeypatch.setenv("HOME", str(tmp_path))
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(WrongHostKey):
        await Connection(dataclasses.replace(sshd.access(), host_key=other)).run("true")


async def test_a_login_key_that_is_not_accepted_is_a_refusal_with_a_fix(sshd: Sshd) -> None:
    (sshd.folder / "authorized_keys").write_text("")
    with pytest.raises(LoginRefused, match=r"does not accept the login key .*authorized_keys"):
        await Connection(sshd.access()).run("true")


async def test_a_login_key_that_is_missing_is_a_refusal(sshd: Sshd) -> None:
    access = dataclasses.replace(sshd.access(), login_key=sshd.folder / "nowhere")
    with pytest.raises(Refusal, match=r"login key .*nowhere cannot be read: No such file"):
        await Connection(access).run("true")


async def test_waiting_ends_when_ssh_comes_up(sshd: Sshd) -> None:
    sshd.stop()
    machine = Connection(sshd.access())
    waiting = asyncio.create_task(machine.wait(60))
    await asyncio.wait([waiting], timeout=0.15)
    assert not waiting.done()
    sshd.start()
    await waiting
    await machine.close()


async def test_waiting_outlasts_a_key_that_is_installed_late(sshd: Sshd) -> None:
    (sshd.folder / "authorized_keys").write_text("")
    machine = Connection(sshd.access())
    waiting = asyncio.create_task(machine.wait(60))
    while "Connection closed by authenticating user" not in (sshd.folder / "sshd.log").read_text():
        await asyncio.wait([waiting], timeout=0.01)
    (sshd.folder / "authorized_keys").write_bytes((sshd.folder / "login.pub").read_bytes())
    await waiting
    await machine.close()


async def test_waiting_in_vain_says_what_the_last_answer_was(sshd: Sshd) -> None:
    sshd.stop()
    with pytest.raises(Unreachable, match=r"refuses connections \(waited 0 s\)"):
        await Connection(sshd.access()).wait(0.3)


async def test_a_stream_gives_lines_as_they_come_and_closing_it_ends_the_command(
    connections: Connections, tmp_path: Path
) -> None:
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    watch = await asyncio.create_subprocess_exec("cat", fifo, stdout=subprocess.PIPE)
    machine = await connections.get("m1")
    stream = machine.stream(f"exec 3> {fifo}; echo one; echo two >&2; exec sleep 20")
    assert [await anext(stream), await anext(stream)] == ["one", "two"]
    await stream.aclose()
    # The pipe's other end is closed only when every process of the command is gone.
    assert await watch.wait() == 0


async def test_a_stream_that_fails_raises_with_the_last_line(connections: Connections) -> None:
    machine = await connections.get("m1")
    with pytest.raises(Trouble, match=r"m1: .*status 5: it broke"):
        assert [line async for line in machine.stream("echo fine; echo it broke; exit 5")] == []


async def test_a_machine_behind_a_jump_host_is_reached_through_it(new_sshd: SshdMaker) -> None:
    gate, inner = new_sshd(), new_sshd()
    pool = Connections(lambda name: inner.access(name, jump=gate.access("gate")))
    # The variable holds the client's address and port as the inner sshd sees them.
    done = await (await pool.get("inner")).run("echo $SSH_CONNECTION")
    assert done.stdout.endswith(f"127.0.0.1 {inner.port}\n")
    assert "Accepted publickey" in (gate.folder / "sshd.log").read_text()
    gate.stop()
    with pytest.raises(Unreachable, match="gate: "):
        await (await pool.get("inner")).run("true")
    await pool.close()


async def test_a_forwarded_socket_leads_to_the_machines_socket(connections: Connections, tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello " + await reader.readline())
        writer.close()

    server = await asyncio.start_unix_server(answer, tmp_path / "engine.sock")
    machine = await connections.get("m1")
    local = await machine.forward_socket(str(tmp_path / "engine.sock"))
    assert local == await machine.forward_socket(str(tmp_path / "engine.sock"))
    assert local.parent.stat().st_mode & 0o077 == 0
    reader, writer = await asyncio.open_unix_connection(local)
    writer.write(b"you\n")
    assert await reader.read() == b"hello you\n"
    writer.close()
    server.close()


async def test_a_machine_with_another_address_gets_a_new_connection(sshd: Sshd) -> None:
    access = sshd.access()
    pool = Connections(lambda name: access)
    first = await pool.get("m1")
    assert await pool.get("m1") is first
    access = dataclasses.replace(access, port=1)
    second = await pool.get("m1")
    assert second is not first
    with pytest.raises(Unreachable):
        await second.run("true")
    await pool.close()


async def test_users_other_than_root_work_through_sudo(sshd: Sshd) -> None:
    machine = Connection(dataclasses.replace(sshd.access(), user="debian"))
    assert machine._as_root("echo 'a b'") == """sudo -n sh -c 'echo '"'"'a b'"'"''"""


def test_nothing_of_ssh_or_http_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, core.machines.state, core.machines.steps\n"
        "print([name for name in ('asyncssh', 'aiohttp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_a_port_that_only_the_machine_reaches_is_reached_through_it(connections: Connections) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello " + await reader.readline())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    machine = await connections.get("m1")
    async with machine.tcp("127.0.0.1", server.sockets[0].getsockname()[1]) as (reader, writer):
        writer.write(b"you\n")
        assert await reader.read() == b"hello you\n"
    server.close()
    with pytest.raises(Unreachable, match="m1: "):
        async with machine.tcp("127.0.0.1", 1):
            pass
