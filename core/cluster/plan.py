"""A cluster's graph: the steps of every phase and what each waits for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.clouds import arrival
from core.clouds.base import MachineWish
from core.cluster import calico, departure, etcd_access, identity, operation, options, voters
from core.cluster.context import ClusterContext
from core.cluster.layout import Node
from core.cluster.look import look
from core.cluster.membership import Member, Move, moves, voters_wanted
from core.engine.step import Change, Step


def cluster_steps(
    context: ClusterContext, wish: Callable[[Node], MachineWish], members: Sequence[Member] | None
) -> list[Step]:
    """The steps that make the cluster what it is declared to be.

    `wish` says how a machine is to be made. `members` are etcd's as observed, None where etcd was never up.
    """
    etcd = _etcd(context, members)
    return [
        identity.pki_step(context),
        *_arrivals(context, wish),
        *etcd,
        *_daemons(context),
        *_inside(context),
        *_departures(context, frozenset(step.id for step in etcd)),
        _conditions(context),
    ]


def _arrivals(context: ClusterContext, wish: Callable[[Node], MachineWish]) -> list[Step]:
    steps = []
    for node in context.blueprint.layout.nodes:
        steps += [
            arrival.create_step(context, node, wish),
            arrival.ssh_step(context, node),
            identity.certificates_step(context, node),
            operation.node_step(context, "system", node, [context.id("ssh", node)]),
            operation.node_step(context, "runtime", node, [context.id("system", node)]),
        ]
    return steps


def _etcd(context: ClusterContext, members: Sequence[Member] | None) -> list[Step]:
    """In the first run all voters at once; later one change after another, in the order that `moves` gives."""
    layout = context.blueprint.layout
    wanted = voters_wanted([node.name for node in layout.nodes], context.blueprint.cluster.etcd.voters)
    chain = _chain(context, members, wanted)
    roster = wanted if members is None else [member.name for member in members]
    steps = [voters.strays_step(context, wanted)] if _strays(context, members, wanted) else []
    for node in layout.nodes:
        requires = {context.id("system", node), context.id("identity", node), *_met(context, members, wanted)}
        requires |= _neighbour(context, members, wanted, node)
        if node.name in wanted:
            steps.append(voters.voter_step(context, node, roster, frozenset(requires | _before(chain, node, "join"))))
        else:
            leaving = {context.id("etcd-leave", node)} if ("leave", node.name) in chain else set()
            steps.append(voters.absent_step(context, node, frozenset(requires | leaving)))
    for (kind, name), (move, needs) in chain.items():
        if kind == "leave":
            node = _node(context, name)
            steps.append(voters.leave_step(context, node, frozenset(needs | _drained(context, node)), move))
    return steps


def _neighbour(
    context: ClusterContext, members: Sequence[Member] | None, wanted: Sequence[str], node: Node
) -> set[str]:
    """The voter before this one: those that vote already are changed one after another, never all at once."""
    voting = {member.name for member in members or () if not member.learner}
    staying = [other for other in context.blueprint.layout.nodes if other.name in voting and other.name in wanted]
    at = staying.index(node) if node in staying else 0
    return {context.id("etcd", staying[at - 1])} if at else set()


def _met(context: ClusterContext, members: Sequence[Member] | None, wanted: Sequence[str]) -> set[str]:
    """The machines that etcd on any of them needs: all that bootstrap together, later the one that is asked."""
    layout = context.blueprint.layout
    needed = layout.nodes[:1] if members is not None else [node for node in layout.nodes if node.name in wanted]
    return {context.id("ssh", node) for node in needed}


def _strays(context: ClusterContext, members: Sequence[Member] | None, wanted: Sequence[str]) -> set[str]:
    """The id of the step that removes stray learners, where there are any."""
    return {context.id("etcd-strays")} if voters.stray_learners(context, members or (), wanted) else set()


Chain = dict[tuple[str, str], tuple[Move | None, set[str]]]


def _chain(context: ClusterContext, members: Sequence[Member] | None, wanted: Sequence[str]) -> Chain:
    """Each move with the step that must be done before it."""
    if not members:
        return {} if members is None else _unseen_chain(context, wanted)
    # A member that never started has no name: its join is still to be finished and is no voter yet.
    current = [member.name for member in members if member.name and not member.learner]
    # Machines are drained one after another: they must leave in the same order, or two would wait for each other.
    order = [node.name for node in context.blueprint.layout.leaving]
    current.sort(key=lambda name: order.index(name) if name in order else -1)
    lost = {name for name in current if _lost(context, name)}
    chain: Chain = {}
    last = _strays(context, members, wanted)
    for move in moves(current, wanted, lost):
        chain[(move.kind, move.name)] = (move, set(last))
        phase = "etcd" if move.kind == "join" else "etcd-leave"
        last = {context.id(phase, _node(context, move.name))}
    return chain


def _unseen_chain(context: ClusterContext, wanted: Sequence[str]) -> Chain:
    """Where etcd was up and does not answer: whoever shall not vote may be a member and leaves first."""
    chain: Chain = {}
    last = {context.id("etcd", context.blueprint.layout.control_plane)}
    for node in (*context.blueprint.layout.nodes, *context.blueprint.layout.leaving):
        if node.name not in wanted:
            chain["leave", node.name] = None, last
            last = {context.id("etcd-leave", node)}
    return chain


def _lost(context: ClusterContext, name: str) -> bool:
    """Whether a member's machine is gone with its data; one that is only switched off comes back."""
    machine = context.machines.get(name)
    return machine is None or machine.status not in ("running", "stopped")


def _before(chain: Chain, node: Node, kind: str) -> set[str]:
    entry = chain.get((kind, node.name))
    return entry[1] if entry else set()


def _node(context: ClusterContext, name: str) -> Node:
    """The node of this name; a member that no node of ours stands for is treated as a leaving worker."""
    try:
        return context.blueprint.layout.node(name)
    except KeyError:
        return Node(name, "worker", 0)


def _drained(context: ClusterContext, node: Node) -> set[str]:
    """What comes before a leave; from a machine that is lost nothing can be moved, so its leave need not wait."""
    waits = node in context.blueprint.layout.leaving and not _lost(context, node.name)
    return {context.id("drain", node)} if waits else set()


def _daemons(context: ClusterContext) -> list[Step]:
    layout = context.blueprint.layout
    head = layout.control_plane
    etcd_up, remembered = context.id("etcd", head), context.id(options.OPTIONS)
    steps = [
        etcd_access.access_step(context, [etcd_up]),
        options.options_step(context, [context.id("etcd-access")]),
        operation.node_step(context, "control-plane", head, [remembered]),
        operation.api_step(context, [context.id("control-plane", head)]),
        options.version_step(context, [context.id("api")]),
        operation.access_step(context, [context.id("api")]),
    ]
    network_needs = [remembered]
    if context.blueprint.cluster.network == "flannel":
        steps.append(operation.flannel_step(context, [remembered]))
        network_needs = [context.id("flannel")]
    for node in layout.nodes:
        steps += _node_daemons(context, node, network_needs)
    return steps


def _node_daemons(context: ClusterContext, node: Node, network_needs: Sequence[str]) -> list[Step]:
    own = [context.id(phase, node) for phase in ("runtime", "identity")]
    steps = [
        operation.node_step(context, "network", node, [*own, *network_needs]),
        operation.node_step(context, "kubelet", node, [*own, context.id("access")]),
        operation.ready_step(context, node, [context.id("kubelet", node), context.id("network", node)]),
    ]
    if node.role == "gateway":
        steps.append(operation.node_step(context, "gateway", node, [*own, context.id("access")]))
    return steps


def _inside(context: ClusterContext) -> list[Step]:
    cluster = context.blueprint.cluster
    steps = []
    if cluster.network == "calico":
        network = context.id("network", context.blueprint.layout.control_plane)
        steps.append(calico.settings_step(context, [network]))
        steps.append(operation.calico_step(context, [context.id("access"), context.id("calico-settings")]))
    if cluster.registry.credentials:
        steps.append(operation.registry_step(context, cluster.registry.credentials, [context.id("access")]))
    if cluster.dns:
        head = context.blueprint.layout.control_plane
        steps.append(operation.dns_step(context, [context.id("access"), context.id("ssh", head)]))
    return steps


def _departures(context: ClusterContext, etcd: frozenset[str]) -> list[Step]:
    """The leaving machines, last one first, each drained before anything of it is taken down; `etcd` are step ids."""
    steps: list[Step] = []
    api, previous = context.id("api"), ""
    for node in context.blueprint.layout.leaving:
        gone = etcd & {context.id("etcd-leave", node)}
        after = [api, *([previous] if previous else [])]
        steps += [
            departure.drain_step(context, node, after),
            departure.node_step(context, node, [context.id("drain", node), *gone]),
            departure.network_step(context, node, [context.id("delete-node", node)]),
            departure.machine_step(context, node, [context.id("forget-network", node)]),
        ]
        previous = context.id("delete", node)
    return steps


def _conditions(context: ClusterContext) -> Step:
    layout = context.blueprint.layout
    ends = [context.id("ready", node) for node in layout.nodes]
    ends += [context.id("gateway", node) for node in layout.of("gateway")]
    ends += [context.id("delete", node) for node in layout.leaving]
    ends += [context.id("etcd", node) for node in layout.nodes]
    ends += [context.id("dns")] if context.blueprint.cluster.dns else []
    ends += [context.id("calico")] if context.blueprint.cluster.network == "calico" else []

    async def conditions() -> Sequence[Change]:
        return (await look(context)).missing()

    return operation.conditions_step(context, conditions, ends)
