"""Records what a real machine answers: `python -m tests.simulator.recordings.record` as root, with systemd-nspawn.

Makes one machine of the provider `nspawn`, plays all scenes on it, and writes real.json beside this file.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from core.machines.access import Access
from core.machines.connection import Connection
from tests.machines.nspawn_box import Box
from tests.simulator.recordings.scenes import exchanges, lasting

RECORDED = Path(__file__).with_name("real.json")


async def record() -> list[dict[str, Any]]:
    """What the machine answers, exchange by exchange, without what varies."""
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder))
        cloud = box.cloud()
        try:
            machine = await cloud.create(box.wish("rec"), box.report)
            public = (box.home / "host.pub").read_text()
            access = Access("rec", str(machine.address), machine.port, "root", public, box.home / "login")
            return await played(Connection(access))
        finally:
            await cloud.delete("rec", box.report)
            await cloud.remove_all(box.report)
            await cloud.close()


async def played(link: Connection, pace: float = 1.0) -> list[dict[str, Any]]:
    """The answers to all exchanges; pauses are stretched by the pace."""
    await link.wait(60)
    answers = []
    for scene, exchange in exchanges():
        await asyncio.sleep(exchange.pause * pace)
        done = await link.feed(exchange.command, [exchange.given], timeout=120)
        said = {"status": done.status, "stdout": lasting(done.stdout), "stderr": lasting(done.stderr)}
        answers.append({"scene": scene, "exchange": exchange.name, **said})
    await link.close()
    return answers


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(asyncio.run(record()), indent=1, ensure_ascii=False) + "\n")
