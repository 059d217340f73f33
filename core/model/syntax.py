"""From YAML text to plain data, with the line of every value; mistakes are sentences, and tags run nothing.

Values are those of YAML 1.2's JSON-like core: `yes`, `22:22` and `2026-01-01` are texts, as they look.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

import yaml
from yaml.error import Mark, MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from core.model.base import Path

LONGEST = 262_144
"""Characters that a document may have."""

DEEPEST = 24
MOST_VALUES = 20_000

Sort = Literal["text", "number", "truth value", "nothing", "mapping", "list"]

_TAG = "tag:yaml.org,2002:"
_SORTS: dict[str, Sort] = {
    f"{_TAG}str": "text",
    f"{_TAG}int": "number",
    f"{_TAG}float": "number",
    f"{_TAG}bool": "truth value",
    f"{_TAG}null": "nothing",
    f"{_TAG}map": "mapping",
    f"{_TAG}seq": "list",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its line (that of its key, if it has one), what sort it is, and a scalar's own text."""

    line: int
    sort: Sort
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with the text itself; `path` is the nearest value that could be read."""

    line: int
    path: Path
    found: str
    allowed: str


class Unreadable(Exception):
    """The text is no YAML, or more of it than a document may be: one mistake, after which nothing more can be said."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.found)
        self.mistake = mistake


@dataclass(slots=True)
class Tree:
    """A document's data, the place of every value by its path, and what was wrong though readable."""

    data: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def read(text: str) -> Tree:
    """Read one document.

    Raises:
        Unreadable: it is no YAML, empty, more than one document, too long, too deep or too large.
    """
    if len(text) > LONGEST:
        _stop(1, f"{len(text)} characters", f"a document of at most {LONGEST} characters")
    node = _compose(text)
    if node is None:
        _stop(1, "an empty document", "a mapping with environment, provider, components")
    tree = Tree()
    tree.data = _Reader(tree).value(node, (), None)
    return tree


class _Composer(yaml.SafeLoader):
    """Makes nodes, never objects; gives up before nesting can exhaust the stack, or mere size our patience."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 – declared by PyYAML as each instance's
    depth = 0
    count = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            _stop(self.line + 1, f"values nested more than {DEEPEST} deep", f"at most {DEEPEST} levels")
        if self.count > 2 * MOST_VALUES:
            # Keys are nodes, too. What is too much even so need not be read to its end.
            _stop(self.line + 1, f"more than {MOST_VALUES} values", f"at most {MOST_VALUES} values")
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+\.[0-9]+", list("-+0123456789")),
):
    _Composer.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), _first)


def _compose(text: str) -> Node | None:
    try:
        node: Node | None = _Composer(text).get_single_node()
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        _stop(line, f"the character U+{int(error.character):04X}", "text that can be printed")
    except MarkedYAMLError as error:
        _stop(*_explained(error, text))
    except (ValueError, OverflowError):
        # PyYAML lets escapes as "\UFFFFFFFF" run into chr().
        _stop(1, "an escape in a text that is no character", "YAML")
    return node


def _stop(line: int, found: str, allowed: str) -> NoReturn:
    raise Unreadable(Mistake(line, (), found, allowed))


_EXPLANATIONS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a `:` where no field can begin",
        "one `field: value` on a line, rightly indented; text with `: ` in quotes",
    ),
    (
        "could not find expected ':'",
        "a line that is no `field: value`",
        "`field: value`, with a blank after the colon",
    ),
    (
        "expected <block end>",
        "a line that is indented differently from its neighbours",
        "the same indentation for all fields of a mapping and all items of a list",
    ),
    (
        "expected ',' or",
        "a `[` or `{` that is not closed, or a comma too few",
        "items with commas between them, closed by `]` or `}`",
    ),
    (
        "cannot start any token",
        "a character that no plain text begins with",
        "text that begins with one of % @ ` | > in quotes",
    ),
    (
        "sequence entries are not allowed",
        "a `-` where no list can begin",
        "list items on lines of their own below their field",
    ),
    (
        "expected the node content",
        "a sign where a value belongs",
        "a value after `field:`; text that begins with a sign in quotes",
    ),
    ("unexpected end of stream", "quotes that are not closed", "text with quotes at both its ends"),
    (
        "found undefined alias",
        "an alias `*…` without its anchor `&…`",
        "an anchor earlier in the document; text that begins with `*` in quotes",
    ),
    ("found duplicate anchor", "an anchor `&…` that is there already", "each anchor once"),
    ("expected a single document", "a second document", "one document in a file"),
)


def _explained(error: MarkedYAMLError, text: str) -> tuple[int, str, str]:
    """Line and sentences for an error of the YAML reader; its own words never repeat a value of the document."""
    mark, problem = error.problem_mark or error.context_mark, str(error.problem or error.context)
    line = mark.line + 1 if isinstance(mark, Mark) else 1
    if "\\t" in problem or _tab_indents(text, line):
        return line, "a tab where a line begins", "blanks for indentation"
    for words, found, allowed in _EXPLANATIONS:
        if words in f"{error.context} {problem}":
            return line, found, allowed
    return line, f"text that is no YAML ({problem})", "YAML; text with special characters in quotes"


def _tab_indents(text: str, line: int) -> bool:
    """Whether the line's indentation holds a tab."""
    lines = text.split("\n")
    this = lines[line - 1] if line <= len(lines) else ""
    return "\t" in this[: len(this) - len(this.lstrip())]


class _Reader:
    """Turns nodes into data. Aliases are followed, so what is counted is what they unfold to."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.count = 0

    def value(self, node: Node, path: Path, key: Node | None) -> Any:
        line = (key or node).start_mark.line + 1
        self.count += 1
        if self.count > MOST_VALUES:
            _stop(line, f"more than {MOST_VALUES} values, aliases unfolded", f"at most {MOST_VALUES} values")
        if len(path) > DEEPEST:
            _stop(line, "an alias that leads into itself, or values nested too deep", f"at most {DEEPEST} levels")
        sort = _SORTS.get(node.tag)
        if sort is None:
            self._mistake(line, path, "a tag `!…`", "plain values without tags")
            sort, node = "nothing", ScalarNode(f"{_TAG}null", "", node.start_mark, node.end_mark)
        raw = node.value if isinstance(node, ScalarNode) else ""
        self.tree.places[path] = Place(line, sort, raw)
        return self._content(node, path)

    def _content(self, node: Node, path: Path) -> Any:
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index), None) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[Hashable, Any]:
        data: dict[Hashable, Any] = {}
        lines: dict[str, int] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode) or key.tag not in _SORTS:
                self._mistake(line, path, "a field's name that is no text", "text as a field's name")
            elif key.value in lines:
                found = f"`{_short(key.value)}` again: it is in line {lines[key.value]} already"
                self._mistake(line, (*path, key.value), found, "each field once")
            else:
                lines[key.value] = line
                data[key.value] = self.value(item, (*path, key.value), key)
        return data

    def _scalar(self, node: Node, path: Path) -> Any:
        text: str = node.value
        tag = node.tag.removeprefix(_TAG)
        if tag == "null":
            return None
        if tag == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if tag == "str":
            return text
        try:
            return float(text) if tag == "float" else int(text) if tag == "int" else self._unfit(node, path)
        except ValueError:
            return self._unfit(node, path)

    def _unfit(self, node: Node, path: Path) -> None:
        """A value that its tag does not fit, or a number too long to be one."""
        line = node.start_mark.line + 1
        self._mistake(
            line, path, "a value that does not fit its tag, or a number too long", "plain values without tags"
        )

    def _mistake(self, line: int, path: Path, found: str, allowed: str) -> None:
        self.tree.mistakes.append(Mistake(line, path, found, allowed))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
