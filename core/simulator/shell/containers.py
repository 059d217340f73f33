"""ctr and crictl: what a node's container runtime says, as long as containerd runs."""

from __future__ import annotations

import json
from collections.abc import Mapping

from core.simulator.shell.calls import Call, command

_NO_SOCKET = "dial unix /run/containerd/containerd.sock: connect: no such file or directory"


@command("ctr")
async def ctr(call: Call) -> int:
    """Images that are named are there once they were pulled; tasks and containers of ours are the units' own."""
    if not call.machine.units.active("containerd"):
        call.err(f"ctr: cannot access socket /run/containerd/containerd.sock: {_NO_SOCKET}\n")
        return 1
    words = [word for word in call.arguments if not word.startswith("-")]
    match words[1:3]:
        case ["images", "ls"]:
            call.out("".join(f"{image}\n" for image in call.machine.record.images))
        case ["images", "pull"]:
            call.machine.record.images.append(words[-1])
            call.machine.keep()
        case ["tasks" | "containers", _]:
            call.err("ctr: container not found\n")
            return 1
        case _:
            call.err(f"gondolier simulator: unknown command: {' '.join(call.argv)}\n")
            return 127
    return 0


@command("crictl")
async def crictl(call: Call) -> int:
    """ps and stop over the containers that the machine's kubelet runs."""
    if not call.machine.units.active("containerd"):
        call.err(f"FATA[0000] validate service connection: {_NO_SOCKET}\n")
        return 1
    runtime = call.machine.runtime
    words = call.arguments
    if words[:1] == ("ps",):
        wanted = dict(_label(words))
        found = [each for each in (runtime.containers() if runtime else []) if _fits(each.labels, wanted)]
        listed = [{"id": each.id, "state": "CONTAINER_RUNNING", "labels": dict(each.labels)} for each in found]
        call.out(json.dumps({"containers": listed}, indent=2) + "\n")
        return 0
    if words[:1] == ("stop",):
        for name in _ids(words[1:]):
            if runtime is None or not runtime.stop(name):
                call.err(f'E1126 container "{name}": NotFound\n')
                return 1
            call.out(f"{name}\n")
        return 0
    call.err(f"gondolier simulator: unknown command: {' '.join(call.argv)}\n")
    return 127


def _label(words: tuple[str, ...]) -> list[tuple[str, str]]:
    at = [number + 1 for number, word in enumerate(words) if word == "--label"]
    parted = (words[number].partition("=") for number in at)
    return [(key, value) for key, _, value in parted]


def _fits(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in wanted.items())


def _ids(words: tuple[str, ...]) -> list[str]:
    rest = iter(words)
    found = []
    for word in rest:
        if word in ("--timeout", "-t"):
            next(rest, "")
        else:
            found.append(word)
    return found
