"""etcdctl's commands about access control."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from core.simulator.etcd.access import ROOT, Access, Kind, Permission
from core.simulator.etcd.control.client import Client
from core.simulator.etcd.control.options import Misused
from core.simulator.etcd.control.printing import Found, header
from core.simulator.etcd.keys import Range, after_prefix


def users(client: Client) -> Found:
    """`user list`."""
    ensemble, asked = client.administer()
    names = sorted(ensemble.access.users)
    return Found("\n".join(names), {"header": header(ensemble, asked), "users": names})


def user(client: Client, name: str) -> Found:
    """`user get NAME`."""
    ensemble, asked = client.administer()
    roles = sorted(ensemble.access.user(name))
    return Found(f"User: {name}\nRoles: {' '.join(roles)}", {"header": header(ensemble, asked), "roles": roles})


def add_user(client: Client, name: str) -> Found:
    """`user add NAME --no-password`."""
    if not client.options.on("no-password"):
        raise Misused("gondolier simulator: users are known by their certificate: use --no-password")
    return _changed(client, f"User {name} created", lambda access: access.add_user(name))


def grant_role(client: Client, name: str, role: str) -> Found:
    """`user grant-role NAME ROLE`."""
    return _changed(client, f"Role {role} is granted to user {name}", lambda access: access.grant_role(name, role))


def roles(client: Client) -> Found:
    """`role list`."""
    ensemble, asked = client.administer()
    names = sorted(ensemble.access.roles)
    return Found("\n".join(names), {"header": header(ensemble, asked), "roles": names})


def role(client: Client, name: str) -> Found:
    """`role get NAME`."""
    ensemble, asked = client.administer()
    known = ensemble.access.role(name)
    lines = [f"Role {name}"]
    for title, kind in (("KV Read:", "read"), ("KV Write:", "write")):
        ranges = [each.keys for each in known if each.kind in (kind, "readwrite")]
        open_ended = ["\t[, <open ended>"] if name == ROOT and not known else []
        lines += [title, *open_ended, *map(_range_line, ranges)]
    permissions = [{"permType": _NUMBERS[each.kind], "key": each.keys.start} for each in known]
    return Found("\n".join(lines), {"header": header(ensemble, asked), "perm": permissions})


_NUMBERS: dict[Kind, int] = {"read": 0, "write": 1, "readwrite": 2}


def add_role(client: Client, name: str) -> Found:
    """`role add NAME`."""
    return _changed(client, f"Role {name} created", lambda access: access.add_role(name))


def grant_permission(client: Client, name: str, kind: str, key: str, end: str = "") -> Found:
    """`role grant-permission [--prefix] ROLE KIND KEY [END]`."""
    found: Kind | None = next((each for each in get_args(Kind) if each == kind), None)
    if found is None:
        raise Misused(f"invalid permission type: {kind}", 128)
    keys = Range(key, end) if end else Range.of(key, prefix=client.options.on("prefix"))
    permission = Permission(found, keys)
    return _changed(client, f"Role {name} updated", lambda access: access.grant(name, permission))


def enable(client: Client) -> Found:
    """`auth enable`."""
    return _changed(client, "Authentication Enabled", lambda access: access.enable())


def disable(client: Client) -> Found:
    """`auth disable`."""
    return _changed(client, "Authentication Disabled", lambda access: access.disable())


def status(client: Client) -> Found:
    """`auth status`."""
    ensemble, asked = client.administer()
    access = ensemble.access
    document = {"header": header(ensemble, asked), "enabled": access.enabled, "authRevision": access.revision}
    return Found(f"Authentication Status: {str(access.enabled).lower()}\nAuthRevision: {access.revision}", document)


def _changed(client: Client, text: str, change: Callable[[Access], None]) -> Found:
    ensemble, asked = client.administer()
    change(ensemble.access)
    ensemble.tell()
    return Found(text, {"header": header(ensemble, asked)})


def _range_line(keys: Range) -> str:
    if not keys.end:
        return f"\t{keys.start}"
    prefix = f" (prefix {keys.start})" if keys.start and after_prefix(keys.start) == keys.end else ""
    return f"\t[{keys.start}, <open ended>{prefix}" if keys.end == "\0" else f"\t[{keys.start}, {keys.end}){prefix}"
