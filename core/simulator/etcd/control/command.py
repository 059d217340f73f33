"""etcdctl as a program: a command line in, an answer out."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Sequence

from core.simulator.etcd.control import contents, members, users
from core.simulator.etcd.control.client import Client, Machine, World
from core.simulator.etcd.control.options import Misused, Options
from core.simulator.etcd.control.printing import Answer, Found
from core.simulator.etcd.words import EtcdError, TimedOut

HASTE = 0.1
"""What a wait of etcdctl's takes here of what it takes in earnest."""

_COMMANDS: dict[str, Callable[..., Found]] = {
    "member list": members.listed,
    "member add": members.add,
    "member remove": members.remove,
    "member promote": members.promote,
    "move-leader": members.move_leader,
    "endpoint health": members.health,
    "endpoint status": members.status,
    "alarm list": members.alarms,
    "defrag": members.defragment,
    "get": contents.get,
    "put": contents.put,
    "del": contents.delete,
    "user list": users.users,
    "user get": users.user,
    "user add": users.add_user,
    "user grant-role": users.grant_role,
    "role list": users.roles,
    "role get": users.role,
    "role add": users.add_role,
    "role grant-permission": users.grant_permission,
    "auth enable": users.enable,
    "auth disable": users.disable,
    "auth status": users.status,
}


async def etcdctl(world: World, machine: Machine, arguments: Sequence[str]) -> Answer:
    """Run etcdctl on a machine with what followed its name; what cannot be agreed on takes its time."""
    answer = answered(world, machine, arguments)
    await asyncio.sleep(answer.took * HASTE * world.pace)
    return answer


def answered(world: World, machine: Machine, arguments: Sequence[str]) -> Answer:
    """What etcdctl says."""
    try:
        options = Options.parse(arguments)
        command, given = _command(options.words)
        return _run(command, Client(world, machine, options), given).printed(options.format)
    except Misused as mistake:
        return Answer(stderr=f"Error: {mistake}\n", status=mistake.status)
    except TimedOut as error:
        return Answer(stderr=f"{_warning(error)}\nError: {error}\n", status=1, took=options.patience)
    except EtcdError as error:
        return Answer(stderr=f"Error: {error}\n", status=1)


def _command(words: Sequence[str]) -> tuple[Callable[..., Found], Sequence[str]]:
    for size in (2, 1):
        command = _COMMANDS.get(" ".join(words[:size]))
        if command is not None:
            return command, words[size:]
    raise Misused(f"gondolier simulator: unknown command: etcdctl {' '.join(words)}", 127)


def _run(command: Callable[..., Found], client: Client, given: Sequence[str]) -> Found:
    try:
        inspect.signature(command).bind(client, *given)
    except TypeError as error:
        raise Misused(f"{' '.join(client.options.words)}: {error}", 128) from error
    return command(client, *given)


def _warning(error: TimedOut) -> str:
    """What etcd's client library logs before etcdctl itself speaks."""
    told = f"rpc error: code = DeadlineExceeded desc = {error}"
    return json.dumps(
        {"level": "warn", "logger": "etcd-client", "msg": "retrying of unary invoker failed", "error": told}
    )
