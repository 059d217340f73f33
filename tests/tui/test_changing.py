"""What changes by itself: statuses, lost environments, sizes, poor terminals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.engine.errors import Trouble, Unreachable
from tests.tui.conftest import Open
from tests.tui.data import lab
from tests.tui.fake_console import FakeConsole
from tui.view_models.glyphs import ASCII

SIZES = [(80, 24), (160, 45)]


async def test_a_change_is_shown_and_the_cursor_stays_on_its_line(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha", "gateways")
        fake.queue("lab").put_nowait(lab(workers=4))
        await driven.until(lambda: "workers 4/4" in driven.tree)
        assert driven.stands_on(("lab", "alpha", "gateways"))


async def test_the_cursor_goes_to_the_parent_when_its_line_is_gone(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha", "workers", "kube-4")
        fake.queue("lab").put_nowait(lab(workers=2))
        await driven.until(lambda: "workers 2/2" in driven.tree)
        assert driven.stands_on(("lab", "alpha", "workers"))


async def test_a_lost_environment_goes_stale_alone_and_comes_back_on_f5(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("end")
        fake.queue("lab").put_nowait(Unreachable("no answer in 5 s", where="10.7.0.11:6443"))
        await driven.until(lambda: "stale" in driven.tree)
        assert driven.tree.count("◌") == 15
        assert "✖ shop-prod" in driven.tree
        await driven.press("home")
        await driven.until(lambda: "10.7.0.11:6443: no answer in 5 s" in driven.content)
        fake.queue("shop-test").put_nowait(replace(fake.statuses["shop-test"], status="pending"))
        await driven.until(lambda: "pending" in driven.tree)
        await driven.press("f5")
        await driven.until(lambda: "stale" not in driven.tree)
        assert len(fake.called("changes")) == 4


async def test_an_environment_made_elsewhere_appears_and_one_removed_goes(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        fake.statuses["new"] = replace(fake.statuses.pop("shop-test"), environment="new")
        await driven.press("f5")
        await driven.until(lambda: "new" in driven.tree and "shop-test" not in driven.tree)


async def test_a_list_that_cannot_be_read_is_told_and_what_is_known_stays(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        fake.failures["environments"] = Trouble("the database is locked", fix="close the other writer")
        await driven.press("f5")
        await driven.until(lambda: driven.notice == "the database is locked – close the other writer")
        assert "workers 3/3" in driven.tree


async def test_endpoints_that_cannot_be_read_are_told(console: Open, fake: FakeConsole) -> None:
    fake.failures["endpoints"] = Trouble("the API refused")
    async with console() as driven:
        await driven.until(lambda: driven.notice == "the endpoints of lab: the API refused")


@pytest.mark.parametrize("size", SIZES)
async def test_an_ascii_terminal_gets_ascii_only(console: Open, size: tuple[int, int]) -> None:
    async with console(size, ASCII) as driven:
        await driven.press("down")
        screen = driven.main
        rows = ["".join(segment.text for segment in strip) for strip in screen._compositor.render_strips()]
        assert [row for row in rows if not row.isascii()] == []
        assert any("+ One worker more" in row for row in rows)


@pytest.mark.parametrize("size", SIZES)
async def test_a_screen_can_be_resized_to_and_fro(console: Open, size: tuple[int, int]) -> None:
    async with console(size) as driven:
        for columns, lines in [(40, 10), (160, 45), (80, 24), (200, 60)]:
            await driven.pilot.resize_terminal(columns, lines)
            await driven.until(lambda wanted=columns: driven.main.size.width == wanted)  # type: ignore[misc]
            assert "alpha" in driven.tree
