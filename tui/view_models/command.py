"""The command line of the console: `:pods kube-system /coredns`, `:ctx lab/alpha`, `:env lab`.

A kind may be followed by namespaces ("a,b", "all"), labels ("app=web,tier!=db"), clusters ("@lab/alpha", "@all") and a
filter, which goes to the end of the line ("/coredns").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.live.objects import ClusterRef

VERBS: dict[str, str] = {
    "ctx": "the cluster to look at",
    "env": "the environment to look at",
    "ns": "the namespaces to look at",
    "new": "a new environment",
    "import": "an environment from a file",
    "catalogue": "applications to add",
    "pulse": "the health of everything",
    "journal": "what was done",
    "forwards": "port-forwards",
    "operations": "what is being done",
    "bookmarks": "kept views",
    "theme": "other colours",
    "help": "help",
    "retry": "try what is lost again now",
    "quit": "leave",
}
"""Commands that are no kinds, with what they show."""

_SHORT = {"q": "quit", "pulses": "pulse", "context": "ctx", "cluster": "ctx", "j": "journal", "b": "bookmarks"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was understood; `clusters` None means those that are looked at now."""

    verb: str
    words: tuple[str, ...] = ()
    namespaces: tuple[str, ...] | None = None
    labels: str = ""
    clusters: tuple[ClusterRef, ...] | None = None
    filter: str = ""

    @property
    def is_verb(self) -> bool:
        """It is none of a kind."""
        return self.verb in VERBS


class CommandError(ValueError):
    """The command cannot be meant as it is, with the reason."""


_FLAGS = ("-l", "-n")
"""kubectl's flags before what is told apart without them."""

_EVERYWHERE = ("all", "-A", "--all-namespaces")


def parse_command(text: str, known: Sequence[ClusterRef]) -> Command:
    """The command that a person typed; `known` are the clusters there are.

    Raises:
        CommandError: no verb, or a cluster that is not there.
    """
    body, _, wanted = f"{text.strip().removeprefix(':')} ".partition(" /")
    words = body.split()
    if not words:
        raise CommandError("a kind or a command is missing, as in `:pods`")
    verb = _SHORT.get(words[0].lower(), words[0].lower())
    if verb in VERBS:
        return Command(verb, tuple(words[1:]))
    namespaces: tuple[str, ...] | None = None
    labels, clusters = "", None
    for word in words[1:]:
        if word.startswith("@"):
            clusters = _clusters(word[1:], known)
        elif "=" in word:
            labels = f"{labels},{word}" if labels else word
        elif word not in _FLAGS:
            namespaces = () if word in _EVERYWHERE else tuple(word.split(","))
    return Command(verb, (), namespaces, labels, clusters, wanted.strip())


@dataclass(frozen=True, slots=True)
class Known:
    """What completion knows of."""

    kinds: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    clusters: Sequence[ClusterRef] = ()
    environments: Sequence[str] = ()
    themes: Sequence[str] = ()


def completion(text: str, known: Known) -> str | None:
    """The whole text that a beginning may become, None where nothing fits."""
    head, space, word = text.rpartition(" ")
    if not space:
        return _first(word, [*sorted(known.kinds, key=len), *VERBS])
    verb = head.split()[0].lower() if head.split() else ""
    if word.startswith("@") or verb in ("ctx", "context", "cluster"):
        mark = "@" if word.startswith("@") else ""
        found = _first(word, [f"{mark}{name}" for name in (*map(str, known.clusters), "all")])
    elif verb == "env":
        found = _first(word, known.environments)
    elif verb == "theme":
        found = _first(word, known.themes)
    else:
        before, comma, last = word.rpartition(",")
        found = _first(last, [*known.namespaces, "all"])
        found = None if found is None else f"{before}{comma}{found}"
    return None if found is None else f"{head} {found}"


def _clusters(names: str, known: Sequence[ClusterRef]) -> tuple[ClusterRef, ...]:
    if names == "all":
        return tuple(known)
    return tuple(cluster for name in names.split(",") for cluster in clusters_called(name, known))


def clusters_called(name: str, known: Sequence[ClusterRef]) -> Sequence[ClusterRef]:
    """The clusters of this name, "lab/alpha", "alpha" or the environment "lab".

    Raises:
        CommandError: there is none.
    """
    found = [one for one in known if name in (str(one), one.cluster)]
    found = found or [one for one in known if name == one.environment]
    if not found:
        there = ", ".join(map(str, known)) or "none"
        raise CommandError(f"there is no cluster {name}; there are {there}")
    return found


def _first(word: str, choices: Iterable[str]) -> str | None:
    if not word:
        return None
    return next((choice for choice in choices if choice.startswith(word.lower()) and choice != word), None)
