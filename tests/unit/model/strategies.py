"""Hypothesis strategies: any environment that the model takes, as plain data."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from core.model.cluster import VERSIONS
from tests.unit.model.samples import HOST_KEY

Data = dict[str, Any]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
labels = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
lines = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 :#_.-]{0,12}", fullmatch=True)
paths = st.from_regex(r"/[A-Za-z0-9][A-Za-z0-9 _-]{0,10}", fullmatch=True)
ports = st.integers(1, 65535)
flags = st.booleans()


def partly(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    """A mapping that may leave out each of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


instances = partly(flavor=lines, image=lines, key_pair=lines, availability_zone=lines)
passwords = st.one_of(partly(file=paths), partly(env=st.just("PASSWORD"))).filter(bool)
registries = partly(
    host=st.sampled_from(["registry.example.org", "10.0.0.1:5000"]),
    mirror=st.sampled_from(["http://10.1.1.1:5000", "https://mirror.example.org"]),
    ca=paths,
    credentials=st.fixed_dictionaries({"server": lines, "username": lines, "password": passwords}),
)
volumes = st.one_of(
    st.just({"kind": "temporary"}), st.fixed_dictionaries({"kind": st.just("host-path"), "path": paths})
)
probes = st.one_of(
    st.fixed_dictionaries({"kind": st.just("http"), "port": ports}, optional={"path": st.just("/healthy")}),
    st.fixed_dictionaries({"kind": st.just("tcp"), "port": ports, "period": st.integers(1, 60)}),
    st.fixed_dictionaries({"kind": st.just("command"), "command": st.lists(texts, min_size=1, max_size=3)}),
)
amounts = partly(cpu=st.sampled_from(["2", "500m"]), memory=st.sampled_from(["64Mi", "1G", "1000000"]))
application_ports = st.fixed_dictionaries(
    {"port": ports, "scope": st.sampled_from(["host", "internal", "cloud", "public"])},
    optional={"protocol": st.sampled_from(["TCP", "UDP"])},
)


def _port_key(port: Data) -> tuple[int, str]:
    return port["port"], port.get("protocol", "TCP")


@st.composite
def application_lists(draw: st.DrawFn, most_applications: int = 3, most_ports: int = 5) -> list[Data]:
    """Applications of one pod: no name and no port twice."""
    names = draw(st.lists(labels, unique=True, max_size=most_applications))
    free = draw(st.lists(application_ports, unique_by=_port_key, max_size=most_ports))
    rest = partly(
        command=st.lists(texts, max_size=3),
        env=st.dictionaries(st.from_regex(r"[A-Z_]{1,8}", fullmatch=True), texts, max_size=3),
        volumes=st.dictionaries(paths, volumes, max_size=2),
        privileged=flags,
        resources=partly(requests=amounts, limits=amounts),
        probe=probes,
    )
    images = st.sampled_from(["nginx:1.29", "registry.example.org:5000/team/site", "1.29"])
    return [
        {"name": name, "image": draw(images), "ports": free[index :: len(names)], **draw(rest)}
        for index, name in enumerate(names)
    ]


@st.composite
def clusters(draw: st.DrawFn, name: str) -> Data:
    """A cluster whose machines begin with its name."""
    workers, gateways = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    rest = partly(
        network=st.sampled_from(["calico", "flannel"]),
        control_plane=partly(floating_ip=flags),
        expose_metrics=st.just(False),
        dns=flags,
        dns_domain=st.sampled_from(["cluster.local", "kubernetes.local", "no"]),
        registry=registries,
        etcd=partly(voters=st.sampled_from(["auto", "all"])),
        pod_cidr=st.sampled_from(["192.168.0.0/16", "172.20.0.0/14"]),
        service_cidr=st.sampled_from(["10.32.0.0/24", "10.96.0.0/12"]),
        instance=instances,
    )
    return {
        "kind": "KubernetesCluster",
        "name": name,
        "version": draw(st.sampled_from(VERSIONS)),
        "workers": {"count": workers, "max": workers + draw(st.integers(0, 5))},
        "gateways": {"count": gateways, "max": gateways + draw(st.integers(0, 5)), "floating_ip": draw(flags)},
        "node_pattern": f"n-{name}-#",
        "gateway_pattern": f"g-{name}-#",
        **draw(rest),
    }


@st.composite
def pods(draw: st.DrawFn, name: str, cluster: str) -> Data:
    """A pod with its applications."""
    tags = st.dictionaries(st.sampled_from(["tier", "example.org/owner"]), st.sampled_from(["", "Web", "1"]))
    replicas = draw(st.integers(0, 4))
    workload = draw(st.sampled_from(["Deployment", "ReplicationController"])) if replicas else "Pod"
    return {
        "kind": "KubernetesPod",
        "name": name,
        "cluster": cluster,
        "replicas": replicas,
        "workload": draw(st.sampled_from([None, workload])),
        "labels": draw(tags),
        "applications": draw(application_lists()),
    }


@st.composite
def manifests(draw: st.DrawFn, name: str, cluster: str) -> Data:
    """Raw objects with content of any sort that a document can have."""
    scalars = st.one_of(
        lines, st.integers(-5, 2**40), st.booleans(), st.none(), st.sampled_from(["yes", "22:22", "1e3"])
    )
    content = st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(labels, inner, max_size=2)
    )
    data = draw(st.lists(content, max_size=3))
    objects = [
        {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": f"w-{number}"}, "spec": {"x": each}}
        for number, each in enumerate(data)
    ]
    return {"kind": "KubernetesManifest", "name": name, "cluster": cluster, "manifests": objects}


machines = st.fixed_dictionaries(
    {"key_file": paths, "host_key": st.just(HOST_KEY)},
    optional={"port": ports, "user": lines, "roles": st.lists(st.sampled_from(["worker", "jump"]), max_size=2)},
)


@st.composite
def inventories(draw: st.DrawFn) -> Data:
    """Machines, the first of which may lead to the others."""
    listed = [draw(machines) | {"address": f"10.1.0.{n + 1}"} for n in range(draw(st.integers(1, 3)))]
    for machine in listed[1:]:
        machine["jump"] = draw(st.sampled_from([None, "10.1.0.1"]))
    return {"kind": "inventory", "machines": listed}


providers = st.one_of(
    st.just({"kind": "simulated"}),
    inventories(),
    partly(
        subnet=st.sampled_from(["10.77.0.0/24", "10.128.0.0/20"]),
        bridge=st.just("lab0"),
        image=paths,
        memory=st.sampled_from(["2G", "500000"]),
        cpus=st.one_of(st.integers(1, 8), st.floats(0.1, 1024)),
    ).map(lambda fields: {"kind": "nspawn", **fields}),
    st.fixed_dictionaries(
        {
            "kind": st.just("openstack"),
            "cloud": lines,
            "flavor": lines,
            "image": lines,
            "access": st.lists(st.sampled_from(["203.0.113.7/32", "0.0.0.0/0"]), min_size=1, max_size=2),
        },
        optional={
            "region": lines,
            "network": lines,
            "external_network": lines,
            "key_pair": lines,
            "subnet": st.sampled_from(["10.76.0.0/24", "10.128.0.0/20"]),
            "reach": st.sampled_from(["floating", "gateway", "direct"]),
            "boot_volume": st.integers(10, 16384),
        },
    ),
)


@st.composite
def environments(draw: st.DrawFn) -> Data:
    """A document without mistakes."""
    cluster_names = draw(st.lists(st.from_regex(r"c[a-z]{1,5}", fullmatch=True), unique=True, max_size=2))
    pod_names = draw(st.lists(st.from_regex(r"p[a-z]{1,5}", fullmatch=True), unique=True, max_size=2))
    components = [draw(clusters(name)) for name in cluster_names]
    if cluster_names:
        components += [draw(pods(name, draw(st.sampled_from(cluster_names)))) for name in pod_names]
    if draw(flags) and cluster_names:
        components.append(draw(manifests("raw", cluster_names[0])))
    if draw(flags):
        host = partly(registry=registries, instance=instances, applications=application_lists(), floating_ip=flags)
        components.append({"kind": "DockerStandaloneHost", "name": "docker", **draw(host)})
    return {"environment": draw(labels), "provider": draw(providers), "components": components}
