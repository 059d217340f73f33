"""The actions on live objects of a cluster, with k9s' keys where it has them.

A key's actions are all harmless, or all change something, whatever the object (a test holds it).
"""

from __future__ import annotations

from collections.abc import Mapping

from core.actions.live_guards import (
    above_zero,
    cordoned,
    each,
    has_owner,
    not_a_machine,
    not_owned,
    not_paused,
    owned,
    pausable,
    restarted,
    runs,
    schedulable,
    scheduled,
)
from core.actions.registry import Action, Ask, Need, Subject, always

SUBJECTS: Mapping[str, tuple[Subject, ...]] = {
    "Node": ("node",),
    "Pod": ("instance",),
    "Deployment": ("rollout", "scalable", "workload"),
    "StatefulSet": ("rollout", "scalable", "workload"),
    "DaemonSet": ("rollout", "workload"),
    "ReplicaSet": ("scalable", "workload"),
    "ReplicationController": ("scalable", "workload"),
    "Job": ("workload",),
    "CronJob": ("cronjob",),
    "Service": ("service",),
    "Secret": ("secret",),
}


def subjects_of(kind: str) -> tuple[Subject, ...]:
    """What objects of a kind are to actions, the nearest first; every one is an "object"."""
    return (*SUBJECTS.get(kind, ()), "object")


_OBJECT: frozenset[Subject] = frozenset({"object"})
_NODE: frozenset[Subject] = frozenset({"node"})
_INSTANCE: frozenset[Subject] = frozenset({"instance"})
_LOGGED: frozenset[Subject] = frozenset({"instance", "workload"})
_FORWARDED: frozenset[Subject] = frozenset({"instance", "workload", "service"})
_SCALABLE: frozenset[Subject] = frozenset({"scalable"})
_ROLLOUT: frozenset[Subject] = frozenset({"rollout"})
_CRONJOB: frozenset[Subject] = frozenset({"cronjob"})
_IMAGED: frozenset[Subject] = frozenset({"instance", "rollout"})
_VIEWED: frozenset[Subject] = frozenset({"cluster", "gateways", "node"})

_GET = Need("get")
_PATCH = Need("patch")
_DELETE = Need("delete")
_LOG = Need("get", "log", "pods")
_EXEC = Need("create", "exec", "pods")
_SCALE = Need("patch", "scale")

_GRACE = Ask("grace", "Grace period in seconds", "number", optional=True, help="empty: as the object says")
_FORCE = Ask("force", "Do not wait for it to end", "flag", default=False, help="what it runs may go on unseen")

LIVE: tuple[Action, ...] = (
    Action("describe", "Describe", _OBJECT, "none", always, "d", (_GET,), shows=True),
    Action("yaml", "YAML", _OBJECT, "none", always, "y", (_GET,), shows=True),
    Action("instance-logs", "Logs", _LOGGED, "none", always, "l", (_LOG,), bulk=True, shows=True),
    Action("service-logs", "Logs of its services", _NODE, "none", always, "l", shows=True),
    Action("previous-logs", "Logs before the restart", _INSTANCE, "none", each(restarted), "p", (_LOG,), shows=True),
    Action("shell", "Shell", _INSTANCE, "none", each(runs), "s", (_EXEC,), shows=True),
    Action("ssh", "SSH", _NODE, "none", always, "s", shows=True),
    Action("attach", "Attach", _INSTANCE, "none", each(runs), "a", (Need("create", "attach", "pods"),), shows=True),
    Action(
        "forward",
        "Port-forward",
        _FORWARDED,
        "none",
        always,
        "F",
        (Need("create", "portforward", "pods"),),
        (Ask("remote", "Port", "number"), Ask("local", "Port here", "number", default=0, help="0: any free one")),
        shows=True,
    ),
    Action("show-node", "Its node", _INSTANCE, "none", each(scheduled), "o", shows=True),
    Action("show-owner", "Its owner", _OBJECT, "none", each(has_owner), "O", shows=True),
    Action("used-by", "Used by", _OBJECT, "none", always, "u", shows=True),
    Action("history", "Rollout: status and revisions", _ROLLOUT, "none", always, "h", shows=True),
    Action("reveal", "Show its values", frozenset({"secret"}), "none", always, "x", (_GET,), shows=True),
    Action("inside", "What is inside: gateway, etcd", _VIEWED, "none", always, "v", shows=True),
    Action(
        "copy-from",
        "Copy files from it",
        _INSTANCE,
        "none",
        each(runs),
        "t",
        (_EXEC,),
        (
            Ask("remote", "Path in the container"),
            Ask("local", "Path here"),
        ),
    ),
    Action("edit", "Edit", _OBJECT, "changes", always, "e", (_GET, Need("update")), shows=True),
    Action(
        "copy-to",
        "Copy files to it",
        _INSTANCE,
        "changes",
        each(runs),
        "T",
        (_EXEC,),
        (
            Ask("local", "Path here"),
            Ask("remote", "Path in the container"),
        ),
    ),
    Action("scale-up", "One replica more", _SCALABLE, "changes", each(not_owned), "+", (_SCALE,), bulk=True),
    Action(
        "scale-down", "One replica less", _SCALABLE, "changes", each(not_owned, above_zero), "-", (_SCALE,), bulk=True
    ),
    Action(
        "scale",
        "Scale",
        _SCALABLE,
        "changes",
        each(not_owned),
        "=",
        (_SCALE,),
        (Ask("replicas", "Replicas", "number"),),
        bulk=True,
    ),
    Action("restart", "Restart, one after another", _ROLLOUT, "changes", each(not_paused), "r", (_PATCH,), bulk=True),
    Action(
        "undo",
        "Back to a former revision",
        _ROLLOUT,
        "changes",
        each(not_paused),
        "U",
        (_PATCH,),
        (Ask("revision", "Revision", "number", default=0, help="0: the one before"),),
    ),
    Action("hold", "Pause or resume the rollout", _ROLLOUT, "changes", each(pausable), "H", (_PATCH,), bulk=True),
    Action("suspend", "Suspend or resume", _CRONJOB, "changes", always, "H", (_PATCH,), bulk=True),
    Action(
        "trigger", "Run it now", _CRONJOB, "changes", always, "R", (Need("create", "", "jobs", "batch"),), bulk=True
    ),
    Action(
        "set-image",
        "Set the image",
        _IMAGED,
        "changes",
        each(not_owned),
        "i",
        (_PATCH,),
        (
            Ask("container", "Container"),
            Ask("image", "Image"),
        ),
        bulk=True,
    ),
    Action("recreate", "Recreate", _INSTANCE, "destroys", each(owned), "R", (_DELETE,), bulk=True),
    Action("restart-instance", "Restart its containers", _INSTANCE, "changes", each(runs), "r", bulk=True),
    Action("cordon", "Cordon", _NODE, "changes", each(schedulable), "C", (_PATCH,), bulk=True),
    Action("uncordon", "Uncordon", _NODE, "changes", each(cordoned), "U", (_PATCH,), bulk=True),
    Action(
        "drain",
        "Drain",
        _NODE,
        "destroys",
        always,
        "X",
        (_PATCH, Need("create", "eviction", "pods")),
        (
            _GRACE,
            Ask("timeout", "Longest time in seconds", "number", default=300),
            Ask(
                "force", "Lose pods that nothing brings back", "flag", default=False, help="also against their budgets"
            ),
        ),
    ),
    Action(
        "delete",
        "Delete",
        _OBJECT,
        "destroys",
        not_a_machine,
        "delete",
        (_DELETE,),
        (
            _GRACE,
            _FORCE,
            Ask("propagation", "What it owns", "choice", "Background", ("Background", "Foreground", "Orphan")),
        ),
        bulk=True,
    ),
)
