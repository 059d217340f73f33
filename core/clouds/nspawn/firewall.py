"""Rules that let machines reach each other and the world, in chains of the environment's own.

A Docker engine on this host sets FORWARD's policy to DROP, and with br_netfilter that cuts traffic on any bridge:
hence the explicit rules, put first. Source: iptables(8), iptables-extensions(8).
"""

from __future__ import annotations

from core.clouds.nspawn.names import Names
from core.clouds.process import run

_IPTABLES = ("iptables", "-w", "30")


def rules(names: Names, bridge: str) -> str:
    """The environment's chains in the form of iptables-restore, which empties and fills them in one transaction."""
    chain, comment = names.chain, f"-m comment --comment {names.comment}"
    return "\n".join(
        (
            "*filter",
            f":{chain} - [0:0]",
            f"-A {chain} -i {bridge} {comment} -j ACCEPT",
            f"-A {chain} -o {bridge} -m conntrack --ctstate RELATED,ESTABLISHED {comment} -j ACCEPT",
            "COMMIT",
            "*nat",
            f":{chain} - [0:0]",
            f"-A {chain} ! -o {bridge} {comment} -j MASQUERADE",
            "COMMIT",
            "",
        )
    )


def entrances(names: Names, subnet: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Table, built-in chain and rule of each jump into the environment's chains."""
    jump = ("-m", "comment", "--comment", names.comment, "-j", names.chain)
    return (
        ("filter", "FORWARD", jump),
        ("nat", "POSTROUTING", ("-s", subnet, "!", "-d", subnet, *jump)),
    )


async def ensure(names: Names, bridge: str, subnet: str) -> None:
    """Bring the rules about."""
    await run("iptables-restore", "-w", "30", "--noflush", stdin=rules(names, bridge))
    for table, chain, rule in entrances(names, subnet):
        present = await run(*_IPTABLES, "-t", table, "-C", chain, *rule, check=False)
        if present.status:
            await run(*_IPTABLES, "-t", table, "-I", chain, "1", *rule)


async def remove(names: Names, subnet: str) -> None:
    """Remove the rules; those that are gone are fine."""
    for table, chain, rule in entrances(names, subnet):
        while not (await run(*_IPTABLES, "-t", table, "-D", chain, *rule, check=False)).status:
            pass
        if not (await run(*_IPTABLES, "-t", table, "-n", "-L", names.chain, check=False)).status:
            await run(*_IPTABLES, "-t", table, "-F", names.chain)
            await run(*_IPTABLES, "-t", table, "-X", names.chain)
