"""`gondolier demo`: the sample environment, deployed on simulated machines."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from core.commands.running import WRONG_USAGE, run, run_here, stop
from core.console import Console, Outcome
from core.engine.lock import live_holder
from core.output import PlainPrinter, Printer, columns
from core.samples import DEMO

ENVIRONMENT = "demo"
"""The name in the document."""


@click.command()
@click.option("--headless", is_flag=True, help="Print plain lines, and exit with 0 when every condition holds.")
@click.pass_obj
def demo(open_console: Callable[[str], None] | None, headless: bool) -> None:
    """Deploy a sample cluster on simulated machines and watch it in the console.

    Nothing but files of yours and ports of this computer's loopback are used; `gondolier destroy demo` removes it.
    """
    if headless:
        run_here(_deploy, PlainPrinter())
    if open_console is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        stop(WRONG_USAGE, "the console needs a terminal; `gondolier demo --headless` works without one")
    run(_begin)
    open_console(ENVIRONMENT)


async def _deploy(console: Console, printer: Printer) -> Outcome:
    """Deploy here, and say where the application answers."""
    await _apply(console)
    outcome = await console.deploy_here(ENVIRONMENT, printer)
    if outcome.good:
        found = await console.endpoints(ENVIRONMENT)
        rows = [[each.application, f"{each.address}:{each.port}", each.scope] for each in found]
        for line in columns([["application", "address", "scope"], *rows]):
            click.echo(line)
    return outcome


async def _begin(console: Console) -> None:
    """Start the deployment in a process of its own, unless one is under way."""
    await _apply(console)
    if live_holder(console.store, ENVIRONMENT) is None:
        await console.deploy(ENVIRONMENT)


async def _apply(console: Console) -> None:
    await console.apply(DEMO.read_text(), str(DEMO))
