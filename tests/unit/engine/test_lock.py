"""One run per environment, over all processes, with take-over from the dead alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from core.engine.errors import Refusal
from core.engine.lock import SILENCE_SECONDS, acquire, is_stale, live_holder, settle
from core.store import LockRecord, Store

HOLD = """
import sys
from pathlib import Path
from core.engine.lock import acquire
from core.engine.errors import Refusal
from core.store import Store
with Store(Path(sys.argv[1])) as store:
    sys.stdin.readline()
    try:
        acquire(store, "lab", "child")
        store.deployments.begin("lab", "deploy", "one", "child")
        print("taken", flush=True)
    except Refusal as refusal:
        print(refusal, flush=True)
    sys.stdin.readline()
"""


def child(store: Store) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", HOLD, str(store.home)], stdin=pipe, stdout=pipe, text=True)


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def record(store: Store) -> LockRecord:
    found = store.locks.holder("lab")
    assert found
    return found


def test_a_held_environment_is_refused_with_owner_host_process_and_age(store: Store) -> None:
    acquire(store, "lab", "ann")
    with pytest.raises(Refusal, match=rf"lab: a run by ann on \S+ \(process {os.getpid()}\) has gone on for \d+ s"):
        acquire(store, "lab", "bob")


def test_a_released_environment_is_free_and_others_are_never_held(store: Store) -> None:
    store.environments.create("other")
    held = acquire(store, "lab", "ann")
    acquire(store, "other", "ann")
    held.release()
    assert live_holder(store, "lab") is None
    assert acquire(store, "lab", "bob").record.owner == "bob"


def test_releasing_after_a_take_over_leaves_the_new_holder(store: Store) -> None:
    held = acquire(store, "lab", "ann")
    store.locks.put(replace(held.record, token="another", owner="bob"))
    held.release()
    assert not held.beat()
    assert record(store).owner == "bob"


def test_of_processes_that_ask_at_once_one_gets_it(store: Store) -> None:
    processes = [child(store) for _ in range(3)]
    try:
        for process in processes:
            go(process)
        answers = [answer(process) for process in processes]
    finally:
        for process in processes:
            process.communicate("end\n")
    assert sorted(text == "taken" for text in answers) == [False, False, True]
    assert sum("a run by child" in text for text in answers) == 2


def test_a_killed_holder_is_replaced_and_its_deployment_is_interrupted(store: Store) -> None:
    process = child(store)
    go(process)
    assert answer(process) == "taken"
    with pytest.raises(Refusal, match=f"process {process.pid}"):
        acquire(store, "lab", "ann")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    taken = acquire(store, "lab", "ann")
    assert [(one.number, one.state) for one in taken.interrupted] == [(1, "running")]
    assert store.deployments.numbered("lab", 1).state == "interrupted"
    assert store.environments.require("lab").status == "deploy failure"


def test_a_killed_holder_that_nobody_has_buried_yet_is_dead_too(store: Store) -> None:
    process = child(store)
    go(process)
    assert answer(process) == "taken"
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_stale(record(store))
    process.communicate()


def test_settling_tells_the_truth_about_a_dead_run_and_leaves_a_live_one(store: Store) -> None:
    held = acquire(store, "lab", "ann")
    store.deployments.begin("lab", "deploy", "one", "ann")
    assert settle(store, "lab") == ()
    store.locks.put(replace(held.record, process=held.record.process - 100))
    assert [one.number for one in settle(store, "lab")] == [1]
    assert store.environments.require("lab").status == "deploy failure"
    assert store.locks.holder("lab") is None


def test_a_later_process_with_the_same_number_is_not_the_holder(store: Store) -> None:
    held = acquire(store, "lab", "ann").record
    assert not is_stale(held)
    assert is_stale(replace(held, process=held.process - 100))


def test_on_another_host_only_silence_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    held = replace(acquire(store, "lab", "ann").record, host="elsewhere", pid=2**22 + 1, heartbeat=1000.0)
    monkeypatch.setattr("core.engine.lock.time.time", lambda: 1000.0 + SILENCE_SECONDS)
    assert not is_stale(held)
    monkeypatch.setattr("core.engine.lock.time.time", lambda: 1001.0 + SILENCE_SECONDS)
    assert is_stale(held)


def test_a_live_process_of_this_host_is_never_stale_however_silent(store: Store) -> None:
    assert not is_stale(replace(acquire(store, "lab", "ann").record, heartbeat=0.0))


def test_a_beat_moves_the_heartbeat(store: Store) -> None:
    held = acquire(store, "lab", "ann")
    store.locks.put(replace(held.record, heartbeat=1.0))
    assert held.beat()
    assert record(store).heartbeat > 1.0


def test_an_unknown_environment_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match="no environment called other"):
        acquire(store, "other", "ann")
