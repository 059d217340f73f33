"""etcdctl's commands about keys."""

from __future__ import annotations

from core.simulator.etcd.control.client import Client
from core.simulator.etcd.control.options import Options
from core.simulator.etcd.control.printing import Found, header, pair_document, pair_fields
from core.simulator.etcd.keys import Range


def get(client: Client, key: str, end: str = "") -> Found:
    """`get KEY [END] [--prefix]`."""
    wanted = _range(client.options, key, end)
    ensemble, asked = client.use(wanted, write=False)
    pairs = ensemble.keys.get(wanted)
    lines: list[str] = []
    for pair in pairs:
        lines += [] if client.options.on("print-value-only") else [pair.key]
        # Keys alone are followed by an empty line each.
        lines.append("" if client.options.on("keys-only") else pair.value)
    head = header(ensemble, asked)
    document = {"header": head, "kvs": [pair_document(pair) for pair in pairs], "count": len(pairs)}
    return Found("".join(f"{line}\n" for line in lines), document, pair_fields(head, pairs))


def put(client: Client, key: str, value: str) -> Found:
    """`put KEY VALUE`."""
    ensemble, asked = client.use(Range(key), write=True)
    ensemble.keys.put(key, value)
    ensemble.tell()
    return Found("OK", {"header": header(ensemble, asked)})


def delete(client: Client, key: str, end: str = "") -> Found:
    """`del KEY [END] [--prefix]`."""
    wanted = _range(client.options, key, end)
    ensemble, asked = client.use(wanted, write=True)
    deleted = ensemble.keys.delete(wanted)
    ensemble.tell()
    return Found(str(deleted), {"header": header(ensemble, asked), "deleted": deleted})


def _range(options: Options, key: str, end: str) -> Range:
    if options.on("from-key"):
        return Range(key, "\0")
    return Range(key, end) if end else Range.of(key, prefix=options.on("prefix"))
