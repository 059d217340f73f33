"""An SSH server for each simulated machine."""
