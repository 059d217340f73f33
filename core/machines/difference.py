"""What distinguishes a machine from what is wanted of it: a function of wish, facts and known artifacts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from core.engine.step import Change
from core.machines.artifacts import Artifacts, Program
from core.machines.observed import Facts, PathFact, SysctlFact
from core.machines.state import Binary, Desired, Directory, File
from core.machines.unit_difference import unit_change

HIDDEN = "(content hidden)"
PROGRAM_MODE = 0o755


def diff(desired: Desired, facts: Facts, artifacts: Artifacts) -> list[Change]:
    """Every difference, in the order in which `enact` works; empty where the machine is as wanted.

    A program whose artifact was never fetched counts as different: only its checksum could say that it is right.
    """
    found = [
        *_package_changes(desired, facts),
        *_module_changes(desired, facts),
        *_sysctl_changes(desired, facts),
        *(change for directory in desired.directories for change in directory_change(directory, facts)),
        *(change for binary in desired.binaries for change in _binary_changes(binary, facts, artifacts)),
        *(change for file in desired.files for change in file_change(file, facts)),
        *(Change("delete", f"file {path}") for path in desired.absent if path in facts.paths),
    ]
    changed = frozenset(change.subject.partition(" ")[2] for change in found if change.subject.startswith(_WRITTEN))
    units = (unit_change(unit, facts, changed) for unit in desired.units)
    return [*found, *(change for change in units if change)]


_WRITTEN = ("directory ", "program ", "file ")


def pending_sysctls(desired: Desired, facts: Facts) -> dict[str, str]:
    """Kernel settings that have another value, or would have after a boot."""
    return {
        key: value
        for key, value in desired.sysctls.items()
        if not _holds(value, facts.sysctls.get(key), facts.kept_sysctls.get(key))
    }


def pending_modules(desired: Desired, facts: Facts) -> list[str]:
    """Kernel modules that are not there, or would not be after a boot."""
    there = facts.modules & facts.kept_modules
    return [name for name in desired.modules if name not in there]


def pending_packages(desired: Desired, facts: Facts) -> list[str]:
    """Packages that are not installed."""
    return [name for name in desired.packages if name not in facts.packages]


def pending_programs(programs: tuple[Program, ...], facts: Facts) -> list[Program]:
    """Programs that are not on the machine with this very content."""
    return [program for program in programs if not _is_program(program, facts.paths.get(program.path))]


def directory_change(directory: Directory, facts: Facts) -> list[Change]:
    """The change that a directory needs, if any."""
    fact = facts.paths.get(directory.path)
    wanted = _rights(directory.mode, directory.owner)
    if fact is None:
        return [Change("create", f"directory {directory.path}", after=wanted)]
    if fact.kind == "directory" and fact.mode == directory.mode and fact.belongs_to(directory.owner):
        return []
    return [Change("update", f"directory {directory.path}", before=_found_rights(fact, "directory"), after=wanted)]


def file_change(file: File, facts: Facts) -> list[Change]:
    """The change that a file needs, if any."""
    fact, subject = facts.paths.get(file.path), f"file {file.path}"
    if fact is None:
        return [Change("create", subject, after=HIDDEN if file.secret else _text(file.content), secret=file.secret)]
    if fact.kind != "file" or fact.sha256 != hashlib.sha256(file.content).hexdigest():
        if file.secret:
            return [Change("update", subject, after=HIDDEN, secret=True)]
        return [Change("update", subject, before=_found_text(fact), after=_text(file.content))]
    if fact.mode == file.mode and fact.belongs_to(file.owner):
        return []
    before, after = _found_rights(fact, "file"), _rights(file.mode, file.owner)
    return [Change("update", subject, before=before, after=after, secret=file.secret)]


def _package_changes(desired: Desired, facts: Facts) -> Iterator[Change]:
    yield from (Change("create", f"package {name}") for name in pending_packages(desired, facts))


def _module_changes(desired: Desired, facts: Facts) -> Iterator[Change]:
    yield from (Change("create", f"module {name}") for name in pending_modules(desired, facts))


def _sysctl_changes(desired: Desired, facts: Facts) -> Iterator[Change]:
    for key, value in pending_sysctls(desired, facts).items():
        fact = facts.sysctls.get(key)
        if fact is not None and fact.value == _words(value):
            yield Change("update", f"sysctl {key}", before=f"{value} until the next boot", after=value)
        else:
            yield Change("update", f"sysctl {key}", before=fact.value if fact else "", after=value)


def _holds(value: str, fact: SysctlFact | None, kept: str | None) -> bool:
    if fact is None:
        return False
    if not fact.writable and _at_least(fact.value, value):
        return True
    return fact.value == _words(value) == kept


def _at_least(found: str, wanted: str) -> bool:
    if found == _words(wanted):
        return True
    try:
        return int(found) >= int(wanted)
    except ValueError:
        return False


def _words(value: str) -> str:
    return " ".join(value.split())


def _binary_changes(binary: Binary, facts: Facts, artifacts: Artifacts) -> Iterator[Change]:
    release = f"{binary.artifact} {binary.version}"
    programs = artifacts.known(binary, facts.arch)
    if programs is None:
        action = "update" if binary.path in facts.paths else "create"
        yield Change("update" if action == "update" else "create", f"program {binary.path}", after=release)
        return
    for program in pending_programs(programs, facts):
        fact = facts.paths.get(program.path)
        if fact is None:
            yield Change("create", f"program {program.path}", after=release)
        else:
            before = f"sha256 {fact.sha256}" if fact.kind == "file" else fact.kind
            yield Change("update", f"program {program.path}", before, f"{release}, sha256 {program.sha256}")


def _is_program(program: Program, fact: PathFact | None) -> bool:
    return (
        fact is not None
        and fact.kind == "file"
        and fact.sha256 == program.sha256
        and fact.mode == PROGRAM_MODE
        and fact.owner == "root"
    )


def _rights(mode: int, owner: str) -> str:
    return f"mode {mode:04o}, owner {owner}"


def _found_rights(fact: PathFact, wanted: str) -> str:
    return _rights(fact.mode, f"{fact.owner}:{fact.group}") if fact.kind == wanted else f"a {fact.kind}"


def _found_text(fact: PathFact) -> str:
    if fact.kind != "file":
        return f"(a {fact.kind})"
    return f"({fact.size} bytes)" if fact.content is None else _text(fact.content)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"({len(content)} bytes)"
