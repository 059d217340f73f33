"""What the units of simulated machines run: one program a file."""
