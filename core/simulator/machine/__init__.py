"""One simulated machine: its files, units, journal, packages and kernel."""
