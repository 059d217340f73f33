"""Files of containers as tar archives. What the image itself would have is not there."""

from __future__ import annotations

import base64
import io
import json
import tarfile

from core.simulator.docker.engine import Engine
from core.simulator.docker.errors import EngineError
from core.simulator.docker.records import Container
from core.simulator.machine.files import Entry

_DIRECTORY = 0x80000000
"""Go's mode bit for a directory."""


def unpack(engine: Engine, container: Container, path: str, content: bytes) -> None:
    """Put the files of an archive below a path. Raises `EngineError` where it is none."""
    files, root = engine.machine.files, f"{engine.layer(container)}{path}".rstrip("/")
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                place = f"{root}/{member.name}"
                if member.isdir():
                    files.mkdir(place, member.mode, f"{member.uid}:{member.gid}")
                elif source := archive.extractfile(member):
                    files.write(place, source.read(), member.mode, f"{member.uid}:{member.gid}")
    except tarfile.TarError as error:
        raise EngineError(400, f"Error processing tar file: {error}") from error


def pack(engine: Engine, container: Container, path: str) -> tuple[bytes, str]:
    """An archive of what is at a path, and what the header says of that. Raises `EngineError` 404."""
    files, place = engine.machine.files, f"{engine.layer(container)}{path}".rstrip("/")
    entry = files.entry(place)
    if entry is None:
        raise EngineError(404, f"Could not find the file {path} in container {container.name}")
    name, buffer = path.rstrip("/").rpartition("/")[2], io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for each, found in files.tree(place):
            _add(archive, f"{name}{each.removeprefix(place)}".lstrip("/"), found, files.read(each) or b"")
    return buffer.getvalue(), _stat(name, entry)


def content(engine: Engine, container: Container, path: str) -> str | None:
    """A file's text, None where there is none beside the image's."""
    found = engine.machine.files.read(f"{engine.layer(container)}{path}")
    return None if found is None else found.decode(errors="replace")


def _add(archive: tarfile.TarFile, name: str, entry: Entry, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.mode, member.mtime = entry.mode, int(entry.modified)
    if entry.kind == "d":
        member.type = tarfile.DIRTYPE
        archive.addfile(member)
    else:
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))


def _stat(name: str, entry: Entry) -> str:
    mode = entry.mode | (_DIRECTORY if entry.kind == "d" else 0)
    told = {"name": name, "size": entry.size, "mode": mode, "linkTarget": entry.target}
    return base64.b64encode(json.dumps(told).encode()).decode()
