"""The report of a run: streaming, wrapping, told once."""

from __future__ import annotations

from dataclasses import replace

from core.engine.errors import Unreachable
from core.status import ReportLine
from tests.tui.conftest import Open
from tests.tui.data import NOON, RUN, lab
from tests.tui.fake_console import FakeConsole


async def test_the_report_streams_and_tells_how_the_run_ended(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7")
        await driven.until(lambda: "◐ running" in driven.content)
        fake.live_report.put_nowait(ReportLine(7, NOON, "kube-5", "error", "kubelet died"))
        await driven.until(lambda: "error: kubelet died" in driven.content)
        fake.runs = [replace(RUN, state="failed", ended=NOON)]
        fake.live_report.put_nowait(None)
        await driven.until(lambda: "✖ failed" in driven.content)


async def test_a_run_that_somebody_else_starts_is_followed(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7")
        fake.live_report.put_nowait(None)
        await driven.until(lambda: fake.live_report.empty() and len(fake.called("deployments")) == 2)
        fake.queue("lab").put_nowait(lab("deploying"))
        await driven.until(lambda: len(fake.called("follow")) == 2)


async def test_a_line_that_is_delivered_twice_is_shown_once(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7")
        await driven.until(lambda: "node registered" in driven.content)
        fake.live_report.put_nowait(fake.report[-1])
        fake.live_report.put_nowait(ReportLine(9, NOON, "kube-5", "info", "done"))
        await driven.until(lambda: "done" in driven.content)
        assert driven.content.count("node registered") == 1


async def test_a_report_that_cannot_be_read_is_told(console: Open, fake: FakeConsole) -> None:
    fake.failures["follow"] = Unreachable("the run's socket is gone")
    async with console() as driven:
        await driven.press("7")
        await driven.until(lambda: driven.notice == "the report of lab: the run's socket is gone")


async def test_the_report_wraps_anew_when_the_screen_is_resized(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7", "tab")
        await driven.until(lambda: "node registered" in driven.content)
        rows = driven.content.count("\n")
        await driven.pilot.resize_terminal(60, 24)
        await driven.until(lambda: driven.content.count("\n") > rows)
