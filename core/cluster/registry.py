"""Access to a private registry: a pull secret that every pod of the default namespace is given."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from core.engine.errors import Refusal
from core.model.secret import Credentials, SecretReference

PULL_SECRET = "gondolier-registry"


def registry_objects(credentials: Credentials) -> list[dict[str, Any]]:
    """The secret, read now from where the document says it is, and the account that hands it to pods.

    Raises:
        Refusal: the secret is not where the document says.
    """
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": PULL_SECRET, "namespace": "default"},
            "type": "kubernetes.io/dockerconfigjson",
            "data": {".dockerconfigjson": _docker_configuration(credentials)},
        },
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": "default"},
            "imagePullSecrets": [{"name": PULL_SECRET}],
        },
    ]


def _docker_configuration(credentials: Credentials) -> str:
    password = read_secret(credentials.password)
    login = base64.b64encode(f"{credentials.username}:{password}".encode()).decode()
    entry = {"username": credentials.username, "password": password, "auth": login}
    return base64.b64encode(json.dumps({"auths": {credentials.server: entry}}).encode()).decode()


def read_secret(reference: SecretReference) -> str:
    """What a reference leads to, without the line end that editors leave.

    Raises:
        Refusal: there is nothing, or it cannot be read.
    """
    if reference.env is not None:
        value = os.environ.get(reference.env)
        if not value:
            raise Refusal(
                f"the variable {reference.env}, which shall hold a secret, is not set", fix="set it and retry"
            )
        return value
    path = Path(reference.file or "").expanduser()
    try:
        return path.read_text().rstrip("\n")
    except OSError as error:
        raise Refusal(f"the secret cannot be read: {error.strerror}", where=str(path)) from error
