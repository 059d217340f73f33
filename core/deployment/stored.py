"""Reading what was stored or issued earlier, with a sentence where it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.engine.errors import Refusal, Trouble
from core.machines.steps import Unknown
from core.model.document import DocumentError, parse
from core.model.environment import Environment


def parsed(text: str, environment: str) -> Environment:
    """A stored document, which was sound when it was stored: another version of this program may see it otherwise."""
    try:
        return parse(text, environment)
    except DocumentError as error:
        problems = "; ".join(str(problem) for problem in error.problems)
        raise Trouble(
            f"its document is not one for this version: {problems}",
            where=environment,
            fix="`gondolier apply` a document that is",
        ) from error


@contextmanager
def deployed_far_enough(cluster: str) -> Iterator[None]:
    """Turn what is not known before a cluster is deployed into a refusal."""
    try:
        yield
    except Unknown as unknown:
        what = f"{unknown} is not known yet"
        raise Refusal(what, where=cluster, fix="deploy the environment") from unknown
