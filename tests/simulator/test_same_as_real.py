"""The product's scripts answer the same on a simulated machine as in a real shell on this box, over the same files."""

from __future__ import annotations

import grp
import hashlib
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.machines.connection import Connection
from core.machines.outcome import Completed
from core.machines.placing import PLACE, absent_pieces, copy_pieces, directory_pieces, file_pieces
from core.machines.scripts import script
from core.machines.state import Directory, File
from core.simulator.machine.machine import Machine

_GNU = "GNU findutils" in subprocess.run(["find", "--version"], capture_output=True, text=True, check=False).stdout

pytestmark = pytest.mark.skipif(not _GNU, reason="needs GNU find, as Debian's machines have it")


def real(command: str, given: bytes = b"") -> Completed:
    """What a shell of this box does."""
    done = subprocess.run(["sh", "-c", command], input=given, capture_output=True, check=False)
    return Completed(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def mirrored(machine: Machine, folder: Path) -> None:
    """Give a machine the same tree as a real folder."""
    for path in (folder, *sorted(folder.rglob("*"))):
        status = path.lstat()
        owner = f"{pwd.getpwuid(status.st_uid).pw_name}:{grp.getgrgid(status.st_gid).gr_name}"
        mode = status.st_mode & 0o7777
        if path.is_symlink():
            machine.files.link(str(path), str(path.readlink()), owner)
        elif path.is_dir():
            machine.files.mkdir(str(path), mode, owner)
        else:
            machine.files.write(str(path), path.read_bytes(), mode, owner)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tree with everything that facts can see."""
    root = tmp_path / "tree"
    (root / "pki").mkdir(parents=True)
    (root / "pki").chmod(0o700)
    (root / "conf").write_text("one\n")
    (root / "with space").write_text("")
    (root / "with space").chmod(0o600)
    (root / "pki/key").write_bytes(bytes(range(256)) * 20)
    (root / "large").write_bytes(b"program" * 300_000)
    (root / "large").chmod(0o755)
    (root / "link").symlink_to("conf")
    return root


async def test_paths_and_trees_are_told_in_the_same_lines(link: Connection, machine: Machine, folder: Path) -> None:
    mirrored(machine, folder)
    wrong, right = "0" * 64, hashlib.sha256(b"one\n").hexdigest()
    names = ("conf", "with space", "pki", "pki/key", "large", "link", "absent", "")
    asked = [f"path {folder}/{name}".rstrip("/") for name in names]
    asked += [f"tree {folder}/pki", f"shown {wrong} {folder}/conf", f"shown {right} {folder}/conf"]
    asked += [f"shown {wrong} {folder}/{name}" for name in ("large", "absent", "pki/key")]
    given = "".join(f"{line}\n" for line in asked)
    here, there = real(script("facts.sh"), given.encode()), await link.run(script("facts.sh"), stdin=given)
    assert _comparable(there.stdout) == _comparable(here.stdout)


def _comparable(answer: str) -> list[str]:
    """The lines about files, without what time and disk make of them."""
    lines = [line for line in answer.splitlines() if line.startswith(("path\t", "content\t")) or len(line) > 66]
    timeless = (re.sub(r"\t\d+\.\d{10}\t", "\tTIME\t", line) for line in lines)
    # A directory's and a link's size are their file system's.
    return sorted(re.sub(r"^(path\t[dl]\t\S+\t\S+\t\S+\t)\d+", r"\1SIZE", line) for line in timeless)


def operations(root: Path) -> dict[str, list[bytes]]:
    """Inputs of the script that puts files in place."""
    header, content = file_pieces(File(f"{root}/broken", b"content"))
    digest = hashlib.sha256(b"one\n").hexdigest()
    owner = pwd.getpwuid(Path().stat().st_uid).pw_name
    return {
        "file": [*file_pieces(File(f"{root}/new/deep/a b", b"x\0y", 0o640, owner=owner))],
        "empty file": [*file_pieces(File(f"{root}/empty", b"", owner=owner))],
        "replaced": [*file_pieces(File(f"{root}/conf", b"two\n", 0o600, owner=owner))],
        "broken": [header, content.swapcase()],
        "cut short": [header, content[:3]],
        "directory": [*directory_pieces(Directory(f"{root}/made/here", 0o750, owner))],
        "directory changed": [*directory_pieces(Directory(f"{root}/pki", 0o755, owner))],
        "under a file": [*directory_pieces(Directory(f"{root}/conf/under", 0o755, owner))],
        "over a file": [*directory_pieces(Directory(f"{root}/conf", 0o755, owner))],
        "file under a file": [*file_pieces(File(f"{root}/conf/under", b"x", owner=owner))],
        "file deep under a file": [*file_pieces(File(f"{root}/conf/under/that", b"x", owner=owner))],
        "file over a directory": [*file_pieces(File(f"{root}/pki", b"x", owner=owner))],
        "file over a link": [*file_pieces(File(f"{root}/link", b"x", owner=owner))],
        "absent": [*absent_pieces(f"{root}/pki"), *absent_pieces(f"{root}/absent")],
        "copy": [*_own(copy_pieces(f"{root}/copied", f"{root}/conf", digest), owner)],
        "copy of another": [*_own(copy_pieces(f"{root}/copied", f"{root}/conf", "0" * 64), owner)],
        "copy of nothing": [*_own(copy_pieces(f"{root}/copied", f"{root}/absent", digest), owner)],
        "header cut short": [b"", *absent_pieces(f"{root}/pki/key")],
        "empty line": [b"\n", *absent_pieces(f"{root}/pki")],
        "unknown": [b"frobnicate - - - - /x\n"],
        "after a failure": [header, content.swapcase(), *file_pieces(File(f"{root}/later", b"x", owner=owner))],
    }  # fmt: skip


def _own(pieces: Iterator[bytes], owner: str) -> Iterator[bytes]:
    return (piece.replace(b" root /", f" {owner} /".encode()) for piece in pieces)


@pytest.mark.parametrize("name", operations(Path("/x/y")))
async def test_files_are_put_in_place_with_the_same_result_and_words(
    link: Connection, machine: Machine, folder: Path, name: str
) -> None:
    mirrored(machine, folder)
    given = b"".join(operations(folder)[name])
    given = given[:-5] if name == "header cut short" else given
    there, here = await link.run(PLACE, stdin=given, check=False), real(PLACE, given)
    assert (there.status, there.stdout) == (here.status, here.stdout)
    assert _marked(there.stderr) == _marked(here.stderr)
    found = {path: (entry.kind, entry.mode, entry.sha256) for path, entry in machine.files.tree(str(folder))}
    assert found == {str(path): _looked(path) for path in (folder, *folder.rglob("*"))}
    shutil.rmtree(folder)


def _marked(said: str) -> list[str]:
    """What the script said, without a file system's figures."""
    return [re.sub(r"^usage\t.*", "usage", line) for line in said.splitlines()]


def _looked(path: Path) -> tuple[str, int, str]:
    mode = path.lstat().st_mode & 0o7777
    if path.is_symlink():
        return "l", mode, ""
    if path.is_dir():
        return "d", mode, ""
    return "f", mode, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "echo out; echo err >&2; exit 3; echo more",
        "true && echo yes || echo no",
        "false && echo yes || echo no; echo $?",
        "echo 'a  b' \"c $UNSET\" d\\ e",
        "NAME='x z'; echo ${NAME}y \"$NAME\" $NAME $(echo in)",
        "echo one 2>/dev/null | grep -qx one && echo found",
        "printf 'a\\nb\\nc\\n' | grep -v b | head -n 1",
        "sh -c 'echo $1-$2' name a b",
        "echo a # b\necho c",
        'echo "it\'s" \'a "b"\' "\\$HOME \\\\"',
        "test -d / && test ! -e /no/such && [ -n x ] && echo all",
        "test a = b || test a != b && echo differ",
        "cat /no/such/file; echo $?",
        "echo to both >/dev/null 2>&1; echo done",
        "grep -c a",
    ],
)
async def test_simple_commands_are_the_shells(link: Connection, text: str) -> None:
    here, there = real(text, b"a\nb\nab\n"), await link.run(text, stdin="a\nb\nab\n", check=False)
    assert (there.status, there.stdout) == (here.status, here.stdout)
    assert there.stderr == here.stderr
