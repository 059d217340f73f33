"""From a kubeconfig to an open API client."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from core.engine.errors import Trouble

if TYPE_CHECKING:
    from kubernetes_asyncio.client import ApiClient

Kubeconfig = Path | Mapping[str, Any]

_USER_AGENT = "gondolier"


async def open_client(kubeconfig: Kubeconfig, name: str, context: str | None = None) -> ApiClient:
    """An API client as the kubeconfig says, with its certificates loaded.

    Keys that are written inside the kubeconfig are on disk (0600, in a directory of mode 0700) only while the TLS
    library reads them. Relative paths count from the kubeconfig's own directory.

    Raises:
        Trouble: the kubeconfig cannot be read, is incomplete, or its certificates do not fit.
    """
    from kubernetes_asyncio.client import ApiClient, Configuration
    from kubernetes_asyncio.config import ConfigException
    from kubernetes_asyncio.config.kube_config import KubeConfigLoader

    config, base = _read(kubeconfig, name)
    with TemporaryDirectory(prefix="gondolier-") as directory:
        try:
            _spill(config, Path(directory))
            settings: Any = Configuration()
            # Every watch and every log that is followed holds a connection: a limit would make the next one wait.
            settings.connection_pool_maxsize = 0
            loader: Any = KubeConfigLoader(config, active_context=context, config_base_path=str(base))
            await loader.load_and_set(settings)
            client: Any = ApiClient(settings)
        except (ConfigException, OSError, ValueError, KeyError, TypeError, AssertionError) as error:
            raise _unusable(name, error) from None
    client.user_agent = _USER_AGENT
    opened: ApiClient = client
    return opened


def _read(kubeconfig: Kubeconfig, name: str) -> tuple[dict[str, Any], Path]:
    if not isinstance(kubeconfig, Path):
        return deepcopy(dict(kubeconfig)), Path()
    import yaml

    try:
        config = yaml.safe_load(kubeconfig.read_text())
    except OSError as error:
        raise _unusable(name, error) from None
    except yaml.YAMLError:
        raise _unusable(name, ValueError(f"{kubeconfig} is not YAML")) from None
    if not isinstance(config, dict):
        raise _unusable(name, ValueError(f"{kubeconfig} is not a kubeconfig"))
    return config, kubeconfig.parent


def _spill(config: dict[str, Any], directory: Path) -> None:
    """Turn what is written inside the kubeconfig (`…-data`) into files: the TLS library reads nothing else."""
    entries = [entry.get("cluster") for entry in config.get("clusters") or ()]
    entries += [entry.get("user") for entry in config.get("users") or ()]
    for number, entry in enumerate(entry for entry in entries if entry):
        for key in ("certificate-authority", "client-certificate", "client-key"):
            if data := entry.pop(f"{key}-data", None):
                entry[key] = str(_secret_file(directory / f"{number}-{key}", data, key))


def _secret_file(path: Path, data: str, key: str) -> Path:
    try:
        content = base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError):
        raise ValueError(f"{key}-data is not base64") from None
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def _unusable(name: str, error: Exception) -> Trouble:
    return Trouble(f"kubeconfig cannot be used: {error}", where=name, fix="write it anew with `gondolier kubeconfig`")
