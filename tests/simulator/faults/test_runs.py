"""What befalls the deploying process and its memory: a second one, a cancel, a database that is cut or lost."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from core.console import Console
from core.engine.errors import Refusal
from core.simulator.messages import Seen
from core.store.store import Store
from tests.simulator.faults.conftest import TEXT
from tests.simulator.home import Home
from tests.simulator.lab import Lab
from tests.simulator.operated import OperatedLab

DATABASE = "gondolier.db"


async def test_a_second_run_is_refused_with_the_first_ones_process(lab: OperatedLab) -> None:
    await lab.inject("slow-machine", parameters={"latency_ms": 20})
    first = Home(lab.home).start("deploy", "lab")
    assert first.stdout is not None
    assert "deploy started" in await asyncio.to_thread(first.stdout.readline)
    with pytest.raises(Refusal, match=rf"\(process {first.pid}\) has gone on for"):
        await lab.deploy()
    output, _ = await asyncio.to_thread(first.communicate)
    assert first.returncode == 0, output


async def test_a_cancelled_run_says_what_was_not_done_and_the_next_one_goes_on(lab: OperatedLab) -> None:
    run = Home(lab.home).start("action", "lab/alpha", "scale-workers-up")
    output = await asyncio.to_thread(_interrupted, run)
    assert run.returncode == 130, output
    assert "scale-workers-up was cancelled" in output
    assert "alpha: every condition holds: skipped: not started: the run was cancelled" in output
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert "kube-4" in await lab.machines()
    assert (await lab.act("alpha", "scale-workers-down")).good


def _interrupted(run: subprocess.Popen[str]) -> str:
    """Press Ctrl-C as soon as the run creates a machine, and read its output to the end."""
    assert run.stdout is not None
    lines = []
    for line in run.stdout:
        lines.append(line)
        if "creating machine" in line:
            run.send_signal(signal.SIGINT)
    run.wait()
    return "".join(lines)


async def test_a_run_of_the_console_goes_on_without_it_and_is_followed_from_elsewhere(lab: OperatedLab) -> None:
    await lab.inject("slow-machine", parameters={"latency_ms": 10})
    await Console(lab.console.store).deploy("lab")
    with Store(lab.home) as store:
        lines = [line.text async for line in Console(store).follow("lab")]
    assert lines[0].startswith("deploy started by")
    assert lines[-1] == "deploy finished"


async def test_a_database_whose_last_writes_were_cut_is_read_up_to_there(lab: OperatedLab, tmp_path: Path) -> None:
    deployment = lab.console.store.deployments.latest("lab")
    assert deployment is not None
    whole = lab.console.store.lines.after(deployment.id)
    lab.console.store.values.set("lab", "", "note", "the last write")
    for file in lab.home.glob(f"{DATABASE}*"):
        shutil.copy(file, tmp_path / file.name)
    log = tmp_path / f"{DATABASE}-wal"
    log.write_bytes(log.read_bytes()[:-100])
    with Store(tmp_path) as cut:
        assert cut.lines.after(deployment.id) == whole
        assert cut.values.get("lab", "", "note") is None
    lab.console.store.values.delete("lab", "", "note")


async def test_a_lost_database_is_made_anew_from_what_is_there(home: Path) -> None:
    with Store(home) as store:
        before = await _identities(Lab(home, store))
    for file in home.glob(f"{DATABASE}*"):
        file.unlink()
    with Store(home) as store:
        lab = Lab(home, store)
        outcome = await lab.deploy(TEXT)
        assert outcome.good, "\n".join([outcome.message, *lab.report.texts])
        assert await _identities(lab) == before
        assert await lab.plan() == []


async def _identities(lab: Lab) -> dict[str, str]:
    seen = await lab.client.ask("machines", list[Seen], environment=lab.environment)
    return {each.name: each.id for each in seen}
