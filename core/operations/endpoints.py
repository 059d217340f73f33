"""Whether an endpoint can be reached from this computer, looked at when somebody asks."""

from __future__ import annotations

import asyncio
import time

from core.live.views import Reachability
from core.status import EndpointStatus

_LONGEST = 3.0
"""Seconds after which an address that does not answer counts as out of reach."""

_INSIDE = {"host": "inside the pod only", "internal": "inside the cluster only"}


async def reachability(endpoint: EndpointStatus) -> Reachability:
    """Connect to a TCP endpoint and close again; what cannot be known from here is said."""
    if endpoint.scope in _INSIDE:
        return Reachability(None, None, _INSIDE[endpoint.scope])
    if endpoint.protocol.lower() != "tcp":
        return Reachability(None, None, "UDP answers to nobody who only asks")
    began = time.perf_counter()
    try:
        async with asyncio.timeout(_LONGEST):
            _, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
    except TimeoutError:
        return Reachability(False, None, f"no answer within {_LONGEST:.0f} s")
    except OSError as error:
        return Reachability(False, None, error.strerror or str(error))
    seconds = time.perf_counter() - began
    writer.close()
    return Reachability(True, seconds, f"answers in {seconds * 1000:.0f} ms")
