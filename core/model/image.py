"""Image references: [host[:port]/]path[:tag][@digest], as container registries define them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from core.model.base import refusal

# Source of the grammar: github.com/distribution/reference, reference.go.
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG = r"\w[\w.-]{0,127}"
_DIGEST = r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{_PART}(?:/{_PART})*)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?", re.ASCII
)
_LONGEST_NAME = 255


def _image(text: str) -> str:
    match = _REFERENCE.fullmatch(text)
    if match is not None and len(match["name"]) <= _LONGEST_NAME:
        return text
    raise refusal(_sentence(text))


def _sentence(text: str) -> str:
    if text != text.strip() or " " in text:
        return "an image reference without blanks, as nginx:1.29"
    if "://" in text:
        return "an image reference without `https://`, as registry.example.org/team/site:1.2"
    if text != text.lower() and _REFERENCE.fullmatch(text.lower()):
        return "an image's name in lower case (only its tag may have capitals), as nginx:1.29"
    return "an image reference, as nginx:1.29 or registry.example.org:5000/team/site:1.2"


ImageReference = Annotated[
    str,
    AfterValidator(_image),
    Field(max_length=512, description="an image reference, as nginx:1.29 or registry.example.org:5000/team/site:1.2"),
]
