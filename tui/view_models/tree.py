"""Statuses → the lines of the environment tree, pure: what is shown, what it is called, what it can be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.actions import Selection, Subject
from core.status import ComponentStatus, EnvironmentStatus, InstanceStatus, NodeStatus
from tui.view_models.board import Branch
from tui.view_models.glyphs import TONE_OF, Glyphs, State
from tui.view_models.health import (
    age,
    component_state,
    environment_state,
    environment_word,
    instance_state,
    node_state,
    worst,
)
from tui.view_models.text import Line, Span, Tone, cell, fit, shorten, spread

PAGE = 1000
"""The most lines of a part of the tree that are shown at once."""

MORE = "…"
"""The last part of the key of a line that stands for others."""

LineKind = Literal[
    "environment",
    "cluster",
    "control-plane",
    "workers",
    "gateways",
    "machine",
    "pod",
    "replica",
    "host",
    "container",
    "pod-container",
    "other",
    "more",
]
Key = tuple[str, ...]

_ASKED: Mapping[LineKind, tuple[Subject, ...]] = {
    "environment": ("environment",),
    "cluster": ("cluster", "environment"),
    "control-plane": ("environment",),
    "workers": ("workers", "environment"),
    "gateways": ("gateways", "environment"),
    "pod": ("pod", "environment"),
    "replica": ("pod", "environment"),
    "host": ("host", "environment"),
    "container": ("container", "host", "environment"),
    "pod-container": ("pod", "environment"),
    "more": ("environment",),
    "other": ("environment",),
}
_KINDS: Mapping[str, tuple[LineKind, LineKind]] = {
    "KubernetesPod": ("pod", "replica"),
    "DockerStandaloneHost": ("host", "container"),
}
"""The lines of a component with containers, and of what is in it."""

_TAGS: Mapping[LineKind, str] = {"pod": "pod", "host": "Docker host"}
_GROUP_OF: Mapping[str, LineKind] = {"control-plane": "control-plane", "worker": "workers", "gateway": "gateways"}
_TITLE_OF: Mapping[LineKind, str] = {"control-plane": "control plane", "workers": "workers", "gateways": "gateways"}


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One line: `key` names it for as long as it exists, `note` and `tag` are its second and third column.

    `node`, `instance` or `container` is set on the line of a machine, a replica, a container of one. What is not
    `expanded` at first is closed until somebody opens it.
    """

    key: Key
    kind: LineKind
    depth: int
    state: State
    name: str
    branch: Branch
    note: str = ""
    tag: str = ""
    component: ComponentStatus | None = None
    node: NodeStatus | None = None
    instance: str = ""
    container: str = ""
    expandable: bool = False
    expanded: bool = False

    @property
    def environment(self) -> EnvironmentStatus:
        """The environment that the line belongs to."""
        return self.branch.status

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What the line's actions are asked of, the nearest first: a machine stands for its group."""
        return _ASKED[_GROUP_OF[self.node.role] if self.node else self.kind]

    def selection(self, subject: Subject) -> Selection:
        """The registry's selection for an action asked of this subject."""
        component = None if subject == "environment" else self.component
        return Selection(self.environment, component, application=self.application(subject))

    def application(self, subject: Subject) -> str:
        """The application that an action is asked of, "" where it is asked of all or of something else."""
        return self.instance if subject == "container" else ""


def tree_lines(
    branches: Iterable[Branch], toggled: frozenset[Key], wanted: str, now: float, pages: Mapping[Key, int] | None = None
) -> list[TreeLine]:
    """The visible lines in order; `toggled` lines are not as open or closed as they are at first.

    A filter `wanted` leaves the lines whose name contains it, with what they are part of; it opens what is closed. Of
    a part with more than a page of lines as many pages are shown as `pages` says, one at first.
    """
    lines = [line for branch in branches for line in _branch_lines(branch, now)]
    shown = _matching(lines, wanted.lower()) if wanted else list(_open_lines(lines, toggled))
    return paged(shown, pages or {})


def ancestors(key: Key) -> list[Key]:
    """The keys of what a line is part of, the outermost first."""
    return [key[:length] for length in range(1, len(key))]


def tree_row(line: TreeLine, width: int, glyphs: Glyphs) -> Line:
    """The line as it is painted: arrow, mark and name, the note in a column of its own, the tag at the right edge."""
    arrow = (glyphs.opened if line.expanded else glyphs.closed) if line.expandable else " "
    state = "stale" if line.branch.lost is not None else line.state
    head: Line = (Span("  " * line.depth + arrow + " ", "dim"), glyphs.mark(state), Span(" "))
    room = _note_column(width) - 2 * line.depth - 5
    tone: Tone = "strong" if line.depth < 2 else "text"
    tag: Line = (Span(glyphs.fold(line.tag), "dim"),)
    if not line.note:
        return spread((*head, Span(shorten(line.name, room + 8, glyphs.cut), tone)), tag, width, glyphs.cut)
    name = Span(cell(line.name, room, glyphs.cut) + " ", tone)
    note = Span(glyphs.fold(line.note), TONE_OF[state] if state != "ready" else "dim")
    return fit(spread((*head, name, note), tag, width, glyphs.cut), width, glyphs.cut)


def _note_column(width: int) -> int:
    return max(16, min(36, width // 2))


def _branch_lines(branch: Branch, now: float) -> Iterator[TreeLine]:
    status = branch.status
    key = (status.environment,)
    yield TreeLine(
        key,
        "environment",
        0,
        environment_state(status),
        status.environment,
        branch,
        note=branch.staleness(now) or environment_word(status) + (" · draft" if _surprising_draft(status) else ""),
        tag="simulated" if status.simulated else status.provider,
        expandable=bool(status.components),
        expanded=True,
    )
    clusters = {component.name for component in status.components if component.kind == "KubernetesCluster"}
    for component in status.components:
        if component.name in clusters:
            yield from _cluster_lines(branch, component, key, now)
        elif component.cluster not in clusters:
            yield from _pod_lines(branch, component, key, now)


def _surprising_draft(status: EnvironmentStatus) -> bool:
    """What was never deployed, or is about to be, is a draft by its very word."""
    return status.draft and status.status not in ("new", "pending")


def _cluster_lines(branch: Branch, cluster: ComponentStatus, above: Key, now: float) -> Iterator[TreeLine]:
    state = component_state(branch.status, cluster)
    key = (*above, cluster.name)
    yield TreeLine(
        key,
        "cluster",
        1,
        state,
        cluster.name,
        branch,
        _word(state),
        cluster.version,
        cluster,
        expandable=True,
        expanded=True,
    )
    yield from _group_lines(branch, cluster, key, "control-plane", 1)
    yield from _group_lines(branch, cluster, key, "worker", cluster.workers)
    if cluster.gateways:
        yield from _group_lines(branch, cluster, key, "gateway", cluster.gateways)
    for component in branch.status.components:
        if component.cluster == cluster.name:
            yield from _pod_lines(branch, component, key, now)


def _group_lines(branch: Branch, cluster: ComponentStatus, above: Key, role: str, wanted: int) -> Iterator[TreeLine]:
    kind = _GROUP_OF[role]
    nodes = [node for node in cluster.nodes if node.role == role]
    wanted = max(wanted, len(nodes))
    ready = sum(node.ready for node in nodes)
    state = _group_state(branch, [node_state(branch.status, node) for node in nodes], wanted)
    count = f"{ready}/{wanted}" if branch.live else f"{wanted}"
    key = (*above, kind)
    yield TreeLine(
        key,
        kind,
        2,
        state,
        f"{_TITLE_OF[kind]} {count}",
        branch,
        note=_lacking(nodes, state),
        component=cluster,
        expandable=bool(nodes),
        expanded=True,
    )
    for node in nodes:
        yield _machine_line(branch, cluster, key, node)


def _group_state(branch: Branch, states: list[State], wanted: int) -> State:
    if len(states) < wanted:
        missing: State = "working" if branch.running else "wanted"
        states = [*states, missing] if branch.live or states else []
    return worst(states)


def _lacking(nodes: list[NodeStatus], state: State) -> str:
    waiting = [node for node in nodes if not node.ready]
    return f"{len(waiting)} not ready" if waiting and state != "ready" else ""


def _machine_line(branch: Branch, cluster: ComponentStatus, above: Key, node: NodeStatus) -> TreeLine:
    state = node_state(branch.status, node)
    return TreeLine(
        (*above, node.name),
        "machine",
        3,
        state,
        node.name,
        branch,
        note=node.note or (node.address if node.ready else "not ready"),
        component=cluster,
        node=node,
    )


def _pod_lines(branch: Branch, component: ComponentStatus, above: Key, now: float) -> Iterator[TreeLine]:
    kind, inside = _KINDS.get(component.kind, ("other", "replica"))
    state = component_state(branch.status, component)
    key = (*above, component.name)
    count = f"{component.ready_replicas}/{max(component.replicas, 1)}" if kind != "other" and branch.live else ""
    yield TreeLine(
        key,
        kind,
        len(above),
        state,
        f"{component.name} {count}".rstrip(),
        branch,
        note="" if state == "ready" else _word(state),
        tag=_TAGS.get(kind, component.kind),
        component=component,
        expandable=bool(component.instances),
        expanded=True,
    )
    passed = max(0, int(now - branch.status.taken))
    for instance in component.instances:
        state = instance_state(instance)
        yield TreeLine(
            (*key, instance.name),
            inside,
            len(key),
            state,
            instance.name,
            branch,
            note=instance.node if instance.ready else instance.status,
            tag=f"{instance.restarts} ↻ {age(instance.age_seconds + passed)}",
            component=component,
            instance=instance.name,
            expandable=inside == "replica" and bool(instance.containers),
        )
        if inside == "replica":
            yield from _container_lines(branch, component, (*key, instance.name), instance)


def _container_lines(
    branch: Branch, component: ComponentStatus, above: Key, instance: InstanceStatus
) -> Iterator[TreeLine]:
    for container in instance.containers:
        yield TreeLine(
            (*above, container),
            "pod-container",
            len(above),
            instance_state(instance),
            container,
            branch,
            note="" if instance.ready else instance.status,
            tag="container",
            component=component,
            instance=instance.name,
            container=container,
        )


def _word(state: State) -> str:
    return {"wanted": "not there yet", "failed": "failed", "working": "working"}.get(state, state)


def paged(lines: Sequence[TreeLine], pages: Mapping[Key, int]) -> list[TreeLine]:
    """The lines, of each part no more than its pages; a last line says how many are left."""
    counts = Counter(line.key[:-1] for line in lines)
    if max(counts.values(), default=0) <= PAGE:
        return list(lines)
    seen: Counter[Key] = Counter()
    hidden: set[Key] = set()
    shown: list[TreeLine] = []
    for line in lines:
        above = line.key[:-1]
        seen[above] += 1
        most = PAGE * pages.get(above, 1)
        if seen[above] > most or any(key in hidden for key in ancestors(line.key)):
            hidden.add(line.key)
            if seen[above] == most + 1:
                shown.append(_more(line, counts[above] - most))
        else:
            shown.append(line)
    return shown


def _more(line: TreeLine, left: int) -> TreeLine:
    """The line that stands for those that are not shown."""
    key = (*line.key[:-1], MORE)
    return TreeLine(key, "more", line.depth, "unknown", f"{left:,} more: enter shows them", line.branch)


def _open_lines(lines: Iterable[TreeLine], toggled: frozenset[Key]) -> Iterator[TreeLine]:
    closed: set[Key] = set()
    for line in lines:
        if not closed.isdisjoint(ancestors(line.key)):
            continue
        expanded = line.expanded != (line.key in toggled)
        if line.expandable and not expanded:
            closed.add(line.key)
        yield line if expanded == line.expanded else replace(line, expanded=expanded)


def _matching(lines: list[TreeLine], wanted: str) -> list[TreeLine]:
    shown = {line.key for line in lines if wanted in line.name.lower()}
    shown |= {key for match in tuple(shown) for key in ancestors(match)}
    return [replace(line, expanded=line.expandable) for line in lines if line.key in shown]
