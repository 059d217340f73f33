"""Changes as people read them."""

from __future__ import annotations

from core.engine.changes import MOST_LINES, diff_text
from core.engine.step import Change


def test_every_change_is_there_line_by_line() -> None:
    changes = [
        Change("create", "file /etc/a", after="one\ntwo"),
        Change("update", "file /etc/b", before="old\nsame", after="new\nsame"),
        Change("restart", "unit a.service"),
    ]
    assert diff_text(changes).splitlines() == [
        "+ create file /etc/a",
        "    @@ -0,0 +1,2 @@",
        "    +one",
        "    +two",
        "~ update file /etc/b",
        "    @@ -1,2 +1,2 @@",
        "    -old",
        "    +new",
        "     same",
        "↻ restart unit a.service",
    ]


def test_of_a_secret_nothing_is_shown() -> None:
    text = diff_text([Change("create", "file /etc/key", after="very private", secret=True)])
    assert text == "+ create file /etc/key  (content hidden)"


def test_what_is_long_is_cut_with_a_mark() -> None:
    text = diff_text([Change("create", "file /etc/long", after="\n".join(str(n) for n in range(2 * MOST_LINES)))])
    assert len(text.splitlines()) == MOST_LINES + 1
    assert text.endswith("more lines")
