"""What a deployment would do, with how long it may take and what is worth a second look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.cluster.membership import tolerance, voters_wanted
from core.engine.changes import diff_lines
from core.engine.plan import PlannedStep
from core.engine.step import Change
from core.model.environment import Environment
from core.model.naming import machines
from core.runs_api import PlanChange, PlanStep, Preview, Quorum


def preview_of(
    environment: Environment,
    deployed: Environment | None,
    planned: Iterable[PlannedStep],
    durations: Mapping[str, float],
    *,
    simulated: bool,
) -> Preview:
    """The preview of a plan; `durations` are seconds of a phase in former runs."""
    steps = tuple(_step(one, durations.get(one.step.phase)) for one in planned if one.changes or one.trouble)
    quorums = tuple(_quorums(environment, deployed))
    return Preview(
        environment.name, steps, quorums, estimate(steps), tuple(_risks(steps, quorums, deployed)), simulated
    )


def estimate(steps: Sequence[PlanStep]) -> float | None:
    """Seconds of the target that has most to do, for targets are worked on beside each other; None if nobody knows."""
    sums: dict[str, float] = defaultdict(float)
    for step in steps:
        sums[step.target] += step.seconds or 0
    return max(sums.values(), default=0) or None


def _step(planned: PlannedStep, seconds: float | None) -> PlanStep:
    step = planned.step
    changes = tuple(_change(change) for change in planned.changes)
    return PlanStep(step.id, step.component, step.target, step.phase, step.title, planned.trouble, changes, seconds)


def _change(change: Change) -> PlanChange:
    diff = () if change.secret else tuple(diff_lines(change))
    return PlanChange(change.action, change.subject, change.secret, diff)


def _quorums(environment: Environment, deployed: Environment | None) -> Iterator[Quorum]:
    before = _voters(deployed) if deployed is not None else {}
    after = _voters(environment)
    for cluster in dict.fromkeys((*before, *after)):
        old, new = before.get(cluster, ()), after.get(cluster, ())
        if old != new:
            joining = tuple(name for name in new if name not in old)
            leaving = tuple(name for name in old if name not in new)
            yield Quorum(cluster, len(old), len(new), tolerance(len(old)), tolerance(len(new)), joining, leaving)


def _voters(environment: Environment) -> dict[str, tuple[str, ...]]:
    return {
        cluster.name: voters_wanted([machine.name for machine in machines(cluster)], cluster.etcd.voters)
        for cluster in environment.clusters()
    }


def _risks(steps: Sequence[PlanStep], quorums: Sequence[Quorum], deployed: Environment | None) -> Iterator[str]:
    gone = [change.subject for step in steps for change in step.changes if _removes_machine(step, change)]
    if gone:
        yield f"{len(gone)} removed for good: {', '.join(gone)}"
    if deployed is not None:
        for quorum in quorums:
            if quorum.tolerates_after < quorum.tolerates_before:
                yield f"etcd of {quorum.cluster} will tolerate the loss of {quorum.tolerates_after}, not of " + str(
                    quorum.tolerates_before
                )
    unseen = [step.id for step in steps if step.trouble]
    if unseen:
        yield f"{_counted(len(unseen), 'step')} could not be looked at: the plan may be longer"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _removes_machine(step: PlanStep, change: PlanChange) -> bool:
    return change.action == "delete" and change.subject.startswith(("machine ", "volume ", "floating "))
