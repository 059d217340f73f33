"""What an environment remembers of its machines as a whole: its subnet and who has which address."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from core.clouds.files import write_json
from core.engine.errors import Refusal

_FILE = "state.json"
_FIRST = 11


@dataclass(frozen=True, slots=True)
class State:
    """The content of an environment's state file; addresses are by machine name."""

    environment: str
    subnet: str
    bridge: str
    addresses: dict[str, str] = field(default_factory=dict)


def read(directory: Path) -> State | None:
    """Give the environment's state, None where it has nothing on this host."""
    try:
        return State(**json.loads((directory / _FILE).read_text()))
    except FileNotFoundError:
        return None


def write(directory: Path, state: State) -> None:
    """Replace the state durably."""
    directory.mkdir(parents=True, exist_ok=True)
    write_json(directory / _FILE, asdict(state))


def others(directory: Path) -> dict[str, IPv4Network]:
    """Subnets of the other environments in the same home, by environment."""
    found: dict[str, IPv4Network] = {}
    for path in directory.parent.glob(f"*/{_FILE}"):
        state = read(path.parent)
        if state is not None and path.parent != directory:
            found[state.environment] = IPv4Network(state.subnet)
    return found


def address_for(name: str, wished: str | None, state: State) -> str:
    """The address of a machine: the one wished for, else the one it has, else the first free one.

    Raises:
        Refusal: the address is outside the subnet, is the bridge's or another machine's, or none is left.
    """
    subnet = IPv4Network(state.subnet)
    taken = {address for other, address in state.addresses.items() if other != name}
    if wished is None:
        return state.addresses.get(name) or _first_free(subnet, taken)
    if IPv4Address(wished) not in subnet or IPv4Address(wished) in _reserved(subnet) or wished in taken:
        raise Refusal(
            f"{wished} cannot be the address of machine {name}",
            where="provider nspawn",
            fix=f"name a free address of {subnet} other than {subnet.network_address + 1}, which is the bridge's",
        )
    return wished


def _first_free(subnet: IPv4Network, taken: Collection[str]) -> str:
    start = int(subnet.network_address) + (_FIRST if subnet.num_addresses > 2 * _FIRST else 2)
    for number in range(start, int(subnet.broadcast_address)):
        if str(IPv4Address(number)) not in taken:
            return str(IPv4Address(number))
    raise Refusal(f"no address of {subnet} is free", where="provider nspawn", fix="use a larger subnet")


def _reserved(subnet: IPv4Network) -> tuple[IPv4Address, ...]:
    return (subnet.network_address, subnet.network_address + 1, subnet.broadcast_address)
