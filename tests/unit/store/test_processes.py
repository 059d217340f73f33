"""Several processes with one database."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.store import Store

OPEN_AND_WRITE = """
import sys
from pathlib import Path
from core.store import Store
with Store(Path(sys.argv[1])) as store:
    for number in range(20):
        store.values.set(store.environments.ensure("lab").name, sys.argv[2], str(number), number)
"""

DEPLOY_DRAFT = """
import sys
from pathlib import Path
from core.store import Store
from core.store.errors import Refusal
with Store(Path(sys.argv[1])) as store:
    draft = store.drafts.of("lab", sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        store.deployments.begin("lab", "deploy", draft.document, draft.author, draft=draft)
        print("deployed")
    except Refusal as refusal:
        print("refused")
"""


def start(script: str, home: Path, name: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", script, str(home), name], stdin=pipe, stdout=pipe, text=True)


def test_processes_that_create_the_database_together_lose_nothing(tmp_path: Path) -> None:
    processes = [start(OPEN_AND_WRITE, tmp_path, name) for name in ("a", "b", "c")]
    assert [process.communicate()[0] for process in processes] == ["", "", ""]
    assert [process.returncode for process in processes] == [0, 0, 0]
    with Store(tmp_path) as store:
        assert [len(store.values.all("lab", name)) for name in ("a", "b", "c")] == [20, 20, 20]


def test_of_two_processes_that_deploy_their_drafts_at_once_one_wins(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.drafts.save("lab", "one", "ann")
        store.drafts.save("lab", "two", "bob")
        processes = [start(DEPLOY_DRAFT, tmp_path, name) for name in ("ann", "bob")]
        assert [process.stdout.readline() for process in processes if process.stdout] == ["ready\n"] * 2
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        assert sorted(process.communicate()[0] for process in processes) == ["deployed\n", "refused\n"]
        assert len(store.deployments.list("lab")) == 1


def test_threads_share_one_store(store: Store) -> None:
    store.environments.create("lab")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: store.values.set("lab", "a", str(number), number), range(40)))
    assert len(store.values.all("lab", "a")) == 40
