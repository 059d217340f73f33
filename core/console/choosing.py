"""What can be chosen from the catalogue, and its way into an environment's draft."""

from __future__ import annotations

from dataclasses import replace

from core.console.running import Running
from core.containers.catalogue import entries, library
from core.deployment.adding import only_cluster, with_entry
from core.model.catalogue import Entry
from core.model.composition import Order


class Choosing(Running):
    """The façade's part that knows the catalogue."""

    def catalogue(self, category: str | None = None, tag: str | None = None, text: str | None = None) -> list[Entry]:
        """The listed entries of the catalogue that fit, by category and title."""
        return entries(category, tag, text)

    def catalogue_troubles(self) -> list[str]:
        """What could not be read of the catalogue, a sentence each."""
        return list(library().troubles)

    async def add(self, environment: str, order: Order) -> str:
        """Add an entry of the catalogue to an environment's draft."""
        declared, text, _ = self.wanted(environment)
        if order.cluster is None and order.host is None:
            order = replace(order, cluster=only_cluster(declared))
        await self.apply(with_entry(text, declared, order), environment)
        return f"{environment}: {order.name} is in the draft; `gondolier plan {environment}` shows what it changes"
