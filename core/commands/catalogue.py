"""`gondolier catalogue`: applications that are known by name, looked through and added to environments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from core.commands.running import json_option, print_json, run
from core.console import Console
from core.deployment.adding import entry_of, typed
from core.model.catalogue import Entry, Parameter
from core.model.composition import Order
from core.model.expansion import allowed_by
from core.model.plain import plain
from core.output import columns


@click.group(invoke_without_command=True)
@click.option("--category", help="Only entries of this category.")
@click.option("--tag", help="Only entries with this tag.")
@click.option("--text", help="Only entries with these words in name, description or tags.")
@json_option
@click.pass_context
def catalogue(context: click.Context, category: str | None, tag: str | None, text: str | None, as_json: bool) -> None:
    """List applications that are known by name; `show` one, `add` one to an environment."""
    if context.invoked_subcommand is not None:
        return

    async def work(console: Console) -> tuple[list[Entry], list[str]]:
        return console.catalogue(category, tag, text), console.catalogue_troubles()

    found, troubles = run(work)
    for trouble in troubles:
        click.echo(f"left out: {trouble}", err=True)
    if as_json:
        print_json([plain(entry) for entry in found])
        return
    rows = [["entry", "name", "category", "image", "description"]]
    rows += [[entry.id, entry.title, entry.category, entry.image or "–", entry.description] for entry in found]
    for line in columns(rows):
        click.echo(line)


@catalogue.command()
@click.argument("entry")
@json_option
def show(entry: str, as_json: bool) -> None:
    """Show what ENTRY is and what can be chosen about it."""

    async def work(console: Console) -> Entry:
        return entry_of(entry)

    found = run(work)
    if as_json:
        print_json(plain(found))
        return
    for line in _lines(found):
        click.echo(line)


@catalogue.command()
@click.argument("environment")
@click.argument("entry")
@click.option("--cluster", help="The cluster that gets a pod for it; the only one if left out.")
@click.option("--host", help="The Docker host that it comes on.")
@click.option("--name", help="What it is called; the entry's own id if left out.")
@click.option("--replicas", type=click.IntRange(0, 10000), default=1, show_default=True)
@click.option(
    "--set", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; a secret as file:PATH or env:NAME."
)
def add(environment: str, entry: str, given: tuple[str, ...], name: str | None, **where: Any) -> None:
    """Add ENTRY, and what it needs, to ENVIRONMENT's draft."""

    async def work(console: Console) -> str:
        found = entry_of(entry)
        parameters = {key: typed(found, key, value) for key, value in map(_pair, given)}
        order = Order(found, name or entry, parameters=parameters, **where)
        return await console.add(environment, order)

    click.echo(run(work))


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise click.UsageError(f"{text!r}: expected NAME=VALUE")
    return key, value


def _lines(entry: Entry) -> Iterator[str]:
    yield f"{entry.title} ({entry.id}): {entry.description}"
    yield f"  category  {entry.category}"
    yield f"  tags      {', '.join(entry.tags)}"
    yield f"  licence   {entry.licence}"
    if entry.image:
        yield f"  image     {entry.image}"
    if entry.predecessor:
        yield f"  replaces  {entry.predecessor}: {entry.note}"
    for pod in entry.pods:
        yield f"  pod       {pod.name}: {pod.replicas} of {pod.entry}"
    for name, parameter in entry.parameters.items():
        yield f"  {name:<10}{parameter.title}: {_about(parameter)}"


def _about(parameter: Parameter) -> str:
    said = allowed_by(parameter)
    if parameter.entry:
        return f"{said}; left out, a {parameter.entry} is added with it"
    if parameter.required:
        return f"{said} (required)"
    return f"{said} (by default {parameter.default})" if parameter.default is not None else said
