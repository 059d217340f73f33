"""socat between standard input and a unix socket of the machine."""

from __future__ import annotations

import asyncio

from core.simulator.shell.calls import Call, command

_CONNECT = "UNIX-CONNECT:"
_CHUNK = 64 * 1024


@command("socat")
async def socat(call: Call) -> int:
    """What standard input holds goes to the socket, its answer to standard output, until the socket ends."""
    places = [word for word in call.arguments if word == "-" or word.startswith(_CONNECT)]
    if len(places) != 2 or places[0] != "-":
        call.err(f"gondolier simulator: unknown command: {' '.join(call.argv)}\n")
        return 127
    path = places[1].removeprefix(_CONNECT)
    found = call.machine.ports.sockets.get(path)
    if found is None:
        call.err(f'socat[{call.machine.name}] E connect(, AF=1 "{path}", {len(path) + 2}): No such file or directory\n')
        return 1
    reader, writer = await asyncio.open_unix_connection(found)
    writer.write(await call.stdin.read())
    writer.write_eof()
    while data := await reader.read(_CHUNK):
        call.stdout.write(data)
    writer.close()
    return 0
