"""Starting systemd-nspawn so that the machine outlives the console.

Where systemd runs this host, a transient service carries the machine, with a delegated cgroup. Elsewhere a detached
shell does. Both start the machine again when it reboots, which systemd-nspawn asks for
with status 133. Source: systemd-nspawn(1), systemd's docs/ENVIRONMENT.md and docs/CONTAINER_INTERFACE.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from core.clouds.nspawn import cgroups
from core.clouds.nspawn.cgroups import Limits
from core.clouds.nspawn.place import Place
from core.clouds.process import run

_REBOOT = "133"

# kubelet writes sysctls; the machine is root's own as much as the host, so that the system call filter, which keeps
# keyctl and bpf from container runtimes, protects nothing here.
_ENVIRONMENT = {"SYSTEMD_NSPAWN_API_VFS_WRITABLE": "1", "SYSTEMD_SECCOMP": "0"}

_JOIN = """\
IFS=:
join() { for group in $1; do echo 0 > "$group/cgroup.procs" || exit 1; done; }
"""
_ONCE = f"""\
{_JOIN}
join "$1"
shift
exec "$@"
"""
_KEEPER = f"""\
exec >>"$1" 2>&1 </dev/null
machine=$2
shift 2
{_JOIN}
while :; do
    ( join "$machine"; exec "$@" )
    [ $? -eq {_REBOOT} ] || exit
done
"""


def container(place: Place, artifact_cache: tuple[Path, str] | None) -> list[str]:
    """The command that is the machine. `artifact_cache` is a directory of the host and where the machine sees it.

    It is entered through the machine's network namespace, because sysfs shows the interfaces of the namespace in
    which it was mounted.
    """
    binds = [f"--bind={_bound(source)}:{target}" for source, target in place.binds.items()]
    if artifact_cache is not None:
        binds.append(f"--bind-ro={_bound(artifact_cache[0])}:{artifact_cache[1]}")
    return [
        "nsenter",
        f"--net={place.network}",
        "systemd-nspawn",
        "--quiet",
        "--boot",
        "--register=no",
        "--keep-unit",
        f"--directory={place.root}",
        f"--machine={place.names.machine_id(place.name)}",
        f"--hostname={place.name}",
        f"--network-namespace-path={place.network}",
        "--private-users=no",
        "--capability=all",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--console=read-only",
        "--setenv=SYSTEMD_COLORS=0",
        "--bind=/dev/kmsg",
        *binds,
    ]


async def launch(place: Place, limits: Limits, command: list[str]) -> None:
    """Start the machine and come back at once."""
    seats = cgroups.prepare(place.cgroup, limits)
    if cgroups.under_systemd():
        await run(*_service(place, limits), *_joining(seats.machine), *command)
    else:
        # In its cgroup before it is let go, so that it can be found there from the first moment on.
        detached = (*_joining(seats.keeper), "setsid", "--fork")
        keeper = ("sh", "-c", _KEEPER, "gondolier-machine", str(place.log), _joined(seats.machine))
        await run("env", *_assignments(_ENVIRONMENT), *detached, *keeper, *command)


async def carried(place: Place) -> bool:
    """Whether anything of the machine runs, known for certain (a process that is just being replaced shows no name)."""
    if not cgroups.under_systemd():
        return bool(cgroups.processes(place.cgroup))
    state = await run("systemctl", "show", "--value", "--property=ActiveState", _unit(place), check=False)
    return state.stdout.strip() not in ("", "inactive", "failed")


async def dismiss(place: Place) -> None:
    """Forget what carried a machine that has ended; kills what is left of it."""
    if cgroups.under_systemd():
        await run("systemctl", "stop", _unit(place), check=False)
    await cgroups.kill(place.cgroup)
    await asyncio.to_thread(cgroups.remove, place.cgroup)


def _joining(groups: tuple[Path, ...]) -> tuple[str, ...]:
    return ("sh", "-c", _ONCE, "gondolier-machine", _joined(groups))


def _joined(groups: tuple[Path, ...]) -> str:
    return ":".join(map(str, groups))


def _service(place: Place, limits: Limits) -> list[str]:
    properties = {
        "Type": "exec",
        "Slice": "machine.slice",
        "Delegate": "yes",
        "KillMode": "mixed",
        "TasksMax": "infinity",
        "RestartForceExitStatus": _REBOOT,
        "SuccessExitStatus": _REBOOT,
        "StandardOutput": f"append:{place.log}",
        "StandardError": f"append:{place.log}",
        "MemoryMax": str(limits.memory or "infinity"),
        "CPUQuota": f"{limits.cpus * 100:.0f}%" if limits.cpus else "",
    }
    settings = [f"--property={name}={value}" for name, value in properties.items()]
    variables = [f"--setenv={assignment}" for assignment in _assignments(_ENVIRONMENT)]
    return ["systemd-run", "--quiet", "--collect", f"--unit={_unit(place)}", *settings, *variables]


def _unit(place: Place) -> str:
    return f"{place.names.machine_id(place.name)}.service"


def _assignments(variables: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in variables.items()]


def _bound(path: Path) -> str:
    """Escape what separates the parts of --bind."""
    return str(path).replace("\\", "\\\\").replace(":", "\\:")
