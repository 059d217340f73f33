"""A process that makes or removes machine kube-1 and kills itself right after a named function came back.

Arguments: home, environment, subnet, `module.function` of core.clouds.nspawn (or "nothing"), "create" or "remove".
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.machines.nspawn_box import Box


def main() -> None:
    home, environment, subnet, moment, task = sys.argv[1:]
    box = Box(Path(home), environment, subnet)
    if moment != "nothing":
        _die_after(moment)
    if task == "create":
        asyncio.run(box.cloud().create(box.wish("kube-1"), box.report))
    else:
        asyncio.run(box.cloud().remove_all(box.report))


def _die_after(moment: str) -> None:
    module_name, name = moment.split(".")
    module = importlib.import_module(f"core.clouds.nspawn.{module_name}")
    setattr(module, name, _deadly(getattr(module, name)))


def _deadly(original: Callable[..., Any]) -> Callable[..., Any]:
    async def asynchronous(*arguments: Any) -> Any:
        await original(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    def synchronous(*arguments: Any) -> Any:
        original(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    return asynchronous if inspect.iscoroutinefunction(original) else synchronous


main()
