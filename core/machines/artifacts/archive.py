"""Taking an artifact apart: its members, extracted once, each with its checksum."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from core.engine.errors import Trouble
from core.machines.artifacts.checks import check_architecture, digest_of
from core.machines.artifacts.index import MEMBERS, Member
from core.machines.artifacts.table import Release

_ARCHIVES = (".tar.gz", ".tgz", ".tar.xz", ".tar")


def unpack(cache: Path, release: Release, artifact: Path) -> dict[str, Member]:
    """The members of an artifact by name; those of an archive are extracted beside its final place in the cache.

    Raises:
        Trouble: it is no archive, or holds something that would be written elsewhere.
        Refusal: a program in it is for another architecture.
    """
    if not release.file.endswith(_ARCHIVES):
        check_architecture(artifact, release.arch, str(release))
        return {release.file: Member(release.path, artifact.stat().st_size, digest_of(artifact))}
    target = cache / f"{release.path}{MEMBERS}"
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        _extract(artifact, temporary, release)
        members = _listed(temporary, release)
        temporary.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return members


def _extract(artifact: Path, folder: Path, release: Release) -> None:
    try:
        with tarfile.open(artifact) as archive:
            archive.extractall(folder, filter="data")
    except tarfile.TarError as error:
        raise Trouble(f"{release} cannot be unpacked: {error}", where=str(artifact)) from error


def _listed(folder: Path, release: Release) -> dict[str, Member]:
    members = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        inside = path.relative_to(folder).as_posix()
        check_architecture(path, release.arch, f"{inside} of {release}")
        name = PurePosixPath(*PurePosixPath(inside).parts[release.source.strip :]).as_posix()
        place = f"{release.path}{MEMBERS}/{inside}"
        members[name] = Member(place, path.stat().st_size, digest_of(path))
    return members
