"""The log in the console: followed, searched, narrowed, marked, saved, read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.errors import Unreachable
from core.live.logs import LogQuery
from core.status import ComponentStatus, InstanceStatus
from tests.tui.conftest import Open
from tests.tui.data import ALPHA, K8, X2, record
from tests.tui.driving import Driven, text_of
from tests.tui.fake_console import FakeConsole
from tui.screens.main import MainScreen
from tui.screens.text import TextScreen
from tui.view_models.live_targets import POD
from tui.widgets.line_view import LineView
from tui.widgets.log_lines import LogLines
from tui.widgets.notice_line import NoticeLine

WEB = ("lab", "alpha", "web")


def log_of(driven: Driven) -> LogLines:
    return driven.main.query_one(LogLines)


async def open_logs(driven: Driven, *line: str) -> None:
    await driven.select(*line)
    await driven.press("l")
    await driven.until(lambda: driven.main.pane.tab == "logs" and "GET /cart" in driven.content)


def query_of(fake: FakeConsole) -> LogQuery:
    """What was asked for last."""
    query = fake.live.called("logs")[-1][1]
    assert isinstance(query, LogQuery)
    return query


async def test_the_log_of_a_pod_is_read_from_all_its_replicas_and_follows(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        assert log_of(driven).has_focus
        assert (query_of(fake).clusters, query_of(fake).labels) == ((ALPHA,), "id=web")
        fake.live.coming.put_nowait([record(X2, 9, "fresh")])
        await driven.until(lambda: "fresh" in driven.content)
        assert "● following" in driven.content


async def test_a_restart_is_a_rule_between_the_lines(console: Open) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        assert "─── web-6c9f7d4b5-k8wzn/site restarted: exit 137, OOMKilled ───" in driven.content


async def test_the_log_of_a_replica_asks_for_that_replica(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB, "web-6c9f7d4b5-k8wzn")
        target = query_of(fake).targets[0]
        assert (target.kind, target.name, target.namespace) == (POD, "web-6c9f7d4b5-k8wzn", "default")


async def test_a_machine_has_the_logs_of_its_services(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha", "workers", "kube-2")
        await driven.press("4")
        await driven.until(lambda: fake.live.called("service_logs") == [("service_logs", ALPHA, "kube-2", "kubelet")])
        await driven.press("tab", "a")
        await driven.until(lambda: fake.live.called("service_logs")[-1][-1] == "containerd")


def on_a_host(fake: FakeConsole) -> None:
    """Let the lab have a Docker host with two applications."""
    names = ("db", "site")
    containers = tuple(InstanceStatus(name, "running", True, "", 0, 60, ()) for name in names)
    host = ComponentStatus("box", "DockerStandaloneHost", replicas=2, ready_replicas=2, instances=containers)
    fake.statuses["lab"] = replace(fake.statuses["lab"], components=(host,))
    fake.lines = ["site  GET / 200", "db  ready", "── db: restarted ──"]


async def test_a_docker_host_has_the_log_of_all_its_containers_and_follows(console: Open, fake: FakeConsole) -> None:
    on_a_host(fake)
    async with console() as driven:
        await driven.select("lab", "box")
        await driven.press("l")
        await driven.until(lambda: "GET / 200" in driven.content)
        assert fake.called("logs") == [("logs", "lab", "box")]
        assert "─── db restarted ───" in driven.content
        fake.coming.put_nowait("── db: no answer in 5 s; trying again ──")
        fake.coming.put_nowait("db  back again  soon")
        await driven.until(lambda: "back again  soon" in driven.content)
        assert "─── db lost: no answer in 5 s; trying again ───" in driven.content
        assert "● following" in driven.content


async def test_an_application_on_a_docker_host_has_its_own_log_which_is_read_as_a_whole(
    console: Open, fake: FakeConsole
) -> None:
    on_a_host(fake)
    async with console() as driven:
        await driven.select("lab", "box", "site")
        await driven.press("l")
        await driven.until(lambda: fake.called("logs") == [("logs", "lab", "box/site")])
        await driven.until(lambda: "Logs of site   on box" in driven.content)
        for key in ("2", "p", "a"):
            await driven.press(key)
            await driven.until(lambda: "read as a whole" in driven.notice)
            driven.main.query_one(NoticeLine).dismiss()
        assert len(fake.called("logs")) == 1


async def test_moving_up_pauses_counts_what_is_unseen_and_end_follows_again(console: Open, fake: FakeConsole) -> None:
    fake.live.records = [record(X2, number, f"GET /cart {number}") for number in range(200)]
    async with console() as driven:
        await open_logs(driven, *WEB)
        view = log_of(driven)
        await driven.until(lambda: view.scroll_offset.y > 0)
        await driven.press("up")
        await driven.until(lambda: "▼ paused, nothing new" in driven.content)
        top = view.scroll_offset.y
        fake.live.coming.put_nowait([record(X2, 200 + number, f"late {number}") for number in range(30)])
        await driven.until(lambda: "paused, 30 new below" in driven.content)
        assert view.scroll_offset.y == top
        await driven.press("end")
        await driven.until(lambda: "following" in driven.content)
        assert view.scroll_offset.y == view.max_scroll_y


async def test_a_search_keeps_the_lines_around_and_x_leaves_the_matches_only(console: Open) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press("slash", *"1182")
        await driven.until(lambda: "2 of 2" in driven.content)
        assert "listening" in driven.content
        await driven.press("enter", "N")
        await driven.until(lambda: "1 of 2" in driven.content)
        await driven.press("x")
        await driven.until(lambda: "listening" not in driven.content)
        assert "only these" in driven.content
        assert "2 of 5 lines" in driven.content
        await driven.press("x")
        await driven.until(lambda: "listening" in driven.content)


async def test_what_comes_is_searched_as_well(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press("slash", *"timeout", "enter", "x")
        await driven.until(lambda: "1 of 5 lines" in driven.content)
        fake.live.coming.put_nowait([record(X2, 9, "a quiet line"), record(X2, 10, "another Timeout")])
        await driven.until(lambda: "another Timeout" in driven.content)
        assert "quiet" not in driven.content


async def test_a_pattern_that_is_none_is_told_at_the_end_of_typing(console: Open) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press("slash", *"/[/", "enter")
        await driven.until(lambda: "[ is no pattern" in driven.notice)


async def test_escape_ends_a_search(console: Open) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press("slash", *"1182", "escape")
        await driven.until(lambda: log_of(driven).search.query is None)
        assert log_of(driven).has_focus


async def test_several_words_are_highlighted_each_in_its_own_way(console: Open) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press("h", *"timeout GET", "enter")
        await driven.until(lambda: len(log_of(driven).look.patterns) == 2)
        tones = {span.text: span.tone for number in range(5) for span in log_of(driven).line_at(number)}
        assert (tones["timeout"], tones["GET"]) == ("term-a", "term-b")


@pytest.mark.parametrize(("key", "since", "tail"), [("2", 60, None), ("0", None, 500), ("6", 3600, None)])
async def test_digits_say_since_when(
    console: Open, fake: FakeConsole, key: str, since: float | None, tail: int | None
) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press(key)
        await driven.until(lambda: len(fake.live.called("logs")) == 2)
        assert (query_of(fake).since, query_of(fake).tail) == (since, tail)


async def test_one_container_the_run_before_and_all_again(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press("a")
        await driven.until(lambda: query_of(fake).container == "site")
        await driven.press("p")
        await driven.until(lambda: query_of(fake).previous)
        assert "before the restart" in driven.content
        await driven.press("a")
        await driven.until(lambda: query_of(fake).container == "")


async def test_json_becomes_words_and_one_line_is_spread_out_alone(console: Open) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        assert '{"level":"info"' in driven.content
        await driven.press("f")
        await driven.until(lambda: "INFO listening on :80 port=80" in driven.content)
        await driven.press("enter")
        await driven.until(lambda: isinstance(driven.app.screen, TextScreen))
        view = driven.app.screen.query_one("#text", LineView)
        await driven.until(lambda: '  "msg": "listening on :80",' in text_of(view).splitlines())
        await driven.press("escape")
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))


async def test_times_and_names_change_their_form(console: Open) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        assert "x2kqp INFO" in driven.content
        await driven.press("t", "t")
        await driven.until(lambda: "2026-09-23T" in driven.content)
        await driven.press("I")
        await driven.until(lambda: "web-6c9f7d4b5-x2kqp/site INFO" in driven.content)
        await driven.press("I", "t", "t")
        await driven.until(lambda: "\n  INFO" in driven.content)


async def test_long_lines_are_cut_with_a_mark_and_arrows_or_wrapping_show_the_rest(
    console: Open, fake: FakeConsole
) -> None:
    fake.live.records = [record(X2, 1, "GET /cart " + "x" * 200 + " tail")]
    async with console() as driven:
        await open_logs(driven, *WEB)
        view = log_of(driven)
        assert view.render_line(0).text.rstrip().endswith("…")
        await driven.press(*["right"] * 11)
        assert view.render_line(0).text.rstrip().endswith("tail")
        await driven.press("w")
        await driven.until(lambda: view.line_count > 2)
        assert view.render_line(view.line_count - 1).text.rstrip().endswith("tail")


async def test_marked_lines_are_copied_and_the_rest_is_saved(
    console: Open, fake: FakeConsole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.press("g", "m", "down", "m", "c")
        await driven.until(lambda: driven.notice == "copied: 2 lines")
        assert driven.app.clipboard.splitlines()[1].startswith("WARN  upstream timeout")
        await driven.press("S")
        await driven.until(lambda: driven.notice.startswith("saved: "))
        lines = Path(driven.notice.removeprefix("saved: ")).read_text().splitlines()
        assert len(lines) == 5
        assert lines[0].endswith("web-6c9f7d4b5-x2kqp/site INFO  GET /cart 200 12ms")
        await driven.press("apostrophe")
        assert log_of(driven).at in log_of(driven).marks


async def test_a_log_that_ends_or_breaks_says_so_and_is_read_again(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        fake.live.coming.put_nowait(None)
        await driven.until(lambda: "· ended" in driven.content)
        fake.live.failures["logs"] = Unreachable("the API is away", where="alpha")
        await driven.press("l")
        await driven.until(lambda: "✖ alpha: the API is away" in driven.content)


async def test_another_line_of_the_tree_reads_another_log(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        await driven.select("lab", "alpha", "queue")
        await driven.until(lambda: query_of(fake).labels == "id=queue")
        await driven.until(lambda: "Logs of queue" in driven.content)
        await driven.select("lab", "alpha")
        await driven.until(lambda: "logs: select a pod" in driven.content)


async def test_a_paused_log_stays_on_its_lines_while_older_ones_are_dropped(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_logs(driven, *WEB)
        view = log_of(driven)
        view.buffer.__init__(1000)  # type: ignore[misc]
        view.add([])
        view.clear()
        fake.live.coming.put_nowait([record(K8, number, f"line {number}") for number in range(1000)])
        await driven.until(lambda: view.line_count == 1000)
        await driven.press("pageup")
        await driven.until(lambda: view.unseen is not None)
        top = view.line_at(view.scroll_offset.y)
        fake.live.coming.put_nowait([record(K8, number, f"late {number}") for number in range(50)])
        await driven.until(lambda: view.unseen == 50)
        assert view.buffer.dropped == 50
        assert view.line_at(view.scroll_offset.y) == top
