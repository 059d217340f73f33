"""Files and folders into and out of containers: tar at both ends of an exec stream, as `kubectl cp` does."""

from __future__ import annotations

import asyncio
import io
import posixpath
import tarfile
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import IO

from core.engine.errors import Refusal, Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.exec import ERROR, STDERR, STDOUT, V5, exit_status, send_input
from core.kube.problems import decode_status
from core.live.objects import Target

_CHUNK = 64 * 1024
_SPOOL = 8 * 1024 * 1024


async def copy_to(cluster: Cluster, target: Target, local: Path, remote: str) -> int:
    """Copy a file or folder into a container as `remote`; the answer is the archive's size in bytes.

    Raises:
        Refusal: there is nothing at `local`. Trouble: the container has no tar, or refuses.
    """
    if not local.exists():
        raise Refusal(f"there is no {local} here")
    folder, name = posixpath.split(remote.rstrip("/"))
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        await asyncio.to_thread(_pack, local, name, spool)
        size = spool.tell()
        spool.seek(0)
        command = ["tar", "-xmf", "-", "-C", folder or "."]
        async with aclosing(_run(cluster, target, command, _pieces(spool))) as said:
            async for _ in said:
                # tar says nothing when it unpacks.
                pass
    return size


async def copy_from(cluster: Cluster, target: Target, remote: str, local: Path) -> int:
    """Copy a file or folder out of a container to `local`, which must not be there yet; the answer is its bytes.

    Raises:
        Refusal: something is at `local`. Trouble: the container has no tar, or nothing at `remote`.
    """
    if local.exists():
        raise Refusal(f"{local} is there already", fix="name a place that is free")
    folder, name = posixpath.split(remote.rstrip("/"))
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        command = ["tar", "-cf", "-", "-C", folder or ".", "--", name]
        async with aclosing(_run(cluster, target, command, None)) as output:
            async for data in output:
                await asyncio.to_thread(spool.write, data)
        size = spool.tell()
        spool.seek(0)
        await asyncio.to_thread(_unpack, spool, name, local)
    return size


def _pack(local: Path, name: str, spool: IO[bytes]) -> None:
    with tarfile.open(fileobj=spool, mode="w|") as archive:
        archive.add(local, arcname=name)


def _unpack(spool: IO[bytes], name: str, local: Path) -> None:
    """Put what the container sent beside `local`, then in its place; names that lead out of it are refused."""
    with tempfile.TemporaryDirectory(dir=local.parent, prefix=".gondolier-") as folder:
        try:
            with tarfile.open(fileobj=spool, mode="r|") as archive:
                archive.extractall(folder, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise Trouble(f"what the container sent cannot be unpacked: {error}") from None
        found = Path(folder) / name
        if not found.exists():
            raise Trouble(f"the container sent no {name}")
        found.rename(local)


def _pieces(spool: IO[bytes]) -> Iterator[bytes]:
    while data := spool.read(_CHUNK):
        yield data


async def _run(
    cluster: Cluster, target: Target, command: list[str], pieces: Iterator[bytes] | None
) -> AsyncGenerator[bytes, None]:
    """Run a command with the pieces as its input, and give its output as it comes.

    Raises:
        Trouble: it failed, with its own words.
    """
    where = f"{cluster.name}/{target.namespace}/{target.name}"
    query = [("command", word) for word in command] + [("stdout", "true"), ("stderr", "true")]
    query += [("stdin", "true")] if pieces is not None else []
    query += [("container", target.container)] if target.container else []
    said, result = io.BytesIO(), b""
    path = paths.pod(target.namespace, target.name, "exec")
    async with cluster.socket(path, query, [V5]) as socket:
        sending = asyncio.create_task(send_input(socket, pieces)) if pieces is not None else None
        try:
            async for message in socket:
                data = message.data
                if not isinstance(data, bytes) or not data:
                    continue
                if data[0] == STDOUT and len(data) > 1:
                    yield data[1:]
                elif data[0] == STDERR:
                    said.write(data[1:])
                elif data[0] == ERROR:
                    result = data[1:]
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
    if not result:
        raise Trouble("the connection to the container ended before the copy did", where=where)
    if status := exit_status(decode_status(result), where):
        words = said.getvalue().decode(errors="replace").strip()
        raise Trouble(f"tar in the container ended with {status}: {words}", where=where)
