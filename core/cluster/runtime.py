"""containerd with runc, the CNI plug-ins and crictl."""

from __future__ import annotations

from pathlib import Path

from core.cluster.blueprint import Blueprint, render, unit_file
from core.cluster.layout import Node
from core.engine.errors import Refusal
from core.machines.state import Binary, Desired, Directory, File, Unit
from core.model.cluster import KubernetesCluster

SOCKET = "unix:///run/containerd/containerd.sock"

_CERTS_D = "/etc/containerd/certs.d"
_CA = "/etc/containerd/registry-ca.crt"


def runtime_state(blueprint: Blueprint, node: Node) -> Desired:
    """The container runtime of one machine."""
    quirks = blueprint.quirks_of(node)
    config = render(
        "containerd.toml.j2",
        pause=f"registry.k8s.io/pause:{blueprint.versions['pause']}",
        restrict_oom_score_adj=quirks.restrict_oom_score_adj,
        systemd_cgroup=quirks.cgroup_driver == "systemd",
    )
    files = (
        File("/etc/containerd/config.toml", config),
        unit_file("containerd.service"),
        File("/etc/crictl.yaml", f"runtime-endpoint: {SOCKET}\nimage-endpoint: {SOCKET}\n".encode()),
        *_registry_files(blueprint.cluster),
    )
    return Desired(
        directories=(Directory(_CERTS_D), Directory("/usr/local/sbin")),
        binaries=_binaries(blueprint),
        files=files,
        units=(
            Unit(
                "containerd.service",
                reads=(
                    "/etc/containerd/config.toml",
                    "/etc/systemd/system/containerd.service",
                    "/usr/local/bin/containerd",
                ),
            ),
        ),
    )


def _binaries(blueprint: Blueprint) -> tuple[Binary, ...]:
    versions = blueprint.versions
    return (
        *(
            Binary(f"/usr/local/bin/{name}", "containerd", versions["containerd"], f"bin/{name}")
            for name in ("containerd", "containerd-shim-runc-v2", "ctr")
        ),
        Binary("/usr/local/sbin/runc", "runc", versions["runc"]),
        Binary("/usr/local/bin/crictl", "crictl", versions["crictl"], "crictl"),
        *(
            Binary(f"/opt/cni/bin/{name}", "cni-plugins", versions["cni-plugins"], name)
            for name in ("bridge", "host-local", "loopback", "portmap", "bandwidth")
        ),
    )


def _registry_files(cluster: KubernetesCluster) -> tuple[File, ...]:
    """containerd's hosts files: read at each pull, so no daemon is restarted for them."""
    registry = cluster.registry
    files = []
    if registry.mirror:
        text = f'[host."{registry.mirror}"]\n  capabilities = ["pull", "resolve"]\n'
        files.append(File(f"{_CERTS_D}/_default/hosts.toml", text.encode()))
    if registry.host and registry.ca:
        url = f"https://{registry.host}"
        text = f'server = "{url}"\n\n[host."{url}"]\n  ca = "{_CA}"\n'
        files.append(File(f"{_CERTS_D}/{registry.host}/hosts.toml", text.encode()))
        files.append(File(_CA, _authority(Path(registry.ca).expanduser())))
    return tuple(files)


def _authority(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"the registry's authority cannot be read: {error.strerror}", where=str(path)) from error
