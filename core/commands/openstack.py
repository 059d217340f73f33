"""`gondolier orphans` and `gondolier image`: what is left in clouds, and images for machines in them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from core.commands.running import REFUSED, json_option, print_json, run, stop
from core.console import Console
from core.deployment.context import open_artifacts
from core.deployment.image import BUILDER, DISTRIBUTIONS, Baked, bake
from core.deployment.orphans import Orphan, clouds_of, orphans, remove_orphan
from core.engine.errors import Refusal
from core.engine.step import Level
from core.model.cluster import VERSIONS
from core.model.provider import OpenStack
from core.output import columns
from core.settings import read_settings


@click.command(name="orphans")
@click.option("--cloud", "clouds", multiple=True, help="A cloud of clouds.yaml; by default those of the environments.")
@click.option("--remove", is_flag=True, help="Remove what this home left; what others left, only where --id names it.")
@click.option("--id", "ids", multiple=True, help="Look only at what has this id.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def orphans_(clouds: Sequence[str], *, remove: bool, ids: Sequence[str], yes: bool, as_json: bool) -> None:
    """List what carries Gondolier's mark in a cloud and belongs to no environment of this home."""
    found = run(lambda console: _found(console, clouds, ids))
    if as_json:
        print_json([_shown(one) for one in found])
    else:
        for line in _lines(found):
            click.echo(line)
    going = [one for one in found if one.ours or one.id in ids]
    if not remove or not going:
        return
    names = ", ".join(f"{one.environment} ({one.id}, {len(one.objects)} objects)" for one in going)
    if not yes and not click.confirm(f"Remove {names}?", err=True):
        stop(REFUSED, "refused: nothing was removed")
    run(lambda console: _removed(console, going))


async def _found(console: Console, clouds: Sequence[str], ids: Sequence[str]) -> list[Orphan]:
    named = [OpenStack(cloud=cloud) for cloud in clouds]
    found = await orphans(console.store, named or clouds_of(console.store))
    return [one for one in found if not ids or one.id in ids]


async def _removed(console: Console, going: Sequence[Orphan]) -> None:
    for one in going:
        await remove_orphan(console.store, one, _say)


def _say(text: str, level: Level = "info") -> None:
    click.echo(text, err=True)


def _shown(one: Orphan) -> dict[str, object]:
    return {key: value for key, value in asdict(one).items() if key != "provider"}


def _lines(found: Sequence[Orphan]) -> list[str]:
    if not found:
        return ["nothing is left over"]
    head = ["cloud", "environment", "id", "made from", "objects"]
    rows = [
        [one.cloud, one.environment, one.id, "this home" if one.ours else "another home", str(len(one.objects))]
        for one in found
    ]
    details = [f"  {one.id}  {words}" for one in found for words in one.objects]
    return [*columns([head, *rows]), *details]


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--version", "minors", multiple=True, type=click.Choice(VERSIONS), help="Kubernetes minors; all of them.")
@click.option("--arch", default="x86_64", type=click.Choice(["x86_64", "aarch64"]), show_default=True)
@click.option("--system", default="debian-12", type=click.Choice(list(DISTRIBUTIONS)), show_default=True)
@click.option("--build", is_flag=True, help=f"Make the image now; needs {BUILDER} of diskimage-builder.")
def image(directory: Path, minors: Sequence[str], *, arch: str, system: str, build: bool) -> None:
    """Write into DIRECTORY what diskimage-builder makes a cloud image from, programs of Kubernetes baked in."""

    async def work(console: Console) -> Baked:
        if build and shutil.which(BUILDER) is None:
            raise Refusal(f"{BUILDER} is not installed", fix="pip install diskimage-builder, or leave out --build")
        artifacts = open_artifacts(read_settings())
        try:
            return await bake(artifacts, directory, minors or VERSIONS, arch, system)
        finally:
            await artifacts.close()

    baked = run(work)
    click.echo(f"{directory}: {len(baked.artifacts)} artifacts baked, {', '.join(baked.artifacts)}")
    if not build:
        click.echo(f"make the image with: {baked.command}")
        return
    done = asyncio.run(_built(directory))
    if done:
        stop(done, f"failed: {BUILDER} ended with {done}")
    click.echo(f"{directory / f'gondolier-{system}.qcow2'} is ready: openstack image create --file …")


async def _built(directory: Path) -> int:
    done = await asyncio.to_thread(subprocess.run, ["sh", str(directory / "build.sh")], check=False)
    return done.returncode
