"""What a node's container runtime knows of the containers that its kubelet runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Container:
    """A running container: `labels` are the kubelet's, "io.kubernetes.pod.uid" among them."""

    id: str
    labels: Mapping[str, str]


class Runtime(Protocol):
    """The containers of one node; the kubelet starts again what is stopped here."""

    def containers(self) -> Sequence[Container]: ...

    def stop(self, identity: str) -> bool:
        """Stop a container; False where there is no such."""
        ...
