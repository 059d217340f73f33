"""The actions that only show something of live objects: each opens a screen, a table or the terminal."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.live.logs import LogQuery
from core.live.objects import Target
from tui.messages import Told
from tui.screens.choose import Choice, ChooseScreen
from tui.screens.logs import LogScreen
from tui.screens.text import TextScreen
from tui.terminal import run_program, run_session
from tui.verbs import Offer
from tui.view_models.inside import etcd_text, gateway_text
from tui.view_models.live_targets import NODE, clusters_of
from tui.view_models.log_feed import TAIL, UNITS, LogFeed
from tui.view_models.object_view import object_of

if TYPE_CHECKING:
    from core.live.api import LiveApi
    from tui.screens.main import MainScreen

Show = Callable[["MainScreen", Offer], Awaitable[None]]

_LOOK_AGAIN = 2.0
"""Seconds between two looks at what is inside a gateway or etcd."""


async def describe(screen: MainScreen, offer: Offer) -> None:
    """The object in words, with its events."""
    target = offer.selection.objects[0]
    screen.app.push_screen(TextScreen(screen.shared, f"{target}", lambda: _live(screen).describe(target), "describe"))


async def yaml(screen: MainScreen, offer: Offer) -> None:
    """The object as it is in the API."""
    target = offer.selection.objects[0]
    screen.app.push_screen(TextScreen(screen.shared, f"{target}, YAML", lambda: _live(screen).yaml(target), "yaml"))


async def logs(screen: MainScreen, offer: Offer) -> None:
    """What these pods, or the pods of these workloads, write; of a line of the tree it is beside it."""
    if not screen.chosen:
        await screen.show_tab("logs")
        return
    targets = offer.selection.objects
    title = targets[0].name if len(targets) == 1 else f"{len(targets)} {targets[0].kind.resource}"
    screen.app.push_screen(LogScreen(screen.shared, LogFeed(title, LogQuery(targets=targets, tail=TAIL))))


async def previous_logs(screen: MainScreen, offer: Offer) -> None:
    """What the pod wrote before it was restarted."""
    targets = offer.selection.objects
    query = LogQuery(targets=targets, previous=True, tail=TAIL, follow=False)
    screen.app.push_screen(LogScreen(screen.shared, LogFeed(targets[0].name, query)))


async def service_logs(screen: MainScreen, offer: Offer) -> None:
    """What a machine's services write; of a line of the tree it is beside it."""
    if not screen.chosen:
        await screen.show_tab("logs")
        return
    target = offer.selection.objects[0]
    feed = LogFeed(target.name, cluster=target.cluster, machine=target.name, unit=UNITS[0])
    screen.app.push_screen(LogScreen(screen.shared, feed))


async def shell(screen: MainScreen, offer: Offer) -> None:
    """A shell in the pod."""
    target = offer.selection.objects[0]
    status = await run_session(screen.app, _live(screen).shell(target), f"shell in {target.name}")
    screen.tell(Told(f"the shell in {target.name} ended with {status}", "ready" if status == 0 else "unknown"))


async def attach(screen: MainScreen, offer: Offer) -> None:
    """The pod's own main process."""
    target = offer.selection.objects[0]
    await run_session(screen.app, _live(screen).attach(target), f"attached to {target.name}")


async def ssh(screen: MainScreen, offer: Offer) -> None:
    """A session on the machine."""
    target = offer.selection.objects[0]
    status = await run_program(screen.app, await _live(screen).ssh(target.cluster, target.name))
    screen.tell(Told(f"SSH to {target.name} ended with {status}", "ready" if status == 0 else "unknown"))


async def show_node(screen: MainScreen, offer: Offer) -> None:
    """The node that the pod runs on."""
    target = offer.selection.objects[0]
    name = getattr(getattr(target.row, "spec", None), "node_name", "")
    if not name:
        owner = offer.selection.component
        name = next((one.node for one in owner.instances if one.name == target.name), "") if owner else ""
    await screen.open_objects(object_of(Target(target.cluster, NODE, name)))


async def show_owner(screen: MainScreen, offer: Offer) -> None:
    """What owns the object."""
    target = offer.selection.objects[0]
    await _jump(screen, f"Owners of {target.name}", await _live(screen).owners(target), f"{target.name} has no owner")


async def used_by(screen: MainScreen, offer: Offer) -> None:
    """What uses the object."""
    target = offer.selection.objects[0]
    await _jump(screen, f"{target} is used by", await _live(screen).used_by(target), f"nothing uses {target.name}")


async def history(screen: MainScreen, offer: Offer) -> None:
    """How a rollout goes, and its revisions."""
    target = offer.selection.objects[0]

    async def read() -> str:
        return "\n".join(await _live(screen).rollout(target))

    screen.app.push_screen(TextScreen(screen.shared, f"rollout of {target.name}", read))


async def reveal(screen: MainScreen, offer: Offer) -> None:
    """A secret's values, in plain sight: the person asked for it."""
    target = offer.selection.objects[0]

    async def read() -> str:
        values = await _live(screen).secret(target)
        return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in sorted(values.items()))

    screen.app.push_screen(TextScreen(screen.shared, f"values of {target.name}", read, "yaml"))


async def inside(screen: MainScreen, offer: Offer) -> None:
    """What is inside a gateway's HAProxy or a cluster's etcd, looked at again and again."""
    gateways = _gateways(offer)
    cluster = offer.selection.objects[0].cluster if offer.selection.objects else clusters_of(screen.line)[0]
    live, clock = _live(screen), screen.shared.clock

    async def read_gateways() -> str:
        return "\n\n".join([gateway_text(await live.gateway(cluster, name), clock()) for name in gateways])

    async def read_etcd() -> str:
        return etcd_text(await live.etcd(cluster))

    read = read_gateways if gateways else read_etcd
    title = f"inside {', '.join(gateways)}" if gateways else f"etcd of {cluster}"
    screen.app.push_screen(TextScreen(screen.shared, title, read, "describe", every=_LOOK_AGAIN))


def _gateways(offer: Offer) -> Sequence[str]:
    """The gateways that the offer is about, none where it is about a cluster or another node."""
    nodes = {node.name: node.role for component in offer.selection.environment.components for node in component.nodes}
    if offer.selection.objects:
        return [target.name for target in offer.selection.objects if nodes.get(target.name) == "gateway"]
    return []


async def _jump(screen: MainScreen, title: str, found: Sequence[Target], nothing: str) -> None:
    """Go to the one that was found, or let the person choose."""
    if not found:
        screen.tell(Told(nothing, "unknown"))
        return
    chosen = found[0]
    if len(found) > 1:
        choices = [Choice(str(number), str(target)) for number, target in enumerate(found)]
        wanted = await screen.app.push_screen_wait(ChooseScreen(screen.shared, title, choices))
        if not wanted:
            return
        chosen = found[int(wanted[0])]
    await screen.open_objects(object_of(chosen))


def _live(screen: MainScreen) -> LiveApi:
    return screen.shared.ask().live


SHOWS: Mapping[str, Show] = {
    "describe": describe,
    "yaml": yaml,
    "instance-logs": logs,
    "previous-logs": previous_logs,
    "service-logs": service_logs,
    "shell": shell,
    "attach": attach,
    "ssh": ssh,
    "show-node": show_node,
    "show-owner": show_owner,
    "used-by": used_by,
    "history": history,
    "reveal": reveal,
    "inside": inside,
}
"""What each action of the registry that only shows something opens; edit and forward ask first."""
