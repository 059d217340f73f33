"""`python -m core` is the command line: how the console starts a run in a process of its own."""

from core.cli import main

main(prog_name="gondolier")
