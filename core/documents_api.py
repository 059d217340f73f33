"""What a front end may ask about documents: what is deployed, what is drafted, what is wrong with a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.model.problem import Problem


@dataclass(frozen=True, slots=True)
class DocumentState:
    """An environment's documents: what is deployed (None before the first time) and the draft beside it.

    `version` counts how often the deployed one changed; `base` is the version that the draft was made from, so a draft
    is stale where the two differ, and `base_text` what was deployed then, None where that is not recorded. `author`
    made the draft, `updated` is when, in seconds since the epoch.
    """

    environment: str
    deployed: str | None
    draft: str | None
    version: int = 0
    base: int | None = None
    author: str = ""
    updated: float = 0.0
    base_text: str | None = None

    @property
    def text(self) -> str:
        """What would be deployed next."""
        return self.draft if self.draft is not None else self.deployed or ""

    @property
    def stale(self) -> bool:
        """Something else was deployed since the draft was made."""
        return self.draft is not None and self.base != self.version


class DocumentsApi(Protocol):
    """Documents and drafts; nothing of it touches a machine.

    Raises (every method):
        Trouble: with a sentence; Refusal where it is not allowed.
    """

    async def state(self, environment: str) -> DocumentState: ...

    async def problems(self, text: str, file: str = "document") -> Sequence[Problem]:
        """Every mistake of a text, none where it can be deployed."""
        ...

    async def save(self, text: str, *, base: int | None = None) -> str:
        """Keep a text as its environment's draft, and return that environment's name.

        `base` is the deployed version that it was made from, by default the present one.

        Raises:
            Refusal: the text has mistakes; nothing is kept.
        """
        ...

    async def discard(self, environment: str) -> None:
        """Drop the draft; an environment that was never deployed goes with it."""
        ...

    async def rename(self, environment: str, name: str) -> None:
        """Give a name to an environment that was never deployed: machines carry their environment's name.

        Raises:
            Refusal: it was deployed, or there is an environment of that name.
        """
        ...

    async def clone(self, environment: str, name: str) -> None:
        """Draft another environment with the same document.

        Raises:
            Refusal: there is an environment of that name, or the document is none with it.
        """
        ...

    async def export(self, environment: str, path: Path) -> Path:
        """Write the document into a new file; returns where it is."""
        ...

    async def read(self, path: Path) -> str:
        """The text of a file."""
        ...

    async def sample(self, environment: str) -> str:
        """A document to begin with: a small cluster with a published pod."""
        ...
