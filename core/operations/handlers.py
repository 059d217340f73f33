"""What each operation does to one object, and the sentence that tells how it went."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.engine.errors import Refusal, Trouble
from core.kube import paths, rollout
from core.kube.access import Cluster
from core.kube.copying import copy_from, copy_to
from core.kube.drain import cordon, drain, uncordon
from core.kube.objects import path_of, read
from core.kube.scale import scale, wanted_replicas
from core.live.api import Arguments
from core.live.objects import Target
from core.live.operations import Level
from core.operations.instances import recreate, restart_containers
from core.operations.reach import Reach

Say = Callable[[str, Level], None]

_LONGEST_NAME = 52
"""A CronJob's name is at most as long, so that its jobs' names fit."""


@dataclass(frozen=True, slots=True)
class Job:
    """One operation on one object: the cluster, what was asked, and where its progress is told."""

    cluster: Cluster
    reach: Reach
    target: Target
    arguments: Arguments
    say: Say

    def number(self, name: str) -> int | None:
        """An argument as a whole number of at least zero, None where it was left out.

        Raises:
            Refusal: it is none.
        """
        value = self.arguments.get(name)
        if value is None or value == "":
            return None
        try:
            number = int(value)
        except ValueError:
            raise Refusal(f"{name} must be a whole number, found {value!r}") from None
        if number < 0:
            raise Refusal(f"{name} must be at least 0, found {number}")
        return number

    def text(self, name: str) -> str:
        """An argument that must be there.

        Raises:
            Refusal: it is not.
        """
        value = self.arguments.get(name)
        if value is None or value == "":
            raise Refusal(f"{name} is missing")
        return str(value)

    def report(self, text: str, level: Level = "info") -> None:
        """Tell how it goes, as functions of the engine's rooms do."""
        self.say(text, level)


Handler = Callable[[Job], Awaitable[str]]


async def _delete(job: Job) -> str:
    target = job.target
    forced = bool(job.arguments.get("force"))
    grace = 0 if forced else job.number("grace")
    propagation = str(job.arguments.get("propagation") or "Background")
    there = await job.cluster.delete(path_of(target), uid=target.uid, grace=grace, propagation=propagation)
    return f"{target} is deleted" if there else f"{target} was gone already"


async def _scale_to(job: Job) -> str:
    wanted = job.number("replicas")
    if wanted is None:
        raise Refusal("replicas is missing")
    return await _scaled(job, wanted)


def _scale_by(step: int) -> Handler:
    async def handler(job: Job) -> str:
        target = job.target
        now = await wanted_replicas(job.cluster, target.kind.kind, target.namespace, target.name)
        if now + step < 0:
            raise Refusal(f"{target} has no replicas already")
        return await _scaled(job, now + step)

    return handler


async def _scaled(job: Job, wanted: int) -> str:
    target = job.target
    before = await scale(job.cluster, target.kind.kind, target.namespace, target.name, wanted)
    return f"{target}: {before} → {wanted} replicas"


async def _restart(job: Job) -> str:
    await rollout.restart(job.cluster, job.target)
    return f"{job.target}: its pods are made anew, one after another"


async def _undo(job: Job) -> str:
    back = await rollout.undo(job.cluster, job.target, job.number("revision") or 0)
    return f"{job.target} goes back to revision {back.number} ({back.images})"


async def _hold(job: Job) -> str:
    paused = await rollout.hold(job.cluster, job.target)
    return f"the rollout of {job.target} {'is paused' if paused else 'goes on'}"


async def _suspend(job: Job) -> str:
    suspended = not (await read(job.cluster, job.target))["spec"].get("suspend", False)
    await job.cluster.patch(path_of(job.target), {"spec": {"suspend": suspended}})
    return f"{job.target} {'is suspended' if suspended else 'goes on'}"


async def _trigger(job: Job) -> str:
    cron = await read(job.cluster, job.target)
    template = cron["spec"]["jobTemplate"]
    name = f"{job.target.name[:_LONGEST_NAME]}-{secrets.token_hex(3)}"
    owner = {
        "apiVersion": cron.get("apiVersion", "batch/v1"),
        "kind": "CronJob",
        "name": job.target.name,
        "uid": cron["metadata"]["uid"],
        "controller": True,
    }
    metadata = template.get("metadata", {})
    made = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "labels": metadata.get("labels", {}),
            # kubectl marks jobs that a person began so.
            "annotations": metadata.get("annotations", {}) | {"cronjob.kubernetes.io/instantiate": "manual"},
            "ownerReferences": [owner],
        },
        "spec": template["spec"],
    }
    await job.cluster.create(paths.collection("batch/v1", "jobs", job.target.namespace), made)
    return f"job {name} is begun"


async def _set_image(job: Job) -> str:
    name, image = job.text("container"), job.text("image")
    thing = await read(job.cluster, job.target)
    spec, root = (thing["spec"], "/spec")
    if "template" in spec:
        spec, root = spec["template"]["spec"], "/spec/template/spec"
    for group in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(group) or ()):
            if container["name"] == name:
                change = {"op": "replace", "path": f"{root}/{group}/{index}/image", "value": image}
                await job.cluster.patch_json(path_of(job.target), [_same_name(root, group, index, name), change])
                return f"{job.target}: {name} {container.get('image')} → {image}"
    have = ", ".join(container["name"] for container in spec.get("containers") or ())
    raise Refusal(f"{job.target} has no container {name}; it has {have}")


def _same_name(root: str, group: str, index: int, name: str) -> dict[str, Any]:
    """Somebody may have moved the containers since we looked."""
    return {"op": "test", "path": f"{root}/{group}/{index}/name", "value": name}


async def _cordon(job: Job) -> str:
    if not await cordon(job.cluster, job.target.name):
        raise Trouble(f"there is no node {job.target.name} any more", where=job.cluster.name)
    return f"node {job.target.name} takes no new pods"


async def _uncordon(job: Job) -> str:
    if not await uncordon(job.cluster, job.target.name):
        raise Trouble(f"there is no node {job.target.name} any more", where=job.cluster.name)
    return f"node {job.target.name} takes pods again"


async def _drain(job: Job) -> str:
    await drain(
        job.cluster,
        job.target.name,
        job.report,
        deadline=float(job.number("timeout") or 300),
        force=bool(job.arguments.get("force")),
        grace=job.number("grace"),
    )
    return f"node {job.target.name} is drained"


async def _recreate(job: Job) -> str:
    return await recreate(job.cluster, job.target, job.report)


async def _restart_instance(job: Job) -> str:
    async def run_on(node: str, command: str) -> str:
        connection = await job.reach.machine(job.target.cluster, node)
        return (await connection.run(command)).stdout

    return await restart_containers(job.cluster, job.target, run_on, job.report)


async def _copy_to(job: Job) -> str:
    local, remote = Path(job.text("local")).expanduser(), job.text("remote")
    size = await copy_to(job.cluster, job.target, local, remote)
    return f"{local} is in {job.target.name} as {remote} ({size:,} bytes)"


async def _copy_from(job: Job) -> str:
    local, remote = Path(job.text("local")).expanduser(), job.text("remote")
    size = await copy_from(job.cluster, job.target, remote, local)
    return f"{remote} of {job.target.name} is here as {local} ({size:,} bytes)"


HANDLERS: Mapping[str, Handler] = {
    "copy-from": _copy_from,
    "copy-to": _copy_to,
    "scale": _scale_to,
    "scale-up": _scale_by(+1),
    "scale-down": _scale_by(-1),
    "restart": _restart,
    "undo": _undo,
    "hold": _hold,
    "suspend": _suspend,
    "trigger": _trigger,
    "set-image": _set_image,
    "recreate": _recreate,
    "restart-instance": _restart_instance,
    "cordon": _cordon,
    "uncordon": _uncordon,
    "drain": _drain,
    "delete": _delete,
}
"""By the action's id; the registry's other live actions only show something."""
