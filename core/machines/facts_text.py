"""What the facts script asks for and answers, as text; pure.

Source: scripts/facts.sh, find(1) -printf, systemctl(1) show.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.machines.observed import Facts, HostFacts, Kind, PathFact, SysctlFact, UnitFact
from core.machines.state import Desired

_KINDS: dict[str, Kind] = {"f": "file", "d": "directory", "l": "link"}
_SHOWN_SIZE = 64 * 1024

Rows = Mapping[str, Sequence[Sequence[str]]]


def requests(desired: Desired) -> Iterator[str]:
    """What to ask about a wish, one request a line."""
    yield from (f"path {path}" for path in sorted(_paths(desired)))
    yield from (f"tree {binary.path}" for binary in desired.binaries if binary.member.endswith("/"))
    for file in desired.files:
        if not file.secret and len(file.content) <= _SHOWN_SIZE:
            yield f"shown {hashlib.sha256(file.content).hexdigest()} {file.path}"
    yield from (f"unit {unit.name}" for unit in desired.units)
    yield from (f"package {name}" for name in desired.packages)
    yield from (f"sysctl {sysctl_path(key)}" for key in desired.sysctls)
    yield from (f"module {module_name(name)}" for name in desired.modules)


def _paths(desired: Desired) -> set[str]:
    return {
        *(directory.path for directory in desired.directories),
        *(file.path for file in desired.files),
        *(binary.path for binary in desired.binaries),
        *desired.absent,
        *(path for unit in desired.units for path in unit.reads),
    }


def sysctl_path(key: str) -> str:
    """A kernel setting's path under /proc/sys; a key may be written with slashes where a part of it has a dot."""
    return key if "/" in key else key.replace(".", "/")


def module_name(name: str) -> str:
    """A kernel module's name as the kernel lists it."""
    return name.replace("-", "_")


def parsed(desired: Desired, answer: str) -> Facts:
    """The facts in the script's answer.

    Raises:
        ValueError: the answer is not the script's.
    """
    rows, blocks = _divided(answer)
    keys = {sysctl_path(key): key for key in desired.sysctls}
    names = {module_name(name): name for name in desired.modules}
    return Facts(
        paths=_path_facts(rows),
        units={unit.name: _unit_fact(block) for unit, block in zip(desired.units, blocks, strict=True)},
        packages={name: version for name, status, version in rows["package"] if status[1:2] == "i"},
        sysctls={keys[path]: SysctlFact(" ".join(value.split()), yes == "yes") for path, yes, value in rows["sysctl"]},
        modules=frozenset(names[name] for (name,) in rows["module"]),
        kept_sysctls={key: " ".join(value.split()) for key, value in rows["kept-sysctl"]},
        kept_modules=frozenset(name for (name,) in rows["kept-module"]),
        clock=float(rows["clock"][0][0]),
        arch=rows["arch"][0][0],
    )


def parsed_host(answer: str) -> HostFacts:
    """A machine's own facts in the script's answer.

    Raises:
        ValueError: the answer is not the script's.
    """
    rows, _ = _divided(answer)
    said = {key: value for key, value in rows["host"] if key != "nameserver"}
    return HostFacts(
        arch=rows["arch"][0][0],
        kernel=said["kernel"],
        hostname=said["hostname"],
        os=said.get("os.PRETTY_NAME", "unknown"),
        os_id=said.get("os.ID", ""),
        os_version=said.get("os.VERSION_ID", ""),
        machine_id=said["machine-id"],
        boot_id=said["boot-id"],
        uptime=float(said["uptime"]),
        clock=float(rows["clock"][0][0]),
        processors=int(said["processors"]),
        memory=int(said["memory"]) * 1024,
        free_root=int(said["free./"]) * 1024,
        free_var_lib=int(said["free./var/lib"]) * 1024,
        cgroup_v1=said["cgroup"] != "cgroup2fs",
        nameservers=tuple(value for key, value in rows["host"] if key == "nameserver"),
        machine=_machine(said.get("machine", "")),
    )


def _machine(encoded: str) -> dict[str, Any]:
    found = json.loads(base64.b64decode(encoded) or b"{}")
    if not isinstance(found, dict):
        raise ValueError("/etc/gondolier/machine.json holds no JSON object")
    return found


def _divided(answer: str) -> tuple[defaultdict[str, list[list[str]]], list[dict[str, str]]]:
    """The rows by their first field, checksums under "sum", and systemd's blocks of properties."""
    head, _, units = answer.partition("\nunits\n")
    rows: defaultdict[str, list[list[str]]] = defaultdict(list)
    for line in head.splitlines():
        if "\t" in line:
            name, *fields = line.split("\t")
            rows[name].append(fields)
        elif len(line) > 66 and line[64] == " ":
            rows["sum"].append([line[:64], line[66:]])
    if not rows["clock"] or not rows["arch"]:
        raise ValueError("the machine's answer has no clock and no architecture")
    blocks = [dict(_property(line) for line in block.splitlines()) for block in units.strip().split("\n\n") if block]
    return rows, blocks


def _property(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name, value


def _path_facts(rows: Rows) -> dict[str, PathFact]:
    sums = {path: digest for digest, path in rows["sum"]}
    contents = {path: base64.b64decode(encoded) for path, encoded in rows["content"]}
    found = {}
    for kind, mode, owner, group, size, changed, path in rows["path"]:
        found[path] = PathFact(
            _KINDS.get(kind, "other"),
            int(mode, 8),
            owner,
            group,
            int(size),
            float(changed),
            sums.get(path, ""),
            contents.get(path),
        )
    return found


def _unit_fact(block: Mapping[str, str]) -> UnitFact:
    return UnitFact(
        load=block.get("LoadState", ""),
        active=block.get("ActiveState", ""),
        sub=block.get("SubState", ""),
        enabled=block.get("UnitFileState", ""),
        started=_time(block.get("ExecMainStartTimestamp", "")) or _time(block.get("ActiveEnterTimestamp", "")),
        settled=_time(block.get("StateChangeTimestamp", "")),
        needs_reload=block.get("NeedDaemonReload") == "yes",
    )


def _time(text: str) -> float | None:
    """Seconds since 1970 of "Mon 2026-11-23 11:40:00.123456 UTC", None of an empty text or "n/a"."""
    if not text or text == "n/a":
        return None
    day = text.split(" ", 1)[1]
    return datetime.strptime(day, "%Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC).timestamp()
