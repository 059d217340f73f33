"""Files on a machine: whole or not at all, right from the start, never seen among its processes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine.errors import Trouble
from core.machines.connections import Connections
from core.machines.outcome import Completed
from core.machines.placing import (
    PLACE,
    absent_pieces,
    copy_pieces,
    directory_pieces,
    file_pieces,
    missing_copies,
    placing_failure,
)
from core.machines.state import Directory, File


async def test_files_arrive_with_content_mode_and_parents(connections: Connections, tmp_path: Path) -> None:
    machine = await connections.get("m1")
    odd = bytes(range(256)) * 40
    plain = File(f"{tmp_path}/new/deep/a b.conf", odd, mode=0o640)
    secret = File(f"{tmp_path}/key", b"s3cret", mode=0o400, secret=True)
    await machine.put(plain, secret, File(f"{tmp_path}/empty", b""))
    assert Path(plain.path).read_bytes() == odd
    assert Path(plain.path).stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new/deep").stat().st_mode & 0o777 == 0o755
    assert Path(secret.path).stat().st_mode & 0o777 == 0o400
    assert (tmp_path / "empty").read_bytes() == b""
    assert sorted(path.name for path in tmp_path.glob(".*")) == []


async def test_a_file_is_replaced_not_written_into(connections: Connections, tmp_path: Path) -> None:
    target = tmp_path / "config"
    target.write_text("old")
    before = target.open()
    await (await connections.get("m1")).put(File(str(target), b"new"))
    assert (before.read(), target.read_text()) == ("old", "new")
    before.close()


async def test_content_that_changed_on_the_way_is_not_put_in_place(connections: Connections, tmp_path: Path) -> None:
    machine = await connections.get("m1")
    header, content = file_pieces(File(f"{tmp_path}/unit", b"[Unit]\n"))
    with pytest.raises(Trouble, match=r"m1: .*unit cannot be put in place: checksum differs"):
        await machine.place([header, content.swapcase()])
    assert _names(tmp_path) == ["sshd0"]


async def test_a_file_cut_short_is_not_put_in_place(connections: Connections, tmp_path: Path) -> None:
    machine = await connections.get("m1")
    header, content = file_pieces(File(f"{tmp_path}/unit", b"[Unit]\n"))
    with pytest.raises(Trouble):
        await machine.place([header, content[:3]])
    assert not (tmp_path / "unit").exists()


async def test_leftovers_of_a_killed_run_are_swept(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / ".unit.gondolier.999").write_text("half")
    await (await connections.get("m1")).put(File(f"{tmp_path}/unit", b"whole"))
    assert _names(tmp_path) == ["sshd0", "unit"]


async def test_what_is_placed_never_shows_in_an_argument() -> None:
    secret = File("/etc/key", b"s3cret", secret=True)
    assert "s3cret" not in PLACE
    assert [piece for piece in file_pieces(secret) if b"s3cret" in piece] == [b"s3cret"]


async def test_reading_gives_bytes_or_none(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"\0\xff")
    machine = await connections.get("m1")
    assert await machine.read(f"{tmp_path}/blob") == b"\0\xff"
    assert await machine.read(f"{tmp_path}/nothing") is None


async def test_an_upload_is_whole_and_executable(connections: Connections, tmp_path: Path) -> None:
    local = tmp_path / "program"
    local.write_bytes(os.urandom(3_000_000))
    await (await connections.get("m1")).upload(local, f"{tmp_path}/bin/program", 0o755)
    assert (tmp_path / "bin/program").read_bytes() == local.read_bytes()
    assert (tmp_path / "bin/program").stat().st_mode & 0o777 == 0o755


async def test_an_upload_that_is_not_what_was_verified_is_refused(connections: Connections, tmp_path: Path) -> None:
    local = tmp_path / "program"
    local.write_bytes(b"changed behind our back")
    with pytest.raises(Trouble, match="checksum differs"):
        await (await connections.get("m1")).upload(local, f"{tmp_path}/there", sha256="0" * 64)
    assert not (tmp_path / "there").exists()


async def test_a_copy_is_made_only_of_the_very_file(connections: Connections, tmp_path: Path) -> None:
    machine = await connections.get("m1")
    (tmp_path / "cached").write_bytes(b"program")
    good = next(iter(file_pieces(File("/x/y", b"program")))).split()[1].decode()
    wishes = {"same": (f"{tmp_path}/cached", good), "other": (f"{tmp_path}/cached", "0" * 64), "none": ("/no", good)}
    pieces = [p for name, wish in wishes.items() for p in copy_pieces(f"{tmp_path}/{name}", *wish)]
    assert missing_copies(await machine.place(pieces)) == {f"{tmp_path}/other", f"{tmp_path}/none"}
    assert (tmp_path / "same").read_bytes() == b"program"
    assert not (tmp_path / "other").exists()


async def test_a_path_is_removed_with_all_under_it(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / "data/member").mkdir(parents=True)
    await (await connections.get("m1")).place(absent_pieces(f"{tmp_path}/data"))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("path", ["/", "/etc", "/usr"])
def test_whole_trees_of_the_system_are_never_removed(path: str) -> None:
    with pytest.raises(Trouble, match="will not be removed"):
        list(absent_pieces(path))


@pytest.mark.parametrize("path", ["relative", "/with\nline", "/tail ", "/with\ttab"])
def test_paths_that_the_script_could_misread_are_refused(path: str) -> None:
    with pytest.raises(Trouble, match="cannot be a path"):
        list(file_pieces(File(path, b"")))


def test_owners_are_no_place_for_other_words() -> None:
    with pytest.raises(Trouble, match="is no owner"):
        list(file_pieces(File("/etc/x", b"", owner="root /etc/passwd")))


def test_a_full_disk_is_told_with_path_and_usage() -> None:
    said = (
        "head: error writing 'standard output': No space left on device\n"
        "failed\t/var/lib/x\nusage\t/dev/vda1 9.8G 9.8G 0 100% /var\n"
    )
    trouble = placing_failure("kube-1", Completed(1, "", said))
    assert str(trouble) == (
        "kube-1: /var/lib/x cannot be written: no space left on the device "
        "(100% of 9.8G are used on /var, 0 are free) – make room"
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_a_really_full_disk_is_told_and_keeps_what_was_there(connections: Connections, small_disk: Path) -> None:
    machine = await connections.get("m1")
    (small_disk / "x").write_text("before")
    with pytest.raises(Trouble, match=r"small/x cannot be written: no space left on the device \(\d+% of 64K are used"):
        await machine.put(File(f"{small_disk}/x", b"x" * 100_000))
    assert (small_disk / "x").read_text() == "before"
    assert _names(small_disk) == ["x"]


async def test_a_directory_gets_its_mode_even_where_it_exists(connections: Connections, tmp_path: Path) -> None:
    (tmp_path / "pki").mkdir(mode=0o755)
    await (await connections.get("m1")).place(directory_pieces(Directory(f"{tmp_path}/pki", 0o700)))
    assert (tmp_path / "pki").stat().st_mode & 0o777 == 0o700


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
