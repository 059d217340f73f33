"""Statuses and histories as lines of text for the command line."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from core.output import columns
from core.status import ComponentStatus, EnvironmentStatus, UsageStatus

_GLYPHS = {"True": "●", "False": "✖", "Unknown": "·"}


def status_lines(status: EnvironmentStatus) -> list[str]:
    """An environment's status, a line a fact."""
    marks = dict.fromkeys([status.status, status.provider, *(["simulated"] if status.simulated else [])])
    lines = [f"{status.environment}  {'  '.join(mark for mark in marks if mark)}"]
    lines += [f"  {status.trouble}"] if status.trouble else []
    for component in status.components:
        lines += _component(component)
    return lines


def _component(component: ComponentStatus) -> list[str]:
    lines = [f"  {component.name}  {component.kind}  {component.version}".rstrip()]
    for condition in component.conditions:
        lines.append(f"    {_GLYPHS[condition.status]} {condition.type:<16} {condition.status:<8} {condition.message}")
    nodes = [[n.name, n.role, "ready" if n.ready else "not ready", n.address, n.note] for n in component.nodes]
    members = [
        [m.name, "learner" if m.learner else "voter", "healthy" if m.healthy else "down"]
        for m in component.etcd.members
    ]
    replicas = [[i.name, i.status, i.node, f"{i.restarts} restarts"] for i in component.instances]
    for title, rows in (("nodes", nodes), ("etcd", members), ("replicas", replicas)):
        lines += [f"    {title}", *(f"      {line}" for line in columns(rows))] if rows else []
    return lines


def usage_lines(found: Iterable[UsageStatus]) -> list[str]:
    """What containers use, a line each."""
    head = ["application", "processors", "memory", "of", "received", "sent", "processes"]
    return columns([head, *(_usage(usage) for usage in found)])


def _usage(usage: UsageStatus) -> list[str]:
    amounts = [f"{number / 1e6:.1f} MB" for number in (usage.memory, usage.memory_limit, usage.received, usage.sent)]
    return [usage.application, f"{usage.cpu:.2f}", *amounts, str(usage.processes)]


def history_lines(found: Any) -> list[str]:
    """The list of deployments, or the document and report of one."""
    if isinstance(found, list):
        rows = [["number", "action", "state", "started", "seconds", "by"], *(_entry(entry) for entry in found)]
        return columns(rows)
    lines = [*found["document"].rstrip().splitlines(), ""]
    return lines + [f"{_clock(line['time'])}  {line['component']:<14} {line['text']}" for line in found["report"]]


def _entry(entry: dict[str, Any]) -> list[str]:
    took = f"{entry['ended'] - entry['started']:.0f}" if entry["ended"] else ""
    return [str(entry["number"]), entry["action"], entry["state"], _clock(entry["started"]), took, entry["owner"]]


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
