"""What is built from which Go packages, and under which names the publishers release it."""

from __future__ import annotations

from dataclasses import dataclass

GITHUB = "github.com"
STATIC = "-linkmode external -extldflags -static"
STATIC_TAGS = "osusergo,netgo"


@dataclass(frozen=True)
class Artifact:
    """One released file: its place in the mirror, what is inside, how its checksum is published."""

    path: str
    programs: tuple[str, ...]
    folder: str | None = None
    sums: str = ""
    digest_only: bool = False


@dataclass(frozen=True)
class Component:
    """One Go module under modules/: programs by file name, and the artifacts made of them."""

    name: str
    programs: dict[str, str]
    artifacts: tuple[Artifact, ...] = ()
    ldflags: str = ""
    tags: str = ""
    cgo: bool = False
    needs: tuple[str, ...] = ()


def _kubernetes() -> Component:
    servers = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    names = (*servers, "kubelet", "kube-proxy", "kubectl")
    stamp = "-X {p}.gitVersion=v{v} -X {p}.gitMajor={major} -X {p}.gitMinor={minor} -X {p}.gitTreeState=clean"
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    base = "dl.k8s.io/release/v{v}/bin/linux/amd64"
    return Component(
        "kubernetes",
        {name: f"k8s.io/kubernetes/cmd/{name}" for name in names},
        tuple(Artifact(f"{base}/{n}", (n,), sums=f"{n}.sha256", digest_only=True) for n in names),
        ldflags=" ".join(stamp.replace("{p}", package) for package in packages),
    )


def _etcd() -> Component:
    folder = "etcd-v{v}-linux-amd64"
    names = {"etcd": "server/v3", "etcdctl": "etcdctl/v3", "etcdutl": "etcdutl/v3"}
    path = f"{GITHUB}/etcd-io/etcd/releases/download/v{{v}}/{folder}.tar.gz"
    return Component(
        "etcd",
        {name: f"go.etcd.io/etcd/{package}" for name, package in names.items()},
        (Artifact(path, tuple(names), folder=f"{folder}/", sums="SHA256SUMS"),),
    )


def _containerd() -> Component:
    names = ("containerd", "containerd-shim-runc-v2", "ctr")
    module, file = f"{GITHUB}/containerd/containerd/v2", "containerd-{v}-linux-amd64.tar.gz"
    path = f"{GITHUB}/containerd/containerd/releases/download/v{{v}}/{file}"
    return Component(
        "containerd",
        {name: f"{module}/cmd/{name}" for name in names},
        (Artifact(path, names, folder="bin/", sums=f"{file}.sha256sum"),),
        ldflags=f"-X {module}/version.Version=v{{v}}",
        tags=STATIC_TAGS,
    )


def _runc() -> Component:
    module = f"{GITHUB}/opencontainers/runc"
    path = f"{module}/releases/download/v{{v}}/runc.amd64"
    # Static, because machines of the tests need not have the libseccomp of the machine that builds.
    return Component(
        "runc",
        {"runc": module},
        (Artifact(path, ("runc",), sums="runc.sha256sum"),),
        ldflags=STATIC,
        tags=f"seccomp,{STATIC_TAGS}",
        cgo=True,
        needs=("gcc", "pkg-config", "libseccomp-dev"),
    )


def _cni() -> Component:
    module, file = f"{GITHUB}/containernetworking/plugins", "cni-plugins-linux-amd64-v{v}.tgz"
    kinds = {"main": ("bridge", "loopback"), "ipam": ("host-local",)}
    kinds["meta"] = ("bandwidth", "firewall", "portmap", "tuning")
    programs = {name: f"{module}/plugins/{kind}/{name}" for kind, names in kinds.items() for name in names}
    path = f"{module}/releases/download/v{{v}}/{file}"
    return Component(
        "cni",
        programs,
        (Artifact(path, tuple(programs), folder="./", sums=f"{file}.sha256"),),
        ldflags=f"-X {module}/pkg/utils/buildversion.BuildVersion=v{{v}}",
    )


def _crictl() -> Component:
    file = "crictl-v{v}-linux-amd64.tar.gz"
    path = f"{GITHUB}/kubernetes-sigs/cri-tools/releases/download/v{{v}}/{file}"
    return Component(
        "crictl",
        {"crictl": "sigs.k8s.io/cri-tools/cmd/crictl"},
        (Artifact(path, ("crictl",), folder="", sums=f"{file}.sha256", digest_only=True),),
        ldflags="-X sigs.k8s.io/cri-tools/pkg/version.Version=v{v}",
    )


def _flannel() -> Component:
    module = f"{GITHUB}/flannel-io/flannel"
    # Its UDP backend is C on this architecture, so unlike the rest it cannot do without cgo.
    return Component(
        "flannel",
        {"flanneld": module},
        (Artifact(f"{module}/releases/download/v{{v}}/flanneld-amd64", ("flanneld",)),),
        ldflags=f"-X {module}/pkg/version.Version=v{{v}} {STATIC}",
        tags=STATIC_TAGS,
        cgo=True,
        needs=("gcc",),
    )


def _flannel_cni() -> Component:
    # Flannel's own repository cannot be had here: the plug-in's predecessor stands in under its release's name.
    release = "v1.9.1-flannel1"
    return Component(
        "flannel-cni",
        {"flannel": f"{GITHUB}/containernetworking/plugins/plugins/meta/flannel"},
        (Artifact(f"{GITHUB}/flannel-io/cni-plugin/releases/download/{release}/flannel-amd64", ("flannel",)),),
    )


def _calico() -> Component:
    module = f"{GITHUB}/projectcalico/calico"
    programs = {
        "calicoctl": f"{module}/calicoctl/calicoctl",
        "calico": f"{module}/cni-plugin/cmd/calico",
        "install": f"{module}/cni-plugin/cmd/install",
        "kube-controllers": f"{module}/kube-controllers/cmd/kube-controllers",
        "calico-node": f"{module}/node/cmd/calico-node",
    }
    path = f"{module}/releases/download/v{{v}}/calicoctl-linux-amd64"
    return Component(
        "calico",
        programs,
        (Artifact(path, ("calicoctl",), sums="SHA256SUMS"),),
        ldflags=f"-X {module}/pkg/buildinfo.Version=v{{v}}",
    )


COMPONENTS: dict[str, Component] = {
    component.name: component
    for component in (
        _kubernetes(),
        _etcd(),
        _containerd(),
        _runc(),
        _cni(),
        _crictl(),
        Component("pause", {"pause": "."}),
        _flannel(),
        _flannel_cni(),
        Component("coredns", {"coredns": f"{GITHUB}/coredns/coredns"}),
        _calico(),
    )
}
