"""How a component on a machine reaches its cluster's API: by its kubeconfig."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.programs.base import ProgramFailed

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine
    from core.simulator.world import World

API_SERVER = "kube-apiserver"
_REMEMBERED = 0.1
"""Seconds for which an answer counts: it is asked for at every step."""


class Reach:
    """The API server that a kubeconfig names. Nothing is sent: components and objects live in one process.

    Raises:
        ProgramFailed: the kubeconfig is not there or cannot be read.
    """

    def __init__(self, world: World, machine: Machine, kubeconfig: str) -> None:
        self._world = world
        self._server = urlsplit(_server(machine, kubeconfig))
        self._asked = -1.0
        self._found: Ensemble | None = None

    def ensemble(self) -> Ensemble | None:
        """The etcd cluster behind the API server, None while that does not answer."""
        now = time.monotonic()
        if now > self._asked + _REMEMBERED:
            self._asked, self._found = now, self._look()
        return self._found

    def usable(self) -> bool:
        """Whether the API server answers."""
        return self.ensemble() is not None

    def _look(self) -> Ensemble | None:
        machine = self._world.machine_at(self._server.hostname or "")
        if machine is None or not machine.powered:
            return None
        serving: Ensemble | None = getattr(machine.units.service(API_SERVER).program, "serving", None)
        return serving


def _server(machine: Machine, path: str) -> str:
    content = machine.files.read(path)
    if content is None:
        raise ProgramFailed(f'error loading config file "{path}": open {path}: no such file or directory')
    try:
        return str(yaml.safe_load(content)["clusters"][0]["cluster"]["server"])
    except (yaml.YAMLError, LookupError, TypeError) as error:
        raise ProgramFailed(f'error loading config file "{path}": {error}') from error
