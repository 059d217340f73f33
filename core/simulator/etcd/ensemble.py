"""One etcd cluster: who is a member, who leads, and which change of membership it takes now.

The rules are those of etcd 3.6 with strict reconfiguration (server/etcdserver/server.go, mayAddMember,
mayRemoveMember, mayPromoteMember; server/etcdserver/api/membership/cluster.go).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from core.simulator.etcd import words
from core.simulator.etcd.access import Access
from core.simulator.etcd.keys import Keys
from core.simulator.etcd.member import Member, Process, cluster_id, member_id
from core.simulator.etcd.words import EtcdError, TimedOut
from core.simulator.kubernetes.objects import Objects

MOST_LEARNERS = 1
"""etcd's --max-learners."""


CONTACT, SYNC = 0.3, 0.1
"""Seconds; etcd's own are 5, and some tenths.

For how long members must have been in touch before the strict check counts them as healthy, and how long a learner
needs to have the leader's log.
"""


class Ensemble:
    """The members of one cluster. Nobody leads unless a majority of the voters is up; who leads is a voter and up.

    `keys` is what etcdctl reads and writes; `objects` are the Kubernetes objects that are kept in this etcd; `pace`
    stretches what takes time.
    """

    def __init__(
        self,
        token: str,
        members: Iterable[Member],
        *,
        id: int = 0,
        clock: Callable[[], float] = time.monotonic,
        pace: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.token = token
        self.members = {member.id: member for member in members}
        self.id = id or cluster_id(self.members)
        self.removed: set[int] = set()
        self.term = 1
        self.keys = Keys()
        self.access = Access()
        self.clock = clock
        self.pace = pace
        self.objects = Objects()
        self._leader = 0
        self._watchers: list[Callable[[], None]] = []

    # ── Who is there ──────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def voters(self) -> list[Member]:
        """The members with a vote."""
        return [member for member in self.members.values() if not member.learner]

    @property
    def leader(self) -> Member | None:
        """Who leads now; an election is held where the last leader is lost."""
        self._settle()
        return self.members.get(self._leader)

    def has_quorum(self) -> bool:
        """Whether a majority of the voters is up."""
        return sum(voter.up for voter in self.voters) >= quorum(len(self.voters))

    def at(self, address: str) -> Member | None:
        """The member whose process takes requests on this machine."""
        found = (m for m in self.members.values() if m.up and m.process and m.process.address == address)
        return next(found, None)

    def in_sync(self, member: Member) -> bool:
        """Whether a learner has the leader's log."""
        return member.up and self._age(member) >= SYNC * self.pace()

    # ── Processes ─────────────────────────────────────────────────────────────────────────────────────────────────

    def come(self, member: Member, process: Process) -> None:
        """The member's process runs; it is known by its name as soon as there is a quorum to agree on that."""
        member.process = process
        self.tell()

    def go(self, member: Member) -> None:
        """The member's process ended."""
        member.process = None
        self.tell()

    def watch(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call `told` after everything that happens; gives what ends that."""
        self._watchers.append(told)
        return lambda: self._watchers.remove(told)

    def tell(self) -> None:
        """Something changed: hold an election where one is due, and say so."""
        self._settle()
        for told in tuple(self._watchers):
            told()

    # ── Changes of membership; `asked` is the member that took the request ────────────────────────────────────────

    def agree(self) -> Member:
        """The leader, who has a majority behind it. Raises `TimedOut` where nothing can be agreed on."""
        leader = self.leader
        if leader is None:
            raise TimedOut(words.REQUEST_TIMED_OUT)
        return leader

    def add(self, asked: Member, peers: Sequence[str], *, learner: bool) -> Member:
        """Admit a member that is yet to start.

        Raises:
            EtcdError: there is such a member, a learner already, or one of the voters is not well.
        """
        self.agree()
        known = {peer for member in self.members.values() for peer in member.peers}
        if not learner and not _room(self.voters):
            raise EtcdError(words.NOT_ENOUGH_STARTED)
        if self._in_touch(asked) < len(self.voters):
            raise EtcdError(words.UNHEALTHY)
        if known & set(peers):
            raise EtcdError(words.PEER_EXISTS)
        if learner and sum(member.learner for member in self.members.values()) >= MOST_LEARNERS:
            raise EtcdError(words.TOO_MANY_LEARNERS)
        fresh = Member(member_id(peers, self.token, str(time.time_ns())), tuple(peers), learner=learner)
        self.members[fresh.id] = fresh
        self.tell()
        return fresh

    def remove(self, asked: Member, id: int) -> None:
        """Dismiss a member for ever.

        Raises:
            EtcdError: there is none, or the others would have no quorum.
        """
        self.agree()
        member = self._member(id)
        if not member.learner:
            self._may_remove(asked, member)
        del self.members[id]
        self.removed.add(id)
        self.tell()

    def promote(self, asked: Member, id: int) -> None:
        """Give a learner its vote. What another member passes on to the leader has no user.

        Raises:
            EtcdError: it is no learner, or has not the leader's log yet.
            TimedOut: access control is on and the leader was not the one asked.
        """
        leader = self.agree()
        if asked is not leader and self.access.enabled:
            raise TimedOut(words.DEADLINE)
        member = self._member(id)
        if not member.learner:
            raise EtcdError(words.NOT_A_LEARNER)
        if not self.in_sync(member):
            raise EtcdError(words.NOT_IN_SYNC)
        if not _enough([*self.voters, member]):
            raise EtcdError(words.NOT_ENOUGH_STARTED)
        member.learner = False
        self.tell()

    def move_leader(self, id: int) -> None:
        """Make another voter lead. Raises `EtcdError` where it cannot."""
        self.agree()
        member = self.members.get(id)
        if member is None or member.learner or not member.up:
            raise EtcdError(words.BAD_TRANSFEREE)
        if id != self._leader:
            self._leader, self.term = id, self.term + 1
        self.tell()

    # ── Rules ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _settle(self) -> None:
        if not self.has_quorum():
            self._leader = 0
            return
        self._elect()
        for member in self.members.values():
            if member.up and member.process:
                member.name, member.clients = member.process.name, member.process.clients

    def _elect(self) -> None:
        standing = [voter for voter in self.voters if voter.up]
        if any(voter.id == self._leader for voter in standing):
            return
        # Whoever was there longest has every entry of the log.
        self._leader = max(standing, key=lambda voter: (self._age(voter), voter.id)).id
        self.term += 1

    def _member(self, id: int) -> Member:
        if id not in self.members:
            raise EtcdError(words.MEMBER_NOT_FOUND)
        return self.members[id]

    def _may_remove(self, asked: Member, member: Member) -> None:
        if not _enough([voter for voter in self.voters if voter is not member]):
            raise EtcdError(words.NOT_ENOUGH_STARTED)
        if member is not asked and not member.up:
            return  # it is no part of the quorum that is there
        if self._in_touch(asked) - 1 < 1 + (len(self.voters) - 1) // 2:
            raise EtcdError(words.UNHEALTHY)

    def _in_touch(self, asked: Member) -> int:
        """How many voters the one asked has been in touch with for long enough, itself included."""
        contact = CONTACT * self.pace()
        own = self._age(asked)
        return sum(voter is asked or (voter.up and min(own, self._age(voter)) >= contact) for voter in self.voters)

    def _age(self, member: Member) -> float:
        return self.clock() - member.process.since if member.process else 0.0


def quorum(voters: int) -> int:
    """How many of this many voters must agree."""
    return voters // 2 + 1


def _enough(voters: Sequence[Member]) -> bool:
    """Whether a majority of these ever started."""
    return sum(voter.started for voter in voters) >= quorum(len(voters))


def _room(voters: Sequence[Member]) -> bool:
    """Whether one more may vote at once; beside a single voter it may, although it takes the quorum along."""
    started = sum(voter.started for voter in voters)
    return started >= quorum(len(voters) + 1) or (started == 1 and len(voters) == 1)
