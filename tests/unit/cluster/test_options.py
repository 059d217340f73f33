"""What a deployed cluster cannot become is refused by name."""

from __future__ import annotations

from core.cluster.options import OPTIONS, VERSION, fixed_options, objections, options_step
from core.model.cluster import KubernetesCluster
from core.store.store import Store
from tests.unit.cluster.conftest import MakeContext, head, quiet


def cluster(**fields: object) -> KubernetesCluster:
    return KubernetesCluster.model_validate({"name": "alpha", "version": "1.36"} | fields)


def remembered(**fields: object) -> dict[str, object]:
    made = cluster(**fields)
    return {OPTIONS: fixed_options(made), VERSION: made.version}


def test_a_cluster_that_was_never_made_may_become_anything() -> None:
    assert objections(cluster(network="flannel"), {}) == []


def test_an_unchanged_cluster_is_fine() -> None:
    assert objections(cluster(workers={"count": 3}), remembered(workers={"count": 1})) == []


def test_another_network_is_refused_with_its_range() -> None:
    found = objections(cluster(network="flannel"), remembered(network="calico"))
    assert found[0] == "network cannot be changed from calico to flannel on a cluster that is deployed"
    assert "pod_cidr" in found[1]


def test_other_ranges_names_and_patterns_are_refused() -> None:
    changed = cluster(service_cidr="10.99.0.0/24", dns_domain="other.local", node_pattern="node-#")
    words = [text.split()[0] for text in objections(changed, remembered())]
    assert words == ["service_cidr", "dns_domain", "node_pattern"]


def test_versions_go_up_by_one_minor_only() -> None:
    assert objections(cluster(version="1.36"), remembered(version="1.35")) == []
    assert "go down" in objections(cluster(version="1.35"), remembered(version="1.36"))[0]
    assert "skip a minor" in objections(cluster(version="1.37"), remembered(version="1.35"))[0]


async def test_remembering_is_done_once(make_context: MakeContext, store: Store) -> None:
    step = options_step(make_context([head()]), [])
    changes = await step.probe()
    assert changes and not store.values.all("lab", "alpha")
    await step.apply(changes, quiet)
    assert await step.probe() == []
