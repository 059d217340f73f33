"""Documents and drafts: keeping, renaming, cloning, files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from core.containers.catalogue import mistakes_of
from core.documents_api import DocumentState
from core.engine.errors import Refusal, Trouble
from core.engine.lock import current_user
from core.model.document import DocumentError, Problem, parse
from core.store.drafts import Draft
from core.store.store import Store

_NAME = re.compile(r"^environment:.*$", re.MULTILINE)
"""The line with the environment's name; a document has it at its top level, wherever that is."""

_SAMPLE = """\
environment: {name}
provider: {{kind: simulated}}
components:
  - kind: KubernetesCluster
    name: alpha
    version: "1.36"
    workers: {{count: 2, max: 5}}
    gateways: {{count: 1, max: 2}}
  - kind: KubernetesPod
    name: web
    cluster: alpha
    replicas: 2
    applications:
      - {{name: site, image: "nginx:1.29", ports: [{{port: 80, scope: public}}]}}
"""


class Documents:
    """Answers `core.documents_api.DocumentsApi` for the environments of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def state(self, environment: str) -> DocumentState:
        record, draft = self.store.environments.require(environment), self._draft(environment)
        if draft is None:
            return DocumentState(environment, record.document, None, record.version)
        return DocumentState(
            environment,
            record.document,
            draft.document,
            record.version,
            draft.base,
            draft.author,
            draft.updated,
            self._deployed_at(environment, draft.base),
        )

    async def problems(self, text: str, file: str = "document") -> Sequence[Problem]:
        try:
            parse(text, file, further=mistakes_of)
        except DocumentError as error:
            return error.problems
        return ()

    async def save(self, text: str, *, base: int | None = None) -> str:
        name = _name_of(text)
        self.store.drafts.save(name, text, current_user(), base)
        return name

    async def discard(self, environment: str) -> None:
        record, draft = self.store.environments.require(environment), self._draft(environment)
        if draft is not None:
            self.store.drafts.discard(draft.id)
        if record.document is None and self._draft(environment) is None:
            self.store.environments.delete(environment)

    async def rename(self, environment: str, name: str) -> None:
        record = self.store.environments.require(environment)
        if record.document is not None or self.store.deployments.latest(environment) is not None:
            raise Refusal(
                "it was deployed: its machines carry its name", where=environment, fix="clone it under another name"
            )
        await self.clone(environment, name)
        self.store.environments.delete(environment)

    async def clone(self, environment: str, name: str) -> None:
        if self.store.environments.get(name) is not None:
            raise Refusal(f"there is an environment called {name} already", fix="choose another name")
        text = _NAME.sub(f"environment: {name}", (await self.state(environment)).text, count=1)
        if _name_of(text) != name:
            raise Refusal("its document does not say its name on a line of its own", where=environment)
        await self.save(text)

    async def export(self, environment: str, path: Path) -> Path:
        text = (await self.state(environment)).text
        target = path.expanduser().absolute()
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise Trouble(f"it cannot be written: {error.strerror}", where=str(target)) from error
        return target

    async def read(self, path: Path) -> str:
        target = path.expanduser().absolute()
        try:
            return target.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise Trouble(f"byte {error.start} is no UTF-8 text", where=str(target)) from error
        except OSError as error:
            raise Trouble(f"it cannot be read: {error.strerror}", where=str(target)) from error

    async def sample(self, environment: str) -> str:
        return _SAMPLE.format(name=environment)

    def _deployed_at(self, environment: str, version: int) -> str | None:
        """The document of a version: versions count how often the deployed document became another one."""
        document, count = None, 0
        for deployment in reversed(self.store.deployments.list(environment)):
            count += deployment.document != document
            document = deployment.document
            if count == version:
                return document
        return None

    def _draft(self, environment: str) -> Draft | None:
        """One's own draft, else the newest of anybody."""
        own = self.store.drafts.of(environment, current_user())
        return own or next(iter(self.store.drafts.list(environment)), None)


def _name_of(text: str) -> str:
    """The environment that a document declares.

    Raises:
        Refusal: it has mistakes.
    """
    try:
        return parse(text, "document", further=mistakes_of).name
    except DocumentError as error:
        raise Refusal("; ".join(str(problem) for problem in error.problems)) from error
