"""Progress lines on a terminal can always be erased again."""

from __future__ import annotations

import pytest

from core.output import TerminalPrinter


def drawn(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if "◐" in line]


def test_a_progress_line_fits_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    TerminalPrinter().line("alpha", "kube-1", "info", "a long text " * 20 + "\nwith a second line")
    (line,) = drawn(capsys)
    assert len(line) < 40


def test_no_more_lines_than_the_terminal_has(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "6")
    printer = TerminalPrinter()
    for number in range(10):
        printer.line("alpha", f"kube-{number}", "info", "waits")
    assert len(drawn(capsys)) == sum(min(count, 4) for count in range(1, 11))


def test_what_belongs_to_no_machine_gets_no_progress_line(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalPrinter().line("", "", "info", "deploy started")
    assert drawn(capsys) == []
