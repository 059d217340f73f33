"""The journal of operations, and the switch that keeps an environment from being changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import click

from core.commands.running import json_option, print_json, run
from core.console import Console
from core.live.operations import JournalEntry, JournalQuery
from core.output import columns


@click.command()
@click.argument("environment", required=False, default="")
@click.option("--text", default="", help="Only entries with this text in them.")
@click.option("--failed", is_flag=True, help="Only what failed.")
@click.option("--most", default=100, show_default=True, help="At most as many, the newest.")
@json_option
def journal(environment: str, text: str, failed: bool, most: int, as_json: bool) -> None:
    """List what was done by hand, in ENVIRONMENT or everywhere, the newest first."""
    query = JournalQuery(environment, result="failed" if failed else None, text=text, most=most)

    async def work(console: Console) -> Sequence[JournalEntry]:
        return await console.live.journal(query)

    found = run(work)
    if as_json:
        print_json([asdict(entry) for entry in found])
        return
    head = ["when", "who", "action", "on", "result", "said"]
    for line in columns([head, *(_row(entry) for entry in found)]):
        click.echo(line)


@click.command("read-only")
@click.argument("environment")
@click.argument("switch", type=click.Choice(["on", "off"]))
def read_only(environment: str, switch: str) -> None:
    """Keep ENVIRONMENT from being changed, from the console and from here, or let it be changed again."""

    async def work(console: Console) -> None:
        # Says so where there is no such environment.
        await console.deployments(environment)
        await console.live.set_read_only(environment, switch == "on")

    run(work)
    click.echo(f"environment {environment} is {'read-only' if switch == 'on' else 'writable'}")


def _row(entry: JournalEntry) -> list[str]:
    when = datetime.fromtimestamp(entry.started).strftime("%Y-%m-%d %H:%M:%S")
    said = (entry.error or entry.text).partition("\n")[0]
    place = f"{entry.environment}/{entry.cluster}" if entry.cluster else entry.environment
    return [when, entry.user, entry.action, f"{place} {entry.subject}".strip(), entry.result, said]
