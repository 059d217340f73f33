"""What every action of the registry opens, what it hands to the façade, and when it is not possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.screen import Screen

from tests.tui.action_places import (
    CLUSTER,
    CRONJOB,
    GATEWAYS,
    HOST,
    LAB,
    NODE,
    POD,
    REPLICA,
    SECRETS,
    WEB,
    WORKERS,
    Change,
    Place,
    bare,
    closed,
    drafted,
    empty,
    forbidden,
    largest,
    never_deployed,
    nothing,
    row,
    running,
    smallest,
)
from tui.screens.ask import AskScreen
from tui.screens.catalogue import CatalogueScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.document import DocumentScreen
from tui.screens.logs import LogScreen
from tui.screens.main import MainScreen
from tui.screens.plan import PlanScreen
from tui.screens.runs import RunsScreen
from tui.screens.text import TextScreen

Call = tuple[object, ...]
"""A call of the façade as `plain_call` in `test_every_action` writes it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Where an action is not possible after this change, with words of the reason."""

    words: str
    place: Place
    before: Change = nothing


@dataclass(frozen=True, slots=True)
class Case:
    """An action at a place: the screen that it opens, the keys that answer it, the call that reaches the façade.

    `before` makes it possible; `refused` is None for what is possible always.
    """

    action: str
    place: Place
    opens: type[Screen[Any]]
    reaches: Call
    answer: tuple[str, ...] = ()
    refused: Refused | None = None
    before: Change = nothing


YES = ("y",)
TAKE = ("tab", "enter")
"""From Cancel, which has the focus, to the other answer."""

NAMED = ("tab", "tab", *"lab", "enter")
"""From Cancel to the field for the name."""

_READ_ONLY = "environment lab is read-only"
_BUSY = Refused("environment lab is deploying: wait or cancel", LAB, running)
_TWO = "one at a time, 2 are marked"
_NODES = row("nodes", "kube-2", namespace="", several=True)
_HELD, _OWNED = row("deployments", "held"), row("deployments", "owned")
_ALONE, _ENDED, _WAITING = row("pods", "alone"), row("pods", "ended"), row("pods", "waiting")
_CRASHING, _CLOSED_NODE = row("pods", "queue-7d9c5b-m4rtl"), row("nodes", "kube-3", namespace="")
_WEB, _REPLICA = "Deployment default/web", f"Pod default/{REPLICA.name}"
_PAUSED = Refused("the rollout of held is paused: resume it first", _HELD)
_CONTROLLED = Refused("owned belongs to Site owned, which would undo this", _OWNED)
_OVER = Refused("ended has ended (Succeeded): nothing runs in it", _ENDED)


def _act(component: str, action: str) -> Call:
    return ("act", "lab", component, action)


def _perform(action: str, target: str, **arguments: object) -> Call:
    return ("perform", action, (target,), arguments)


def _no_right(place: Place) -> Refused:
    return Refused("you may not do this", place, forbidden)


DECLARED = (
    Case("deploy", LAB, ConfirmScreen, ("deploy", "lab"), YES, _BUSY),
    Case("plan", LAB, PlanScreen, ("preview", "lab")),
    Case("destroy", LAB, AskScreen, ("destroy", "lab"), NAMED, _BUSY),
    Case("abandon", LAB, AskScreen, ("abandon", "lab"), NAMED, _BUSY),
    Case("scale-workers-up", CLUSTER, ConfirmScreen, _act("alpha", "scale-workers-up"), YES,
         Refused("maximum of 5 reached", CLUSTER, largest)),
    Case("scale-workers-down", WORKERS, ConfirmScreen, _act("alpha", "scale-workers-down"), YES,
         Refused("at least one worker must stay", WORKERS, smallest)),
    Case("scale-gateways-up", GATEWAYS, ConfirmScreen, _act("alpha", "scale-gateways-up"), YES,
         Refused("maximum of 2 reached", GATEWAYS, largest)),
    Case("scale-gateways-down", GATEWAYS, ConfirmScreen, _act("alpha", "scale-gateways-down"), YES,
         Refused("at least one gateway must stay", GATEWAYS, smallest), largest),
    Case("scale-pod-up", POD, ConfirmScreen, _act("web", "scale-pod-up"), YES,
         Refused("web is a bare pod (replicas: 0)", POD, bare)),
    Case("scale-pod-down", POD, ConfirmScreen, _act("web", "scale-pod-down"), YES,
         Refused("at least one replica must stay", POD, smallest)),
    Case("recreate-pod", POD, ConfirmScreen, _act("web", "recreate-pod"), YES,
         Refused("has not been deployed yet: deploy it first", POD, never_deployed)),
    Case("restart-containers", HOST, ConfirmScreen, _act("docker", "restart-containers"), YES,
         Refused("docker has no applications", HOST, empty)),
    Case("recreate-containers", HOST, ConfirmScreen, _act("docker", "recreate-containers"), YES,
         Refused("docker has no applications", HOST, empty)),
)  # fmt: skip

CONSOLE = (
    Case("logs", POD, MainScreen, ("logs", ("lab/alpha", "id=web")), (),
         Refused("there are no logs", POD, never_deployed)),
    Case("edit-environment", LAB, DocumentScreen, ("state", "lab"), (), Refused(_READ_ONLY, LAB, closed)),
    Case("catalogue", LAB, CatalogueScreen, ("catalogue",), (), Refused(_READ_ONLY, LAB, closed)),
    Case("document", LAB, TextScreen, ("state", "lab")),
    Case("runs", LAB, RunsScreen, ("deployments", "lab")),
    Case("draft", LAB, TextScreen, ("state", "lab"), (), Refused("is what is deployed", LAB), drafted),
    Case("component-log", CLUSTER, TextScreen, ("component_lines", "lab", "alpha")),
    Case("cancel", LAB, ConfirmScreen, ("cancel", "lab"), YES, Refused("nothing runs in lab", LAB), running),
    Case("rename-environment", LAB, AskScreen, ("rename", "lab", "labz"), ("end", "z", "enter"),
         Refused(_READ_ONLY, LAB, closed)),
    Case("clone-environment", LAB, AskScreen, ("clone", "lab", "lab-2z"), ("end", "z", "enter")),
    Case("export-environment", LAB, AskScreen, ("export", "lab", "lab.yamlz"), ("end", "z", "enter")),
    Case("drop-draft", LAB, ConfirmScreen, ("discard", "lab"), YES, Refused("is what is deployed", LAB), drafted),
)  # fmt: skip

LIVE = (
    Case("describe", WEB, TextScreen, ("describe", _WEB), (), _no_right(WEB)),
    Case("yaml", WEB, TextScreen, ("yaml", _WEB), (), _no_right(WEB)),
    Case("instance-logs", REPLICA, LogScreen, ("logs", (_REPLICA,)), (), _no_right(REPLICA)),
    Case("service-logs", NODE, LogScreen, ("service_logs", "lab/alpha", "kube-2", "kubelet"), (),
         Refused(_TWO, _NODES)),
    Case("previous-logs", _CRASHING, LogScreen, ("logs", (f"Pod default/{_CRASHING.name}", "previous")), (),
         Refused("there is no log before this one", REPLICA)),
    Case("shell", REPLICA, MainScreen, ("shell", _REPLICA, ()), (), _OVER),
    Case("ssh", NODE, MainScreen, ("ssh", "lab/alpha", "kube-2"), (), Refused(_TWO, _NODES)),
    Case("attach", REPLICA, MainScreen, ("attach", _REPLICA), (), _OVER),
    Case("forward", WEB, AskScreen, ("forward", _WEB, 80, 0), (*"80", "enter"), _no_right(WEB)),
    Case("show-node", REPLICA, MainScreen, ("listing", "nodes"), (), Refused("waiting is on no node yet", _WAITING)),
    Case("show-owner", REPLICA, MainScreen, ("owners", _REPLICA), (), Refused("alone has no owner", _ALONE)),
    Case("used-by", REPLICA, MainScreen, ("used_by", _REPLICA), (), Refused(_TWO, _NODES)),
    Case("history", WEB, TextScreen, ("rollout", _WEB), (),
         Refused(_TWO, row("deployments", "held", several=True))),
    Case("reveal", SECRETS, TextScreen, ("secret", "Secret default/keys"), (), _no_right(SECRETS)),
    Case("inside", CLUSTER, TextScreen, ("etcd", "lab/alpha"), (), Refused(_TWO, _NODES)),
    Case("copy-from", REPLICA, AskScreen, _perform("copy-from", _REPLICA, remote="/from", local="here"),
         (*"/from", "down", *"here", "enter"), _OVER),
    Case("edit", WEB, MainScreen, ("replace", _WEB, "replicas: 2\n", "replicas: 3\n"), (),
         Refused(_READ_ONLY, WEB, closed)),
    Case("copy-to", REPLICA, AskScreen, _perform("copy-to", _REPLICA, local="here", remote="/to"),
         (*"here", "down", *"/to", "enter"), _OVER),
    Case("scale-up", WEB, MainScreen, _perform("scale-up", _WEB), (), _CONTROLLED),
    Case("scale-down", WEB, MainScreen, _perform("scale-down", _WEB), (), _CONTROLLED),
    Case("scale", WEB, AskScreen, _perform("scale", _WEB, replicas=5), ("backspace", "5", "enter"), _CONTROLLED),
    Case("restart", WEB, ConfirmScreen, _perform("restart", _WEB), YES, _PAUSED),
    Case("undo", WEB, AskScreen, _perform("undo", _WEB, revision=3), ("backspace", "3", "enter"), _PAUSED),
    Case("hold", WEB, ConfirmScreen, _perform("hold", _WEB), YES,
         Refused("the rollout of a DaemonSet cannot be paused", row("daemonsets", "agent"))),
    Case("suspend", CRONJOB, ConfirmScreen, _perform("suspend", "CronJob default/nightly"), YES,
         Refused(_READ_ONLY, CRONJOB, closed)),
    Case("trigger", CRONJOB, ConfirmScreen, _perform("trigger", "CronJob default/nightly"), YES,
         Refused(_READ_ONLY, CRONJOB, closed)),
    Case("set-image", WEB, AskScreen, _perform("set-image", _WEB, container="site", image="nginx:1.29-alpine"),
         ("down", "end", *"-alpine", "enter"), _CONTROLLED),
    Case("recreate", REPLICA, ConfirmScreen, _perform("recreate", _REPLICA), YES,
         Refused("nothing would bring it back", _ALONE)),
    Case("restart-instance", REPLICA, ConfirmScreen, _perform("restart-instance", _REPLICA), YES, _OVER),
    Case("cordon", NODE, ConfirmScreen, _perform("cordon", "Node kube-2"), YES,
         Refused("kube-3 is cordoned already", _CLOSED_NODE)),
    Case("uncordon", _CLOSED_NODE, ConfirmScreen, _perform("uncordon", "Node kube-3"), YES,
         Refused("kube-2 is not cordoned", NODE)),
    Case("drain", NODE, AskScreen, _perform("drain", "Node kube-2", grace=None, timeout=300, force=False), TAKE,
         Refused(_READ_ONLY, NODE, closed)),
    Case("delete", WEB, AskScreen, _perform("delete", _WEB, grace=None, force=False, propagation="Background"), TAKE,
         Refused("kube-2 is a machine of lab/alpha", NODE)),
)  # fmt: skip

CASES: tuple[Case, ...] = (*DECLARED, *CONSOLE, *LIVE)
