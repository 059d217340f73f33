"""Moving about: the tree, the pane, its tabs, the filter, at both sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.status import NodeStatus
from tests.tui.conftest import Open
from tests.tui.data import alpha, lab
from tests.tui.fake_console import FakeConsole
from tui.screens.main import MainScreen
from tui.view_models.tree import MORE
from tui.widgets.pane import TABS, Tab
from tui.widgets.prompt_line import PromptLine

SIZES = [(80, 24), (160, 45)]
ALPHA = ("lab", "alpha")
WEB = ("lab", "alpha", "web")


async def test_the_tree_and_the_overview_stand_side_by_side_on_a_wide_screen(console: Open) -> None:
    async with console() as driven:
        assert "workers 3/3" in driven.tree
        assert driven.main.pane.display
        assert "KubernetesCluster" in driven.content


async def test_a_narrow_screen_shows_one_pane_at_a_time(console: Open) -> None:
    async with console((80, 24)) as driven:
        pane = driven.main.pane
        assert not pane.region
        await driven.press("down", "enter")
        await driven.until(lambda: bool(pane.region))
        assert not driven.main.environments.region
        assert pane.region.width == 80
        await driven.press("escape")
        await driven.until(lambda: not pane.region)
        assert driven.main.environments.has_focus


@pytest.mark.parametrize("size", SIZES)
async def test_arrows_and_letters_move_the_cursor(console: Open, size: tuple[int, int]) -> None:
    async with console(size) as driven:
        await driven.press("down", "j")
        assert driven.stands_on(("lab", "alpha", "control-plane"))
        await driven.press("k")
        assert driven.stands_on(ALPHA)
        await driven.press("end")
        assert driven.stands_on(("shop-test", "store", "gateways"))
        await driven.press("home", "up")
        assert driven.stands_on(("lab",))
        await driven.press("pagedown", "pageup")
        assert driven.stands_on(("lab",))


async def test_the_cursor_stays_in_sight(console: Open) -> None:
    async with console((80, 24)) as driven:
        await driven.press("G")
        tree = driven.main.environments
        assert tree.scroll_offset.y <= tree.cursor < tree.scroll_offset.y + tree.size.height
        await driven.press("g")
        assert tree.scroll_offset.y == 0


async def test_left_closes_or_goes_to_the_parent_and_right_opens_or_goes_in(console: Open) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha", "workers", "kube-3")
        await driven.press("left")
        assert driven.stands_on(("lab", "alpha", "workers"))
        await driven.press("left")
        await driven.until(lambda: "10.7.0.13" not in driven.tree)
        await driven.press("right")
        await driven.until(lambda: "10.7.0.13" in driven.tree)
        await driven.press("right")
        assert driven.stands_on(("lab", "alpha", "workers", "kube-2"))


async def test_space_opens_and_closes(console: Open) -> None:
    async with console() as driven:
        await driven.press("space")
        await driven.until(lambda: "alpha" not in driven.tree)
        await driven.press("space")
        await driven.until(lambda: "alpha" in driven.tree)


async def test_tab_goes_to_the_pane_and_back(console: Open) -> None:
    async with console() as driven:
        await driven.press("tab")
        assert driven.app.focused is driven.main.pane.content
        await driven.press("tab")
        assert driven.main.environments.has_focus
        await driven.press("shift+tab")
        assert driven.app.focused is driven.main.pane.content
        await driven.press("escape")
        assert driven.main.environments.has_focus


@pytest.mark.parametrize(("key", "tab"), [(str(number), tab) for number, tab in enumerate(TABS, 1)])
async def test_digits_open_tabs(console: Open, key: str, tab: Tab) -> None:
    async with console() as driven:
        await driven.press(key)
        await driven.until(lambda: driven.main.pane.tab == tab)
        shown = [widget.id for widget in driven.main.pane.children if widget.display and widget.id]
        assert shown == [tab]


async def test_brackets_go_round_the_tabs(console: Open) -> None:
    async with console() as driven:
        await driven.press("right_square_bracket")
        await driven.until(lambda: driven.main.pane.tab == "endpoints")
        await driven.press("left_square_bracket", "left_square_bracket")
        await driven.until(lambda: driven.main.pane.tab == "deployment")


async def test_z_maximizes_the_pane_that_has_the_focus_and_back(console: Open) -> None:
    async with console() as driven:
        tree, pane = driven.main.environments, driven.main.pane
        await driven.press("z")
        await driven.until(lambda: not pane.region and tree.region.width > 150)
        await driven.press("z")
        await driven.until(lambda: bool(pane.region))
        await driven.press("tab", "z")
        await driven.until(lambda: not tree.region and pane.region.width == 160)
        await driven.press("escape")
        await driven.until(lambda: bool(tree.region) and not pane.region)
        await driven.press("escape")
        await driven.until(lambda: bool(tree.region) and bool(pane.region))


async def test_the_endpoints_tab_lists_those_of_the_selected_pod(console: Open) -> None:
    async with console() as driven:
        await driven.select(*WEB)
        await driven.press("2")
        await driven.until(lambda: "203.0.113.20" in driven.content)
        assert "5672" not in driven.content


async def test_a_filter_narrows_while_it_is_typed_stays_on_enter_and_goes_on_escape(console: Open) -> None:
    async with console() as driven:
        await driven.press("slash", *"gateway-1")
        await driven.until(lambda: driven.tree.count("\n") == 3)
        await driven.press("enter")
        await driven.until(lambda: not driven.main.query(PromptLine))
        assert driven.main.environments.has_focus
        assert "web" not in driven.tree
        await driven.press("escape")
        await driven.until(lambda: "web" in driven.tree)


async def test_escape_in_the_filter_drops_it(console: Open) -> None:
    async with console() as driven:
        await driven.press("slash", *"nothing")
        await driven.until(lambda: "nothing is called nothing" in driven.tree)
        await driven.press("escape")
        await driven.until(lambda: "alpha" in driven.tree and driven.main.environments.has_focus)


async def test_letters_typed_into_the_filter_are_no_keys(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("slash", *"Dq+l")
        await driven.until(lambda: "nothing is called Dq+l" in driven.tree)
        assert isinstance(driven.app.screen, MainScreen)
        assert not fake.called("deploy")


async def test_it_begins_on_the_line_that_it_is_opened_for(console: Open) -> None:
    async with console(first=("shop-test",)) as driven:
        assert driven.selected == ("shop-test",)
    async with console(first=("gone",)) as driven:
        assert driven.selected == ("lab",)


async def test_the_tree_gets_wider_and_narrower_and_leaves_room_for_the_pane(console: Open) -> None:
    async with console() as driven:
        side = driven.main.query_one("#side")
        before = side.outer_size.width
        await driven.press("ctrl+right")
        await driven.until(lambda: side.outer_size.width == before + 4)
        await driven.press(*["ctrl+left"] * 30)
        await driven.until(lambda: side.outer_size.width == 24)
        await driven.press(*["ctrl+right"] * 50)
        await driven.until(lambda: driven.main.pane.outer_size.width == 24)


async def test_a_long_part_of_the_tree_shows_its_next_page_on_enter(console: Open, fake: FakeConsole) -> None:
    nodes = tuple(NodeStatus(f"kube-{n}", "worker", True, "10.7.0.1") for n in range(1200))
    fake.statuses["lab"] = replace(lab(), components=(replace(alpha(), workers=1200, nodes=nodes),))
    async with console() as driven:
        more = ("lab", "alpha", "workers", MORE)
        await driven.select(*more)
        assert "200 more" in driven.tree
        await driven.press("enter")
        await driven.until(lambda: "200 more" not in driven.tree and "kube-1199" in driven.tree)
