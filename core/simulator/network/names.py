"""The cluster's DNS: names of Services and their addresses, as CoreDNS's `kubernetes` plug-in gives them."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from core.simulator.machine.ports import Handler, Reader, Writer

if TYPE_CHECKING:
    from core.simulator.kubernetes.objects import Objects

_TTL = 30
_DOMAIN = re.compile(r"^\s*kubernetes (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one cluster."""

    objects: Objects

    def answer(self, question: bytes) -> bytes | None:
        """The answer to a DNS message, None to what is none."""
        try:
            asked = dns.message.from_wire(question)
        except dns.exception.DNSException:
            return None
        reply = dns.message.make_response(asked)
        reply.flags |= dns.flags.AA
        for each in asked.question:
            addresses = self.addresses(each.name.to_text().rstrip(".").lower())
            if addresses is None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            elif addresses and each.rdtype == dns.rdatatype.A:
                reply.answer.append(dns.rrset.from_text(each.name, _TTL, "IN", "A", *addresses))
        return reply.to_wire()

    def addresses(self, name: str) -> list[str] | None:
        """The addresses of a Service's name, None where there is no such name."""
        parts = name.removesuffix(f".{self._domain()}").split(".")
        if len(parts) != 3 or parts[2] != "svc" or name.count(".") < 3:
            return None
        service = self.objects.get("services", parts[1], parts[0])
        if service is None:
            return None
        address = service["spec"].get("clusterIP", "")
        return self._endpoints(parts[1], parts[0]) if address in ("", "None") else [str(address)]

    def _endpoints(self, namespace: str, service: str) -> list[str]:
        slices: list[dict[str, Any]] = self.objects.list("endpointslices.discovery.k8s.io", namespace)
        mine = (each for each in slices if _service_of(each) == service)
        return sorted({address for each in mine for end in each.get("endpoints") or () for address in end["addresses"]})

    def _domain(self) -> str:
        """What CoreDNS is told in its configuration."""
        known = self.objects.get("configmaps", "kube-system", "coredns") or {}
        found = _DOMAIN.search((known.get("data") or {}).get("Corefile", ""))
        return found[1] if found else "cluster.local"


def dns_handler(names: Names) -> Handler:
    """Serves DNS over TCP: messages with their size before them."""

    async def serve(reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                answer = names.answer(await reader.readexactly(size))
                if answer is None:
                    return
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()

    return serve


def _service_of(piece: dict[str, Any]) -> str:
    labels: dict[str, str] = piece["metadata"].get("labels") or {}
    return labels.get("kubernetes.io/service-name", "")
