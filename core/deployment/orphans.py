"""What carries this program's mark in a cloud and belongs to no environment: found, and removed on request."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.deployment.stored import parsed
from core.engine.errors import Refusal, Trouble
from core.engine.step import Report
from core.model.provider import OpenStack
from core.store.home import home_identity
from core.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.clouds.openstack.calls import Calls

SHORT = 12
"""How many hexadecimal digits of an environment's id are in its mark."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """What is left of an environment that nobody here knows.

    `ours` says that it was made from this home; only then is it removed without being named by its `id`.
    """

    cloud: str
    environment: str
    id: str
    ours: bool
    objects: tuple[str, ...]
    provider: OpenStack = field(repr=False)


def clouds_of(store: Store) -> list[OpenStack]:
    """The clouds that this home's environments are in, each once."""
    found: dict[tuple[str, ...], OpenStack] = {}
    for record in store.environments.list():
        for provider in _providers(store, record.name, record.document):
            found.setdefault((provider.cloud, provider.region or "", provider.project or ""), provider)
    return list(found.values())


def _providers(store: Store, name: str, document: str | None) -> list[OpenStack]:
    texts = [text for text in (document, *(draft.document for draft in store.drafts.list(name))) if text]
    found = []
    for text in texts:
        try:
            provider = parsed(text, name).provider
        except Trouble:
            # A document of another version is no reason not to look at the clouds of the others.
            continue
        if isinstance(provider, OpenStack):
            found.append(provider)
    return found


async def orphans(store: Store, clouds: Sequence[OpenStack]) -> list[Orphan]:
    """What these clouds have of environments that are not in this home's database.

    Raises:
        Refusal: there is no cloud to look at.
    """
    if not clouds:
        fix = "name one of clouds.yaml with --cloud"
        raise Refusal("no environment of this home is in a cloud", fix=fix)
    known = {record.id.replace("-", "")[:SHORT] for record in store.environments.list()}
    home, found = home_identity(store.home), []
    for provider in clouds:
        async with _entered(provider) as calls:
            for marks, objects in (await _remains(calls)).items():
                if marks.identity not in known:
                    mine = marks.home == home
                    found.append(
                        Orphan(provider.cloud, marks.environment, marks.identity, mine, tuple(objects), provider)
                    )
    return sorted(found, key=lambda one: (one.cloud, not one.ours, one.environment, one.id))


async def remove_orphan(store: Store, orphan: Orphan, report: Report) -> None:
    """Remove everything of an orphan, and prove that nothing is left.

    Raises:
        Refusal: an environment of this home is it, by now.
        Transient: something is still in use or on its way out.
    """
    from core.clouds.openstack.provider import OpenStackCloud

    if orphan.id in {record.id.replace("-", "")[:SHORT] for record in store.environments.list()}:
        raise Refusal(f"{orphan.environment} belongs to an environment", fix="destroy the environment")
    async with _entered(orphan.provider) as calls:
        (marks,) = [marks for marks in await _remains(calls) if marks.identity == orphan.id]
        await OpenStackCloud(marks, orphan.provider, calls).remove_all(report)


async def _remains(calls: Calls) -> Any:
    from core.clouds.openstack.remains import remains

    return await remains(calls)


@asynccontextmanager
async def _entered(provider: OpenStack) -> AsyncIterator[Calls]:
    from core.clouds.openstack.access import Login
    from core.clouds.openstack.calls import Calls

    calls = Calls(Login(provider.cloud, provider.region, provider.project))
    try:
        yield calls
    finally:
        await calls.close()
