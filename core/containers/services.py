"""The services of a pod's applications: what differs from the declaration, and making it so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.containers.manifest import DIGEST, digest_of
from core.containers.outline import outline
from core.containers.ports import WantedService, leftovers, wanted_services
from core.containers.site import Site, service_path
from core.engine.step import Change, Report
from core.kube.rows import ServiceRow
from core.model.pod import KubernetesPod


class Services:
    """Probe and apply of a pod's services; allocation is made anew from the live services each time."""

    def __init__(self, site: Site, pod: KubernetesPod) -> None:
        self._site = site
        self._pod = pod

    async def probe(self) -> Sequence[Change]:
        live = await self._site.services()
        changes = [_change(wanted) for wanted in self._differing(live)]
        gone = [Change("delete", f"service {row.metadata.name}") for row in leftovers(self._pod, live)]
        return [*changes, *gone]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        live = await self._site.services()
        for wanted in self._differing(live):
            await cluster.apply(wanted.manifest)
            report(f"service {wanted.manifest['metadata']['name']}: {_ports(wanted.manifest)}")
        for row in leftovers(self._pod, live):
            await cluster.delete(service_path(row.metadata.name), uid=row.metadata.uid)
            report(f"service {row.metadata.name} removed")

    def _differing(self, live: Sequence[ServiceRow]) -> list[WantedService]:
        site = self._site
        wanted = wanted_services(site.declaration, site.name, self._pod, live, site.ports)
        return [each for each in wanted if not _holds(each)]


def _holds(wanted: WantedService) -> bool:
    live = wanted.live
    return live is not None and live.metadata.annotations.get(DIGEST) == digest_of(wanted.manifest)


def _change(wanted: WantedService) -> Change:
    subject = f"service {wanted.manifest['metadata']['name']}"
    after = outline(wanted.manifest)
    if wanted.live is None:
        return Change("create", subject, after=after)
    return Change("update", subject, before=outline(_as_object(wanted.live)), after=after)


def _as_object(row: ServiceRow) -> dict[str, Any]:
    ports = [{"port": port.port, "protocol": port.protocol, "targetPort": port.target_port} for port in row.spec.ports]
    metadata = {"name": row.metadata.name, "annotations": row.metadata.annotations}
    return {"kind": "Service", "metadata": metadata, "spec": {"ports": ports}}


def _ports(manifest: dict[str, Any]) -> str:
    return ", ".join(f"{port['port']}/{port['protocol']} → {port['targetPort']}" for port in manifest["spec"]["ports"])
