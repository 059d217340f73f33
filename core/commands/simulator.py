"""`gondolier simulator`: the world behind the provider `simulated`, and the faults that can be injected into it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import asdict
from typing import Any, TypeVar

import click
import msgspec

from core.commands.running import FAILED, REFUSED, json_option, print_json, stop
from core.engine.errors import Refusal, Trouble
from core.output import columns
from core.simulator.client import Client
from core.simulator.faults import KINDS, FaultKind, Value
from core.simulator.messages import Census
from core.store.home import home_directory, prepare

Result = TypeVar("Result")


@click.group()
def simulator() -> None:
    """The simulated machines of this home directory, and faults to inject into them.

    They live in a background process that is started when needed, and stops when nothing has used it for a while.
    """


def _client() -> Client:
    home = home_directory()
    prepare(home)
    return Client(home)


def _run(work: Awaitable[Result]) -> Result:
    async def inside() -> Result:
        return await work

    try:
        return asyncio.run(inside())
    except Refusal as error:
        stop(REFUSED, f"refused: {error}")
    except (Trouble, OSError, TimeoutError) as error:
        stop(FAILED, f"failed: {error}")


@simulator.command()
@json_option
def status(as_json: bool) -> None:
    """Show whether the world runs, and what is in it; starts nothing."""
    census = _run(_client().census())
    if as_json:
        print_json({"running": census is not None, **(msgspec.to_builtins(census) if census else {})})
        return
    for line in _census_lines(census) if census else ["the simulator does not run"]:
        click.echo(line)


def _census_lines(census: Census) -> list[str]:
    limit = f"stops after {census.idle_limit:.0f} s unused" if census.idle_limit else "never stops by itself"
    machines = ", ".join(f"{name} {count}" for name, count in census.machines.items()) or "none"
    return [
        f"process      {census.process}, up for {census.uptime:.0f} s, {limit}",
        f"network      {census.network}",
        f"pace         {census.pace:g}",
        f"machines     {machines}",
        f"connections  {census.connections}",
        f"memory       {census.memory / 1024**2:.0f} MiB",
        f"faults       {census.faults}",
    ]


@simulator.command()
@click.option("--idle", type=click.FloatRange(min=0), help="Seconds unused after which it stops, 0: never.")
@click.option("--pace", type=click.FloatRange(min=0.1), help="How many times as long things take; it is kept.")
def start(idle: float | None, pace: float | None) -> None:
    """Start the world; one that runs goes on, with these settings."""
    for line in _census_lines(_run(_started(idle, pace))):
        click.echo(line)


async def _started(idle: float | None, pace: float | None) -> Census:
    client = _client()
    await client.ask("adjust", type(None), idle=idle, pace=pace)
    return await client.start()


@simulator.command(name="stop")
def stop_() -> None:
    """Stop the world; everything in it is kept, and goes on at the next need."""
    stopped = _run(_client().stop())
    click.echo("the simulator has stopped" if stopped else "the simulator did not run")


@simulator.command()
@json_option
def kinds(as_json: bool) -> None:
    """List the kinds of faults, with what they take."""
    if as_json:
        print_json([{**asdict(kind), "takes": dict(kind.takes)} for kind in KINDS.values()])
        return
    rows = [["kind", "strikes", "takes", "what happens"], *(_kind_row(kind) for kind in KINDS.values())]
    for line in columns(rows):
        click.echo(line)


def _kind_row(kind: FaultKind) -> list[str]:
    takes = " ".join(f"{name}={_said(value)}" for name, value in kind.takes.items())
    times = {None: "", 1: "; once"}.get(kind.count, f"; {kind.count} times")
    return [kind.name, "/".join(kind.scopes), takes, f"{kind.sentence}{times}"]


def _said(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float | int) else value


@simulator.command()
@json_option
def faults(as_json: bool) -> None:
    """List the faults that are active."""
    found = _run(_active())
    if as_json:
        print_json(found)
        return
    for line in columns([["number", "kind", "strikes", "with", "left"], *(_fault_row(fault) for fault in found)]):
        click.echo(line)


async def _active() -> list[dict[str, Any]]:
    return await _client().ask("faults", list[dict[str, Any]])


def _fault_row(fault: dict[str, Any]) -> list[str]:
    aim = "/".join(part for part in (fault["environment"], fault["machine"], fault["pod"]) if part)
    given = " ".join(f"{name}={_said(value)}" for name, value in fault["parameters"].items())
    times = "" if fault["left"] is None else f"{fault['left']} times"
    seconds = "" if fault["until"] is None else f"{max(0.0, fault['until'] - time.time()):.0f} s"
    return [str(fault["id"]), fault["kind"], aim, given, " ".join(part for part in (times, seconds) if part)]


@simulator.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("target", metavar="ENVIRONMENT[/MACHINE]")
@click.argument("parameters", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--pod", default="", help="The beginning of the names of the pods that it strikes.")
@click.option("--count", type=click.IntRange(min=1), help="How many times it strikes.")
@click.option("--for", "duration", type=float, help="For how many seconds it strikes.")
def inject(
    kind: str, target: str, parameters: tuple[str, ...], *, pod: str, count: int | None, duration: float | None
) -> None:
    """Inject a fault, for example `inject slow-machine demo/kube-2 factor=10 --for 60`."""
    environment, _, machine = target.partition("/")
    given = {name: _value(KINDS[kind], name, text) for name, text in map(_pair, parameters)}
    aim = {"environment": environment, "machine": machine, "pod": pod}
    limits = {"count": count, "duration": duration}
    fault = _run(_client().ask("inject", dict[str, Any], kind=kind, parameters=given, **aim, **limits))
    click.echo(f"fault {fault['id']}: {KINDS[kind].sentence}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"{text!r}: expected NAME=VALUE")
    return name, value


def _value(kind: FaultKind, name: str, text: str) -> Value:
    """A text as the parameter takes it; whether there is such a one is for the world to say."""
    if not isinstance(kind.takes.get(name), float):
        return text
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"{name} of {kind.name} is a number, not {text!r}") from None


@simulator.command()
@click.argument("number", type=int, required=False)
@click.option("--environment", help="Clear the faults of this environment.")
@click.option("--all", "everything", is_flag=True, help="Clear all faults.")
def clear(number: int | None, environment: str | None, everything: bool) -> None:
    """Clear the fault NUMBER, those of an environment, or all."""
    if number is None and environment is None and not everything:
        raise click.UsageError("name a fault's NUMBER, --environment or --all")
    cleared = _run(_client().ask("clear", int, number=number, environment=environment))
    click.echo(f"{cleared} faults cleared")


@simulator.command()
@click.argument("target", metavar="ENVIRONMENT/CLUSTER")
@click.option("--nodes", type=click.IntRange(1, 999), default=200, show_default=True, help="Nodes without machines.")
@click.option("--pods", type=click.IntRange(1, 20000), default=5000, show_default=True, help="Pods on these nodes.")
@click.option("--updates", type=click.FloatRange(0), default=500, show_default=True, help="Changes of pods a second.")
@click.option("--stop", "ends", is_flag=True, help="Take the load away.")
def load(target: str, nodes: int, pods: int, *, updates: float, ends: bool) -> None:
    """Put load on a cluster: nodes, pods and changes that are there in Kubernetes alone.

    It ends with the simulator's process; what it made is taken away with --stop.
    """
    environment, _, cluster = target.partition("/")
    about = {"environment": environment, "cluster": cluster}
    if ends:
        click.echo(f"{_run(_client().ask('unload', int, **about))} nodes are gone, with their pods")
        return
    made = _run(_client().ask("load", int, nodes=nodes, pods=pods, rate=updates, **about))
    click.echo(f"{made} pods on {nodes} nodes, {updates:g} changes a second")
