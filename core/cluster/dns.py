"""Asking a cluster's DNS from one of its machines."""

from __future__ import annotations

import dns.exception
import dns.message
import dns.rdatatype

from core.engine.errors import Transient
from core.machines.connection import Connection


async def ask_dns(connection: Connection, server: str, name: str) -> list[str]:
    """The addresses that a DNS server inside the cluster gives for a name.

    The question goes over TCP through the machine's SSH connection, so the machine needs no tool for it.

    Raises:
        Transient: the server does not answer or answers what is no DNS message.
    """
    question = dns.message.make_query(name, dns.rdatatype.A)
    wire = question.to_wire()
    try:
        async with connection.tcp(server, 53) as (reader, writer):
            writer.write(len(wire).to_bytes(2, "big") + wire)
            size = int.from_bytes(await reader.readexactly(2), "big")
            answer = dns.message.from_wire(await reader.readexactly(size))
    except (EOFError, dns.exception.DNSException) as error:
        raise Transient(f"DNS at {server} did not answer: {error}", where=connection.name) from error
    return [record.to_text() for rrset in answer.answer for record in rrset if rrset.rdtype == dns.rdatatype.A]
