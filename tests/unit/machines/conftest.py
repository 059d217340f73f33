"""Machines of these tests: real sshds on 127.0.0.1."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from core.machines.connections import Connections
from tests.unit.machines.sshd import SSHD, Sshd

SshdMaker = Callable[..., Sshd]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves this box by way of a proxy."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def new_sshd(tmp_path: Path) -> Iterator[SshdMaker]:
    """Makes running sshds with keys of their own."""
    if not SSHD.exists() or os.geteuid() != 0:
        pytest.skip("needs root and Debian's openssh-server")
    made: list[Sshd] = []

    def make(**environment: str) -> Sshd:
        folder = tmp_path / f"sshd{len(made)}"
        folder.mkdir()
        made.append(Sshd(folder, environment))
        made[-1].start()
        return made[-1]

    yield make
    for sshd in made:
        sshd.stop()


@pytest.fixture
def sshd(new_sshd: SshdMaker) -> Sshd:
    """One running sshd."""
    return new_sshd()


@pytest.fixture
async def connections(sshd: Sshd) -> AsyncIterator[Connections]:
    """Connections to that sshd, whatever machine is asked for."""
    pool = Connections(sshd.access)
    yield pool
    await pool.close()
