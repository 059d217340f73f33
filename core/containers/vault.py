"""Credentials that are made once for an environment, and marks by which a changed secret is noticed.

Both are files of mode 0600 among the environment's keys; neither is ever in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.cluster.registry import read_secret
from core.model.secret import SecretReference
from core.model.value import GeneratedValue
from core.store.keys import read_private, write_private

_LETTERS = string.ascii_letters + string.digits
_MARK_LENGTH = 16

COVER = "•••"
"""Stands where a secret stood."""

UNMARKED = "to be made"
"""The mark of every secret before the environment has a key for marks."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A secret's text, which no representation shows, and its `mark`: the same for the same text of one environment."""

    text: str = field(repr=False)
    mark: str


def covered(text: str, values: Iterable[str | Hidden]) -> str:
    """The text without the secrets among these values: what applications write may hold them."""
    for value in values:
        if isinstance(value, Hidden) and value.text:
            text = text.replace(value.text, COVER)
    return text


class Vault:
    """The secrets of one environment; `directory` is made by the first that is kept.

    A plan may ask but must not make anything: `find` gives None for a credential that is still to be made, and before
    `prepare` was called once every mark is the same.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = directory / "marks.key"

    def prepare(self) -> None:
        """Make the key of the marks where there is none."""
        if read_private(self._key) is None:
            write_private(self._key, secrets.token_bytes(32))

    def find(self, component: str, application: str, variable: str) -> Hidden | None:
        """The credential that was made for a variable, None where there is none yet."""
        content = read_private(self._file(component, application, variable))
        return None if content is None else self.hidden(content.decode())

    def make(self, component: str, application: str, variable: str, wanted: GeneratedValue) -> Hidden:
        """The credential of a variable, made now where there is none."""
        found = self.find(component, application, variable)
        if found is not None:
            return found
        text = "".join(secrets.choice(_LETTERS) for _ in range(wanted.length))
        write_private(self._file(component, application, variable), text.encode())
        return self.hidden(text)

    def read(self, reference: SecretReference) -> Hidden:
        """A secret that the operator has.

        Raises:
            Refusal: it is not where the document says.
        """
        return self.hidden(read_secret(reference))

    def hidden(self, text: str) -> Hidden:
        """A text with its mark, which tells nobody without the environment's key what the text is."""
        key = read_private(self._key)
        if key is None:
            return Hidden(text, UNMARKED)
        return Hidden(text, hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_MARK_LENGTH])

    def _file(self, component: str, application: str, variable: str) -> Path:
        return self._directory / component / application / variable
