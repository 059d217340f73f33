"""A Docker engine for each simulated host: its API on a socket, containers that live, ports that really listen."""
