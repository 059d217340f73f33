"""What the façade knows of an environment: its record, documents and context, or the sentence why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.actions import Selection, action
from core.deployment.context import EnvironmentContext
from core.deployment.status import declared_status
from core.deployment.stored import parsed
from core.engine.errors import Refusal, Trouble
from core.engine.lock import current_user, settle
from core.model.connections import Holder, holders
from core.model.environment import Environment
from core.operations.journal import Journal
from core.operations.performing import READ_ONLY
from core.store.drafts import Draft
from core.store.environments import EnvironmentRecord
from core.store.store import Store


class NotFound(Trouble):
    """There is no environment, component or deployment of that name."""


class Records:
    """The base of the façade's parts: the store, the journal, and what is looked up in them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.book = Journal(store)

    def _record(self, environment: str) -> EnvironmentRecord:
        found = self.store.environments.get(environment)
        if found is None:
            raise NotFound(f"there is no environment {environment}", fix="`gondolier environments` lists them")
        if settle(self.store, environment):
            found = self.store.environments.require(environment)
        return found

    def _draft(self, environment: str) -> Draft | None:
        """One's own draft, else the newest of anybody."""
        return self.store.drafts.of(environment, current_user()) or next(
            iter(self.store.drafts.list(environment)), None
        )

    def wanted(self, environment: str) -> tuple[Environment, str, Draft | None]:
        """What a deployment would deploy now: the draft, else what is deployed; with its text.

        Raises:
            Refusal: there is neither.
        """
        record = self._record(environment)
        draft = self._draft(environment)
        text = draft.document if draft else record.document
        if text is None:
            raise Refusal("there is no document to deploy", where=environment, fix="`gondolier apply FILE` first")
        return parsed(text, environment), text, draft

    def _shown(self, record: EnvironmentRecord) -> Environment | None:
        """What is deployed, or drafted where nothing is."""
        draft = self._draft(record.name)
        text = record.document or (draft.document if draft else None)
        return parsed(text, record.name) if text else None

    def _deployed(self, environment: str) -> Environment:
        record = self._record(environment)
        if record.document is None:
            raise Refusal("it has not been deployed yet", where=environment, fix=f"`gondolier deploy {environment}`")
        return parsed(record.document, environment)

    def _holder(self, declared: Environment, place: str) -> tuple[Holder, str]:
        """The pod or Docker host of "COMPONENT" or "COMPONENT/APPLICATION", and the application, "" for all.

        Raises:
            NotFound: there is none.
        """
        component, _, application = place.partition("/")
        found = holders(declared).get(component)
        if found is None:
            raise NotFound(f"there is no pod or Docker host {component} in environment {declared.name}")
        if application and application not in (one.name for one in found.applications):
            raise NotFound(f"there is no application {application} in {component}")
        return found, application

    def _guard(self, environment: str, place: str, name: str) -> None:
        declared = self._deployed(environment)
        status = declared_status(self._record(environment), declared)
        component, _, application = place.partition("/")
        found = next((part for part in status.components if part.name == component), None)
        if found is None:
            raise NotFound(f"there is no component {component} in environment {environment}")
        if application:
            self._holder(declared, place)
        wanted = action(name)
        if found.kind not in wanted.kinds:
            raise Refusal(f"{name} is not something that a {found.kind} can do", where=component)
        if application and "container" not in wanted.subjects:
            raise Refusal(f"{name} is not something that a single application can do", where=place)
        if reason := wanted.guard(Selection(status, found, application=application)):
            raise Refusal(reason, where=component)

    @asynccontextmanager
    async def context(self, environment: Environment, *, removing: bool = False) -> AsyncIterator[EnvironmentContext]:
        """An environment opened for as long as the block lasts; `removing` it needs nothing of its applications."""
        context = EnvironmentContext(self.store, environment, removing=removing)
        try:
            yield context
        finally:
            await context.close()

    def _writable(self, environment: str) -> None:
        """Raises `Refusal` where the environment is read-only."""
        if self.store.values.get(environment, "", READ_ONLY, False):
            what = f"environment {environment} is read-only"
            raise Refusal(what, where=environment, fix="switch that off in the console first")
