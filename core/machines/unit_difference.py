"""Whether a systemd unit must be started, stopped, restarted or enabled; pure.

Source: systemctl(1), "UnitFileState" and the states of units.
"""

from __future__ import annotations

from collections.abc import Collection

from core.engine.step import Action, Change
from core.machines.observed import Facts, UnitFact
from core.machines.state import Unit

_NEEDS_ENABLING = ("disabled", "", "masked", "masked-runtime", "enabled-runtime", "bad")
"""What `enabled` may be for a unit that boot does not start; the rest (static, alias, generated…) cannot be enabled."""

RUNNING = ("active", "reloading")
"""States in which a unit does its work."""

_AT_REST = ("inactive", "failed")

_UP = ("active", "activating", "reloading")
"""States of a unit that may have read its files already."""


def unit_change(unit: Unit, facts: Facts, changed: Collection[str]) -> Change | None:
    """The change that a unit needs, None where it is as wanted. `changed` are paths that are about to be written."""
    fact = facts.units.get(unit.name, UnitFact())
    action = _action(unit, fact, facts, changed)
    if action is None:
        return None
    return Change(action, f"unit {unit.name}", before=_said(fact), after=_wish(unit, fact, facts, changed))


def _action(unit: Unit, fact: UnitFact, facts: Facts, changed: Collection[str]) -> Action | None:
    if not unit.running and fact.active not in _AT_REST:
        return "stop"
    if unit.running and fact.active in _UP and stale_reads(unit, fact, facts, changed):
        return "restart"
    if unit.running and fact.active not in RUNNING:
        return "start"
    if needs_enabling(unit, fact) or needs_disabling(unit, fact) or fact.needs_reload:
        return "update"
    return None


def stale_reads(unit: Unit, fact: UnitFact, facts: Facts, changed: Collection[str]) -> list[str]:
    """What the unit reads and has not read in its present form.

    A path counts when it is about to be written, or when it changed after the unit was started: so a run that was
    killed between the write and the restart is made good by the next one. A change in the future, after a clock was
    set back, does not count, or the unit would be restarted for ever.
    """
    since = fact.settled if unit.reload else fact.started
    return [
        path
        for path in unit.reads
        if path in changed
        or any(written.startswith(f"{path}/") for written in changed)
        or (since is not None and _is_later(path, since, facts))
    ]


def needs_enabling(unit: Unit, fact: UnitFact) -> bool:
    """Whether boot would not start a unit that it shall start."""
    return unit.enabled and fact.enabled in _NEEDS_ENABLING


def needs_disabling(unit: Unit, fact: UnitFact) -> bool:
    """Whether boot would start a unit that it shall not start."""
    return not unit.enabled and fact.load != "not-found" and fact.enabled in ("enabled", "enabled-runtime")


def _is_later(path: str, since: float, facts: Facts) -> bool:
    fact = facts.paths.get(path)
    return fact is not None and since < fact.changed <= facts.clock


def _said(fact: UnitFact) -> str:
    if fact.load == "not-found":
        return "no such unit"
    return f"{fact.active} ({fact.sub}), {fact.enabled or 'not enabled'}"


def _wish(unit: Unit, fact: UnitFact, facts: Facts, changed: Collection[str]) -> str:
    state = "active" if unit.running else "inactive"
    words = f"{state}, {'enabled' if unit.enabled else 'disabled'}"
    stale = stale_reads(unit, fact, facts, changed) if unit.running and fact.active in _UP else []
    if stale:
        return f"{words}, {'reloaded' if unit.reload else 'restarted'} for {', '.join(stale)}"
    return f"{words}, as its unit file on disk says" if fact.needs_reload else words
