"""How something that ran ended, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from core.engine.runner import Result


@dataclass(frozen=True, slots=True)
class Outcome:
    """How something that ran here ended; `message` is its last sentence."""

    state: str
    message: str
    simulated: bool = False

    @property
    def good(self) -> bool:
        return self.state == "succeeded"


def outcome_of(result: Result, *, simulated: bool) -> Outcome:
    """How a run ended, in a sentence that names what failed and what to do."""
    if result.state == "succeeded":
        counts = ", ".join(f"{count} {word}" for word, count in sorted(result.counts.items()))
        return Outcome("succeeded", f"done: {counts}", simulated)
    parts = [result.trouble] if result.trouble else []
    parts += [f"{failure.target}: {failure.title}: {failure.text}" for failure in result.failed]
    message = "\n".join([f"{result.state}:", *parts]) if parts else result.state
    return Outcome(result.state, message, simulated)
