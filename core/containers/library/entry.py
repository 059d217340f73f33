"""A class as an entry of the catalogue."""

from __future__ import annotations

from typing import Any

from pydantic import PrivateAttr

from core.containers.library.application import DockerApplication
from core.containers.library.container import Description, DockerContainer
from core.model.catalogue import Entry, Undescribed
from core.model.template import Values


class ClassEntry(Entry):
    """An entry whose applications a class describes."""

    _made_by: type[DockerApplication] = PrivateAttr()

    @classmethod
    def of(cls, made_by: type[DockerApplication]) -> ClassEntry:
        """The entry of a class.

        Raises:
            ValidationError: what it says of itself is no entry.
        """
        found = cls.model_validate(dict(getattr(made_by, "entry", {})))
        found._made_by = made_by
        return found

    def application_class(self) -> type[DockerApplication]:
        """The class."""
        return self._made_by

    def template(self, values: Values) -> dict[str, Any]:
        parameters = {name: values[name] for name in self.parameters}
        description = Description(values["name"], values["component"], parameters)
        try:
            container = self._made_by().container(description)
        except Exception as error:
            raise Undescribed(f"{self._made_by.__name__}.container: {type(error).__name__}: {error}") from error
        if not isinstance(container, DockerContainer):
            raise Undescribed(f"{self._made_by.__name__}.container gives a {type(container).__name__}")
        return container.said()
