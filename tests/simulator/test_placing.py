"""Files on a simulated machine: whole or not at all, with the words of a real machine where it cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.engine.errors import Trouble
from core.machines.connection import Connection
from core.machines.placing import absent_pieces, copy_pieces, directory_pieces, file_pieces, missing_copies
from core.machines.state import Directory, File
from core.simulator.machine.machine import Machine
from core.simulator.world import World


async def test_files_arrive_with_content_mode_and_parents(link: Connection, machine: Machine) -> None:
    odd = bytes(range(256)) * 40
    await link.put(
        File("/new/deep/a b.conf", odd, 0o640), File("/key", b"s3cret", 0o400, "app:app", True), File("/empty", b"")
    )
    assert machine.files.read("/new/deep/a b.conf") == odd
    found = [machine.files.entry(path) for path in ("/new/deep", "/new/deep/a b.conf", "/key", "/empty")]
    assert [entry and entry.mode for entry in found] == [0o755, 0o640, 0o400, 0o644]
    assert found[2] is not None
    assert (found[2].owner, found[2].group) == ("app", "app")
    assert await link.read("/new/deep/a b.conf") == odd
    assert await link.read("/nothing") is None


async def test_content_that_changed_on_the_way_is_not_put_in_place(link: Connection, machine: Machine) -> None:
    header, content = file_pieces(File("/unit", b"[Unit]\n"))
    with pytest.raises(Trouble, match=r"m1: /unit cannot be put in place: checksum differs"):
        await link.place([header, content.swapcase()])
    with pytest.raises(Trouble, match="checksum differs"):
        await link.place([header, content[:3]])
    assert not machine.files.exists("/unit")


async def test_what_came_before_a_failure_is_done_and_what_comes_after_is_not(
    link: Connection, machine: Machine
) -> None:
    header, content = file_pieces(File("/two", b"two"))
    pieces = [*file_pieces(File("/one", b"one")), header, content.upper(), *file_pieces(File("/three", b"three"))]
    with pytest.raises(Trouble, match="/two"):
        await link.place(pieces)
    assert [machine.files.exists(path) for path in ("/one", "/two", "/three")] == [True, False, False]


async def test_a_large_upload_is_known_by_its_checksum(link: Connection, machine: Machine, tmp_path: Path) -> None:
    local = tmp_path / "program"
    local.write_bytes(os.urandom(3_000_000))
    await link.upload(local, "/usr/local/bin/program", 0o755)
    entry = machine.files.entry("/usr/local/bin/program")
    assert entry is not None
    assert (entry.size, entry.mode, entry.content) == (3_000_000, 0o755, None)
    with pytest.raises(Trouble, match="checksum differs"):
        await link.upload(local, "/usr/local/bin/other", sha256="0" * 64)
    assert not machine.files.exists("/usr/local/bin/other")


async def test_a_copy_is_made_only_of_the_very_file(link: Connection, machine: Machine) -> None:
    machine.files.write("/var/cache/gondolier/cached", b"program")
    good = next(iter(file_pieces(File("/x/y", b"program")))).split()[1].decode()
    wishes = {"same": ("/var/cache/gondolier/cached", good), "other": ("/var/cache/gondolier/cached", "0" * 64)}
    wishes["none"] = ("/no", good)
    pieces = [piece for name, wish in wishes.items() for piece in copy_pieces(f"/opt/{name}", *wish)]
    assert missing_copies(await link.place(pieces)) == {"/opt/other", "/opt/none"}
    assert machine.files.read("/opt/same") == b"program"
    assert not machine.files.exists("/opt/other")


async def test_directories_get_their_rights_and_paths_are_removed_with_all_under_them(
    link: Connection, machine: Machine
) -> None:
    machine.files.write("/var/data/member/file", b"x")
    await link.place([*directory_pieces(Directory("/var/data", 0o700, "etcd")), *absent_pieces("/var/data/member")])
    assert [path for path, _ in machine.files.tree("/var/data")] == ["/var/data"]
    entry = machine.files.entry("/var/data")
    assert entry is not None
    assert (entry.mode, entry.owner) == (0o700, "etcd")
    machine.files.write("/var/file", b"x")
    with pytest.raises(Trouble, match=r"/var/file/under cannot be put in place: .*Not a directory"):
        await link.place(directory_pieces(Directory("/var/file/under")))


async def test_a_full_disk_is_told_with_its_usage_and_keeps_what_was_there(
    link: Connection, machine: Machine, world: World
) -> None:
    machine.files.write("/etc/x", b"before")
    world.faults.inject("disk-full", "env", "m1")
    with pytest.raises(Trouble, match=r"/etc/x cannot be written: no space left on the device \(100% of 40G are used"):
        await link.put(File("/etc/x", b"after"))
    assert machine.files.read("/etc/x") == b"before"
    world.faults.clear()
    await link.put(File("/etc/x", b"after"))
    assert machine.files.read("/etc/x") == b"after"
