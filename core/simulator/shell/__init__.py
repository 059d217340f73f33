"""Exactly the commands that may be given to a simulated machine, one family a file."""
