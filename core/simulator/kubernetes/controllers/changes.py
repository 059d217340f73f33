"""What controllers want done, as data."""

from __future__ import annotations

from dataclasses import dataclass

from core.simulator.kubernetes.shape import Key, Object


@dataclass(frozen=True, slots=True)
class Create:
    """A new object."""

    resource: str
    object: Object


@dataclass(frozen=True, slots=True)
class Update:
    """The object as it shall be, made from the version that it says it is."""

    resource: str
    object: Object


@dataclass(frozen=True, slots=True)
class SetStatus:
    """The whole status that an object shall have."""

    resource: str
    key: Key
    status: Object


@dataclass(frozen=True, slots=True)
class Delete:
    """Ask for an object's end, or take it away `now`; with `uid` only that very object."""

    resource: str
    key: Key
    uid: str = ""
    now: bool = False


@dataclass(frozen=True, slots=True)
class Emit:
    """Say something about an object, as an event; `about` is an object reference."""

    about: Object
    reason: str
    message: str
    type: str = "Normal"


@dataclass(frozen=True, slots=True)
class Again:
    """Look again in so many seconds, for time alone changes something."""

    seconds: float


Change = Create | Update | SetStatus | Delete | Emit | Again
