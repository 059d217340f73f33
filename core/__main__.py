"""`python -m core` is the command line: how the console starts a run in a process of its own."""

import gc

# Imports make many thousands of objects, and none of them is garbage: the collector shall not look after every 700.
gc.set_threshold(50_000, 20, 100)

from core.cli import main  # noqa: E402

main(prog_name="gondolier")
