"""The last net under the rule that no secret reaches a report, a log or the journal."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"

_WORDS = r"pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credentials?"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A key whose end was cut off is hidden to the end of the text.
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(\w+://[^\s/:@]+):[^\s/@]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(rf"(?i)([\"']?\b[\w-]*(?:{_WORDS})[\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;\"']+)"), rf"\1{HIDDEN}"),
)


def redact(text: str) -> str:
    """The text without what looks like a secret: private keys, bearer tokens, passwords in URLs and assignments."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
