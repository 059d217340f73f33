"""What runs on gateways: HAProxy and its agent."""

from __future__ import annotations

from core.simulator.gateway.agent import GatewayAgent
from core.simulator.gateway.haproxy import Haproxy

__all__ = ["GatewayAgent", "Haproxy"]
