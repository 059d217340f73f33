"""Exports a picture of the real console with the tests' landscape.

`python -m tests.tui.picture OUT.svg [COLUMNSxLINES]` writes the README's picture.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from core.engine.errors import Unreachable
from core.status import ConditionStatus, EnvironmentStatus, NodeStatus
from tests.tui.data import NOON, alpha, jobs, lab, landscape, web
from tests.tui.driving import settled, until
from tests.tui.fake_console import FakeConsole
from tui.app import GondolierApp
from tui.context import Context
from tui.view_models.glyphs import ASCII, UNICODE

_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Fonts that the picture would fetch from elsewhere; the reader's own monospace font does as well."""

Scene = Callable[[Pilot[None], FakeConsole], Awaitable[None]]


async def main_scene(pilot: Pilot[None], fake: FakeConsole) -> None:
    """A worker joins alpha while another environment does not answer."""
    node = NodeStatus("kube-5", "worker", False, "10.7.0.15", "joining etcd")
    fake.queue("lab").put_nowait(scaling(node))
    fake.queue("shop-test").put_nowait(Unreachable("no answer in 5 s", where="keystone.example.org"))
    board = app_of(pilot).main.board
    await until(pilot, lambda: board.ageing and board.running == ["lab"])
    await until(pilot, lambda: not app_of(pilot).main.refreshing)
    app_of(pilot).main.environments.select(("lab", "alpha"))
    await pilot.pause()


def scaling(node: NodeStatus) -> EnvironmentStatus:
    """The lab while this worker joins its cluster."""
    waiting = ConditionStatus("WorkersReady", "False", "Joining", f"{node.name}: learner in etcd, kubelet waits for it")
    cluster = alpha()
    conditions = tuple(waiting if one.type == waiting.type else one for one in cluster.conditions[1:])
    ready = ConditionStatus("Ready", "False", "Scaling", "6 of 7 conditions hold")
    grown = replace(cluster, workers=4, nodes=(*cluster.nodes, node), conditions=(ready, *conditions))
    calm = replace(jobs(), conditions=(ConditionStatus("Available", "True", "Rolled", "1 of 1 replica is available"),))
    running = replace(jobs().instances[0], status="Running", ready=True, restarts=0)
    return replace(lab("deploying"), components=(grown, web(), replace(calm, ready_replicas=1, instances=(running,))))


def app_of(pilot: Pilot[None]) -> GondolierApp:
    """The console that the pilot drives."""
    assert isinstance(pilot.app, GondolierApp)
    return pilot.app


async def draw(scene: Scene, size: tuple[int, int], theme: str = "lagoon", ascii: bool = False) -> str:
    """The SVG of the console after the scene was played."""
    fake = landscape()
    context = Context(ASCII if ascii else UNICODE, clock=lambda: NOON + 11)
    app = GondolierApp(fake.connect, environ={"GONDOLIER_THEME": theme}, context=context)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, app, fake)
        await scene(pilot, fake)
        await pilot.pause()
        return _FONT_FACE.sub("", app.export_screenshot(title="Gondolier"))


def main() -> None:
    """Write the README's picture."""
    target = Path(sys.argv[1])
    columns, lines = (sys.argv[2] if len(sys.argv) > 2 else "140x34").split("x")
    target.write_text(asyncio.run(draw(main_scene, (int(columns), int(lines)))), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
