"""The console's own actions, in the registry's shape, and what a selection can be asked right now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from core.actions import ACTIONS, LIVE_ACTIONS, Action, Selection, Subject, always, subjects_of
from core.live.objects import Rights, Target
from core.status import EnvironmentStatus
from tui.view_models.health import LIVE_RUN
from tui.view_models.live_targets import target_of
from tui.view_models.tree import TreeLine


def _has_logs(selection: Selection) -> str | None:
    environment = selection.environment
    if environment.status == "new":
        return f"environment {environment.environment} has not been deployed yet: there are no logs"
    return None


def _runs(selection: Selection) -> str | None:
    environment = selection.environment
    if environment.status not in LIVE_RUN:
        return f"nothing runs in {environment.environment}: it is {environment.status}"
    return None


def _differs(selection: Selection) -> str | None:
    environment = selection.environment
    return None if environment.draft else f"the document of {environment.environment} is what is deployed"


_ENVIRONMENT: frozenset[Subject] = frozenset({"environment"})

VERBS: tuple[Action, ...] = (
    Action("logs", "Logs", frozenset({"pod", "host", "container"}), "none", _has_logs, "l", shows=True),
    Action("edit-environment", "Edit the document", _ENVIRONMENT, "changes", always, "e", shows=True),
    Action("catalogue", "Add from the catalogue", _ENVIRONMENT, "changes", always, "A", shows=True),
    Action("document", "Document", _ENVIRONMENT, "none", always, "y", shows=True),
    Action("runs", "Its deployments", _ENVIRONMENT, "none", always, "h", shows=True),
    Action("draft", "What the draft changes", _ENVIRONMENT, "none", _differs, "x", shows=True),
    Action("component-log", "Its reports of all runs", frozenset({"cluster", "pod"}), "none", always, "h", shows=True),
    Action("cancel", "Cancel the run", _ENVIRONMENT, "changes", _runs, "K"),
    Action("rename-environment", "Rename", _ENVIRONMENT, "changes"),
    Action("clone-environment", "Clone under another name", _ENVIRONMENT, "none"),
    Action("export-environment", "Export to a file", _ENVIRONMENT, "none"),
    Action("drop-draft", "Drop the draft", _ENVIRONMENT, "destroys", _differs),
)
"""What the console can do beside the registry's actions; the command line has commands of its own for them."""

EVERY: tuple[Action, ...] = (*ACTIONS, *VERBS, *LIVE_ACTIONS)
"""Every action, in the registry's order."""

KEYED: tuple[Action, ...] = tuple(action for action in EVERY if action.key is not None)
"""Every action with a default key."""

PLACES: dict[Subject, str] = {
    "environment": "an environment",
    "cluster": "a cluster",
    "workers": "its workers",
    "gateways": "its gateways",
    "pod": "a pod",
    "host": "a Docker host",
    "container": "an application on a Docker host",
    "object": "an object",
    "node": "a node",
    "instance": "a replica",
    "workload": "a workload",
    "rollout": "a Deployment, StatefulSet or DaemonSet",
    "scalable": "what has replicas",
    "cronjob": "a CronJob",
    "service": "a Service",
    "secret": "a Secret",
}
"""What the lines are called that actions are offered on."""

_LIVE = frozenset(action.id for action in LIVE_ACTIONS)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed: the answers of access reviews so far, and the environments in which nothing may change."""

    rights: Rights = field(default_factory=Rights)
    read_only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """An action on what is selected; `refusal` is the reason why it is not possible now."""

    action: Action
    selection: Selection
    refusal: str | None

    @property
    def is_live(self) -> bool:
        """It is asked of live objects."""
        return self.action.id in _LIVE

    @property
    def is_of_environment(self) -> bool:
        """It is asked of a whole environment."""
        return not self.is_live and self.selection.component is None

    @property
    def target(self) -> str:
        """What it is asked of, in words."""
        objects = self.selection.objects
        if self.is_live and objects:
            return str(objects[0]) if len(objects) == 1 else f"{len(objects)} {objects[0].kind.resource}"
        return self.selection.place or self.selection.environment.environment


def offers(line: TreeLine | None, allowed: Allowed | None = None) -> list[Offer]:
    """What the line can be asked, the nearest subject first; empty where nothing is selected."""
    if line is None:
        return []
    may = allowed or Allowed()
    target = target_of(line)
    subjects: tuple[Subject, ...] = line.subjects
    if target is not None:
        subjects = (*subjects_of(target.kind.kind), *subjects)
    found = _offers_on(subjects, lambda action, subject: _of_line(line, target, action, subject, may))
    return list(_unique(offer for offer in found if _near(offer, line)))


def offers_on(objects: Sequence[Target], environment: EnvironmentStatus, allowed: Allowed) -> list[Offer]:
    """What live objects of one kind can be asked, all at once."""
    if not objects:
        return []
    selection = Selection(environment, None, tuple(objects), allowed.rights, allowed.read_only)
    subjects = subjects_of(objects[0].kind.kind)
    return list(_unique(_offers_on(subjects, lambda action, subject: selection, LIVE_ACTIONS)))


def offer_of(offered: Iterable[Offer], name: str) -> Offer | None:
    """The offer of the action with this id, None where it is not offered."""
    return next((offer for offer in offered if offer.action.id == name), None)


def where(actions: Iterable[Action]) -> str:
    """The sentence that says on which lines these actions are offered."""
    subjects = [subject for subject in PLACES if any(subject in action.subjects for action in actions)]
    return "select " + " or ".join(PLACES[subject] for subject in subjects)


def _of_line(line: TreeLine, target: Target | None, action: Action, subject: Subject, may: Allowed) -> Selection:
    objects = (target,) if target is not None and action.id in _LIVE else ()
    component = None if subject == "environment" else line.component
    return Selection(line.environment, component, objects, may.rights, may.read_only, line.application(subject))


def _offers_on(
    subjects: Sequence[Subject],
    select: Callable[[Action, Subject], Selection],
    actions: Sequence[Action] = EVERY,
) -> Iterator[Offer]:
    for subject in subjects:
        for action in actions:
            if subject in action.subjects:
                selection = select(action, subject)
                yield Offer(action, selection, action.refusal(selection))


def _near(offer: Offer, line: TreeLine) -> bool:
    """An environment is destroyed from its own line alone, never from one of its parts."""
    return line.kind == "environment" or offer.action.danger != "destroys" or not offer.is_of_environment


def _unique(found: Iterable[Offer]) -> Iterator[Offer]:
    """Each action once, and one action a key: the one of the nearest subject."""
    taken: set[str] = set()
    for offer in found:
        names = {offer.action.id, f"key {offer.action.key}"} if offer.action.key else {offer.action.id}
        if taken.isdisjoint(names):
            taken |= names
            yield offer
