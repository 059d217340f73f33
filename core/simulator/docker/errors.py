"""What the engine refuses, with the status and the words of the real one (Docker Engine 26)."""

from __future__ import annotations


class EngineError(Exception):
    """A refusal: the HTTP status, and the message of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def no_such(kind: str, name: str) -> EngineError:
    """There is no container, image, network … of this name."""
    words = {"network": f"network {name} not found", "volume": f"get {name}: no such volume"}
    return EngineError(404, words.get(kind, f"No such {kind}: {name}"))


def name_taken(name: str, other: str) -> EngineError:
    """Another container has the name."""
    text = (
        f'Conflict. The container name "/{name}" is already in use by container "{other}". '
        "You have to remove (or rename) that container to be able to reuse that name."
    )
    return EngineError(409, text)


def port_taken(container: str, place: str, *, by_docker: bool) -> EngineError:
    """A port of the host cannot be had."""
    why = (
        f"Bind for {place} failed: port is already allocated"
        if by_docker
        else f"Error starting userland proxy: listen tcp4 {place}: bind: address already in use"
    )
    text = f"driver failed programming external connectivity on endpoint {container}: {why}"
    return EngineError(500, text)
