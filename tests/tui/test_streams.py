"""The report and the log: streaming, following, bounded."""

from __future__ import annotations

from dataclasses import replace

from core.engine.errors import Unreachable
from core.status import ReportLine
from tests.tui.conftest import Open
from tests.tui.data import LOG, NOON, RUN, lab
from tests.tui.driving import Driven
from tests.tui.fake_console import FakeConsole
from tui.view_models.logs import LIMIT
from tui.widgets.log_lines import LogLines

WEB = ("lab", "alpha", "web")


def log_of(driven: Driven) -> LogLines:
    return driven.main.query_one(LogLines)


async def open_logs(driven: Driven, *line: str) -> None:
    await driven.select(*line)
    await driven.press("l")
    await driven.until(lambda: driven.main.pane.tab == "logs" and LOG[0] in driven.content)


async def test_the_log_of_a_pod_is_tailed_and_follows(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        assert log_of(driven).has_focus
        fake.live_log.put_nowait("web-6c9f7d4b5-x2kqp fresh")
        await driven.until(lambda: "fresh" in driven.content)
        assert "● following" in driven.content
        assert fake.called("logs") == [("logs", "lab", "web")]


async def test_the_log_of_a_replica_has_its_lines_only(console: Open) -> None:
    async with console() as driven:
        await driven.select(*WEB, "web-6c9f7d4b5-k8wzn")
        await driven.press("l")
        await driven.until(lambda: "listening on :80" in driven.content)
        assert "x2kqp" not in driven.content


async def test_scrolling_up_pauses_the_tail_counts_what_is_unseen_and_end_follows_again(
    console: Open, fake: FakeConsole
) -> None:
    fake.log = [f"web-1 line {number}" for number in range(200)]
    async with console() as driven:
        await driven.select(*WEB)
        await driven.press("l")
        await driven.until(lambda: "line 199" in driven.content)
        view = log_of(driven)
        await driven.until(lambda: view.scroll_offset.y > 0)
        await driven.press("up")
        await driven.until(lambda: "▼ paused, no new lines" in driven.content)
        top = view.scroll_offset.y
        for number in range(30):
            fake.live_log.put_nowait(f"web-1 late {number}")
        await driven.until(lambda: "paused, 30 new lines below" in driven.content)
        assert view.scroll_offset.y == top
        await driven.press("end")
        await driven.until(lambda: "following" in driven.content)
        assert view.scroll_offset.y == view.max_scroll_y


async def test_a_long_log_is_bounded_and_says_how_much_is_gone(console: Open, fake: FakeConsole) -> None:
    fake.log = [f"web-1 line {number}" for number in range(LIMIT + 2345)]
    async with console() as driven:
        await driven.select(*WEB)
        await driven.press("l")
        await driven.until(lambda: log_of(driven).buffer.dropped == 2345)
        assert log_of(driven).line_count == LIMIT
        await driven.until(lambda: "10,000 lines, 2,345 older ones dropped" in driven.content)


async def test_a_paused_log_stays_on_its_lines_while_older_ones_are_dropped(console: Open, fake: FakeConsole) -> None:
    fake.log = [f"web-1 line {number}" for number in range(LIMIT)]
    async with console() as driven:
        await driven.select(*WEB)
        await driven.press("l")
        await driven.until(lambda: log_of(driven).line_count == LIMIT)
        view = log_of(driven)
        await driven.until(lambda: view.scroll_offset.y == view.max_scroll_y)
        await driven.press("pageup")
        await driven.until(lambda: view.unseen is not None)
        before = view.buffer[view.scroll_offset.y]
        for number in range(50):
            fake.live_log.put_nowait(f"web-1 late {number}")
        await driven.until(lambda: view.unseen == 50)
        assert view.buffer[view.scroll_offset.y] == before


async def test_long_lines_are_cut_with_a_mark_and_arrows_show_the_rest(console: Open, fake: FakeConsole) -> None:
    fake.log = ["web-1 " + "x" * 200 + " tail"]
    async with console() as driven:
        await driven.select(*WEB)
        await driven.press("l")
        view = log_of(driven)
        await driven.until(lambda: view.line_count == 1)
        assert view.render_line(0).text.rstrip().endswith("…")
        await driven.press(*["right"] * 8)
        assert view.render_line(0).text.rstrip().endswith("tail")
        await driven.press(*["left"] * 9)
        assert "web-1 xxx" in view.render_line(0).text


async def test_a_log_that_ends_or_breaks_says_so(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        fake.live_log.put_nowait(None)
        await driven.until(lambda: "· ended" in driven.content)
        fake.failures["logs"] = Unreachable("the API is away", where="alpha")
        await driven.press("l")
        await driven.until(lambda: "✖ alpha: the API is away" in driven.content)


async def test_another_pod_starts_another_log(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.select("lab", "alpha", "queue")
        await driven.until(lambda: fake.called("logs")[-1:] == [("logs", "lab", "queue")])
        await driven.until(lambda: "Logs of queue" in driven.content)
        await driven.select("lab", "alpha")
        await driven.until(lambda: "logs: select a pod" in driven.content)


async def test_the_report_streams_and_tells_how_the_run_ended(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("3")
        await driven.until(lambda: "◐ running" in driven.content)
        fake.live_report.put_nowait(ReportLine(7, NOON, "kube-5", "error", "kubelet died"))
        await driven.until(lambda: "error: kubelet died" in driven.content)
        fake.runs = [replace(RUN, state="failed", ended=NOON)]
        fake.live_report.put_nowait(None)
        await driven.until(lambda: "✖ failed" in driven.content)


async def test_a_run_that_somebody_else_starts_is_followed(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("3")
        fake.live_report.put_nowait(None)
        await driven.until(lambda: fake.live_report.empty() and len(fake.called("deployments")) == 2)
        fake.queue("lab").put_nowait(lab("deploying"))
        await driven.until(lambda: len(fake.called("follow")) == 2)


async def test_a_line_that_is_delivered_twice_is_shown_once(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("3")
        await driven.until(lambda: "node registered" in driven.content)
        fake.live_report.put_nowait(fake.report[-1])
        fake.live_report.put_nowait(ReportLine(9, NOON, "kube-5", "info", "done"))
        await driven.until(lambda: "done" in driven.content)
        assert driven.content.count("node registered") == 1


async def test_a_report_that_cannot_be_read_is_told(console: Open, fake: FakeConsole) -> None:
    fake.failures["follow"] = Unreachable("the run's socket is gone")
    async with console() as driven:
        await driven.press("3")
        await driven.until(lambda: driven.notice == "the report of lab: the run's socket is gone")


async def test_the_report_wraps_anew_when_the_screen_is_resized(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("3", "tab")
        await driven.until(lambda: "node registered" in driven.content)
        rows = driven.content.count("\n")
        await driven.pilot.resize_terminal(60, 24)
        await driven.until(lambda: driven.content.count("\n") > rows)
