"""etcd's own access control: users, roles, and the ranges of keys that a role may read and write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.simulator.etcd import words
from core.simulator.etcd.keys import Range
from core.simulator.etcd.words import EtcdError

ROOT = "root"
"""The name of the user and of the role that may do everything."""

Kind = Literal["read", "write", "readwrite"]


@dataclass(frozen=True, slots=True)
class Permission:
    """What a role may do with a range of keys."""

    kind: Kind
    keys: Range

    def allows(self, keys: Range, *, write: bool) -> bool:
        """Whether that includes reading, or writing, all of these keys."""
        return self.kind in ("readwrite", "write" if write else "read") and self.keys.covers(keys)


@dataclass(slots=True)
class Access:
    """Who may do what. While it is not `enabled` everybody may do everything; `revision` counts its changes."""

    enabled: bool = False
    revision: int = 1
    users: dict[str, set[str]] = field(default_factory=dict)
    roles: dict[str, list[Permission]] = field(default_factory=dict)

    def add_user(self, name: str) -> None:
        """Raises `EtcdError` where there is one."""
        if name in self.users:
            raise EtcdError(words.USER_EXISTS)
        self.users[name] = set()
        self.revision += 1

    def add_role(self, name: str) -> None:
        """Raises `EtcdError` where there is one."""
        if name in self.roles:
            raise EtcdError(words.ROLE_EXISTS)
        self.roles[name] = []
        self.revision += 1

    def grant(self, role: str, permission: Permission) -> None:
        """Give a role a permission, in the place of its earlier one for the same keys."""
        kept = [known for known in self.role(role) if known.keys != permission.keys]
        self.roles[role] = [*kept, permission]
        self.revision += 1

    def grant_role(self, user: str, role: str) -> None:
        """Give a user a role."""
        roles = self.user(user)
        self.role(role)
        roles.add(role)
        self.revision += 1

    def enable(self) -> None:
        """Switch it on. Raises `EtcdError` where nobody could do anything then."""
        if ROOT not in self.users:
            raise EtcdError(words.NO_ROOT_USER)
        if ROOT not in self.users[ROOT]:
            raise EtcdError(words.NO_ROOT_ROLE)
        self.enabled = True
        self.revision += 1

    def disable(self) -> None:
        """Switch it off."""
        self.enabled = False
        self.revision += 1

    def user(self, name: str) -> set[str]:
        """A user's roles. Raises `EtcdError` where there is no such user."""
        if name not in self.users:
            raise EtcdError(words.USER_NOT_FOUND)
        return self.users[name]

    def role(self, name: str) -> list[Permission]:
        """A role's permissions. Raises `EtcdError` where there is no such role."""
        if name not in self.roles:
            raise EtcdError(words.ROLE_NOT_FOUND)
        return self.roles[name]

    def need_administrator(self, user: str) -> None:
        """Raises `EtcdError` unless the user may change members, users and roles."""
        if self.enabled and ROOT not in self.users.get(user, ()):
            raise EtcdError(words.PERMISSION_DENIED)

    def need(self, user: str, keys: Range, *, write: bool) -> None:
        """Raises `EtcdError` unless the user may read, or write, all of these keys."""
        roles = self.users.get(user, set())
        if not self.enabled or ROOT in roles:
            return
        permissions = (permission for role in roles for permission in self.roles.get(role, ()))
        if not any(permission.allows(keys, write=write) for permission in permissions):
            raise EtcdError(words.PERMISSION_DENIED)
