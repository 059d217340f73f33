"""As much of the shell's grammar as single commands need: lists, pipes, quotes, variables, redirections.

Loops, conditions and functions are not read: scripts that have them are recognised as a whole (`scripts.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

KEYWORDS = frozenset({"if", "for", "while", "until", "case", "function", "{", "(", "!"})


class Unread(Exception):
    """The text is no list of simple commands."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word in pieces: text as it is, and, where `expanded`, a variable ($NAME) or a command ($(…)) to be put in."""

    pieces: tuple[tuple[str, bool], ...]
    quoted: bool = False


@dataclass(slots=True)
class Simple:
    """One command: its words, and where its outputs go ("1>/dev/null", "2>&1" …: target by number)."""

    words: list[Word] = field(default_factory=list)
    redirections: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Step:
    """A pipeline with what came before it: "", ";", "&&" or "||"."""

    joint: str
    pipeline: list[Simple]


_TOKEN = re.compile(
    r"""(?P<space>[ \t]+|\\\n)|(?P<comment>\#[^\n]*)|(?P<joint>&&|\|\||;|\n)|(?P<pipe>\|)|"""
    r"""(?P<redirect>(?P<number>[0-9])?(?P<arrow>>>|>&|>|<)[ \t]*(?P<target>[^\s;|&<>]+))"""
)
_PLAIN = re.compile(r"[^\s;|&<>'\"\\$`()]+")
_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+|\?))")


def steps(text: str) -> list[Step]:
    """The pipelines of a text. Raises `Unread`."""
    found = [Step("", [Simple()])]
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            word, position = _word(text, position)
            found[-1].pipeline[-1].words.append(word)
            continue
        position = token.end()
        if token["joint"]:
            found.append(Step(token["joint"].replace("\n", ";"), [Simple()]))
        elif token["pipe"]:
            found[-1].pipeline.append(Simple())
        elif token["redirect"]:
            _redirect(found[-1].pipeline[-1], token)
    kept = [step for step in found if any(simple.words for simple in step.pipeline)]
    for step in kept:
        _check(step)
    return kept


def _redirect(simple: Simple, token: re.Match[str]) -> None:
    if token["arrow"] == "<":
        simple.redirections[0] = token["target"]
        return
    target = f"&{token['target']}" if token["arrow"] == ">&" else token["target"]
    simple.redirections[int(token["number"] or 1)] = target


def _check(step: Step) -> None:
    for simple in step.pipeline:
        first = simple.words[0].pieces if simple.words else ()
        if first and not first[0][1] and first[0][0] in KEYWORDS:
            raise Unread(first[0][0])


def _word(text: str, position: int) -> tuple[Word, int]:
    pieces: list[tuple[str, bool]] = []
    quoted = False
    while position < len(text):
        start = text[position]
        if start == "'":
            end = _closing(text, position, "'")
            pieces.append((text[position + 1 : end], False))
            position, quoted = end + 1, True
        elif start == '"':
            end = _closing(text, position, '"')
            pieces += _expansions(text[position + 1 : end])
            position, quoted = end + 1, True
        elif start == "\\":
            pieces.append((text[position + 1 : position + 2], False))
            position += 2
        elif start == "$":
            piece, position = _expansion(text, position)
            pieces.append((piece, True))
        elif plain := _PLAIN.match(text, position):
            pieces.append((plain[0], False))
            position = plain.end()
        elif start in "(){}`&":
            raise Unread(start)
        else:
            break
    return Word(tuple(pieces), quoted), position


def _closing(text: str, position: int, quote: str) -> int:
    end = position + 1
    while end < len(text) and text[end] != quote:
        end += 2 if quote == '"' and text[end] == "\\" else 1
    if end >= len(text):
        raise Unread(quote)
    return end


def _expansions(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a text in double quotes."""
    position = 0
    while position < len(text):
        if text[position] == "$":
            piece, position = _expansion(text, position)
            yield piece, True
            continue
        if text[position] == "\\" and text[position + 1 : position + 2] in ('"', "\\", "$", "`"):
            position += 1
        yield text[position], False
        position += 1


def _expansion(text: str, position: int) -> tuple[str, int]:
    """$NAME as NAME, $(COMMAND) as "(COMMAND"."""
    if text.startswith("$(", position):
        end = text.find(")", position)
        if end < 0:
            raise Unread("$(")
        return text[position + 1 : end], end + 1
    name = _NAME.match(text, position)
    if name is None:
        raise Unread("$")
    return name[1] or name[2], name.end()
