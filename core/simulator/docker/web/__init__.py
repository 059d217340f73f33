"""The engine's API over HTTP on a unix socket, as clients of Docker speak it."""
