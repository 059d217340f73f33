"""etcd's own words for what it refuses (etcd 3.6, api/v3rpc/rpctypes/error.go), and the error that carries them."""

from __future__ import annotations

UNHEALTHY = "etcdserver: unhealthy cluster"
NOT_ENOUGH_STARTED = "etcdserver: re-configuration failed due to not enough started members"
MEMBER_NOT_FOUND = "etcdserver: member not found"
PEER_EXISTS = "etcdserver: Peer URLs already exists"
NOT_A_LEARNER = "etcdserver: can only promote a learner member"
NOT_IN_SYNC = "etcdserver: can only promote a learner member which is in sync with leader"
TOO_MANY_LEARNERS = "etcdserver: too many learner members in cluster"
NO_LEADER = "etcdserver: no leader"
BAD_TRANSFEREE = "etcdserver: bad leader transferee"
LEARNER_ASKED = "etcdserver: rpc not supported for learner"
REQUEST_TIMED_OUT = "etcdserver: request timed out"
DEADLINE = "context deadline exceeded"

PERMISSION_DENIED = "etcdserver: permission denied"
USER_EXISTS = "etcdserver: user name already exists"
USER_NOT_FOUND = "etcdserver: user name not found"
ROLE_EXISTS = "etcdserver: role name already exists"
ROLE_NOT_FOUND = "etcdserver: role name not found"
NO_ROOT_USER = "etcdserver: root user does not exist"
NO_ROOT_ROLE = "etcdserver: root user does not have root role"


class EtcdError(Exception):
    """A request that etcd refuses; its text is etcd's own."""


class TimedOut(EtcdError):
    """A request that etcd could not decide on: there is no quorum, or nobody listens."""
