"""The keys that do something: questions, refusals, the plan, help, leaving."""

from __future__ import annotations

import pytest

from core.engine.errors import Refusal
from tests.tui.conftest import Open
from tests.tui.data import lab
from tests.tui.driving import Driven, dialog, text_of
from tests.tui.fake_console import FakeConsole
from tui.screens.help import HelpScreen
from tui.screens.leave import LeaveScreen
from tui.screens.main import MainScreen
from tui.screens.pulse import PulseScreen
from tui.widgets.answer import Answer
from tui.widgets.line_view import LineView
from tui.widgets.prompt_line import PromptLine

SIZES = [(80, 24), (160, 45)]
ALPHA = ("lab", "alpha")
WEB = ("lab", "alpha", "web")


@pytest.mark.parametrize("size", SIZES)
async def test_deploy_asks_then_deploys_and_shows_the_report(
    console: Open, fake: FakeConsole, size: tuple[int, int]
) -> None:
    async with console(size) as driven:
        await driven.press("D")
        words = await dialog(driven)
        assert "gondolier deploy lab" in words
        assert "▸ y Deploy" in words
        await driven.press("enter")
        await driven.until(lambda: fake.called("deploy") == [("deploy", "lab")])
        await driven.until(lambda: "81 % of the leader" in driven.content)
        assert "Deployment 7" in driven.content
        assert driven.main.pane.region


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_a_question_answered_with_no_does_nothing(console: Open, fake: FakeConsole, key: str) -> None:
    async with console() as driven:
        await driven.press("D")
        await dialog(driven)
        await driven.press(key)
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))
        assert not fake.called("deploy")


@pytest.mark.parametrize(
    ("line", "key", "component", "action"),
    [
        (ALPHA, "+", "alpha", "scale-workers-up"),
        (ALPHA, "-", "alpha", "scale-workers-down"),
        (("lab", "alpha", "workers"), "+", "alpha", "scale-workers-up"),
        (("lab", "alpha", "workers", "kube-3"), "-", "alpha", "scale-workers-down"),
        (("lab", "alpha", "gateways"), "+", "alpha", "scale-gateways-up"),
        (WEB, "+", "web", "scale-pod-up"),
        (WEB, "-", "web", "scale-pod-down"),
        ((*WEB, "web-6c9f7d4b5-x2kqp"), "+", "web", "scale-pod-up"),
    ],
)
async def test_plus_and_minus_scale_what_is_selected(
    console: Open, line: tuple[str, ...], key: str, component: str, action: str
) -> None:
    async with console() as driven:
        await driven.select(*line)
        await driven.press(key)
        assert f"gondolier action lab/{component} {action}" in await dialog(driven)
        await driven.press("y")
        await driven.until(lambda: driven.fake.called("act") == [("act", "lab", component, action)])
        await driven.until(lambda: driven.main.pane.tab == "deployment")


async def test_what_destroys_asks_with_the_focus_on_cancel(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select(*ALPHA)
        await driven.press("-")
        words = await dialog(driven)
        assert "▸ n Cancel" in words
        assert "destroys" in words
        await driven.press("enter")
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))
        assert not fake.called("act")


async def test_arrows_go_between_the_answers(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select(*ALPHA)
        await driven.press("-")
        await dialog(driven)
        await driven.press("right", "enter")
        await driven.until(lambda: bool(fake.called("act")))


async def test_a_key_that_is_not_possible_now_says_why_and_asks_nothing(console: Open, fake: FakeConsole) -> None:
    fake.statuses["lab"] = lab(workers=5)
    async with console() as driven:
        await driven.select(*ALPHA)
        assert "(+) One worker more" in driven.keys
        await driven.press("+")
        await driven.until(lambda: "maximum of 5 reached – raise `workers.max`" in driven.notice)
        assert isinstance(driven.app.screen, MainScreen)
        await driven.press("escape")
        await driven.until(lambda: driven.notice == "")


async def test_nothing_is_scaled_during_a_run(console: Open, fake: FakeConsole) -> None:
    fake.statuses["lab"] = lab("deploying")
    async with console() as driven:
        await driven.select(*WEB)
        await driven.press("+")
        await driven.until(lambda: "environment lab is deploying: wait or cancel" in driven.notice)
        await driven.press("D")
        await driven.until(lambda: driven.notice.startswith("Deploy:"))


async def test_a_key_of_other_lines_says_where_it_belongs(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha", "control-plane")
        await driven.press("+")
        await driven.until(lambda: "select a cluster or its workers or its gateways or a pod" in driven.notice)
        await driven.press("l")
        await driven.until(lambda: "l is not for this line: select a pod" in driven.notice)
        assert not fake.called("act")


async def test_a_refusal_of_the_core_is_shown_in_full(console: Open, fake: FakeConsole) -> None:
    fake.failures["act"] = Refusal("etcd would lose its quorum", where="alpha", fix="repair kube-3 first")
    async with console() as driven:
        await driven.select(*ALPHA)
        await driven.press("+")
        await dialog(driven)
        await driven.press("y")
        await driven.until(
            lambda: driven.notice == "One worker more: alpha: etcd would lose its quorum – repair kube-3 first"
        )


async def test_an_error_that_nobody_expected_is_shown_and_ends_nothing(console: Open, fake: FakeConsole) -> None:
    fake.failures["deploy"] = ValueError("boom")  # type: ignore[assignment]
    async with console() as driven:
        await driven.press("D")
        await dialog(driven)
        await driven.press("y")
        await driven.until(lambda: "unexpected ValueError: boom" in driven.notice)


async def test_cancel_stops_the_run_after_a_question(console: Open, fake: FakeConsole) -> None:
    fake.statuses["lab"] = lab("deploying")
    async with console() as driven:
        await driven.press("K")
        assert "▸ n Let it run" in await dialog(driven)
        await driven.press("y")
        await driven.until(lambda: fake.called("cancel") == [("cancel", "lab")])


async def test_cancel_without_a_run_says_so(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("K")
        await driven.until(lambda: "nothing runs in lab: it is ready" in driven.notice)


async def test_the_palette_offers_what_has_no_key(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select(*WEB)
        await driven.press("ctrl+p")
        await driven.press(*"recreate")
        screen = driven.app.screen
        await driven.until(lambda: bool(screen.query_one("CommandList").option_count))  # type: ignore[attr-defined]
        await driven.press("enter")
        assert "gondolier action lab/web recreate-pod" in await dialog(driven)
        await driven.press("y")
        await driven.until(lambda: fake.called("act") == [("act", "lab", "web", "recreate-pod")])


async def test_the_palette_has_the_console_s_own_commands_and_lets_a_word_be_typed(console: Open) -> None:
    async with console() as driven:
        await driven.press("ctrl+p", *"the health of")
        screen = driven.app.screen
        await driven.until(lambda: bool(screen.query_one("CommandList").option_count))  # type: ignore[attr-defined]
        await driven.press("enter")
        await driven.until(lambda: isinstance(driven.app.screen, PulseScreen))
        await driven.press("escape", "ctrl+p", *"cluster to look")
        screen = driven.app.screen
        await driven.until(lambda: bool(screen.query_one("CommandList").option_count))  # type: ignore[attr-defined]
        await driven.press("enter")
        await driven.until(lambda: bool(driven.main.query(PromptLine)))
        assert driven.main.query_one(PromptLine).value == "ctx "


# Help and leaving


async def test_help_lists_the_line_s_actions_and_every_binding_with_its_key(console: Open) -> None:
    async with console() as driven:
        await driven.select(*ALPHA)
        await driven.press("question_mark")
        await driven.until(lambda: isinstance(driven.app.screen, HelpScreen))
        words = text_of(driven.app.screen.query_one(LineView))
        for wanted in ("On alpha, cluster", "One worker more", "(K)", "nothing runs in lab", "Filter the tree", "Quit"):
            assert wanted in words
            assert "tree.filter" in words
        await driven.press("escape")
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))


async def test_help_is_about_what_has_the_focus_on_other_screens_as_well(console: Open) -> None:
    async with console() as driven:
        await driven.press("J", "question_mark")
        await driven.until(lambda: isinstance(driven.app.screen, HelpScreen))
        words = text_of(driven.app.screen.query_one(LineView))
        assert words.startswith("Here")
        assert "table.sort-next" in words
        assert "journal.save" in words


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quit_leaves_at_once_while_nothing_runs(console: Open, key: str) -> None:
    async with console() as driven:
        await driven.press(key)
        await driven.until(lambda: driven.app._exit)


async def leaving(driven: Driven) -> str:
    """The words of the question on leaving, once it is asked."""
    await driven.until(lambda: isinstance(driven.app.screen, LeaveScreen))
    screen = driven.app.screen
    await driven.until(lambda: isinstance(screen.focused, Answer))
    return "\n".join(text_of(view) for view in screen.query(LineView))


async def test_quit_during_a_run_asks_whether_it_goes_on(console: Open, fake: FakeConsole) -> None:
    fake.statuses["lab"] = lab("deploying")
    async with console() as driven:
        await driven.press("q")
        words = await leaving(driven)
        assert "A run is going on in lab" in words
        assert "▸ y Leave it running" in words
        await driven.press("n")
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))
        assert not driven.app._exit
        await driven.press("q")
        await leaving(driven)
        await driven.press("enter")
        await driven.until(lambda: driven.app._exit)
        assert not fake.called("cancel")


async def test_quit_may_stop_the_run_first_and_stays_where_that_is_refused(console: Open, fake: FakeConsole) -> None:
    fake.statuses["lab"] = lab("deploying")
    fake.failures["cancel"] = Refusal("nothing runs in environment lab")
    async with console() as driven:
        await driven.press("q")
        await leaving(driven)
        await driven.press("s")
        await driven.until(lambda: driven.notice == "nothing runs in environment lab")
        assert not driven.app._exit
        fake.failures.clear()
        await driven.press("q")
        await leaving(driven)
        await driven.press("down", "enter")
        await driven.until(lambda: driven.app._exit)
        assert fake.called("cancel")[-1] == ("cancel", "lab")
