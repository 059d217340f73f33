"""A description as a whole: metadata, what the kind has to say, events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.describe.kinds import DESCRIBERS, anything
from core.kube.describe.words import Object, fields, listed, section, table, word
from core.kube.objects import APPLIED, read
from core.kube.rows import EventRow
from core.kube.tables.events import count
from core.kube.words import age_text, event_time
from core.live.objects import Target

_MOST_EVENTS = 30
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_BUILT_IN = frozenset({"", "apps", "batch", "networking.k8s.io"})


async def describe(cluster: Cluster, target: Target) -> str:
    """The object in words.

    Raises:
        Trouble: it is gone, or the server does not answer.
    """
    thing = await read(cluster, target)
    lines = description(thing)
    lines += section("Events", await _events(cluster, target, thing["metadata"].get("uid", "")))
    return "\n".join(lines) + "\n"


def description(thing: Object) -> list[str]:
    """An object in lines, without its events."""
    metadata = thing["metadata"]
    # What kubectl keeps for itself is the whole object once more, a secret's values among it.
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != APPLIED}
    pairs = [("Name", metadata["name"])]
    pairs += [("Namespace", metadata["namespace"])] if metadata.get("namespace") else []
    pairs += [
        ("Kind", f"{thing.get('kind', '')} ({thing.get('apiVersion', '')})"),
        ("Labels", listed(metadata.get("labels"))),
        ("Annotations", listed(annotations)),
        ("Created", word(metadata.get("creationTimestamp"))),
    ]
    if owners := metadata.get("ownerReferences"):
        pairs.append(("Owned by", ", ".join(f"{owner['kind']} {owner['name']}" for owner in owners)))
    if gone := metadata.get("deletionTimestamp"):
        held = ", ".join(metadata.get("finalizers") or ())
        pairs.append(("Deleted", f"{gone}{', held by ' + held if held else ''}"))
    group = str(thing.get("apiVersion", "")).rpartition("/")[0]
    describer = DESCRIBERS.get(str(thing.get("kind"))) if group in _BUILT_IN else None
    return [*fields(pairs), *(describer or anything)(thing)]


async def _events(cluster: Cluster, target: Target, uid: str) -> list[str]:
    # A node's events name it by its name, not by its uid.
    wanted = f"involvedObject.name={target.name},involvedObject.kind={target.kind.kind}"
    path = paths.events(target.namespace) if target.namespace else paths.collection("v1", "events")
    try:
        found = await cluster.list(path, EventRow, fields=wanted)
    except Trouble as trouble:
        return [f"cannot be read: {trouble}"]
    mine = [event for event in found if event.involved_object.uid in ("", uid, target.name)]
    return event_lines(mine, datetime.now(UTC))


def event_lines(found: Sequence[EventRow], now: datetime) -> list[str]:
    """The newest events as a table, the oldest of them first."""
    newest = sorted(found, key=lambda event: event_time(event) or _LONG_AGO)[-_MOST_EVENTS:]
    rows = [
        [_ago(event, now), event.type, event.reason, f"x{count(event)}", " ".join(event.message.split())]
        for event in newest
    ]
    return table(["Ago", "Type", "Reason", "Count", "Message"], rows) if rows else ["none"]


def _ago(event: EventRow, now: datetime) -> str:
    moment = event_time(event)
    return "?" if moment is None else age_text(max(0, int((now - moment).total_seconds())))
