"""What is inside gateways and etcd, as texts to be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.live.views import EtcdView, GatewayView, MemberView, ProxyView
from tui.view_models.live_table import memory_text
from tui.view_models.table_lines import short_age

Cells = Sequence[str]


def gateway_text(view: GatewayView, now: float) -> str:
    """HAProxy itself, its frontends with their servers, what is published, the last reload."""
    reloaded = _clock(view.reloaded) if view.reloaded is not None else "never"
    reason = f" ({view.reload_reason})" if view.reload_reason else ""
    lines = [
        f"Gateway {view.name}",
        f"  HAProxy:        {view.version}, up {short_age(view.uptime)}",
        f"  Connections:    {view.connections} of at most {view.connections_limit}, {view.rate} a second",
        f"  Last reload:    {reloaded}{reason}",
        f"  API:            {'connected' if view.api_connected else 'away: the last good configuration stays'}",
        f"  Looked at:      {_clock(view.taken)}",
    ]
    if view.trouble:
        lines.append(f"  Trouble:        {view.trouble}")
    lines += [
        "",
        "Frontends:",
        *_columns(_PROXY_HEAD, [cells for proxy in view.proxies for cells in _proxy_cells(proxy)]),
    ]
    published = [
        (one.service, f"{one.port}/{one.protocol}", str(one.public_port or ""), one.state, one.message)
        for one in view.publications
    ]
    return "\n".join([*lines, "", "Published:", *_columns(("SERVICE", "PORT", "PUBLIC", "STATE", "WHY"), published)])


def etcd_text(view: EtcdView) -> str:
    """The members with the leader, sizes and latencies; quorum and alarms."""
    head = ("MEMBER", "ROLE", "ENDPOINT", "VERSION", "DB", "IN USE", "RAFT", "LATENCY", "TROUBLE")
    lines = [
        f"Members:          {len(view.members)}, quorum {view.quorum}, tolerates the loss of {view.tolerates}",
        f"Alarms:           {', '.join(view.alarms) or 'none'}",
        f"Looked at:        {_clock(view.taken)}",
        "",
        *_columns(head, [_member_cells(member) for member in view.members]),
    ]
    return "\n".join(lines)


_PROXY_HEAD = ("FRONTEND", "BIND", "SERVICE", "STATUS", "SESSIONS", "RATE", "IN", "OUT")


def _proxy_cells(proxy: ProxyView) -> list[Cells]:
    sessions = f"{proxy.sessions} (most {proxy.sessions_max} of {proxy.sessions_limit})"
    head = (
        proxy.name, proxy.bind, proxy.service, proxy.status, sessions, f"{proxy.rate}/s (most {proxy.rate_max})",
        memory_text(proxy.bytes_in), memory_text(proxy.bytes_out),
    )  # fmt: skip
    servers = [
        (
            f"  {one.name}", one.address, "", f"{one.status} {one.check}".strip(), str(one.sessions),
            f"since {short_age(one.seconds_since_change)}", memory_text(one.bytes_in), memory_text(one.bytes_out),
        )
        for one in proxy.servers
    ]  # fmt: skip
    return [head, *servers]


def _member_cells(member: MemberView) -> Cells:
    role = "learner" if member.learner else "leader" if member.leader else "follower"
    latency = "" if member.latency is None else f"{member.latency * 1000:.0f} ms"
    return (
        member.name, role, member.endpoint, member.version, memory_text(member.db_size), memory_text(member.db_in_use),
        f"{member.raft_term}/{member.raft_index}", latency, member.trouble,
    )  # fmt: skip


def _columns(head: Cells, rows: Sequence[Cells]) -> list[str]:
    if not rows:
        return ["  none"]
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).strftime("%H:%M:%S")
