"""What an environment's cloud objects are called and marked with: derived, so that they are found without a record.

Every object carries the environment's mark from the call that creates it on: Neutron's objects as their description
and as tags, servers as tags and metadata, server groups, which have neither, in their name. Nothing without the mark
is ever changed or removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.model.naming import Role

PRODUCT = "gondolier"
"""The tag of everything that this program makes, whoever runs it."""

ENVIRONMENT, IDENTITY, HOME = "gondolier-env", "gondolier-id", "gondolier-home"
MACHINE, GENERATION, COMPONENT, ROLE = (f"gondolier-{word}" for word in ("machine", "generation", "component", "role"))
"""Keys of a server's metadata."""

_SHORT = 6


@dataclass(frozen=True, slots=True)
class Marks:
    """The mark of one environment; `identity` and `home` are 12 hexadecimal digits each.

    `home` says which home directory the environment belongs to: two people may use one project.
    """

    environment: str
    identity: str
    home: str

    @property
    def description(self) -> str:
        """The description of every Neutron object, and what they are listed by."""
        return f"{PRODUCT} {self.environment} {self.identity} {self.home}"

    @property
    def tag(self) -> str:
        """The tag that no other environment has."""
        return f"{IDENTITY}={self.identity}"

    @property
    def tags(self) -> list[str]:
        """All tags of an object; each within Nova's 60 characters."""
        return sorted([PRODUCT, f"{ENVIRONMENT}={self.environment}", self.tag, f"{HOME}={self.home}"])

    def name(self, *parts: str) -> str:
        """An object's name: the environment's, what it is, and six digits that keep two homes apart."""
        return "-".join((self.environment, *parts, self.identity[:_SHORT]))

    def group_name(self, component: str, role: str) -> str:
        """A server group's name: the only place for its mark. No part of it has a dot."""
        return ".".join((PRODUCT, self.environment, component, role, self.identity, self.home))

    def server_name(self, machine: str, generation: int) -> str:
        """A server's name; one that is made anew has another."""
        return self.name(machine, f"g{generation}")

    def machine_of(self, name: str) -> str | None:
        """The machine whose port has this name, None for a name that is not of a port of this environment."""
        head, tail = f"{self.environment}-port-", f"-{self.identity[:_SHORT]}"
        if not (name.startswith(head) and name.endswith(tail)):
            return None
        return name[len(head) : -len(tail)] or None

    def port_name(self, machine: str) -> str:
        """The name of a machine's port; the port outlives the server and keeps its address."""
        return self.name("port", machine)

    def metadata(self, component: str, role: Role, machine: str, generation: int) -> dict[str, str]:
        """A server's metadata."""
        return {
            IDENTITY: self.identity,
            COMPONENT: component,
            ROLE: role,
            MACHINE: machine,
            GENERATION: str(generation),
        }


def marked(tags: Iterable[str]) -> Marks | None:
    """The environment that tags name, None where they are not this program's."""
    found = dict(tag.partition("=")[::2] for tag in tags)
    if PRODUCT not in found or not found.get(IDENTITY):
        return None
    return Marks(found.get(ENVIRONMENT, ""), found[IDENTITY], found.get(HOME, ""))


def grouped(name: str) -> Marks | None:
    """The environment that a server group's name tells, None where it is not this program's."""
    parts = name.split(".")
    return Marks(parts[1], parts[4], parts[5]) if len(parts) == 6 and parts[0] == PRODUCT else None


def described(description: str | None) -> Marks | None:
    """The environment that a description names, None where it is not this program's."""
    words = (description or "").split()
    if len(words) != 4 or words[0] != PRODUCT:
        return None
    return Marks(*words[1:])
