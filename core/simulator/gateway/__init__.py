"""A simulated gateway: HAProxy that really listens, and the agent's own rules for what it publishes."""
