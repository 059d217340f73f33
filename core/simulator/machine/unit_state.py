"""A unit's state in systemd's words, and what `systemctl show` says of it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec


class UnitState(msgspec.Struct):
    """How a unit is doing. Times are seconds since 1970, 0 where it never happened.

    `started` is when its main process was started, `entered` when it became active, `left` when it ceased to be,
    `changed` when its state last changed.
    """

    active: str = "inactive"
    sub: str = "dead"
    result: str = "success"
    started: float = 0.0
    exited: float = 0.0
    entered: float = 0.0
    left: float = 0.0
    changed: float = 0.0
    pid: int = 0
    status: int = 0
    restarts: int = 0

    def enter(self, active: str, sub: str, now: float) -> None:
        """Take another state."""
        if active == "active" and self.active not in ("active", "reloading"):
            self.entered = now
        if self.active == "active" and active not in ("active", "reloading"):
            self.left = now
        self.active, self.sub, self.changed = active, sub, now


class Shown(msgspec.Struct, frozen=True):
    """A unit as it is shown: its state with what its files say."""

    name: str
    description: str
    load: str
    enabled: str
    needs_reload: bool
    path: str
    state: UnitState

    def properties(self) -> dict[str, str]:
        """All properties that can be asked for, in the order in which systemctl shows them."""
        state = self.state
        service = {
            "MainPID": str(state.pid),
            "Result": state.result,
            "NRestarts": str(state.restarts),
            "ExecMainStartTimestamp": _time(state.started),
            "ExecMainExitTimestamp": _time(state.exited),
            "ExecMainPID": str(state.pid),
            "ExecMainStatus": str(state.status),
        }
        unit = {
            "Id": self.name,
            "Description": self.description,
            "LoadState": self.load,
            "ActiveState": state.active,
            "SubState": state.sub,
            "FragmentPath": self.path,
            "UnitFileState": self.enabled,
            "StateChangeTimestamp": _time(state.changed),
            "ActiveEnterTimestamp": _time(state.entered),
            "ActiveExitTimestamp": _time(state.left),
            "NeedDaemonReload": "yes" if self.needs_reload else "no",
        }
        return {**(service if self.name.endswith(".service") else {}), **unit}


def _time(moment: float) -> str:
    """As `--timestamp=us+utc` prints it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%a %Y-%m-%d %H:%M:%S.%f UTC") if moment else ""
