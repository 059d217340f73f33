"""kubelet: its machine as a node of the cluster whose API its kubeconfig names."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import yaml

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.kubernetes.kubelet.addresses import PodNetwork
from core.simulator.kubernetes.kubelet.fleet import Fleet
from core.simulator.kubernetes.kubelet.hooks import KubeletHooks
from core.simulator.kubernetes.kubelet.kubelet import Ailments, Kubelet, RunningContainer
from core.simulator.kubernetes.kubelet.node import KUBERNETES, NodeFacts
from core.simulator.kubernetes.kubelet.pace import Pace
from core.simulator.machine.runtime import Container
from core.simulator.network.calico import access, block_of
from core.simulator.network.store import Store, StoreErrors
from core.simulator.programs.base import Context, ProgramFailed, program
from core.simulator.programs.component import Component
from core.simulator.programs.flanneld import SUBNET_FILE
from core.simulator.programs.kube_apiserver import kubelets_key

_PROXY = "/etc/kubernetes/kube-proxy.yaml"
_CALICO = "/etc/kubernetes/network/calico.env"
_CONFIGURATIONS = "/etc/cni/net.d"
_VERSION = re.compile(rb"kubelet (\d+\.\d+\.\d+) ")
_POD_CIDR = "10.244.0.0/16"
_NO_RUNTIME = "container runtime is down"
_NO_NETWORK = (
    "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
    "message:Network plugin returns error: cni plugin not initialized"
)


@program("kubelet")
class KubeletProgram(Component):
    """Registers the machine and runs the pods that are bound to it, for as long as the API answers."""

    files = ("kubeconfig", "config")
    _kubelet: Kubelet

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._configuration: dict[str, Any] = {}
        self._listening = False
        self._block = ""

    async def start(self) -> None:
        """Read the configuration and begin to wait for the API."""
        self.context.needed(self.context.option("config"))
        self._configuration = _document(self.context, self.context.option("config"))
        await super().start()

    async def join(self, ensemble: Ensemble) -> None:
        context, fleet = self.context, self._fleet(ensemble)
        ailments = Ailments(self._crash, self._slowness, self._obstacle)
        self._kubelet = Kubelet(fleet, self._facts(), ailments, context.log)
        await self._kubelet.start()
        context.machine.runtime = _Runtime(self._kubelet)
        if not self._listening:
            self._listening = True
            context.world.faults.listen(self._faults_changed)
        context.log("Started kubelet")

    async def leave(self) -> None:
        await self._kubelet.stop()
        shared = self.context.world.shared
        for key, hooks in list(shared.items()):
            # The last kubelet of a cluster takes its fleet along: nothing of a destroyed cluster stays in memory.
            if isinstance(hooks, KubeletHooks) and not hooks.fleet.kubelets:
                del shared[key]

    def _faults_changed(self) -> None:
        if self._joined is not None:
            self._kubelet.look_again()

    @property
    def _name(self) -> str:
        return self.context.option("hostname-override", self.context.machine.name)

    def _fleet(self, ensemble: Ensemble) -> Fleet:
        """The fleet of the cluster: the first kubelet makes it, and the API server finds it through its hooks."""
        shared, key = self.context.world.shared, kubelets_key(ensemble)
        hooks: KubeletHooks | None = shared.get(key)
        if hooks is None or hooks.fleet.objects is not ensemble.objects:
            network = PodNetwork(_pod_cidr(self.context), *_shape_of_blocks(self.context))
            pace = _stretched(self.context.world.pace)
            fleet = Fleet(ensemble.objects, network, pace=pace, usable=lambda: self.reach.ensemble() is ensemble)
            hooks = shared[key] = KubeletHooks(fleet)
        return hooks.fleet

    def _facts(self) -> NodeFacts:
        machine, wish = self.context.machine, self.context.machine.record.wish
        return NodeFacts(
            name=self._name,
            address=self.context.option("node-ip", machine.address),
            version=_version(self.context),
            taints=self._configuration.get("registerWithTaints") or (),
            cores=wish.processors,
            memory=wish.memory,
            disk=wish.disk,
            pods=int(self._configuration.get("maxPods", 110)),
            boot_id=machine.boot_id,
            machine_id=machine.record.machine_id,
        )

    # ── What ails the node ──

    def _crash(self, pod: str) -> int | None:
        fault = self.context.world.faults.take("pod-crash-loop", self.context.machine, pod)
        return int(fault.number("status")) if fault is not None else None

    def _slowness(self) -> float:
        fault = self.context.world.faults.active("slow-machine", self.context.machine)
        return fault.number("factor") if fault is not None else 1.0

    def _obstacle(self) -> str:
        machine = self.context.machine
        if not machine.units.active("containerd"):
            return _NO_RUNTIME
        configured = any(name.endswith((".conflist", ".conf")) for name in machine.files.listing(_CONFIGURATIONS))
        return "" if configured and (self._block or self._found_block()) else _NO_NETWORK

    def _found_block(self) -> str:
        """The node's block of addresses, which it keeps: the network's daemon is asked until there is one."""
        self._block = _block(self.context)
        if self._block and self._joined is not None:
            self._kubelet.fleet.network.give(self._name, self._block)
        return self._block


class _Runtime:
    """What crictl sees of the kubelet's containers; implements `Runtime`."""

    def __init__(self, kubelet: Kubelet) -> None:
        self._kubelet = kubelet

    def containers(self) -> Sequence[Container]:
        return [Container(one.id, _labels(one)) for one in self._kubelet.containers()]

    def stop(self, identity: str) -> bool:
        return self._kubelet.restart_container(identity)


def _labels(one: RunningContainer) -> dict[str, str]:
    namespace, pod = one.pod
    found = {"container.name": one.name, "pod.name": pod, "pod.namespace": namespace, "pod.uid": one.uid}
    return {f"io.kubernetes.{name}": value for name, value in found.items()}


def _document(context: Context, path: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(context.machine.files.read(path) or b"")
    except yaml.YAMLError as error:
        raise ProgramFailed(f"failed to load kubelet config file, path: {path}, error: {error}") from error
    return found if isinstance(found, dict) else {}


def _version(context: Context) -> str:
    """The version that the program on the machine says it has."""
    found = _VERSION.search(context.machine.files.read(context.argv[0]) or b"")
    return found[1].decode() if found else KUBERNETES


def _pod_cidr(context: Context) -> str:
    proxy = _document(context, _PROXY) if context.machine.files.exists(_PROXY) else {}
    return str(proxy.get("clusterCIDR") or _POD_CIDR)


def _shape_of_blocks(context: Context) -> tuple[int, int]:
    """The prefix of a node's blocks, and the first address for pods: the network's own and its bridge's come before."""
    return (26, 1) if context.machine.files.exists(_CALICO) else (24, 2)


def _block(context: Context) -> str:
    """The addresses that the network's daemon has got for this machine, empty before it has any."""
    files = context.machine.files
    if files.exists(_CALICO):
        environ = dict(line.split("=", 1) for line in files.text(_CALICO).splitlines() if "=" in line)
        try:
            store = Store.open(context.world, context.machine, access(environ))
            return block_of(store, environ.get("NODENAME", context.machine.name)) or ""
        except StoreErrors:
            return ""
    subnet = dict(line.split("=", 1) for line in files.text(SUBNET_FILE).splitlines() if "=" in line)
    return subnet.get("FLANNEL_SUBNET", "")


def _stretched(factor: float) -> Pace:
    """The table of times, stretched as the world is."""
    return Pace(**{each.name: getattr(Pace(), each.name) * factor for each in dataclasses.fields(Pace)})
