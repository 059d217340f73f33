"""No application is given a port that its gateways would refuse."""

from __future__ import annotations

import pytest

from core.cluster.gateway import RESERVED_PORTS
from core.model.allocation import RESERVED
from core.model.scope import Protocol


@pytest.mark.parametrize("entry", RESERVED_PORTS)
def test_what_a_gateway_refuses_is_never_allocated(entry: str) -> None:
    number, _, protocol = entry.partition("/")
    for wanted in [Protocol(protocol)] if protocol else list(Protocol):
        assert int(number) in RESERVED[wanted]
