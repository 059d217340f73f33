"""Real machines on one Linux box by systemd-nspawn: their image, network, life and limits."""

from core.clouds.nspawn.provider import NspawnCloud

__all__ = ["NspawnCloud"]
