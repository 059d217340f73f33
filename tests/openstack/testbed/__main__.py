"""Prepares what the testbed's starts take from the cache, or runs one by hand until Ctrl-C.

python -m tests.openstack.testbed prepare
python -m tests.openstack.testbed run [HOOK]
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.openstack.testbed.services import running


def main() -> None:
    """Start a testbed once; with `run` keep it."""
    hook = sys.argv[2] if len(sys.argv) > 2 else ""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gondolier-testbed-") as directory, running(Path(directory), hook) as bed:
        print(f"up in {time.monotonic() - started:.0f} s", flush=True)
        if sys.argv[1:2] == ["run"]:
            print(f"export OS_CLIENT_CONFIG_FILE={bed.place.clouds}", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
