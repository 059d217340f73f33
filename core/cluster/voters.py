"""etcd's steps: the first bootstrap in parallel, every later change as learner, then voter, one after another."""

from __future__ import annotations

from collections.abc import Sequence

from core.cluster.context import ROSTER, UP, ClusterContext, wanted
from core.cluster.etcd import (
    DATA,
    etcd_state,
    etcdctl,
    find,
    has_data,
    initial_file,
    leader_endpoint,
    members,
    no_etcd_state,
    peer_url,
)
from core.cluster.layout import Node
from core.cluster.membership import Member, Move, complete, refusal, voters_wanted
from core.engine.errors import Refusal, Transient, Trouble
from core.engine.pauses import Pauses
from core.engine.step import Change, Report, Step
from core.machines.connection import Connection
from core.machines.difference import diff
from core.machines.enact import enact
from core.machines.facts import Facts, gather
from core.machines.steps import Unknown


def voter_step(context: ClusterContext, node: Node, roster: Sequence[str], requires: frozenset[str]) -> Step:
    """A node that shall vote: bootstrapped with the others of `roster`, or joined to them."""

    async def probe() -> Sequence[Change]:
        if not context.exists(node):
            return await _fresh(context, node)
        connection = await context.connect(node)
        changes = await _difference(context, connection, node)
        return changes or await _membership(context, connection, node)

    async def apply(changes: Sequence[Change], report: Report) -> None:
        if await _bootstrapped(context):
            await _join(context, node, report)
        else:
            await _bootstrap(context, node, roster, report)

    return context.step("etcd", f"etcd on {node.name}", probe, apply, node=node, requires=requires, deadline=240)


def absent_step(context: ClusterContext, node: Node, requires: frozenset[str]) -> Step:
    """A node that stays without a vote has no etcd."""
    return context.state_step("etcd", f"no etcd on {node.name}", node, no_etcd_state, requires=requires)


def leave_step(context: ClusterContext, node: Node, requires: frozenset[str], move: Move | None) -> Step:
    """A member leaves etcd; its machine may be there or gone.

    Without a `move` nobody knows yet whether it is a member.
    """

    async def probe() -> Sequence[Change]:
        known = await members(await _asked(context, node))
        if _member_of(context, known, node) is None:
            return []
        return wanted("delete", f"etcd member {node.name}", move.preview() if move else "")

    async def apply(changes: Sequence[Change], report: Report) -> None:
        await _leave(context, node, report)

    return context.step(
        "etcd-leave", f"remove {node.name} from etcd", probe, apply, node=node, requires=requires, deadline=120
    )


def strays_step(context: ClusterContext, names: Sequence[str]) -> Step:
    """Learners that shall not vote leave: an interrupted join left them, and etcd takes no other learner beside them.

    `names` are the nodes that shall vote.
    """

    async def probe() -> Sequence[Change]:
        found = stray_learners(context, await members(await context.voter()), names)
        return [Change("delete", f"etcd learner {member.name or member.peer}") for member in found]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        voter = await context.voter()
        for member in stray_learners(context, await members(voter), names):
            await _change(voter, f"member remove {member.id}", report)
            report(f"etcd: the learner {member.name or member.peer} has left")

    return context.step("etcd-strays", "remove learners that shall not vote", probe, apply, deadline=120)


def stray_learners(context: ClusterContext, known: Sequence[Member], names: Sequence[str]) -> list[Member]:
    """The learners that are none of these nodes; a learner that never started is known by its peer URL alone."""
    nodes = [node for node in context.blueprint.layout.nodes if node.name in names]
    peers = {peer_url(context.blueprint, node) for node in nodes if node.name in context.blueprint.addresses}
    return [member for member in known if member.learner and member.peer not in peers]


async def _fresh(context: ClusterContext, node: Node) -> Sequence[Change]:
    try:
        return diff(etcd_state(context.blueprint, node), Facts.absent(), context.artifacts)
    except Unknown as unknown:
        return wanted("create", f"etcd on {node.name}", f"when {unknown} is known")


async def _difference(context: ClusterContext, connection: Connection, node: Node) -> list[Change]:
    try:
        desired = etcd_state(context.blueprint, node)
    except Unknown as unknown:
        return wanted("create", f"etcd on {node.name}", f"when {unknown} is known")
    return list(diff(desired, await gather(connection, desired), context.artifacts))


async def _membership(context: ClusterContext, connection: Connection, node: Node) -> list[Change]:
    try:
        known = await members(connection)
    except Transient as trouble:
        return wanted("wait", f"etcd member {node.name}", trouble.what)
    own = find(known, peer_url(context.blueprint, node))
    if own is None or not own.name:
        return wanted("create", f"etcd member {node.name}", "add as learner, then promote")
    if own.learner:
        return wanted("update", f"etcd member {node.name}", "promote the learner")
    return [] if own.healthy else wanted("wait", f"etcd member {node.name}", "is not healthy")


async def _bootstrapped(context: ClusterContext) -> bool:
    """Whether this cluster's etcd ever was up, as remembered or as a voter says."""
    if context.store.values.get(context.environment, context.name, UP):
        return True
    try:
        known = await members(await context.voter())
    except (Trouble, OSError):
        return False
    return complete(known)


async def _bootstrap(context: ClusterContext, node: Node, roster: Sequence[str], report: Report) -> None:
    await _keep_roster(context, roster)
    connection = await context.connect(node)
    report(f"etcd on {node.name}: bootstrapping with {', '.join(roster)}")
    if not await has_data(connection):
        layout = context.blueprint.layout
        peers = {name: peer_url(context.blueprint, layout.node(name)) for name in roster}
        await connection.put(initial_file(peers, existing=False, token=_token(context)))
    await _start(context, connection, node, report)
    await _until_member(context, connection, node)
    report(f"etcd on {node.name} is up")


async def _keep_roster(context: ClusterContext, roster: Sequence[str]) -> None:
    """Remember who bootstraps etcd. Data of a first start with others would never agree with this one."""
    earlier: list[str] = context.store.values.get(context.environment, context.name, ROSTER, [])
    layout = context.blueprint.layout
    begun = [node for node in (*layout.nodes, *layout.leaving) if node.name in earlier and context.exists(node)]
    if sorted(earlier) != sorted(roster):
        for node in begun:
            if await has_data(await context.connect(node)):
                raise Refusal(
                    f"etcd's first start, by {', '.join(earlier)}, was interrupted; it cannot go on with others",
                    where=context.name,
                    fix="deploy with the earlier numbers of machines once, or destroy the environment",
                )
    context.store.values.set(context.environment, context.name, ROSTER, list(roster))


async def _join(context: ClusterContext, node: Node, report: Report) -> None:
    connection = await context.connect(node)
    peer = peer_url(context.blueprint, node)
    voter = await _asked(context, node)
    own = await _admitted(context, voter, connection, node, report)
    if not await has_data(connection):
        known = await members(voter)
        peers = {member.name or node.name: member.peer for member in known}
        await connection.put(initial_file(peers, existing=True, token=_token(context)))
    await _start(context, connection, node, report)
    if own.learner:
        await _promote(voter, peer, node, report)
    await _until_member(context, connection, node)


async def _asked(context: ClusterContext, node: Node) -> Connection:
    """A voter other than the node itself. The control plane asks the first other machine whose etcd answers."""
    if node.name != context.blueprint.layout.control_plane.name:
        return await context.voter()
    trouble: Trouble = Transient("no other machine has an etcd that could be asked", where=node.name)
    for other in _others(context, node):
        try:
            connection = await context.connect(other)
            await members(connection)
            return connection
        except Transient as error:
            trouble = error
    raise trouble


def _others(context: ClusterContext, node: Node) -> list[Node]:
    """The other machines that run, those that shall vote first."""
    layout = context.blueprint.layout
    voting = voters_wanted([each.name for each in layout.nodes], context.blueprint.cluster.etcd.voters)
    found = [each for each in (*layout.nodes, *layout.leaving) if each.name != node.name and context.exists(each)]
    return sorted(found, key=lambda each: each.name not in voting)


async def _admitted(
    context: ClusterContext, voter: Connection, connection: Connection, node: Node, report: Report
) -> Member:
    """The node's own membership: adopted where it is there already, else added as a learner."""
    peer = peer_url(context.blueprint, node)
    known = await members(voter)
    own = find(known, peer)
    data = await has_data(connection)
    if own is not None and own.name and not data:
        report(f"etcd: {node.name} has lost its data; removing its old membership", "warning")
        await _change(voter, f"member remove {own.id}", report)
        known, own = await members(voter), None
    if own is None:
        _guard(known, "join", node)
        if data:
            await _set_aside(connection, report)
        voters = sum(not member.learner for member in known)
        report(f"etcd: adding {node.name} as a learner; {Move('join', node.name, voters, voters + 1).preview()}")
        await _change(voter, f"member add {node.name} --learner --peer-urls={peer}", report)
        own = find(await members(voter), peer)
    if own is None:
        raise Transient("etcd does not list the member that was just added", where=node.name)
    return own


async def _set_aside(connection: Connection, report: Report) -> None:
    report(f"etcd: the data on {connection.name} belongs to no member; setting it aside", "warning")
    await connection.run(f"systemctl stop etcd.service; mv {DATA} {DATA}.removed-$(date +%s)")


async def _promote(voter: Connection, peer: str, node: Node, report: Report) -> None:
    """Promote once the learner is in sync; etcd itself refuses before (at 90 % of the leader's log)."""
    pauses = Pauses()
    while True:
        known = await members(voter)
        own = find(known, peer)
        if own is None:
            raise Transient("the learner is no longer a member", where=node.name)
        if not own.learner:
            return
        try:
            await etcdctl(voter, f"member promote {own.id}", endpoints=leader_endpoint(known))
            report(f"etcd: {node.name} votes now")
            return
        except Transient as trouble:
            if "in sync" not in trouble.what and "unhealthy" not in trouble.what:
                raise
            await pauses.wait()


async def _leave(context: ClusterContext, node: Node, report: Report) -> None:
    voter = await _asked(context, node)
    known = await members(voter)
    own = _member_of(context, known, node)
    if own is None:
        return
    if not own.learner:
        _guard(known, "leave", node)
    if own.leader:
        heir = next(m for m in known if m.healthy and not m.learner and m.id != own.id)
        report(f"etcd: moving leadership from {node.name} to {heir.name}")
        await etcdctl(await _leader_connection(context, node, voter), f"move-leader {heir.id}")
    await _change(voter, f"member remove {own.id}", report)
    report(f"etcd: {node.name} has left")


async def _leader_connection(context: ClusterContext, node: Node, voter: Connection) -> Connection:
    # Only the leader itself takes a move-leader; a dead machine is no leader.
    return await context.connections.get(node.name) if context.exists(node) else voter


async def _start(context: ClusterContext, connection: Connection, node: Node, report: Report) -> None:
    desired = etcd_state(context.blueprint, node)
    await enact(connection, desired, await gather(connection, desired), context.artifacts, report)


async def _until_member(context: ClusterContext, connection: Connection, node: Node) -> None:
    pauses = Pauses()
    while await _membership(context, connection, node):
        await pauses.wait()


async def _change(voter: Connection, command: str, report: Report) -> None:
    """A change of membership, asked again while etcd finds itself unhealthy.

    For five seconds after a member came, etcd's strict check refuses the next change with "unhealthy cluster".
    """
    told, pauses = False, Pauses()
    while True:
        try:
            await etcdctl(voter, command)
            return
        except Transient as trouble:
            if "unhealthy" not in trouble.what:
                raise
            if not told:
                report(f"etcd takes no change yet: {trouble.what}")
            told = True
            await pauses.wait()


def _member_of(context: ClusterContext, known: Sequence[Member], node: Node) -> Member | None:
    try:
        return find(known, peer_url(context.blueprint, node))
    except Unknown:
        return next((member for member in known if member.name == node.name), None)


def _guard(known: Sequence[Member], kind: str, node: Node) -> None:
    reason = refusal(known, "join" if kind == "join" else "leave", node.name)
    if reason:
        raise Refusal(reason, where=f"etcd member {node.name}")


def _token(context: ClusterContext) -> str:
    return f"{context.environment}-{context.name}"
