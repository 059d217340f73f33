"""The Secrets and ConfigMaps of a pod's applications: what differs from the declaration, and making it so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from core.containers.manifest import APPLICATION, DIGEST, ID, NAMESPACE, OURS, Manifest, digest_of, files, secret
from core.containers.site import Site
from core.engine.step import Change, Report
from core.kube import paths
from core.kube.rows import AnyRow
from core.machines.steps import Unknown
from core.model.pod import KubernetesPod

RESOURCES = {"Secret": "secrets", "ConfigMap": "configmaps"}

Key = tuple[str, str]
"""Kind and name of an object."""


class Settings:
    """Probe and apply of what holds a pod's secret variables and files; no secret's text is ever in a change."""

    def __init__(self, site: Site, pod: KubernetesPod) -> None:
        self._site = site
        self._pod = pod

    async def probe(self) -> Sequence[Change]:
        live = await self._live()
        try:
            wanted = self._wanted(making=False)
        except Unknown as unknown:
            return [Change("create", f"secrets and files of {self._pod.name}", after=f"when {unknown} is known")]
        changes = [_change(each, live.get(key)) for key, each in wanted.items() if _differs(each, live.get(key))]
        return [*changes, *(Change("delete", " ".join(key)) for key in live.keys() - wanted.keys())]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        live, wanted = await self._live(), self._wanted(making=True)
        for key, manifest in wanted.items():
            if _differs(manifest, live.get(key)):
                await cluster.apply(manifest)
                report(f"{' '.join(key)}: {', '.join(manifest['data'])}")
        for kind, name in live.keys() - wanted.keys():
            await cluster.delete(_path(kind, name), uid=live[kind, name].metadata.uid)
            report(f"{kind} {name} removed")

    def _wanted(self, *, making: bool) -> dict[Key, Manifest]:
        return {(each["kind"], each["metadata"]["name"]): each for each in self._manifests(making=making)}

    def _manifests(self, *, making: bool) -> Iterator[Manifest]:
        variables = self._site.variables(self._pod, making=making)
        for one in self._pod.applications:
            made = secret(self._pod, one, variables[one.name]), files(self._pod, one)
            yield from (each for each in made if each is not None)

    async def _live(self) -> dict[Key, AnyRow]:
        if not self._site.exists():
            return {}
        lists = await asyncio.gather(*(self._of_kind(kind) for kind in RESOURCES))
        return {key: row for found in lists for key, row in found.items()}

    async def _of_kind(self, kind: str) -> dict[Key, AnyRow]:
        path = paths.collection("v1", RESOURCES[kind], NAMESPACE)
        rows = await self._site.lists.rows(path, AnyRow, f"{OURS},{APPLICATION}")
        return {(kind, row.metadata.name): row for row in rows if row.metadata.labels[ID] == self._pod.name}


def _path(kind: str, name: str) -> str:
    return paths.item("v1", RESOURCES[kind], NAMESPACE, name)


def _differs(wanted: Manifest, live: AnyRow | None) -> bool:
    return live is None or live.metadata.annotations.get(DIGEST) != digest_of(wanted)


def _change(wanted: Manifest, live: AnyRow | None) -> Change:
    subject = f"{wanted['kind']} {wanted['metadata']['name']}"
    hidden = wanted["kind"] == "Secret"
    return Change("create" if live is None else "update", subject, after=", ".join(wanted["data"]), secret=hidden)
