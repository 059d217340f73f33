"""What happens in a run, as messages; they are the same in memory, on the run's socket and in `--json` output."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from core.engine.errors import Trouble

Outcome = Literal["done", "unchanged", "failed", "skipped", "cancelled"]
RunState = Literal["succeeded", "failed", "cancelled"]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="event"):
    """Any event; `time` is seconds since the epoch."""

    time: float


class StepInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A step as a listener may draw it; `estimate` is the seconds that such a phase took here before, if known."""

    id: str
    component: str
    target: str
    phase: str
    title: str
    requires: tuple[str, ...] = ()
    estimate: float | None = None


class RunStarted(Message, frozen=True, kw_only=True):
    """A deployment was opened under the lock."""

    environment: str
    deployment: int
    action: str
    owner: str
    host: str
    pid: int


class StageStarted(Message, frozen=True, kw_only=True):
    """A graph was built; `stage` counts from 1."""

    stage: int
    stages: int
    steps: tuple[StepInfo, ...]


class StepStarted(Message, frozen=True, kw_only=True):
    """A step began to be probed."""

    step: str


class ApplyStarted(Message, frozen=True, kw_only=True):
    """An intent was written and its changes began to be applied.

    `changes` says them in a few words, `diff` line by line; the latter is told to who listens, and written nowhere.
    """

    step: str
    attempt: int
    count: int
    changes: str
    diff: str = ""


class StepReported(Message, frozen=True, kw_only=True):
    """A report line was told; `step` and `target` are empty for a line about the whole run."""

    number: int
    component: str
    level: Literal["info", "warning", "error"]
    text: str
    step: str = ""
    target: str = ""


class StepRetried(Message, frozen=True, kw_only=True):
    """An attempt failed and another follows after `wait` seconds."""

    step: str
    attempt: int
    wait: float
    error: str


class StepFinished(Message, frozen=True, kw_only=True):
    """A step ended; `text` is what was changed, or why it was not."""

    step: str
    outcome: Outcome
    seconds: float
    text: str


class RunCancelled(Message, frozen=True, kw_only=True):
    """Somebody asked the run to stop: no step begins any more, running ones have `grace` seconds."""

    reason: str
    grace: float


class RunFinished(Message, frozen=True, kw_only=True):
    """The run ended: everything is stored and the lock is free."""

    deployment: int
    state: RunState
    counts: dict[str, int]
    text: str = ""


class EventsMissed(Message, frozen=True, kw_only=True):
    """This listener was too slow: so many events before the next one were dropped. The store has all lines."""

    count: int


class RequestRefused(Message, frozen=True, kw_only=True):
    """The run did not understand what a follower sent."""

    text: str


Event: TypeAlias = (
    RunStarted
    | StageStarted
    | StepStarted
    | ApplyStarted
    | StepReported
    | StepRetried
    | StepFinished
    | RunCancelled
    | RunFinished
    | EventsMissed
    | RequestRefused
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """The event as one line of JSON, without a line end; the key "event" names its kind."""
    return _encoder.encode(event)


def decode(line: bytes | str) -> Event:
    """The event that a line of JSON tells.

    Raises:
        Trouble: the line is no event that this program knows.
    """
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError as error:
        advice = "the run may be of another version of gondolier: follow it with that one"
        raise Trouble(f"not an event: {error}", fix=advice) from error
