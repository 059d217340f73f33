"""What a server is told at its first boot, as cloud-config: its name, its host key, who may log in, who it is.

Source: cloudinit.readthedocs.io, modules "SSH", "Users and Groups", "Write Files", "Set Hostname".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

IDENTITY_FILE = "/etc/gondolier/identity.json"
"""Where a machine finds who it is; another identity than the wanted one is a hard stop."""

LARGEST = 65535
"""Bytes of user data, encoded, that Nova takes."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A machine before its first boot. `host_key` is the private key, `host_public` and `login_key` public ones."""

    name: str
    user: str
    host_key: str
    host_public: str
    login_key: str
    identity: Mapping[str, str]


def cloud_config(newcomer: Newcomer) -> str:
    """The document as text."""
    document = {
        "hostname": newcomer.name,
        "fqdn": newcomer.name,
        "prefer_fqdn_over_hostname": False,
        "manage_etc_hosts": "localhost",
        "disable_root": newcomer.user != "root",
        "ssh_pwauth": False,
        "ssh_deletekeys": True,
        "ssh_keys": {"ed25519_private": newcomer.host_key, "ed25519_public": newcomer.host_public},
        "users": [_user(newcomer)],
        "package_update": False,
        "package_upgrade": False,
        "write_files": [
            {
                "path": IDENTITY_FILE,
                "permissions": "0644",
                "content": json.dumps(dict(newcomer.identity), indent=2, sort_keys=True) + "\n",
            }
        ],
    }
    return "#cloud-config\n" + yaml.safe_dump(document, sort_keys=False)


def encoded(text: str) -> str:
    """The text as Nova takes it."""
    return base64.b64encode(text.encode()).decode()


def _user(newcomer: Newcomer) -> dict[str, Any]:
    keys = [newcomer.login_key.strip()]
    if newcomer.user == "root":
        return {"name": "root", "ssh_authorized_keys": keys}
    return {
        "name": newcomer.user,
        "shell": "/bin/bash",
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
        "lock_passwd": True,
        "ssh_authorized_keys": keys,
    }
