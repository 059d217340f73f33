"""One run per environment: who holds it, and when somebody else may take it over."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import time
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from core.engine.errors import Refusal
from core.store import Deployment, LockRecord, Store

BEAT_SECONDS = 2.0
SILENCE_SECONDS = 30.0
"""A holder on another host is taken for dead after this silence; fifteen beats."""

_SAME_START = 2.0  # seconds; a process's start is computed from the boot time, which clock corrections move


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held; `interrupted` are the deployments that a dead holder had left running."""

    store: Store
    record: LockRecord
    interrupted: tuple[Deployment, ...] = ()

    def beat(self) -> bool:
        """Show that we live; False where another run has taken over."""
        return self.store.locks.beat(self.record.token)

    def release(self) -> None:
        """Give the lock back; does nothing where another run has taken over."""
        self.store.locks.remove(self.record.token)


def acquire(store: Store, environment: str, owner: str | None = None) -> Lock:
    """Take the environment for this process, atomically over all processes.

    Raises:
        Refusal: another run holds it (the sentence says whose), or there is no such environment.
    """
    with store.transaction():
        holder = store.locks.holder(environment)
        if holder is not None and not is_stale(holder):
            raise Refusal(_whose(holder), where=environment, fix="wait for it, follow it or cancel it")
        record = _mine(environment, owner or current_user())
        store.locks.put(record)
        return Lock(store, record, tuple(store.deployments.interrupt(environment)))


def live_holder(store: Store, environment: str) -> LockRecord | None:
    """Who runs the environment now, or None; a stale lock counts as none."""
    holder = store.locks.holder(environment)
    return holder if holder is not None and not is_stale(holder) else None


def settle(store: Store, environment: str) -> tuple[Deployment, ...]:
    """Mark what a dead process left running as interrupted, so that the status tells the truth before the next run.

    Does nothing where a run is live; returns the deployments that were marked.
    """
    with store.transaction():
        holder = store.locks.holder(environment)
        if holder is not None and not is_stale(holder):
            return ()
        if holder is not None:
            store.locks.remove(holder.token)
        return tuple(store.deployments.interrupt(environment))


def is_stale(holder: LockRecord) -> bool:
    """Whether the holder is dead: its process is gone from this host, or it fell silent on another."""
    if holder.host == socket.gethostname():
        return not _lives(holder.pid, holder.process)
    return time.time() - holder.heartbeat > SILENCE_SECONDS


def _lives(pid: int, started: float) -> bool:
    """Whether this very process runs, not a later one with the same number."""
    try:
        process = psutil.Process(pid)
        gone: bool = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return not gone and abs(process.create_time() - started) <= _SAME_START
    except psutil.NoSuchProcess:
        return False


def _mine(environment: str, owner: str) -> LockRecord:
    now = time.time()
    pid = os.getpid()
    started: float = psutil.Process(pid).create_time()
    return LockRecord(environment, secrets.token_hex(16), owner, socket.gethostname(), pid, started, now, now)


def _whose(holder: LockRecord) -> str:
    age = max(0.0, time.time() - holder.taken)
    return f"a run by {holder.owner} on {holder.host} (process {holder.pid}) has gone on for {age:.0f} s"


def current_user() -> str:
    """The name of the user who runs this process, the number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
