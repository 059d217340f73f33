"""Documents: text in, environment out, or every mistake at once; and an environment as its canonical text.

Nothing is read but the text: a reference to a secret stays a reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import ValidationError

from core.model.base import Path, dotted
from core.model.checks import contradictions
from core.model.contradiction import Contradiction
from core.model.declaration import Declaration
from core.model.environment import Environment
from core.model.plain import plain, to_yaml
from core.model.problem import DocumentError, Problem
from core.model.salvage import remaining_contradictions
from core.model.sentences import Explained, causes, explain, shown
from core.model.syntax import Mistake, Tree, Unreadable, read

__all__ = ["DocumentError", "Problem", "dump", "parse"]


Further = Callable[[Declaration], Iterable[Contradiction]]
"""What else a document that is sound in itself is held against."""


def parse(text: str, file: str = "<document>", *, further: Further = lambda _: ()) -> Environment:
    """The environment that a document declares.

    Args:
        text: YAML.
        file: what problems call the document.
        further: looks at a declaration with no mistakes so far.

    Raises:
        DocumentError: with every mistake, by line.
    """
    try:
        tree = read(text)
    except Unreadable as error:
        raise DocumentError([_of_mistake(error.mistake, file)]) from None
    declaration, problems = _declaration(tree, file)
    if declaration is not None and not problems:
        problems = [_of_contradiction(one, tree, file) for one in further(declaration)]
    if problems or declaration is None:
        raise DocumentError(problems)
    return Environment(
        environment=declaration.environment, provider=declaration.provider, components=declaration.components
    )


def dump(environment: Environment) -> str:
    """The canonical document: fields in the models' order, defaults left out; it parses to an equal environment."""
    return to_yaml(plain(environment))


def _declaration(tree: Tree, file: str) -> tuple[Declaration | None, list[Problem]]:
    """What the document declares, if it is sound in itself, and all that is wrong with it."""
    problems = [_of_mistake(mistake, file) for mistake in tree.mistakes]
    spoilt = {mistake.path for mistake in tree.mistakes}
    declaration = None
    try:
        declaration = Declaration.model_validate(tree.data)
        found = contradictions(declaration)
    except ValidationError as error:
        explained = (explain(one, tree) for one in causes(error))
        problems += [_of_error(one, tree, file) for one in explained if one.path not in spoilt]
        found = remaining_contradictions(tree)
    problems += [_of_contradiction(one, tree, file) for one in found]
    return declaration, problems


def _of_contradiction(one: Contradiction, tree: Tree, file: str) -> Problem:
    return _of_error(Explained(one.path, one.found, one.allowed), tree, file)


def _of_mistake(mistake: Mistake, file: str) -> Problem:
    if "credentials" in mistake.path:
        # A word that stands where a secret belongs may be that secret: neither found nor field repeat it.
        credentials = mistake.path[: mistake.path.index("credentials") + 1]
        return Problem(file, mistake.line, _field(credentials), "text that cannot be read (not shown)", mistake.allowed)
    return Problem(file, mistake.line, _field(mistake.path), mistake.found, mistake.allowed)


def _of_error(one: Explained, tree: Tree, file: str) -> Problem:
    return Problem(file, _line(one.path, tree), _field(one.path), one.found, one.allowed)


def _field(path: Path) -> str:
    return dotted(tuple(shown(part) if isinstance(part, str) else part for part in path)) or "document"


def _line(path: Path, tree: Tree) -> int:
    """The line of the value or, where the document leaves it out, of the nearest one around it."""
    while path and path not in tree.places:
        path = path[:-1]
    return tree.places[path].line
