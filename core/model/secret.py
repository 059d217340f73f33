"""References to secrets: a document says where one is, never what it is."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from core.model.base import Declared, refusal
from core.model.text import EnvName, FilePath

ALLOWED = "where the secret is, `{file: PATH}` or `{env: VARIABLE}`; the secret itself is never written in a document"


class SecretReference(Declared):
    """Where a secret is found when it is needed: in a file of the operator or in a variable of the environment."""

    file: FilePath | None = Field(None, description="the path of the file that holds the secret")
    env: EnvName | None = Field(None, description="the name of the environment variable that holds the secret")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise refusal(f"exactly one place: {ALLOWED}")
        return self


class Credentials(Declared):
    """Who logs in where."""

    server: str = Field(min_length=1, max_length=253, description="the registry's host, as gcr.io")
    username: str = Field(min_length=1, max_length=253, description="the user's name")
    password: SecretReference = Field(description=ALLOWED)
