"""Documents with data instead of a store behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.documents_api import DocumentState
from core.engine.errors import Refusal, Trouble
from core.model.document import DocumentError, parse
from core.model.problem import Problem

SAMPLE = """\
environment: lab
provider: {kind: simulated}
components:
  - {kind: KubernetesCluster, name: alpha, version: "1.36", workers: {count: 2, max: 5}}
"""


@dataclass
class FakeDocuments:
    """Implements `core.documents_api.DocumentsApi`; mistakes are those that the model finds."""

    states: dict[str, DocumentState] = field(default_factory=lambda: {"lab": DocumentState("lab", SAMPLE, None, 1)})
    failures: dict[str, Trouble] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)

    async def state(self, environment: str) -> DocumentState:
        self._call("state", environment)
        return self.states[environment]

    async def problems(self, text: str, file: str = "document") -> Sequence[Problem]:
        try:
            parse(text, file)
        except DocumentError as error:
            return error.problems
        return ()

    async def save(self, text: str, *, base: int | None = None) -> str:
        self._call("save", text, base)
        if found := await self.problems(text):
            raise Refusal("; ".join(map(str, found)))
        return parse(text).name

    async def discard(self, environment: str) -> None:
        self._call("discard", environment)

    async def rename(self, environment: str, name: str) -> None:
        self._call("rename", environment, name)

    async def clone(self, environment: str, name: str) -> None:
        self._call("clone", environment, name)

    async def export(self, environment: str, path: Path) -> Path:
        self._call("export", environment, path)
        return path

    async def read(self, path: Path) -> str:
        self._call("read", path)
        return SAMPLE

    async def sample(self, environment: str) -> str:
        return SAMPLE.replace("lab", environment, 1)

    def draft(self, text: str, base: int = 1, version: int = 1) -> None:
        """Let lab have this draft."""
        self.states["lab"] = replace(
            self.states["lab"], draft=text, base=base, version=version, author="ada", base_text=SAMPLE
        )

    def called(self, name: str) -> list[tuple[object, ...]]:
        """The calls of this method, in order."""
        return [call for call in self.calls if call[0] == name]

    def _call(self, *call: object) -> None:
        self.calls.append(call)
        if str(call[0]) in self.failures:
            raise self.failures[str(call[0])]
