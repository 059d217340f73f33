"""Names of what an environment has on this machine: derived, so that nothing need be stored to find it again.

Interface names hold at most 15 characters and iptables chains 28, hence the digests. The home directory goes into
them, so that environments of the same name in two homes do not meet.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from core.engine.errors import Refusal

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Names:
    """What the things of one environment are called."""

    home: Path
    environment: str

    @property
    def mark(self) -> str:
        """Six hexadecimal digits that stand for the environment."""
        return self._digest("", 6)

    @property
    def comment(self) -> str:
        """The words that mark rules and interfaces as the environment's own."""
        return f"gondolier:{self.environment}"

    @property
    def bridge(self) -> str:
        return f"gnd-{self.mark}"

    @property
    def chain(self) -> str:
        """The iptables chain, of the same name in every table."""
        return f"GONDOLIER-{self.mark}"

    @property
    def cgroup(self) -> str:
        """The parent of the machines' cgroups, relative to the root of a hierarchy."""
        return f"gondolier/{self.environment}-{self.mark}"

    def veth(self, machine: str) -> str:
        """The host's end of the machine's link to the bridge."""
        return f"gnv-{self._digest(machine, 10)}"

    def machine_id(self, machine: str) -> str:
        """The name systemd-nspawn knows the machine by, at most 64 characters."""
        return f"gnd-{self.mark}-{machine}"[:64].rstrip("-")

    def hardware_address(self, address: str) -> str:
        """A locally administered MAC address that goes with an IP address: no neighbour table goes stale."""
        digits = self._digest(address, 10)
        return ":".join(["02", *(digits[at : at + 2] for at in range(0, 10, 2))])

    def _digest(self, machine: str, length: int) -> str:
        text = f"{self.home.resolve()}\n{self.environment}\n{machine}"
        return hashlib.sha256(text.encode()).hexdigest()[:length]


def checked(name: str, what: str) -> str:
    """Give back a name that may be used as host name and as directory.

    Raises:
        Refusal: it has other characters than a-z, 0-9 and "-", or is too long.
    """
    if not _NAME.fullmatch(name):
        raise Refusal(
            f"{what} {name!r} cannot be a host name",
            where="provider nspawn",
            fix='use a-z, 0-9 and "-", starting and ending with a letter or digit, 63 characters at most',
        )
    return name
