"""Keys are never made anew under a running cluster, and a half-made machine is taken up again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.clouds.arrival import create_step
from core.clouds.base import CloudMachine, MachineWish
from core.cluster.context import UP
from core.cluster.identity import pki_step
from core.engine.errors import Refusal
from core.engine.step import Report
from core.store.store import Store
from tests.unit.cluster.conftest import MakeContext, head, machine_of, quiet

NODE = head()


class OneMachine:
    """A provider that has the machine already."""

    async def create(self, wish: MachineWish, report: Report) -> CloudMachine:
        return machine_of(NODE)


async def test_a_plan_shows_the_keys_and_makes_none(make_context: MakeContext) -> None:
    context = make_context([NODE])
    assert len(await pki_step(context).probe()) > 3
    assert not context.blueprint.pki.directory.exists()


async def test_lost_keys_of_a_running_cluster_are_refused(make_context: MakeContext, store: Store) -> None:
    context = make_context([NODE])
    step = pki_step(context)
    await step.apply([], quiet)
    store.values.set("lab", "alpha", UP, True)
    assert await step.probe() == []
    (context.blueprint.pki.directory / "ca.key").unlink()
    with pytest.raises(Refusal, match="keys are gone"):
        await step.probe()


async def test_a_machine_whose_record_was_left_half_written_is_recorded_again(
    make_context: MakeContext, store: Store
) -> None:
    context = make_context([NODE], cloud=OneMachine())
    # What a run leaves that was killed before its provider had answered.
    store.machines.upsert(replace(context.identity(NODE), address=None))
    step = create_step(context, NODE, lambda node: None)  # type: ignore[arg-type, return-value]
    changes = await step.probe()
    assert [change.action for change in changes] == ["update"]
    await step.apply(changes, quiet)
    assert await step.probe() == []
    known = store.machines.get("lab", NODE.name)
    assert known is not None and (known.address, known.cloud_id) == (NODE.address, "lab/kube-1")
