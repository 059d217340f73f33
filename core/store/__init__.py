"""What gondolier remembers: one SQLite database and private key files below one home directory."""

from __future__ import annotations

from core.store.deployments import Deployment
from core.store.drafts import Draft
from core.store.endpoints import EndpointRecord
from core.store.environments import EnvironmentRecord
from core.store.home import home_directory
from core.store.journal import JournalEntry
from core.store.lines import Line
from core.store.locks import LockRecord
from core.store.machines import MachineRecord
from core.store.store import Store

__all__ = [
    "Deployment",
    "Draft",
    "EndpointRecord",
    "EnvironmentRecord",
    "JournalEntry",
    "Line",
    "LockRecord",
    "MachineRecord",
    "Store",
    "home_directory",
]
