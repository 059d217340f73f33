"""Pods (kubernetes/pkg/printers/internalversion: printPod)."""

from __future__ import annotations

from core.kube.rows import PodRow
from core.kube.tables.columns import AGE, LABELS, NAME, NAMESPACE, joined, number, share, text
from core.kube.words import pod_words
from core.live.tables import Health

_ON_ITS_WAY = frozenset({"Pending", "ContainerCreating", "PodInitializing", "Terminating", "SchedulingGated"})
_FINISHED = frozenset({"Succeeded", "Completed"})


def health(pod: PodRow) -> Health:
    """From the word that kubectl shows: a pod that runs without all its containers ready is to be looked at."""
    words = pod_words(pod)
    if words.status == "Running":
        return "good" if words.ready == words.total else "warn"
    if words.status in _FINISHED:
        return "done"
    if words.status == "Unknown":
        return "unknown"
    return "busy" if words.status in _ON_ITS_WAY or _initialising(words.status) else "bad"


def _initialising(word: str) -> bool:
    """Counting ("Init:1/2"), not in trouble ("Init:Error")."""
    return word.startswith("Init:") and word[5:6].isdigit()


def images(pod: PodRow) -> str:
    """What its containers run."""
    return joined(container.image for container in pod.spec.containers)


COLUMNS = (
    NAMESPACE,
    NAME,
    share("READY", lambda pod: pod_words(pod).ready, lambda pod: pod_words(pod).total),
    text("STATUS", lambda pod: pod_words(pod).status),
    number("RESTARTS", lambda pod: pod_words(pod).restarts),
    AGE,
    text("IP", lambda pod: str(pod.status.pod_ip)),
    text("NODE", lambda pod: str(pod.spec.node_name)),
    text("IMAGES", images, wide=True),
    LABELS,
)
