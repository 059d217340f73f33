"""etcdctl's flags and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_VALUED = frozenset(
    ("endpoints", "cacert", "cert", "key", "dial-timeout", "command-timeout", "write-out", "peer-urls", "limit")
)
_SWITCHES = frozenset(("learner", "prefix", "from-key", "keys-only", "print-value-only", "no-password", "cluster"))
_SHORT = {"w": "write-out"}


class Misused(Exception):
    """A command line that etcdctl does not understand; the text is what it says before it ends with `status`."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Options:
    """A command line: `words` are the command with its arguments, `flags` the values given by name."""

    words: tuple[str, ...]
    flags: dict[str, str]

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> Options:
        """Read what follows `etcdctl`. Of a flag that is given twice the later one counts. Raises `Misused`."""
        words: list[str] = []
        flags: dict[str, str] = {}
        left = list(arguments)
        while left:
            word = left.pop(0)
            if word == "--":
                return cls((*words, *left), flags)
            if word.startswith("-") and word != "-":
                name, value = _flag(word, left)
                flags[name] = value
            else:
                words.append(word)
        return cls(tuple(words), flags)

    def on(self, name: str) -> bool:
        """Whether a switch is set."""
        return self.flags.get(name, "false") == "true"

    @property
    def format(self) -> str:
        """How to print: "simple", "json", "fields"."""
        return self.flags.get("write-out", "simple")

    @property
    def endpoints(self) -> list[str]:
        """Whom to ask."""
        return self.flags.get("endpoints", "127.0.0.1:2379").split(",")

    @property
    def patience(self) -> float:
        """Seconds after which a command gives up."""
        return float(self.flags.get("command-timeout", "5s").removesuffix("s"))


def _flag(word: str, left: list[str]) -> tuple[str, str]:
    name, equals, value = word.lstrip("-").partition("=")
    name = _SHORT.get(name, name)
    if name in _SWITCHES:
        return name, value if equals else "true"
    if name not in _VALUED:
        raise Misused(f"unknown flag: {word}")
    if equals:
        return name, value
    if not left:
        raise Misused(f"flag needs an argument: {word}")
    return name, left.pop(0)
