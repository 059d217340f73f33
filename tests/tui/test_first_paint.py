"""What the console imports before its first paint, and what the command does without a terminal.

The subprocess opens the real application headless, prints the loaded modules in the moment of the first paint, and
leaves; nothing of the test's own imports can hide or cause one.
"""

from __future__ import annotations

import subprocess
import sys
from typing import ClassVar

import click
import pytest

_SCRIPT = """
import asyncio, sys
from tui.app import GondolierApp

async def connect():
    await asyncio.Event().wait()

def painted():
    print("\\n".join(sys.modules))
    app.exit()

app = GondolierApp(connect, environ={}, first_paint=painted)
app.run(headless=True, size=(160, 45))
"""

FORBIDDEN = (
    "openstack",
    "keystoneauth1",
    "kubernetes_asyncio",
    "asyncssh",
    "aiodocker",
    "aiohttp",
    "pydantic",
    "msgspec",
    "cryptography",
    "jinja2",
    "yaml",
    "sqlite3",
    "psutil",
    "markdown_it",
    "pygments",
    "click",
    "core.console",
    "core.cli",
    "core.model",
    "core.store",
    "core.engine",
    "core.clouds",
    "core.cluster",
    "core.kube",
    "core.machines",
)


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules that are loaded when the first frame is on the screen."""
    result = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, timeout=60, check=True)
    return set(result.stdout.split())


def test_the_main_screen_is_what_was_painted(loaded: set[str]) -> None:
    assert {"tui.screens.main", "tui.widgets.environment_tree", "core.actions"} <= loaded


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_heavy_is_imported_before_the_first_paint(loaded: set[str], name: str) -> None:
    assert not [module for module in loaded if module == name or module.startswith(f"{name}.")]


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_terminal_the_command_says_what_to_do_instead() -> None:
    result = run_command()
    assert result.returncode == 2
    assert "needs a terminal" in result.stderr
    assert "gondolier --help" in result.stderr
    assert result.stdout == ""


def test_arguments_are_handed_over_to_the_command_line_which_has_serve_then(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    from tui.__main__ import main

    class CommandLine:
        """Stands for the command line: keeps what is added to it, ends with 7."""

        added: ClassVar[list[str | None]] = []

        def add_command(self, command: click.Command) -> None:
            self.added.append(command.name)

        def __call__(self, obj: object) -> int:
            return 7

    command_line = types.ModuleType("core.cli")
    command_line.main = CommandLine()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "core.cli", command_line)
    monkeypatch.setattr(sys, "argv", ["gondolier", "status", "lab"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 7
    assert CommandLine.added == ["serve"]
