"""What a deployed environment cannot follow is refused before a run is recorded."""

from __future__ import annotations

import pytest

from core.cluster.options import OPTIONS, fixed_options
from core.deployment.permitted import refuse_changes
from core.engine.errors import Refusal
from core.model.document import parse
from core.store.machines import MachineRecord
from core.store.store import Store
from tests.unit.deployment.conftest import DOCUMENT


def test_a_new_environment_is_permitted(store: Store) -> None:
    refuse_changes(store, parse(DOCUMENT))


def test_a_changed_network_is_refused_with_the_clusters_name(store: Store) -> None:
    declared = parse(DOCUMENT)
    store.values.set("lab", "alpha", OPTIONS, fixed_options(declared.clusters()[0]))
    refuse_changes(store, declared)
    changed = parse(DOCUMENT.replace('version: "1.36"', 'version: "1.36", network: flannel'))
    with pytest.raises(Refusal, match="alpha: network cannot be changed from calico to flannel"):
        refuse_changes(store, changed)


def test_a_renamed_cluster_does_not_take_the_old_ones_machines(store: Store) -> None:
    store.machines.upsert(MachineRecord("lab", "alpha", "kube-1", "control-plane", 1))
    refuse_changes(store, parse(DOCUMENT))
    with pytest.raises(Refusal, match="beta: kube-1 belongs to alpha"):
        refuse_changes(store, parse(DOCUMENT.replace("alpha", "beta")))
