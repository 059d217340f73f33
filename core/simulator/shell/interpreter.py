"""Runs what a machine is told: a script that is known as a whole, or a list of simple commands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from core.simulator.errors import MachineError
from core.simulator.machine.machine import Machine
from core.simulator.shell.calls import COMMANDS, Call, Collected, Exited, Nowhere, Output, given, load_commands
from core.simulator.shell.scripts import recognised
from core.simulator.shell.words import Simple, Step, Unread, Word, steps

UNKNOWN = 127
"""The status of a command that the simulator does not know."""

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


async def run_text(call: Call, text: str) -> int:
    """Run a text as `sh -c` would; `call` has the streams, and the variables that are set. Gives the exit status."""
    load_commands()
    script = recognised(text)
    if script is not None:
        return await script(call, text)
    try:
        found = steps(text)
    except Unread:
        return _unknown(call, text)
    try:
        return await _list(call, found)
    except Exited as exited:
        return exited.status


async def _list(call: Call, found: Sequence[Step]) -> int:
    status = 0
    for step in found:
        if (step.joint == "&&" and status) or (step.joint == "||" and not status):
            continue
        status = await _pipeline(call, step.pipeline, status)
    return status


async def run_words(machine: Machine, argv: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """Run one command without input; gives its status and what it wrote."""
    output = Collected()
    status = await run_argv(Call(machine, tuple(argv), given(b""), output, output, dict(environ)))
    return status, output.data.decode(errors="replace")


async def _pipeline(call: Call, pipeline: Sequence[Simple], before: int) -> int:
    if len(pipeline) == 1:
        return await _simple(call, pipeline[0], before)
    stdin = call.stdin
    for simple in pipeline[:-1]:
        collected = Collected()
        await _simple(replace(call, stdin=stdin, stdout=collected), simple, before)
        stdin = given(collected.data)
    return await _simple(replace(call, stdin=stdin), pipeline[-1], before)


async def _simple(call: Call, simple: Simple, before: int) -> int:
    words = [text for word in simple.words for text in await _expanded(call, word, before)]
    assigned: dict[str, str] = {}
    while words and _ASSIGNMENT.match(words[0]):
        name, _, value = words.pop(0).partition("=")
        assigned[name] = value
    if not words:
        call.environ = {**call.environ, **assigned}
        return 0
    stdout, stderr, files = _directed(call, simple)
    inner = Call(call.machine, tuple(words), call.stdin, stdout, stderr, {**call.environ, **assigned})
    if 0 in simple.redirections:
        inner.stdin = given(_content(call.machine, simple.redirections[0]))
    status = await run_argv(inner)
    for path, collected in files.items():
        call.machine.files.write(path, collected.data)
    return status


async def run_argv(call: Call) -> int:
    """Run one command, whose words are the call's."""
    load_commands()
    name = PurePosixPath(call.argv[0]).name
    run = COMMANDS.get(name)
    if run is None:
        return _unknown(call, " ".join(call.argv))
    if call.argv[0].startswith("/") and not call.machine.files.exists(call.argv[0]):
        call.err(f"sh: 1: {call.argv[0]}: not found\n")
        return UNKNOWN
    try:
        return await run(call)
    except MachineError as error:
        call.err(f"{name}: {error.filename or ''}: {error.strerror}\n")
        return 1


def _directed(call: Call, simple: Simple) -> tuple[Output, Output, dict[str, Collected]]:
    outputs: dict[int, Output] = {1: call.stdout, 2: call.stderr}
    files: dict[str, Collected] = {}
    for number, target in simple.redirections.items():
        if number == 0:
            continue
        if target.startswith("&"):
            outputs[number] = outputs.get(int(target[1:]), Nowhere())
        elif target == "/dev/null":
            outputs[number] = Nowhere()
        else:
            outputs[number] = files.setdefault(target, Collected())
    return outputs[1], outputs[2], files


async def _expanded(call: Call, word: Word, before: int) -> list[str]:
    text = ""
    for piece, expand in word.pieces:
        text += await _value(call, piece, before) if expand else piece
    return [text] if word.quoted or not any(expand for _, expand in word.pieces) else text.split()


async def _value(call: Call, piece: str, before: int) -> str:
    if not piece.startswith("("):
        return str(before) if piece == "?" else call.environ.get(piece, "")
    collected = Collected()
    inner = Call(call.machine, call.argv, given(b""), collected, call.stderr, call.environ)
    await run_text(inner, piece[1:])
    return collected.data.decode(errors="replace").rstrip("\n")


def _content(machine: Machine, path: str) -> bytes:
    return b"" if path == "/dev/null" else machine.files.read(path) or b""


def _unknown(call: Call, text: str) -> int:
    call.err(f"gondolier simulator: unknown command: {text}\n")
    return UNKNOWN
