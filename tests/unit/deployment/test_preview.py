"""Previews of plans: how long, which votes, what is worth a second look."""

from __future__ import annotations

from collections.abc import Sequence

from core.deployment.preview import estimate, preview_of
from core.engine.plan import PlannedStep
from core.engine.step import Change, Report, Step
from core.model.document import parse
from core.model.environment import Environment
from core.runs_api import PlanStep


def environment(workers: int) -> Environment:
    return parse(f"""
environment: lab
provider: {{kind: simulated}}
components:
  - {{kind: KubernetesCluster, name: alpha, version: "1.36", workers: {{count: {workers}, max: 6}}}}
""")


def planned(id: str, target: str, phase: str, *changes: Change, trouble: str = "") -> PlannedStep:
    async def probe() -> Sequence[Change]:
        return changes

    async def apply(found: Sequence[Change], report: Report) -> None:
        raise AssertionError("a preview applies nothing")

    return PlannedStep(Step(id, "alpha", target, phase, f"{phase} of {target}", probe, apply), changes, trouble)


CREATE = Change("create", "machine kube-5", after="10.0.0.15")
DELETE = Change("delete", "machine kube-4", before="there")


def test_machines_are_worked_on_beside_each_other() -> None:
    def step(target: str, seconds: float | None) -> PlanStep:
        return PlanStep(target, "alpha", target, "create", "", "", (), seconds)

    assert estimate([step("a", 3), step("a", 4), step("b", 6), step("c", None)]) == 7
    assert estimate([step("a", None)]) is None


def test_the_votes_before_and_after_are_told() -> None:
    preview = preview_of(environment(4), environment(2), [planned("x", "kube-5", "create", CREATE)], {"create": 3.0},
                         simulated=True)  # fmt: skip
    quorum = preview.quorums[0]
    assert (quorum.voters_before, quorum.voters_after, quorum.tolerates_before, quorum.tolerates_after) == (3, 5, 1, 2)
    assert quorum.joining == ("kube-4", "kube-5")
    assert preview.seconds == 3.0
    assert preview.risks == ()
    assert preview.simulated


def test_what_is_lost_and_what_could_not_be_seen_are_risks() -> None:
    steps = [
        planned("x", "kube-4", "delete", DELETE),
        planned("y", "kube-2", "etcd", trouble="no answer"),
        planned("z", "kube-3", "etcd"),
    ]
    preview = preview_of(environment(1), environment(4), steps, {}, simulated=False)
    assert [step.id for step in preview.steps] == ["x", "y"]
    assert preview.risks == (
        "1 removed for good: machine kube-4",
        "etcd of alpha will tolerate the loss of 1, not of 2",
        "1 step could not be looked at: the plan may be longer",
    )


def test_a_secret_s_difference_is_never_told() -> None:
    secret = Change("create", "token", before="", after="very secret", secret=True)
    preview = preview_of(environment(2), None, [planned("x", "kube-1", "pki", secret)], {}, simulated=False)
    assert preview.steps[0].changes[0].diff == ()
    assert preview.quorums[0].voters_before == 0
