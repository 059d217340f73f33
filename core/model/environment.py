"""An environment: a provider and the components that its machines become."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from core.model.base import dotted
from core.model.checks import contradictions
from core.model.declaration import Declaration


class Environment(Declaration):
    """A declaration without contradictions: what may be stored, planned and deployed."""

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        found = contradictions(self)
        if found:
            raise ValueError(
                "; ".join(f"{dotted(one.path)}: found {one.found}; allowed: {one.allowed}" for one in found)
            )
        return self
