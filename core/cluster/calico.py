"""Settings of Calico's own that it keeps in its store: its controllers listen on no port of the machine they run on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.cluster.context import ClusterContext, wanted
from core.cluster.network import calicoctl
from core.cluster.objects import missing_from
from core.engine.step import Change, Report, Step

CONTROLLERS: dict[str, Any] = {
    "apiVersion": "projectcalico.org/v3",
    "kind": "KubeControllersConfiguration",
    "metadata": {"name": "default"},
    "spec": {
        "controllers": {
            "node": {
                "hostEndpoint": {"autoCreate": "Disabled"},
                "reconcilerPeriod": "5m0s",
                "syncLabels": "Enabled",
            },
            "policy": {"reconcilerPeriod": "5m0s"},
            "workloadEndpoint": {"reconcilerPeriod": "5m0s"},
            "serviceAccount": {"reconcilerPeriod": "5m0s"},
            "namespace": {"reconcilerPeriod": "5m0s"},
        },
        # etcd compacts by itself; a second compactor would only need more rights.
        "etcdV3CompactionPeriod": "0s",
        "healthChecks": "Enabled",
        "prometheusMetricsPort": 0,
    },
}
"""Source of names: docs.tigera.io, "Kubernetes controllers configuration"."""

_SUBJECT = "KubeControllersConfiguration default"


def settings_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    """The controllers' configuration, in place before they start."""

    async def probe() -> Sequence[Change]:
        if not context.exists(context.blueprint.layout.control_plane):
            return wanted("create", _SUBJECT)
        voter = await context.voter()
        command = f"{calicoctl(context.blueprint)} get kubecontrollersconfiguration default -o json"
        asked = await voter.run(command, check=False)
        if asked.status:
            return wanted("create", _SUBJECT)
        differing = missing_from(CONTROLLERS["spec"], json.loads(asked.stdout)["spec"])
        return wanted("update", _SUBJECT, ", ".join(differing)) if differing else []

    async def apply(changes: Sequence[Change], report: Report) -> None:
        voter = await context.voter()
        await voter.run(f"{calicoctl(context.blueprint)} apply -f -", stdin=json.dumps(CONTROLLERS))
        report("Calico's controllers are configured")

    return context.step("calico-settings", "Calico's settings", probe, apply, requires=frozenset(requires))
