"""`gondolier simulator` and `gondolier demo` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from core.simulator.faults import KINDS

Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs a command with a home of its own."""
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        return runner.invoke(main, list(arguments))

    yield run
    run("simulator", "stop")


def test_its_status_starts_nothing(command: Command) -> None:
    assert command("simulator", "status").output == "the simulator does not run\n"
    assert json.loads(command("simulator", "status", "--json").output) == {"running": False}
    assert command("simulator", "stop").output == "the simulator did not run\n"


def test_it_is_started_with_settings_and_stopped(command: Command) -> None:
    started = command("simulator", "start", "--idle", "30", "--pace", "2")
    assert started.exit_code == 0, started.output
    status = json.loads(command("simulator", "status", "--json").output)
    assert (status["running"], status["idle_limit"], status["pace"]) == (True, 30, 2)
    assert command("simulator", "stop").output == "the simulator has stopped\n"


def test_faults_are_injected_listed_and_cleared(command: Command) -> None:
    injected = command("simulator", "inject", "slow-machine", "lab/kube-2", "factor=10", "--for", "60")
    assert injected.output.startswith("fault 1: everything that the machine does")
    command("simulator", "inject", "pod-crash-loop", "lab", "--pod", "web", "--count", "3")

    first, second = json.loads(command("simulator", "faults", "--json").output)
    assert (first["kind"], first["machine"], first["parameters"]["factor"]) == ("slow-machine", "kube-2", 10)
    assert (second["pod"], second["left"]) == ("web", 3)
    assert "lab/kube-2" in command("simulator", "faults").output

    assert command("simulator", "clear", "1").output == "1 faults cleared\n"
    assert command("simulator", "clear", "--all").output == "1 faults cleared\n"
    assert json.loads(command("simulator", "faults", "--json").output) == []


def test_what_cannot_be_injected_is_refused(command: Command) -> None:
    refused = command("simulator", "inject", "machine-vanished", "lab")
    assert (refused.exit_code, "name it" in refused.output) == (4, True)
    assert command("simulator", "inject", "disk-full", "lab", "size").exit_code == 2
    assert command("simulator", "inject", "clock-skew", "lab", "seconds=many").exit_code == 2
    assert command("simulator", "inject", "flood", "lab").exit_code == 2
    assert command("simulator", "clear").exit_code == 2


def test_every_kind_is_listed(command: Command) -> None:
    rows = command("simulator", "kinds").output.splitlines()[1:]
    assert [row.split()[0] for row in rows] == list(KINDS)
    assert [kind["name"] for kind in json.loads(command("simulator", "kinds", "--json").output)] == list(KINDS)


def test_the_demo_needs_a_terminal_or_to_be_told_that_there_is_none(command: Command) -> None:
    refused = command("demo")
    assert (refused.exit_code, "--headless" in refused.output) == (2, True)
