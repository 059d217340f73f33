"""systemctl, and the script that gives it several orders at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from core.simulator.machine.units import full_name
from core.simulator.shell.calls import Call, Nowhere, command, given, whole_lines
from core.simulator.shell.facts import show
from core.simulator.shell.scripts import script

SETTLE_SECONDS = 0.1
"""How long the script waits before it shows units: a program that fails at once has done so by then."""

_SHOWN = ("Id", "LoadState", "ActiveState", "SubState", "Result", "UnitFileState")
_VALUED = ("-p", "--property", "-n", "--lines", "-s", "--signal", "--timestamp", "-t", "--type", "-o", "--output")


@dataclass(frozen=True, slots=True)
class Order:
    """What systemctl was told. `properties` are those that are asked for; `flags` are single words such as --now."""

    verb: str
    units: tuple[str, ...]
    flags: frozenset[str]
    properties: tuple[str, ...]


@script(r"# Does to systemd's units what standard input says")
async def units_script(call: Call, text: str) -> int:
    """VERB UNIT…, one a line; what fails does not stop the rest."""
    for line in await whole_lines(call.stdin):
        verb, *names = line.split()
        if verb == "show":
            await asyncio.sleep(SETTLE_SECONDS * call.world.pace)
            call.out("\n".join(show(call.machine, names, _SHOWN)))
            continue
        if verb in ("start", "restart", "reload-or-restart"):
            call.machine.units.reset_failed(*names)
        await systemctl(replace(call, argv=("systemctl", verb, *names), stdin=given(b"")))
    return 0


@command("systemctl")
async def systemctl(call: Call) -> int:
    """Every verb that a person or a script of ours uses; another one fails loudly."""
    order = _order(call.arguments)
    quiet = replace(call, stdout=Nowhere(), stderr=Nowhere()) if order.flags & {"-q", "--quiet"} else call
    run = _VERBS.get(order.verb)
    if run is None:
        call.err(f"gondolier simulator: unknown command: systemctl {' '.join(call.arguments)}\n")
        return 127
    return await run(quiet, order)


def _order(arguments: Sequence[str]) -> Order:
    words, flags, properties = [], set(), []
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _VALUED:
            value = value if equals else next(rest, "")
            properties += value.split(",") if name in ("-p", "--property") else []
        elif word.startswith("-"):
            flags.add(word)
        else:
            words.append(word)
    verb = words[0] if words else "list-units"
    return Order(verb, tuple(words[1:]), frozenset(flags), tuple(properties))


def _job(name: str) -> Callable[[Call, Order], Awaitable[int]]:
    async def run(call: Call, order: Order) -> int:
        said: list[str] = await getattr(call.machine.units, name)(*order.units)
        for sentence in said:
            call.err(f"{sentence}\n")
        missing = any("not found" in sentence or "not loaded" in sentence for sentence in said)
        return 5 if missing else 1 if said else 0

    return run


async def _enable(call: Call, order: Order) -> int:
    status = _told(call, call.machine.units.enable(*order.units))
    return await _job("start")(call, order) if "--now" in order.flags and not status else status


async def _disable(call: Call, order: Order) -> int:
    units = call.machine.units
    status = _told(call, units.disable(*order.units))
    if "--now" in order.flags:
        await units.stop(*(name for name in order.units if units.state(name).load != "not-found"))
    return status


def _told(call: Call, said: Sequence[str]) -> int:
    for sentence in said:
        call.err(f"{sentence}\n")
    return 1 if any(sentence.startswith("Failed") for sentence in said) else 0


async def _is_active(call: Call, order: Order) -> int:
    states = [call.machine.units.state(name).state.active for name in order.units]
    call.out("".join(f"{state}\n" for state in states))
    return 0 if any(state in ("active", "reloading") for state in states) else 3


async def _is_failed(call: Call, order: Order) -> int:
    states = [call.machine.units.state(name).state.active for name in order.units]
    call.out("".join(f"{state}\n" for state in states))
    return 0 if "failed" in states else 1


async def _is_enabled(call: Call, order: Order) -> int:
    states = [call.machine.units.enabled(name) for name in order.units]
    call.out("".join(f"{state or 'not-found'}\n" for state in states))
    return 0 if all(state in ("enabled", "static") for state in states) else 1


async def _daemon_reload(call: Call, order: Order) -> int:
    call.machine.units.daemon_reload()
    return 0


async def _reset_failed(call: Call, order: Order) -> int:
    call.machine.units.reset_failed(*order.units)
    return 0


async def _show(call: Call, order: Order) -> int:
    blocks = show(call.machine, order.units, order.properties)
    text = "\n".join(blocks)
    if "--value" in order.flags:
        text = "".join(f"{line.partition('=')[2]}\n" for line in text.splitlines())
    call.out(text)
    return 0


async def _status(call: Call, order: Order) -> int:
    worst = 0
    for name in order.units:
        shown = call.machine.units.state(name)
        if shown.load == "not-found":
            call.err(f"Unit {full_name(name)} could not be found.\n")
            worst = 4
            continue
        call.out(f"● {shown.name} - {shown.description}\n     Loaded: {shown.load} ({shown.path}; {shown.enabled})\n")
        call.out(f"     Active: {shown.state.active} ({shown.state.sub})\n   Main PID: {shown.state.pid}\n\n")
        for line in list(call.machine.journal.lines(shown.name))[-10:]:
            call.out(f"{line.source}[{line.pid}]: {line.text}\n")
        worst = max(worst, 0 if shown.state.active == "active" else 3)
    return worst


async def _list(call: Call, order: Order) -> int:
    for name in call.machine.units.known():
        shown = call.machine.units.state(name)
        call.out(f"{name:40} {shown.load:9} {shown.state.active:10} {shown.state.sub:12} {shown.description}\n")
    return 0


async def _cat(call: Call, order: Order) -> int:
    for name in order.units:
        path = call.machine.units.state(name).path
        if not path:
            call.err(f"No files found for {full_name(name)}.\n")
            return 1
        call.out(f"# {path}\n{call.machine.files.text(path)}\n")
    return 0


def _power(name: str) -> Callable[[Call, Order], Awaitable[int]]:
    async def later(call: Call) -> None:
        # systemctl itself ends well before the machine does.
        await asyncio.sleep(SETTLE_SECONDS * call.world.pace)
        await getattr(call.world, name)(call.machine)

    async def run(call: Call, order: Order) -> int:
        call.world.spawn(later(call), f"{name} {call.machine.name}")
        return 0

    return run


_VERBS: dict[str, Callable[[Call, Order], Awaitable[int]]] = {
    "start": _job("start"),
    "stop": _job("stop"),
    "restart": _job("restart"),
    "reload": _job("reload"),
    "reload-or-restart": _job("reload_or_restart"),
    "enable": _enable,
    "disable": _disable,
    "is-active": _is_active,
    "is-failed": _is_failed,
    "is-enabled": _is_enabled,
    "daemon-reload": _daemon_reload,
    "reset-failed": _reset_failed,
    "show": _show,
    "status": _status,
    "list-units": _list,
    "cat": _cat,
    "reboot": _power("reboot"),
    "poweroff": _power("power_off"),
}
