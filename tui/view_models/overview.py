"""The overview of the selected line: its conditions, its facts and its endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from core.status import ComponentStatus, EndpointStatus, EtcdStatus
from tui.view_models.endpoints import endpoint_lines
from tui.view_models.glyphs import TONE_OF, Glyphs
from tui.view_models.health import age, component_state, condition_state, environment_state, environment_word
from tui.view_models.text import EMPTY, Line, Span, cell, width_of, wrapped
from tui.view_models.tree import TreeLine

_KEY_WIDTH = 12
Facts = list[tuple[str, str]]


def overview_lines(
    line: TreeLine, endpoints: Sequence[EndpointStatus] | None, width: int, now: float, glyphs: Glyphs
) -> list[Line]:
    """What a person wants to know first of the selected line, wrapped to the width."""
    lines = [EMPTY, *_trouble_lines(line, width, now, glyphs)]
    lines += _condition_lines(line, width, glyphs)
    lines += _fact_lines(_facts(line), width, glyphs)
    if line.node is None and (line.component is None or line.kind in ("cluster", "pod", "host", "other")):
        lines += [EMPTY, _rule(f"Endpoints of {line.key[-1]}", width, glyphs), EMPTY]
        lines += endpoint_lines(line, endpoints, width, glyphs)
    return lines


def title_of(line: TreeLine) -> str:
    """The pane's title: what is selected, its kind, its version."""
    if line.node is not None:
        return f"{line.node.name}   {line.node.role}"
    if line.container:
        return f"{line.container}   container of {line.instance}"
    if line.instance:
        return f"{line.instance}   replica of {line.key[-2]}"
    if line.component is None:
        return f"{line.environment.environment}   environment   {line.environment.provider}"
    parts = (line.component.name, line.component.kind, line.component.version, line.component.network)
    return "   ".join(part for part in parts if part)


def start_lines(loaded: bool, width: int) -> list[Line]:
    """What an empty console says."""
    if not loaded:
        return [EMPTY, (Span("reading environments", "dim"),)]
    text = "There is no environment yet. Write one document that declares it, then store and deploy it:"
    return [
        EMPTY,
        *wrapped(EMPTY, text, width),
        EMPTY,
        (Span("  gondolier apply lab.yaml", "accent"),),
        (Span("  gondolier deploy lab", "accent"),),
        EMPTY,
        *wrapped(EMPTY, "It appears here as soon as it is stored.", width, "dim"),
    ]


def _trouble_lines(line: TreeLine, width: int, now: float, glyphs: Glyphs) -> Iterator[Line]:
    branch = line.branch
    if branch.lost is not None:
        head: Line = (glyphs.mark("stale"), Span(f" {branch.staleness(now)}  ", "stale"))
        advice = f"{branch.trouble}; it is tried again by itself, F5 tries now"
        yield from wrapped(head, glyphs.fold(advice), width)
        yield EMPTY
    if branch.status.trouble:
        yield from wrapped((glyphs.mark("degraded"), Span(" ")), glyphs.fold(branch.status.trouble), width, "warn")
        yield EMPTY


def _condition_lines(line: TreeLine, width: int, glyphs: Glyphs) -> list[Line]:
    if line.component is None:
        return _component_lines(line, width, glyphs)
    conditions = line.component.conditions
    if not conditions:
        return [(glyphs.mark(line.state), Span(" no conditions known yet", "dim"))]
    room = max(len(condition.type) for condition in conditions) + 2
    reasons = max(len(condition.reason) for condition in conditions) + 2
    lines: list[Line] = []
    for condition in conditions:
        state = condition_state(line.environment, condition)
        tone = TONE_OF[state]
        head: Line = (
            glyphs.mark(state),
            Span(f" {condition.type:<{room}}", "strong"),
            Span(f"{condition.status:<9}", tone),
            Span(f"{condition.reason:<{reasons}}" if width > 90 else "", "dim"),
        )
        text = condition.message if width > 90 else ": ".join(filter(None, (condition.reason, condition.message)))
        lines += wrapped(head, glyphs.fold(text), width)
    return lines


def _component_lines(line: TreeLine, width: int, glyphs: Glyphs) -> list[Line]:
    environment = line.environment
    state = environment_state(environment)
    lines: list[Line] = [
        (glyphs.mark(state), Span(f" {environment_word(environment)}", "strong")),
    ]
    for component in environment.components:
        state = component_state(environment, component)
        head: Line = (glyphs.mark(state), Span(f" {cell(component.name, 18, glyphs.cut)}", "strong"))
        lines += wrapped(head, f"{component.kind}   {_why(component)}", width, "dim" if state == "ready" else "text")
    return lines


def _why(component: ComponentStatus) -> str:
    broken = [condition for condition in component.conditions if condition.status != "True"]
    if broken:
        return "; ".join(f"{condition.type}: {condition.message or condition.reason}" for condition in broken)
    count = len(component.conditions)
    if count < 2:
        return "its condition holds" if count else "not looked at yet"
    return f"all {count} conditions hold"


def _facts(line: TreeLine) -> Facts:
    if line.node is not None:
        return _machine_facts(line)
    if line.instance:
        return _replica_facts(line)
    if line.component is None:
        return _environment_facts(line)
    return _cluster_facts(line.component) if line.component.nodes else _component_facts(line.component)


def _environment_facts(line: TreeLine) -> Facts:
    status = line.environment
    machines = [node for component in status.components for node in component.nodes]
    facts = [
        ("provider", status.provider),
        ("simulated", "no real machine stands behind it" if status.simulated else ""),
        ("machines", f"{sum(node.ready for node in machines)} of {len(machines)} ready" if machines else ""),
        ("draft", "what is declared differs from what is deployed: P shows the plan" if status.draft else ""),
        ("seen", datetime.fromtimestamp(status.taken).strftime("%H:%M:%S") if line.branch.live else ""),
    ]
    return facts


def _cluster_facts(cluster: ComponentStatus) -> Facts:
    ready = sum(node.ready for node in cluster.nodes)
    api = next((node.address for node in cluster.nodes if node.role == "control-plane"), "")
    return [
        ("version", cluster.version),
        ("network", cluster.network),
        ("API", f"https://{api}:6443" if api else ""),
        ("machines", f"{ready} of {len(cluster.nodes)} ready"),
        ("workers", f"{cluster.workers} of at most {cluster.workers_max}"),
        ("gateways", f"{cluster.gateways} of at most {cluster.gateways_max}"),
        ("etcd", _etcd_sentence(cluster.etcd)),
    ]


def _component_facts(component: ComponentStatus) -> Facts:
    nodes = sorted({instance.node for instance in component.instances if instance.node})
    restarts = sum(instance.restarts for instance in component.instances)
    return [
        ("cluster", component.cluster),
        ("replicas", f"{component.ready_replicas} of {component.replicas} ready" if component.replicas else ""),
        ("nodes", ", ".join(nodes)),
        ("restarts", str(restarts) if component.instances else ""),
    ]


def _machine_facts(line: TreeLine) -> Facts:
    assert line.node is not None
    assert line.component is not None
    member = next((one for one in line.component.etcd.members if one.name == line.node.name), None)
    voice = "" if member is None else ("learner, no vote yet" if member.learner else "voter")
    return [
        ("machine", line.node.name),
        ("role", line.node.role),
        ("address", line.node.address),
        ("Kubernetes", "Ready" if line.node.ready else "not ready"),
        ("note", line.node.note),
        ("etcd", voice + ("" if member is None or member.healthy else ", unhealthy")),
    ]


def _replica_facts(line: TreeLine) -> Facts:
    assert line.component is not None
    instance = next(one for one in line.component.instances if one.name == line.instance)
    return [
        ("replica", instance.name),
        ("status", instance.status),
        ("node", instance.node),
        ("containers", ", ".join(instance.containers)),
        ("restarts", str(instance.restarts)),
        ("age", age(instance.age_seconds)),
    ]


def _etcd_sentence(etcd: EtcdStatus) -> str:
    if not etcd.members:
        return ""
    voters = [member for member in etcd.members if not member.learner]
    learners = len(etcd.members) - len(voters)
    sick = [member.name for member in etcd.members if not member.healthy]
    loss = (len(voters) - 1) // 2
    words = [f"{len(voters)} voter" + ("" if len(voters) == 1 else "s")]
    words.append(f"tolerates {loss} loss" + ("" if loss == 1 else "es") if loss else "tolerates no loss")
    words += [f"{learners} learning"] if learners else []
    words += [f"unhealthy: {', '.join(sick)}"] if sick else []
    return ", ".join(words)


def _fact_lines(facts: Facts, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """Facts two abreast where there is room for it."""
    known = [(name, glyphs.fold(text)) for name, text in facts if text]
    if known:
        yield EMPTY
    half = width // 2
    while known:
        name, text = known.pop(0)
        left = wrapped((Span(f"{name:<{_KEY_WIDTH}}", "dim"),), text, width)
        fits = len(left) == 1 and width_of(left[0]) < half - 2
        if width >= 76 and fits and known and len(known[0][1]) < half - _KEY_WIDTH:
            name, text = known.pop(0)
            gap = Span(" " * (half - width_of(left[0])))
            yield (*left[0], gap, Span(f"{name:<{_KEY_WIDTH}}", "dim"), Span(text))
        else:
            yield from left


def _rule(title: str, width: int, glyphs: Glyphs) -> Line:
    return (
        Span(f"{glyphs.rule * 2} ", "dim"),
        Span(title, "strong"),
        Span(" " + glyphs.rule * max(width - len(title) - 4, 0), "dim"),
    )
