"""Exports the README's picture: the console on a real environment.

`GONDOLIER_HOME=… python -m tests.kubernetes.picture OUT.svg ENVIRONMENT CLUSTER [COLUMNSxLINES]`
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tests.tui.driving import until
from tui.__main__ import connect
from tui.app import GondolierApp

_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Fonts that the picture would fetch from elsewhere; the reader's own monospace font does as well."""


async def draw(environment: str, cluster: str, size: tuple[int, int]) -> str:
    """The SVG once the environment was looked at."""
    app = GondolierApp(connect)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: any(_looked_at(app, environment, cluster)))
        app.main.environments.select((environment, cluster))
        await pilot.pause()
        await until(pilot, lambda: not app.main.refreshing)
        return _FONT_FACE.sub("", app.export_screenshot(title="Gondolier"))


def _looked_at(app: GondolierApp, environment: str, cluster: str) -> list[bool]:
    return [
        bool(component.nodes)
        for branch in app.main.board
        if branch.status.environment == environment
        for component in branch.status.components
        if component.name == cluster
    ]


def main() -> None:
    """Write the picture."""
    target, environment, cluster = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    columns, lines = (sys.argv[4] if len(sys.argv) > 4 else "140x34").split("x")
    target.write_text(asyncio.run(draw(environment, cluster, (int(columns), int(lines)))), encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
