"""etcd membership as arithmetic: who shall vote, which moves lead there, and which of them is safe.

Rules: etcd's runtime reconfiguration (one change at a time, a learner before a vote) and the projection that
Cluster API's control plane makes before it changes anything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

MOST_VOTERS = 5
"""More voters cost latency and tolerate nothing that matters here; etcd advises at most seven."""

Policy = Literal["auto", "all"]


@dataclass(frozen=True, slots=True)
class Member:
    """An etcd member as the cluster lists it; `name` is empty until it has started once, `id` is hexadecimal."""

    id: str
    name: str
    peer: str
    learner: bool = False
    healthy: bool = True
    leader: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a reconfiguration; "join" is add as learner, start, promote."""

    kind: Literal["join", "leave"]
    name: str
    voters_before: int
    voters_after: int

    def preview(self) -> str:
        """The quorum before and after, in words."""
        return (
            f"voters {self.voters_before} → {self.voters_after}, "
            f"tolerates {tolerance(self.voters_before)} → {tolerance(self.voters_after)} lost"
        )


def complete(known: Sequence[Member]) -> bool:
    """Whether every voter has started once: etcd is up, and members may come and go."""
    return bool(known) and all(member.name or member.learner for member in known)


def quorum(voters: int) -> int:
    """How many of this many voters must agree."""
    return voters // 2 + 1


def tolerance(voters: int) -> int:
    """How many of this many voters may be lost."""
    return max(0, (voters - 1) // 2)


def voters_wanted(names: Sequence[str], policy: Policy) -> tuple[str, ...]:
    """Which nodes shall vote: for "auto" the largest odd number up to five, taken in the order given."""
    if policy == "all":
        return tuple(names)
    size = min(MOST_VOTERS, len(names))
    return tuple(names[: size if size % 2 else size - 1])


def moves(current: Sequence[str], wanted: Sequence[str], lost: Collection[str] = ()) -> tuple[Move, ...]:
    """The moves from the current voters to the wanted ones, in an order that keeps the quorum as strong as it can be.

    Members whose machine is `lost` leave first, for a join would raise the quorum while they are missing; then come
    the joins, then the leaves of members that are well.
    """
    dead = [name for name in current if name in lost]
    joins = [name for name in wanted if name not in current or name in lost]
    leaves = [name for name in current if name not in wanted and name not in lost]
    steps: list[tuple[Literal["join", "leave"], str]] = [
        *(("leave", name) for name in dead),
        *(("join", name) for name in joins),
        *(("leave", name) for name in leaves),
    ]
    return _counted(len(current), steps)


def _counted(voters: int, steps: Sequence[tuple[Literal["join", "leave"], str]]) -> tuple[Move, ...]:
    counted = []
    for kind, name in steps:
        after = voters + 1 if kind == "join" else voters - 1
        counted.append(Move(kind, name, voters, after))
        voters = after
    return tuple(counted)


def refusal(members: Sequence[Member], kind: Literal["join", "leave"], name: str) -> str | None:
    """Why this change must not be made now, or None where the members that stay keep a quorum.

    A member whose health is not known counts as unhealthy. A join needs a quorum without the newcomer's vote.
    """
    voters = [member for member in members if not member.learner]
    staying = [member for member in voters if kind == "join" or member.name != name]
    size = len(staying) + 1 if kind == "join" and len(staying) > 1 else len(staying)
    healthy = sum(member.healthy for member in staying)
    if not staying:
        return f"{name} is the last voter: etcd cannot do without it"
    if healthy >= quorum(size):
        return None
    down = ", ".join(member.name or member.id for member in staying if not member.healthy)
    return (
        f"after this change etcd would have {size} voters and need {quorum(size)} of them, "
        f"but only {healthy} are healthy (down: {down}): repair or replace those first"
    )
