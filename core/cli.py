"""The command line: every command calls the façade and prints what it says; exit codes are in `commands.running`."""

from __future__ import annotations

import sys
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.actions import COMPONENT_ACTIONS
from core.commands.catalogue import catalogue
from core.commands.demo import demo
from core.commands.journal import journal, read_only
from core.commands.openstack import image, orphans_
from core.commands.running import FAILED, REFUSED, WRONG_DOCUMENT, json_option, print_json, run, run_here, stop
from core.commands.simulator import simulator
from core.console import Console
from core.deployment.planned import step_lines
from core.output import columns, printer
from core.presentation import history_lines, status_lines, usage_lines


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gondolier", prog_name="gondolier")
def main() -> None:
    """Create Kubernetes clusters, publish applications on them, and keep operating them.

    Without a command, the console opens.
    """


def _text(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode()
    except UnicodeDecodeError as error:
        stop(WRONG_DOCUMENT, f"{file}: byte {error.start} is no UTF-8 text")
    except OSError as error:
        stop(FAILED, f"failed: {file}: {error.strerror}")


main.add_command(demo)
main.add_command(image)
main.add_command(journal)
main.add_command(orphans_)
main.add_command(read_only)
main.add_command(simulator)
main.add_command(catalogue)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
def apply(file: Path) -> None:
    """Check the document FILE ("-" for standard input) and keep it as its environment's draft."""
    text = _text(file)

    async def work(console: Console) -> str:
        return await console.apply(text, str(file))

    click.echo(run(work))


@main.command()
@click.argument("environment")
@json_option
def plan(environment: str, as_json: bool) -> None:
    """Show the steps that a deployment would take, with their diffs; touch nothing."""

    async def work(console: Console) -> list[dict[str, Any]]:
        return await console.planned(environment)

    steps = run(work)
    if as_json:
        print_json(steps)
        return
    for line in step_lines(steps) or ["nothing to do: everything is as declared"]:
        click.echo(line)


@main.command()
@click.argument("environment")
@json_option
def deploy(environment: str, as_json: bool) -> None:
    """Make ENVIRONMENT what its document says; exits with 0 only when every condition holds."""
    run_here(lambda console, out: console.deploy_here(environment, out), printer(as_json=as_json))


@main.command()
@click.argument("environment", required=True)
@json_option
def status(environment: str, as_json: bool) -> None:
    """Show how ENVIRONMENT is doing, looked at now."""
    found = run(lambda console: console.status(environment))
    if as_json:
        print_json(asdict(found))
        return
    for line in status_lines(found):
        click.echo(line)


@main.command()
@click.argument("environment")
@json_option
def endpoints(environment: str, as_json: bool) -> None:
    """List where the applications of ENVIRONMENT can be reached."""
    found = [asdict(endpoint) for endpoint in run(lambda console: console.endpoints(environment))]
    if as_json:
        print_json(found)
        return
    head = ["component", "application", "address", "port", "scope", "port_scope", "container_port", "protocol"]
    for line in columns([head, *([str(row[name]) for name in head] for row in found)]):
        click.echo(line)


@main.command()
@click.argument("target", metavar="ENVIRONMENT/COMPONENT[/APPLICATION]")
@click.argument("name", metavar="ACTION", type=click.Choice(COMPONENT_ACTIONS))
@json_option
def action(target: str, name: str, as_json: bool) -> None:
    """Do ACTION on a component, for example `action lab/alpha scale-workers-up`."""
    environment, component = _two(target)
    run_here(lambda console, out: console.act_here(environment, component, name, out), printer(as_json=as_json))


@main.command()
@click.argument("environment")
@click.argument("number", type=int, required=False)
@json_option
def history(environment: str, number: int | None, as_json: bool) -> None:
    """List the deployments of ENVIRONMENT, or show the document and report of deployment NUMBER."""
    found = run(lambda console: console.history(environment, number))
    if as_json:
        print_json(found)
        return
    for line in history_lines(found):
        click.echo(line)


@main.command()
@click.argument("target", metavar="ENVIRONMENT/CLUSTER")
def kubeconfig(target: str) -> None:
    """Print an administrator's kubeconfig of a cluster; it holds a private key."""
    environment, cluster = _two(target)

    async def work(console: Console) -> str:
        return await console.kubeconfig(environment, cluster)

    click.echo(run(work), nl=False)


@main.command()
@click.argument("target", metavar="ENVIRONMENT/COMPONENT[/APPLICATION]")
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines until Ctrl-C.")
def logs(target: str, follow: bool) -> None:
    """Print the log lines of a pod's replicas or of a Docker host's containers, oldest first."""
    environment, place = _two(target)

    async def work(console: Console) -> None:
        async with aclosing(console.logs(environment, place, follow)) as lines:
            async for line in lines:
                click.echo(line)

    run(work)


@main.command()
@click.argument("target", metavar="ENVIRONMENT/HOST[/APPLICATION]")
@json_option
def stats(target: str, as_json: bool) -> None:
    """Show what the containers of a Docker host use now."""
    environment, place = _two(target)
    found = run(lambda console: console.usage(environment, place))
    if as_json:
        print_json([asdict(usage) for usage in found])
        return
    for line in usage_lines(found):
        click.echo(line)


@main.command()
@click.argument("environment")
@click.option("--yes", is_flag=True, help="Do not ask for the name.")
@json_option
def destroy(environment: str, yes: bool, as_json: bool) -> None:
    """Remove ENVIRONMENT with every machine it has."""
    removed = run(lambda console: console.removal_lines(environment))
    if not yes:
        for line in removed:
            click.echo(line, err=True)
        if click.prompt(f"Type the environment's name to destroy it ({environment})", err=True) != environment:
            stop(REFUSED, "refused: the name does not match, nothing was removed")
    run_here(lambda console, out: console.destroy_here(environment, out), printer(as_json=as_json))


@main.command()
@click.argument("environment")
def abandon(environment: str) -> None:
    """Forget ENVIRONMENT: its record and keys go, its machines stay as they are."""

    async def work(console: Console) -> str:
        return await console.abandon(environment)

    click.echo(run(work))


@main.command()
@json_option
def environments(as_json: bool) -> None:
    """List the environments."""
    found = run(lambda console: console.environments())
    if as_json:
        print_json([asdict(entry) for entry in found])
        return
    rows = [["environment", "status", "provider"], *([e.environment, e.status, e.provider] for e in found)]
    for line in columns(rows):
        click.echo(line)


def _two(target: str) -> tuple[str, str]:
    environment, slash, component = target.partition("/")
    if not (environment and slash and component):
        raise click.UsageError(f"{target!r}: expected ENVIRONMENT/COMPONENT, for example lab/alpha")
    return environment, component
