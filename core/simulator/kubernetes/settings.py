"""How an API server is set up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from core.simulator.kubernetes.errors import ApiError


def _ready() -> ApiError | None:
    return None


def _uncounted(address: str) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class ServerSettings:
    """Where it listens, who it is, whom it trusts; certificates and keys are PEM.

    `signing_key` signs and checks service accounts' tokens, none are given out without it. `obstacle` says with which
    error every request is answered now (the etcd behind it has no quorum), None for none. `using` counts a request for
    as long as it lasts, by the address that it comes from. Times are seconds.
    """

    address: str
    port: int
    certificate: bytes
    key: bytes
    client_ca: bytes
    service_cidr: str = "10.96.0.0/12"
    version: str = "1.36.4"
    advertised: str = ""
    signing_key: bytes = b""
    issuer: str = "https://kubernetes.default.svc.cluster.local"
    obstacle: Callable[[], ApiError | None] = _ready
    using: Callable[[str], AbstractContextManager[None]] = _uncounted
    bookmarks: float = 30.0
    longest_watch: float = 1800.0
