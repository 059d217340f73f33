"""Simulated machines behind the product's own connection: commands, losses, keys."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import asyncssh
import pytest

from core.engine.errors import Trouble, Unreachable
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.outcome import LoginRefused, WrongHostKey
from core.simulator.machine.machine import Machine
from core.simulator.machine.ports import Reader, Writer
from core.simulator.world import World
from tests.simulator.conftest import Maker


async def test_a_command_gives_status_and_both_outputs(link: Connection) -> None:
    done = await link.run("echo out; echo err >&2; exit 3; echo more", check=False)
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "err\n")


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("true && echo yes || echo no", 0, "yes\n"),
        ("false && echo yes || echo no", 0, "no\n"),
        ("echo 'a  b' \"c $NAME\" d\\ e", 0, "a  b c  d e\n"),
        ("NAME=x; echo ${NAME}y $(echo z)", 0, "xy z\n"),
        ("echo one 2>/dev/null | grep -qx one", 0, ""),
        ("echo one | grep -q two", 1, ""),
        ("echo text >/tmp/file; cat /tmp/file; cat < /tmp/file", 0, "text\ntext\n"),
        ("sh -c 'echo $1-$2' name a b", 0, "a-b\n"),
        ("echo a # b\necho c", 0, "a\nc\n"),
    ],
)
async def test_lists_pipes_quotes_and_redirections_are_the_shells(
    link: Connection, text: str, status: int, said: str
) -> None:
    done = await link.run(text, check=False)
    assert (done.status, done.stdout, done.stderr) == (status, said, "")


async def test_an_unknown_command_fails_with_its_text(link: Connection) -> None:
    with pytest.raises(Trouble, match="ended with status 127: gondolier simulator: unknown command: frobnicate --hard"):
        await link.run("frobnicate --hard")
    loop = "for each in a b; do frobnicate; done"
    assert (await link.run(loop, check=False)).stderr == f"gondolier simulator: unknown command: {loop}\n"


async def test_many_commands_share_one_connection(link: Connection) -> None:
    done = await asyncio.gather(*(link.run(f"echo {number}") for number in range(25)))
    assert [answer.stdout for answer in done] == [f"{number}\n" for number in range(25)]


async def test_a_command_beyond_its_time_is_unreachable(link: Connection) -> None:
    with pytest.raises(Unreachable, match="did not end within 0 s"):
        await link.run("sleep 20", timeout=0.1)
    assert (await link.run("hostname")).stdout == "m1\n"


async def test_a_stream_gives_lines_as_they_come_and_closing_it_ends_the_command(
    link: Connection, machine: Machine
) -> None:
    stream = link.stream("echo one; echo two >&2; journalctl -f -u app -n 0 -o cat")
    assert [await anext(stream), await anext(stream)] == ["one", "two"]
    arriving = asyncio.ensure_future(anext(stream))
    while not arriving.done():
        machine.journal.append("app.service", "three")
        await asyncio.wait([arriving], timeout=0.01)
    assert arriving.result() == "three"
    await stream.aclose()
    # Nothing follows the journal any more.
    while any("stream" in task.get_name() for task in machine._tasks):
        await asyncio.sleep(0.01)


async def test_a_stream_that_fails_raises_with_the_last_line(link: Connection) -> None:
    with pytest.raises(Trouble, match=r"m1: .*status 5: it broke"):
        assert [line async for line in link.stream("echo fine; echo it broke; exit 5")] == []


async def test_a_machine_without_power_refuses_connections_and_comes_back(
    link: Connection, machine: Machine, world: World
) -> None:
    before = (await link.run("cat /etc/hostname")).stdout
    lost = asyncio.create_task(link.run("sleep 20"))
    while not any("sleep 20" in task.get_name() for task in machine._tasks):
        await asyncio.wait([lost], timeout=0.01)
    await world.power_off(machine, orderly=False)
    with pytest.raises(Unreachable, match=r"m1: .*lost"):
        await lost
    with pytest.raises(Unreachable, match=f"{machine.address} port 2022 refuses connections"):
        await link.run("true")
    await world.power_on(machine)
    assert (await link.run("cat /etc/hostname")).stdout == before


async def test_only_root_with_the_key_given_at_creation_may_log_in(
    make: Maker, connections: Connections, other_key: str, link: Connection
) -> None:
    await make("m2", login_key=other_key)
    with pytest.raises(LoginRefused, match="does not accept the login key"):
        await (await connections.get("m2")).run("true")
    with pytest.raises(LoginRefused):
        await Connection(dataclasses.replace(link.access, user="debian")).run("true")


async def test_a_wrong_host_key_is_shown_while_the_fault_is_on(link: Connection, world: World) -> None:
    world.faults.inject("wrong-host-key", "env", "m1")
    await _settled(world)
    with pytest.raises(WrongHostKey, match="showed another host key"):
        await link.run("true")
    world.faults.clear()
    await _settled(world)
    assert (await link.run("echo back")).stdout == "back\n"


async def test_connections_are_refused_until_the_faults_time_is_over(link: Connection, world: World) -> None:
    world.faults.inject("connection-refused", "env", duration=0.3)
    await _settled(world)
    with pytest.raises(Unreachable, match="refuses connections"):
        await link.run("true")
    await link.wait(20)


async def test_a_connection_drops_in_the_middle_of_a_command_that_goes_on(
    link: Connection, world: World, machine: Machine
) -> None:
    world.faults.inject("ssh-drop", "env", "m1")
    with pytest.raises(Unreachable, match="lost during"):
        await link.run("sleep 0.05; touch /tmp/done")
    assert (await link.run("echo back")).stdout == "back\n"
    while not machine.files.exists("/tmp/done"):
        await asyncio.sleep(0.01)


async def test_ports_of_the_machine_and_of_others_are_reached_through_it(
    link: Connection, machine: Machine, make: Maker
) -> None:
    async def answer(reader: Reader, writer: Writer) -> None:
        writer.write(b"hello " + await reader.readline())

    other = await make("m2")
    machine.ports.listen(9099, answer, loopback=True)
    other.ports.listen(2379, answer)
    other.ports.listen(9099, answer, loopback=True)
    for host, port in (("127.0.0.1", 9099), (other.address, 2379)):
        async with link.tcp(host, port) as (reader, writer):
            writer.write(b"you\n")
            assert await reader.read() == b"hello you\n"
    for host, port in (("127.0.0.1", 1), (other.address, 9099), ("10.96.0.10", 53)):
        with pytest.raises(Unreachable, match="m1: "):
            async with link.tcp(host, port):
                pass


async def test_a_forwarded_socket_leads_to_the_socket_that_stands_for_the_machines(
    link: Connection, machine: Machine, tmp_path: Path
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello " + await reader.readline())
        writer.close()

    server = await asyncio.start_unix_server(answer, tmp_path / "engine.sock")
    machine.ports.sockets["/run/docker.sock"] = tmp_path / "engine.sock"
    reader, writer = await asyncio.open_unix_connection(await link.forward_socket("/var/run/docker.sock"))
    writer.write(b"you\n")
    assert await reader.read() == b"hello you\n"
    writer.close()
    server.close()


async def test_a_person_finds_a_small_shell_that_says_what_it_is(link: Connection, machine: Machine) -> None:
    access = link.access
    options = asyncssh.SSHClientConnectionOptions(
        client_keys=[str(access.login_key)], known_hosts=None, username="root"
    )
    async with asyncssh.connect(machine.address, 2022, options=options) as session:
        done = await session.run(None, input="hostname\nls /etc/ssh\nsystemctl is-enabled ssh\nexit\n")
    assert str(done.stdout).startswith("This machine is simulated by gondolier.")
    assert "m1\n" in str(done.stdout)
    assert "enabled\n" in str(done.stdout)


async def _settled(world: World) -> None:
    """Wait until the doors have heard of the faults."""
    pending = [task for task in world._tasks if task.get_name() == "faults changed"]
    if pending:
        await asyncio.wait(pending)


async def test_a_connection_drops_after_so_many_bytes(link: Connection, world: World) -> None:
    world.faults.inject("ssh-drop", "env", "m1", parameters={"after_bytes": 8})
    with pytest.raises(Unreachable, match="lost during"):
        await link.run("echo one; echo two; echo three; sleep 20")
    assert not list(world.faults.all())


async def test_a_slow_machine_takes_its_time(link: Connection, world: World) -> None:
    world.faults.inject("slow-machine", "env", "m1", parameters={"latency_ms": 60_000})
    with pytest.raises(Unreachable, match="did not end within"):
        await link.run("true", timeout=0.1)
    world.faults.clear()
    assert (await link.run("echo quick")).stdout == "quick\n"


async def test_what_is_typed_on_a_terminal_is_shown(link: Connection, machine: Machine) -> None:
    login = [str(link.access.login_key)]
    async with asyncssh.connect(machine.address, 2022, username="root", client_keys=login, known_hosts=None) as session:
        done = await session.run(None, input="hostnamx\x7fe\rtest -d /none\r\x04", term_type="xterm")
    assert "m1:~# hostnamx\b \be\r\nm1\r\n" in str(done.stdout)
    assert done.exit_status == 1
