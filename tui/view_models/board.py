"""What the console knows of every environment: the newest status, and since when it hears nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.status import EnvironmentStatus
from tui.view_models.health import LIVE_RUN, age


@dataclass(frozen=True, slots=True)
class Branch:
    """An environment as last seen.

    `live` says that it was looked at, not only read from the database; `lost` is the time of the look that is still
    shown, in seconds since the epoch, once the environment stopped answering.
    """

    status: EnvironmentStatus
    live: bool = False
    lost: float | None = None
    trouble: str = ""

    @property
    def running(self) -> bool:
        """A run is going on in a process of its own."""
        return self.status.status in LIVE_RUN

    def staleness(self, now: float) -> str:
        """How old what is shown is, empty while it is current."""
        return "" if self.lost is None else f"stale {age(now - self.lost)}"


class Board:
    """The branches by name, in alphabetical order."""

    def __init__(self) -> None:
        self._branches: dict[str, Branch] = {}
        self.loaded = False

    def __iter__(self) -> Iterator[Branch]:
        return (self._branches[name] for name in sorted(self._branches))

    def __len__(self) -> int:
        return len(self._branches)

    def get(self, name: str) -> Branch | None:
        """The branch of this environment, None where there is none."""
        return self._branches.get(name)

    def reload(self, statuses: Iterable[EnvironmentStatus]) -> tuple[list[str], list[str]]:
        """Take the database's list, which never overwrites live facts; returns the names that came and that went."""
        found = {status.environment: status for status in statuses}
        came = [name for name in found if name not in self._branches]
        went = [name for name in self._branches if name not in found]
        for name in went:
            del self._branches[name]
        for name, status in found.items():
            old = self._branches.get(name)
            if old is None or not old.live:
                self._branches[name] = replace(old or Branch(status), status=status)
        self.loaded = True
        return came, went

    def receive(self, status: EnvironmentStatus) -> None:
        """Take a live status; a status of an environment that is not listed is dropped."""
        if status.environment in self._branches:
            self._branches[status.environment] = Branch(status, live=True)

    def lose(self, name: str, trouble: str, now: float) -> None:
        """The environment stopped answering; the age counts from the last look."""
        branch = self._branches.get(name)
        if branch is None:
            return
        since = branch.lost or (branch.status.taken if branch.live else 0.0) or now
        self._branches[name] = replace(branch, lost=since, trouble=trouble)

    @property
    def running(self) -> list[str]:
        """The environments that have a run going on."""
        return [branch.status.environment for branch in self if branch.running]

    @property
    def ageing(self) -> bool:
        """Something on the screen changes with time alone."""
        return any(branch.lost is not None for branch in self)
