"""Plans and runs in the console: previews, the matrix, the report, history, destruction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.engine.errors import Refusal, Unreachable
from core.engine.events import EventsMissed, RunCancelled, StepRetried
from core.runs_api import Preview
from tests.tui.conftest import Open
from tests.tui.data import EVENTS, NOON, PREVIEW, RECORD, RUN, finished, lab, told
from tests.tui.driving import Driven, dialog, text_of
from tests.tui.fake_console import FakeConsole
from tests.tui.test_live_acting import back, form
from tui.screens.conflict import ConflictScreen
from tui.screens.plan import PlanScreen
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen
from tui.screens.text import TextScreen
from tui.view_models.glyphs import UNICODE
from tui.view_models.matrix import columns_of, matrix_head, matrix_line
from tui.view_models.plan import plan_heading, plan_rows
from tui.view_models.report import newest, run_heading
from tui.view_models.run_view import RunView, step_text
from tui.view_models.text import plain, width_of
from tui.widgets.deployment_tab import DeploymentTab
from tui.widgets.line_view import LineView


def tab(driven: Driven) -> DeploymentTab:
    content = driven.main.pane.content
    assert isinstance(content, DeploymentTab)
    return content


async def screen_text(driven: Driven, wanted: type, name: str, words: str) -> str:
    """What a view of the screen says, once it says these words."""
    await driven.until(lambda: isinstance(driven.app.screen, wanted))
    view = driven.app.screen.query_one(name, LineView)
    await driven.until(lambda: words in text_of(view))
    return text_of(view)


# Plans


async def test_a_plan_shows_steps_votes_and_risks_and_deploys_from_there(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("P")
        words = await screen_text(driven, PlanScreen, "#plan", "etcd on kube-5")
        assert "▲ 1 step could not be looked at" in words
        assert "etcd of alpha: voters 3 → 5, tolerates the loss of 1 → 2   joining kube-5" in words
        assert "line 11" not in words
        await driven.press("a")
        assert "content hidden" in await screen_text(driven, PlanScreen, "#plan", "line 11")
        await driven.press("D")
        await driven.until(lambda: fake.called("deploy") == [("deploy", "lab")])
        await driven.until(lambda: driven.main.pane.tab == "deployment")


async def test_a_step_of_the_plan_is_opened_with_enter(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("P")
        words = await screen_text(driven, PlanScreen, "#plan", "etcd on kube-5")
        row = next(number for number, line in enumerate(words.splitlines()) if "etcd on kube-5" in line)
        await driven.press(*["down"] * row, "enter")
        await screen_text(driven, PlanScreen, "#plan", "line 11")
        await driven.press("escape")
        await back(driven)
        assert not fake.called("deploy")


async def test_a_plan_that_cannot_be_made_says_why(console: Open, fake: FakeConsole) -> None:
    fake.runs.failures["preview"] = Unreachable("SSH was refused", where="kube-1")
    async with console() as driven:
        await driven.press("P")
        await screen_text(driven, PlanScreen, "#plan", "kube-1: SSH was refused")
        await driven.press("D")
        await back(driven)
        assert not fake.called("deploy")


@pytest.mark.parametrize("key", ["P", "D"])
async def test_a_stale_draft_shows_both_sides_before_anything_is_deployed(
    console: Open, fake: FakeConsole, key: str
) -> None:
    fake.documents.draft("mine\n", base=1, version=2)
    async with console() as driven:
        await driven.press(key)
        words = await screen_text(driven, ConflictScreen, "#sides", "first to deploy wins")
        assert "+mine" in words
        assert "What was deployed since" in words
        await driven.press("escape")
        await back(driven)
        assert not fake.called("deploy")


# Runs


async def test_a_run_is_followed_with_its_matrix_bar_and_report(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7")
        await driven.until(lambda: "6 of 8 steps" in driven.content)
        words = driven.content
        assert "Deployment 7 of lab   scale-workers-up   ◐ running   0:00:21 of about" in words
        assert "● kube-1" in words
        assert "◐ kube-5" in words
        assert "warning: calico-node not ready" in words
        fake.runs.coming.put_nowait(finished("kube-5", "etcd", "failed", "no space on /var"))
        await driven.until(lambda: "✖ kube-5: etcd of kube-5: no space on /var" in driven.content)
        fake.deployed = [replace(RUN, state="failed", ended=NOON)]
        fake.runs.coming.put_nowait(None)
        await driven.until(lambda: "✖ failed" in driven.content)
        assert "r runs it again" in driven.content


async def test_a_step_is_opened_from_the_matrix(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7")
        await driven.until(lambda: "6 of 8 steps" in driven.content)
        await driven.press("tab", "m", "down", "right", "right", "enter")
        words = await screen_text(driven, TextScreen, "#text", "join etcd")
        assert "usually 8 s" in words
        assert "81 % of the leader's log" in words
        await driven.press("escape")
        await back(driven)


async def test_failures_alone_and_the_failed_step_in_full(console: Open, fake: FakeConsole) -> None:
    fake.deployed = [replace(RUN, state="failed", ended=NOON)]
    async with console() as driven:
        await driven.press("7", "tab")
        await driven.until(lambda: "✖ failed" in driven.content)
        await driven.press("n")
        words = await screen_text(driven, TextScreen, "#text", "no space on /var")
        assert "Attempts:   3" in words
        await driven.press("escape", "f")
        await driven.until(lambda: tab(driven).run_pane.report.line_count == 1)


async def test_a_run_is_tried_again_in_place(console: Open, fake: FakeConsole) -> None:
    fake.deployed = [replace(RUN, state="failed", ended=NOON)]
    async with console() as driven:
        await driven.press("7", "tab")
        await driven.until(lambda: "✖ failed" in driven.content)
        await driven.press("r")
        assert "gondolier deploy lab" in await dialog(driven)
        await driven.press("y")
        await driven.until(lambda: bool(fake.called("deploy")))


async def test_a_run_that_somebody_else_begins_is_followed(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7")
        fake.runs.coming.put_nowait(None)
        await driven.until(lambda: len(fake.called("deployments")) == 2)
        fake.queue("lab").put_nowait(lab("deploying"))
        await driven.until(lambda: len(fake.runs.called("events")) == 2)


async def test_what_was_missed_is_read_from_the_records(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("7")
        fake.runs.coming.put_nowait(EventsMissed(time=NOON, count=3))
        fake.runs.coming.put_nowait(None)
        await driven.until(lambda: fake.runs.called("record") == [("record", "lab", 7)])


async def test_a_run_that_cannot_be_read_is_told(console: Open, fake: FakeConsole) -> None:
    fake.runs.failures["events"] = Unreachable("the run's socket is gone")
    async with console() as driven:
        await driven.press("7")
        await driven.until(lambda: driven.notice == "the run of lab: the run's socket is gone")


async def test_former_runs_with_report_document_and_difference(console: Open, fake: FakeConsole) -> None:
    fake.deployed = [
        replace(RUN, state="failed", ended=NOON),
        replace(RUN, number=6, state="succeeded", ended=NOON - 99),
    ]
    fake.runs.records[6] = replace(RECORD, number=6, document="environment: lab\nworkers: 2\n")
    async with console() as driven:
        await driven.press("h")
        await driven.until(lambda: isinstance(driven.app.screen, RunsScreen))
        lines = driven.app.screen.query_one("TableLines", LineView)
        await driven.until(lambda: "scale-workers-up" in text_of(lines))
        await driven.press("x")
        words = await screen_text(driven, TextScreen, "#text", "+workers: 3")
        assert "-workers: 2" in words
        await driven.press("escape", "y")
        await screen_text(driven, TextScreen, "#text", "workers: 3")
        await driven.press("escape", "enter")
        await driven.until(lambda: isinstance(driven.app.screen, RunScreen))
        await screen_text(driven, RunScreen, "#report-lines", "no space on /var")
        await driven.press("escape", "escape")
        await back(driven)


async def test_what_all_runs_told_about_a_component(console: Open, fake: FakeConsole) -> None:
    fake.runs.records[7] = replace(RECORD, lines=(replace(RECORD.lines[0], component="alpha"),))
    async with console() as driven:
        await driven.select("lab", "alpha")
        await driven.press("h")
        await screen_text(driven, TextScreen, "#text", "2026-09-23 10:39:48  error    no space on /var")
        assert fake.runs.called("component_lines") == [("component_lines", "lab", "alpha")]


# Destroying and abandoning


async def test_to_destroy_the_name_is_typed_and_what_goes_is_shown(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("delete")
        words = await form(driven)
        assert "▸ esc Cancel" in words
        assert "environment lab has 5 machines: kube-1" in words
        await driven.press("tab", "tab", *"la", "enter")
        about = driven.app.screen.query_one("#about", LineView)
        await driven.until(lambda: "type lab to say that you mean it" in text_of(about))
        await driven.press("b", "enter")
        await driven.until(lambda: fake.runs.called("destroy") == [("destroy", "lab")])
        await driven.until(lambda: driven.main.pane.tab == "deployment")


async def test_an_environment_is_not_destroyed_from_one_of_its_parts(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha", "control-plane")
        await driven.press("delete")
        await driven.until(lambda: "is not for this line" in driven.notice)


async def test_to_abandon_is_explained_and_the_name_is_typed(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("ctrl+p")
        await driven.press(*"abandon")
        screen = driven.app.screen
        await driven.until(lambda: bool(screen.query_one("CommandList").option_count))  # type: ignore[attr-defined]
        await driven.press("enter")
        words = await form(driven)
        assert "To abandon is not to destroy" in words
        await driven.press("tab", "tab", *"lab", "enter")
        await driven.until(lambda: driven.notice == "environment lab is forgotten")


async def test_a_destruction_that_is_refused_is_told(console: Open, fake: FakeConsole) -> None:
    fake.runs.failures["destroy"] = Refusal("another run is going on", where="lab")
    async with console() as driven:
        await driven.press("delete")
        await form(driven)
        await driven.press("tab", "tab", *"lab", "enter")
        await driven.until(lambda: driven.notice == "Destroy: lab: another run is going on")


# Without an app


def test_a_plan_says_what_it_costs() -> None:
    words = plain(plan_heading("lab", PREVIEW, UNICODE))
    assert "3 steps on 2 targets   about 0:00:14   nothing has been touched yet" in words
    assert "SIMULATED" in words
    assert "no estimate yet" in plain(plan_heading("lab", replace(PREVIEW, seconds=None), UNICODE))
    nothing = plan_rows(Preview("lab", ()), "", frozenset(), 80, UNICODE)
    assert "nothing to do" in plain(nothing[0].line)


def test_a_plan_keeps_the_signs_of_its_diffs_and_its_troubles() -> None:
    rows = plan_rows(PREVIEW, "", frozenset({"alpha/kube-5/etcd"}), 80, UNICODE)
    tones = {plain(row.line).strip(): row.line[-1].tone for row in rows if row.line}
    assert tones["+10.7.0.15"] == "good"
    assert tones["· SSH was refused"] == "warn"
    assert max(width_of(row.line) for row in rows) <= 80


def test_a_run_counts_what_is_over_and_guesses_what_is_left() -> None:
    run = RunView(RUN)
    lines = run.take(EVENTS)
    assert [line.id for line in lines] == [1, 2, 3]
    assert (run.done, len(run.steps), run.targets, run.phases[0]) == (6, 8, ["kube-1", "kube-5"], "create")
    assert run.remaining(NOON - 8) == 8.0 - 4 + 8.0
    run.take([StepRetried(time=NOON, step="alpha/kube-5/etcd", attempt=1, wait=2, error="busy")])
    run.take([RunCancelled(time=NOON, reason="asked", grace=30)])
    words = step_text(run.steps["alpha/kube-5/etcd"], run.lines)
    assert "attempt 1 failed: busy" in words
    assert "Outcome:    waiting to try again" in words
    assert "cancelling" in plain(run_heading("lab", run, 120, NOON, UNICODE)[0])


def test_a_step_that_nobody_planned_is_shown_nevertheless() -> None:
    run = RunView(RUN)
    run.take([finished("kube-9", "ready"), told(1, 0, "hello")])
    assert run.steps["alpha/kube-9/ready"].state == "ready"


@pytest.mark.parametrize("width", [30, 60, 120])
def test_the_matrix_fits_and_says_what_goes_on(width: int) -> None:
    run = RunView(RUN)
    run.take(EVENTS)
    columns = columns_of(run, width)
    head = plain(matrix_head(columns, UNICODE))
    line = matrix_line(run, "kube-5", columns, "etcd", UNICODE)
    assert width_of(line) <= width
    assert "◐" in plain(line)
    assert ("…" in head) == columns.more or width < 120
    if width == 120:
        assert "[◐]" in plain(line)


def test_the_heading_tells_how_a_run_goes_and_went() -> None:
    assert newest([replace(RUN, number=3), RUN, replace(RUN, number=5)]) is RUN
    failed = RunView.recorded(replace(RUN, state="failed", ended=NOON + 3600), RECORD)
    words = "\n".join(plain(line) for line in run_heading("lab", failed, 120, NOON + 9999, UNICODE))
    assert "✖ failed   1:00:21" in words
    assert "2 of 2 steps" in words
    assert "✖ kube-5: alpha/kube-5/etcd: no space on /var" in words
    assert "D deploys it" in plain(run_heading("lab", None, 120, NOON, UNICODE)[0])
