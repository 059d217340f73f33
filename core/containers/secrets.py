"""The Secrets of a pod's applications: what differs from the declaration, and making it so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.containers.manifest import APPLICATION, DIGEST, NAMESPACE, Manifest, digest_of, pod_selector, secret
from core.containers.site import Site
from core.engine.step import Change, Report
from core.kube import paths
from core.kube.rows import AnyRow
from core.machines.steps import Unknown
from core.model.pod import KubernetesPod


class Secrets:
    """Probe and apply of the Secrets that hold a pod's secret variables; no text of one is ever in a change."""

    def __init__(self, site: Site, pod: KubernetesPod) -> None:
        self._site = site
        self._pod = pod

    async def probe(self) -> Sequence[Change]:
        live = await self._live()
        try:
            wanted = {each["metadata"]["name"]: each for each in self._wanted(making=False)}
        except Unknown as unknown:
            return [Change("create", f"secrets of {self._pod.name}", after=f"when {unknown} is known")]
        changes = [_change(each, live.get(name)) for name, each in wanted.items() if _differs(each, live.get(name))]
        return [*changes, *(Change("delete", f"secret {name}") for name in live.keys() - wanted.keys())]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        cluster = await self._site.cluster()
        live = await self._live()
        wanted = {each["metadata"]["name"]: each for each in self._wanted(making=True)}
        for name, manifest in wanted.items():
            if _differs(manifest, live.get(name)):
                await cluster.apply(manifest)
                report(f"secret {name}: {', '.join(manifest['data'])} (contents hidden)")
        for name in live.keys() - wanted.keys():
            await cluster.delete(paths.item("v1", "secrets", NAMESPACE, name), uid=live[name].metadata.uid)
            report(f"secret {name} removed")

    def _wanted(self, *, making: bool) -> Iterator[Manifest]:
        variables = self._site.variables(self._pod, making=making)
        made = (secret(self._pod, one, variables[one.name]) for one in self._pod.applications)
        return (each for each in made if each is not None)

    async def _live(self) -> dict[str, AnyRow]:
        if not self._site.exists():
            return {}
        cluster = await self._site.cluster()
        path = paths.collection("v1", "secrets", NAMESPACE)
        rows = await cluster.list(path, AnyRow, labels=f"{pod_selector(self._pod.name)},{APPLICATION}")
        return {row.metadata.name: row for row in rows}


def _differs(wanted: Manifest, live: AnyRow | None) -> bool:
    return live is None or live.metadata.annotations.get(DIGEST) != digest_of(wanted)


def _change(wanted: Manifest, live: AnyRow | None) -> Change:
    subject = f"secret {wanted['metadata']['name']}"
    return Change("create" if live is None else "update", subject, after=", ".join(wanted["data"]), secret=True)
