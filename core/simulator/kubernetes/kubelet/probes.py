"""Whether a container would pass its probes, by what its image plausibly does."""

from __future__ import annotations

from dataclasses import dataclass

from core.simulator.kubernetes.kubelet.images import listens_on
from core.simulator.kubernetes.shape import Object

_ABSENT = ("does-not-exist", "no-such")
_FAILING = (["false"], ["/bin/false"], ["sh", "-c", "false"], ["sh", "-c", "exit 1"])
_AT_ONCE = 0.1


@dataclass(frozen=True, slots=True)
class Verdict:
    """A probe's result, with what it wrote."""

    passed: bool
    output: str = ""


def readiness(container: Object, ip: str) -> Verdict:
    """What the readiness probe says; a container without one is ready."""
    return _verdict(container, container.get("readinessProbe"), ip)


def live(container: Object, ip: str) -> Verdict:
    """What the liveness probe says; a container without one lives."""
    return _verdict(container, container.get("livenessProbe"), ip)


def delay(container: Object) -> float:
    """Real seconds until the first probe."""
    probes = (container.get(kind) for kind in ("startupProbe", "readinessProbe"))
    return max([_AT_ONCE, *(float(probe.get("initialDelaySeconds", 0)) for probe in probes if probe)])


def period(container: Object, kind: str = "readinessProbe") -> float:
    """Real seconds from one probe to the next."""
    return float((container.get(kind) or {}).get("periodSeconds", 10))


def _verdict(container: Object, probe: Object | None, ip: str) -> Verdict:
    if not probe:
        return Verdict(True)
    if "exec" in probe:
        failing = list(probe["exec"].get("command") or ()) in _FAILING
        return Verdict(not failing, "command exited with status 1" if failing else "")
    if "httpGet" in probe:
        return _http(container, probe["httpGet"], ip)
    target = probe.get("tcpSocket") or probe.get("grpc") or {}
    port = port_number(container, target.get("port", 0))
    return Verdict(True) if _open(container, port) else Verdict(False, _refused(ip, port))


def _http(container: Object, get: Object, ip: str) -> Verdict:
    port, path = port_number(container, get["port"]), str(get.get("path", "/"))
    if not _open(container, port):
        return Verdict(False, f'Get "http://{ip}:{port}{path}": {_refused(ip, port)}')
    if any(sign in path for sign in _ABSENT):
        return Verdict(False, "HTTP probe failed with statuscode: 404")
    return Verdict(True)


def port_number(container: Object, port: int | str) -> int:
    """A port given by its number or its name; 0 where no port has the name."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    ports = container.get("ports") or ()
    return next((int(each["containerPort"]) for each in ports if each.get("name") == port), 0)


def _open(container: Object, port: int) -> bool:
    known = listens_on(container)
    return bool(port) and (known is None or port in known)


def _refused(ip: str, port: int) -> str:
    return f"dial tcp {ip}:{port}: connect: connection refused"
