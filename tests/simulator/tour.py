"""A tour of the console on simulated machines, to be read or to be watched: `python -m tests.simulator.tour [--quiet]`.

The real console over the real core drives a whole life: an environment is made by form, planned, deployed and watched,
its pods are listed, described and tailed, a worker is added, the API is broken and comes back, everything is destroyed.
Each step waits for what it wants to see, and prints the screen then; the tour fails where that does not come.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from tests.tui.snapshots import screen_text
from tui.__main__ import connect
from tui.app import GondolierApp

_DEADLINE = 180.0
"""Seconds after which something that does not come is a failure."""


@dataclass(slots=True)
class Guide:
    """Presses keys and waits for words on the screen."""

    app: GondolierApp
    pilot: Pilot[None]
    quiet: bool
    step: int = 0

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        await self.pilot.press(*text)

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > _DEADLINE:
                raise SystemExit(f"{what}: it did not come within {_DEADLINE:.0f} s\n{screen_text(self.app)}")
            await self.pilot.pause(0.05)

    async def see(self, title: str, *words: str) -> None:
        """Wait until all these words are on the screen, then show it."""
        await self.until(lambda: all(word in screen_text(self.app) for word in words), title)
        self.step += 1
        print(f"\n{self.step}. {title}")
        if not self.quiet:
            print(screen_text(self.app))

    async def select(self, *key: str) -> None:
        await self.until(lambda: self._select(key), f"the line {'/'.join(key)}")
        await self.pilot.pause()

    async def into(self, tab: str) -> None:
        """Open a tab, and give it the focus."""
        await self.press(tab)
        if not self.app.main.pane.has_focus_within:
            await self.press("tab")

    def _select(self, key: tuple[str, ...]) -> bool:
        tree = self.app.main.environments
        tree.select(key)
        return tree.selected is not None and tree.selected.key == key


async def tour(guide: Guide) -> None:
    """The whole life of an environment."""
    await guide.see("The console opens, and says how to begin", "There is no environment yet")
    await guide.press("colon")
    await guide.type("new")
    await guide.press("enter")
    await guide.see("A new environment is given a name", "New environment")
    await guide.press("enter")
    await guide.see("Its document is a form, checked at each letter", "nothing is wrong", "KubernetesCluster alpha")
    await guide.press("P")
    await guide.see("The plan: steps by machine, votes, nothing touched yet", "Plan of lab", "nothing has been touched")
    await guide.press("D")
    await guide.see("The run: machines and steps, streaming report, a bar", "Deployment 1", "steps")
    await guide.see("It is done", "succeeded")
    await guide.press("1", "escape")
    await guide.select("lab", "alpha")
    await guide.see("Every condition holds", "conditions hold")
    await live(guide)
    await scaled(guide)
    await broken(guide)
    await destroyed(guide)


async def live(guide: Guide) -> None:
    """Pods are listed, filtered, described, tailed and searched."""
    await guide.into("3")
    await guide.see("The pods of the cluster, kept current by watches", "coredns", "Running")
    await guide.press("slash")
    await guide.type("web")
    await guide.press("enter")
    await guide.see("A filter narrows them", "filter: web", "2 of")
    await guide.press("d")
    await guide.see("One is described", "Name:")
    await guide.press("escape", "l")
    await guide.see("Its log is read", "Logs of web", "lines")
    await guide.press("slash")
    await guide.type("e")
    await guide.press("enter")
    await guide.see("And searched", "find: e")
    await guide.press("escape", "escape", "escape", "escape")


async def scaled(guide: Guide) -> None:
    """A worker is added."""
    await guide.select("lab", "alpha", "workers")
    await guide.press("plus")
    await guide.see("One worker more is asked for", "gondolier action lab/alpha scale-workers-up")
    await guide.press("y")
    await guide.see("It arrives", "workers 3/3", "succeeded")
    await guide.press("escape")


async def broken(guide: Guide) -> None:
    """The API goes away and comes back; everything else goes on."""
    simulator("inject", "api-away", "lab")
    await guide.select("lab", "alpha")
    await guide.into("3")
    await guide.see("The API is gone: what was known stays, with its age", "stale")
    simulator("clear", "--environment", "lab")
    await guide.press("f5")
    await guide.until(lambda: "stale" not in screen_text(guide.app), "the API's return")
    await guide.see("It is back", "coredns")
    await guide.press("escape", "escape")


async def destroyed(guide: Guide) -> None:
    """The name is typed, and everything goes."""
    await guide.select("lab")
    await guide.press("delete")
    await guide.see("To destroy it, its name is typed", "Destroy lab?", "machines")
    await guide.press("tab", "tab")
    await guide.type("lab")
    await guide.press("enter")
    await guide.until(lambda: len(guide.app.main.board) == 0, "the end of the environment")
    await guide.press("1")
    await guide.see("Nothing is left", "There is no environment yet")
    await guide.press("J")
    await guide.see("The journal has it all", "destroy", "deploy", "scale-workers-up")


def simulator(*arguments: str) -> None:
    """A command of `gondolier simulator` in this home."""
    subprocess.run([sys.executable, "-m", "core", "simulator", *arguments], check=True, stdout=subprocess.DEVNULL)


async def main() -> None:
    """Play the tour in a home directory of its own."""
    app = GondolierApp(connect, environ={"GONDOLIER_CONFIG": os.devnull})
    async with app.run_test(size=(160, 45)) as pilot:
        await tour(Guide(app, pilot, "--quiet" in sys.argv))
    print("\nThe tour is over.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gondolier-tour-", ignore_cleanup_errors=True) as home:
        os.environ["GONDOLIER_HOME"] = home
        try:
            asyncio.run(main())
        finally:
            simulator("stop")
