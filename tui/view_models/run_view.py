"""A run as it goes, or as it went: machines and steps, report, progress, estimate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.engine.events import (
    ApplyStarted,
    Event,
    RunCancelled,
    RunFinished,
    StageStarted,
    StepFinished,
    StepInfo,
    StepReported,
    StepRetried,
    StepStarted,
)
from core.runs_api import RunRecord, StepRecord
from core.status import DeploymentStatus, ReportLine
from tui.view_models.glyphs import State

_OUTCOMES: Mapping[str, State] = {
    "done": "ready",
    "unchanged": "ready",
    "failed": "failed",
    "skipped": "unknown",
    "cancelled": "degraded",
    "running": "working",
}
_OVER: frozenset[State] = frozenset({"ready", "failed", "unknown", "degraded"})


@dataclass(slots=True)
class StepView:
    """A step: what it is, how it goes (`outcome` in a word), when it began, what it told.

    `estimate` is how many seconds such steps took before, `seconds` how many this one took.
    """

    id: str
    component: str
    target: str
    phase: str
    title: str
    estimate: float | None = None
    state: State = "wanted"
    outcome: str = "not begun yet"
    began: float | None = None
    seconds: float | None = None
    attempts: int = 0
    changes: str = ""
    told: list[str] = field(default_factory=list)


class RunView:
    """Takes a run's events one by one; a run that is over is made of what is recorded of it."""

    def __init__(self, deployment: DeploymentStatus) -> None:
        self.deployment = deployment
        self.steps: dict[str, StepView] = {}
        self.lines: list[ReportLine] = []
        self.cancelling = False
        self.missed = False
        self.text = ""

    @classmethod
    def recorded(cls, deployment: DeploymentStatus, record: RunRecord) -> RunView:
        """A run out of its records."""
        view = cls(deployment)
        view.steps = {step.id: _recorded(step) for step in record.steps}
        view.lines = list(record.lines)
        return view

    # How it goes

    @property
    def running(self) -> bool:
        """It is not over."""
        return self.deployment.ended is None

    @property
    def done(self) -> int:
        """How many steps are over."""
        return sum(step.state in _OVER for step in self.steps.values())

    @property
    def failed(self) -> list[StepView]:
        """The steps that failed, in the order in which they began."""
        return [step for step in self.steps.values() if step.state == "failed"]

    @property
    def targets(self) -> list[str]:
        """The machines and other things that are worked on, as they come."""
        return list(dict.fromkeys(step.target for step in self.steps.values()))

    @property
    def phases(self) -> list[str]:
        """The columns of the matrix, as they come."""
        return list(dict.fromkeys(step.phase for step in self.steps.values()))

    def at(self, target: str, phase: str) -> list[StepView]:
        """The steps of a field of the matrix."""
        return [step for step in self.steps.values() if step.target == target and step.phase == phase]

    def remaining(self, now: float) -> float | None:
        """Seconds until its end, by former runs: those of the target that has most left; None where nobody knows."""
        sums: dict[str, float] = {}
        for step in self.steps.values():
            if step.state in _OVER or step.estimate is None:
                continue
            gone = now - step.began if step.state == "working" and step.began is not None else 0
            sums[step.target] = sums.get(step.target, 0) + max(step.estimate - gone, 0)
        return max(sums.values(), default=None)

    # Events

    def take(self, events: Iterable[Event]) -> list[ReportLine]:
        """Take what happened; returns the report lines among it."""
        fresh: list[ReportLine] = []
        for event in events:
            if isinstance(event, StepReported):
                fresh.append(self._reported(event))
            else:
                self._take(event)
        self.lines += fresh
        return fresh

    def _take(self, event: Event) -> None:
        match event:
            case StageStarted():
                self.steps |= {info.id: _planned(info) for info in event.steps if info.id not in self.steps}
            case StepStarted():
                self._begin(event.step, "looking", event.time)
            case ApplyStarted():
                step = self._begin(event.step, "working", event.time)
                step.attempts, step.changes = event.attempt, event.diff or event.changes
            case StepRetried():
                step = self._begin(event.step, "waiting to try again", event.time)
                step.told.append(f"attempt {event.attempt} failed: {event.error}")
            case StepFinished():
                self._finish(event)
            case RunCancelled():
                self.cancelling = True
            case RunFinished():
                self.text = event.text
            case _:
                self.missed = True

    def _begin(self, name: str, outcome: str, now: float) -> StepView:
        step = self._step(name)
        step.state, step.outcome = "working", outcome
        step.began = step.began if step.began is not None else now
        return step

    def _finish(self, event: StepFinished) -> None:
        step = self._step(event.step)
        step.state, step.outcome, step.seconds = _OUTCOMES[event.outcome], event.outcome, event.seconds
        if event.text:
            step.told.append(event.text)

    def _step(self, name: str) -> StepView:
        """A step; one of a stage that was missed is known by its id alone."""
        return self.steps.setdefault(name, StepView(name, "", name, "", name))

    def _reported(self, event: StepReported) -> ReportLine:
        if event.step in self.steps:
            self.steps[event.step].told.append(event.text)
        about = event.target or event.component
        return ReportLine(event.number, event.time, about, event.level, event.text)


_NOT_KEPT = "line by line they are shown while the run is followed; contents are never kept in the database"


def step_text(step: StepView, lines: Sequence[ReportLine]) -> str:
    """Everything that is known of a step, its report lines last."""
    took = f"{step.seconds:.1f} s" if step.seconds is not None else "it is not over"
    usual = f", usually {step.estimate:.0f} s" if step.estimate is not None else ""
    head = [
        f"Step:       {step.id}",
        f"Does:       {step.title}",
        f"On:         {step.target}",
        f"Phase:      {step.phase}",
        f"Outcome:    {step.outcome}",
        f"Took:       {took}{usual}",
        f"Attempts:   {step.attempts}",
    ]
    said = step.changes or _NOT_KEPT
    changes = ["", "Changes:", *(f"  {line}" for line in said.splitlines())] if step.attempts else []
    told = ["", "Told:", *(f"  {line}" for text in step.told for line in text.splitlines())] if step.told else []
    report = [f"  {line.text}" for line in lines if line.component in (step.target, step.component)]
    beside = ["", "Report of the same machine:", *report] if report else []
    return "\n".join([*head, *changes, *told, *beside])


def _planned(info: StepInfo) -> StepView:
    return StepView(info.id, info.component, info.target, info.phase, info.title, info.estimate)


def _recorded(step: StepRecord) -> StepView:
    return StepView(
        step.id,
        step.component,
        step.target,
        step.phase,
        step.id,
        state=_OUTCOMES[step.outcome],
        outcome=step.outcome,
        began=step.began,
        seconds=step.seconds,
        attempts=step.attempts,
        told=[step.text] if step.text else [],
    )
