"""Which loopback addresses a world has: a /16 of its own, claimed while its process lives."""

from __future__ import annotations

import ipaddress
import random
import socket
from collections.abc import Collection

from core.simulator.errors import SimulatorError

SSH_PORT = 2022
_FIRST, _LAST = 16, 250
_FIRST_HOST = 11


def claim(kept: int | None) -> tuple[int, socket.socket]:
    """A number A so that 127.A.0.0/16 is ours, with the socket that says so; the one that was kept, if any.

    Raises:
        SimulatorError: the kept one is another process's, or none is free.
    """
    numbers = [kept] if kept is not None else random.sample(range(_FIRST, _LAST + 1), 20)
    for number in numbers:
        held = socket.socket()
        try:
            held.bind((f"127.{number}.255.254", SSH_PORT))
            held.listen(1)
            return number, held
        except OSError:
            held.close()
    raise SimulatorError(f"the addresses 127.{numbers[0]}.0.0/16 are in use by another simulator")


def free_address(number: int, taken: Collection[str]) -> str:
    """The lowest address of 127.A.0.0/16, from 127.A.0.11 on, that no machine has."""
    network = ipaddress.ip_network(f"127.{number}.0.0/16")
    for host in range(_FIRST_HOST, 250 * 256):
        address = str(network[host])
        if host % 256 not in (0, 255) and address not in taken:
            return address
    raise SimulatorError("the simulator has no address left")
