"""The catalogue in the console: looked through, filled in, added to a draft, planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.containers.catalogue import entries
from core.deployment.adding import entry_of
from core.engine.errors import Refusal
from core.model.document import DocumentError, parse
from core.model.problem import Problem
from tests.tui.conftest import Open
from tests.tui.driving import Driven, text_of
from tests.tui.fake_console import FakeConsole
from tests.tui.fake_documents import SAMPLE
from tests.tui.test_live_acting import back
from tests.tui.test_objects import command
from tui.context import sentence
from tui.screens.catalogue import CatalogueScreen
from tui.screens.choose import ChooseScreen
from tui.screens.order import OrderScreen
from tui.screens.plan import PlanScreen
from tui.view_models.catalogue import CatalogueRow, catalogue_rows, categories, row_details, row_line, tags
from tui.view_models.document_form import Entry
from tui.view_models.glyphs import ASCII, UNICODE
from tui.view_models.order_form import OrderForm
from tui.view_models.text import plain
from tui.widgets.line_view import LineView

WITH_HOST = f"{SAMPLE}  - {{kind: DockerStandaloneHost, name: box}}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the console remembers is the test's own."""
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    return tmp_path


async def opened(driven: Driven) -> CatalogueScreen:
    """The catalogue, once it was read."""
    await driven.until(lambda: isinstance(driven.app.screen, CatalogueScreen) and bool(driven.app.screen.rows))
    screen = driven.app.screen
    assert isinstance(screen, CatalogueScreen)
    return screen


async def ordering(driven: Driven) -> OrderScreen:
    """The form, once it is open."""
    await driven.until(lambda: isinstance(driven.app.screen, OrderScreen))
    screen = driven.app.screen
    assert isinstance(screen, OrderScreen)
    await driven.until(lambda: screen.view.has_focus)
    return screen


def shown(driven: Driven, id: str) -> str:
    return text_of(driven.app.screen.query_one(f"#{id}", LineView))


def go_to(screen: OrderScreen, title: str) -> None:
    """Put the cursor on a field."""
    screen.view.cursor = next(number for number, line in enumerate(screen.lines) if line.title == title)


async def test_it_is_looked_through_by_words_category_and_tag(console: Open) -> None:
    async with console() as driven:
        await driven.press("A")
        screen = await opened(driven)
        assert "Catalogue for lab   20 applications" in shown(driven, "catalogue-heading")
        await driven.press("slash", *"dashboards", "enter")
        await driven.until(lambda: "1 application   /dashboards" in shown(driven, "catalogue-heading"))
        assert "Grafana" in shown(driven, "catalogue-details")
        await driven.press("slash", "escape", "c")
        await driven.until(lambda: isinstance(driven.app.screen, ChooseScreen))
        await driven.press("down", "enter")
        await driven.until(lambda: driven.app.screen is screen)
        assert len({row.category for row in screen.rows}) == 1
        await driven.press("t")
        await driven.until(lambda: isinstance(driven.app.screen, ChooseScreen))
        await driven.press("down", "enter")
        await driven.until(lambda: driven.app.screen is screen and "tag " in shown(driven, "catalogue-heading"))


async def test_an_application_is_filled_in_and_goes_into_the_draft(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await command(driven, "catalogue grafana")
        await opened(driven)
        await driven.press("enter")
        screen = await ordering(driven)
        go_to(screen, "replicas")
        await driven.press("enter", "backspace", "x")
        await driven.until(lambda: "found x; allowed: a whole number from 0 to 10000" in shown(driven, "order-about"))
        assert "1 mistake" in shown(driven, "order-heading")
        await driven.press("enter", "S")
        assert not fake.orders
        await driven.press("enter", "backspace", "2", "enter")
        go_to(screen, "user")
        await driven.press("enter", *"ada", "enter", "S")
        await back(driven)
        (order,) = fake.orders
        assert (order.name, order.cluster, order.host, order.replicas) == ("grafana", "alpha", None, 2)
        assert order.parameters == {"user": "ada"}
        assert driven.notice == "lab: grafana is in the draft; P shows what it changes"


async def test_it_is_planned_and_deployed_from_there(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await command(driven, "catalogue redis")
        await opened(driven)
        await driven.press("enter")
        await ordering(driven)
        await driven.press("D")
        await driven.until(lambda: isinstance(driven.app.screen, PlanScreen))
        await driven.until(lambda: "kube-5" in shown(driven, "plan"))
        await driven.press("D")
        await driven.until(lambda: fake.called("deploy") == [("deploy", "lab")])


async def test_a_refusal_stays_in_the_form(console: Open, fake: FakeConsole) -> None:
    fake.failures["add"] = Refusal("redis is 2 pods, which need a cluster")
    async with console() as driven:
        await command(driven, "catalogue redis")
        await opened(driven)
        await driven.press("enter")
        screen = await ordering(driven)
        await driven.press("S")
        await driven.until(lambda: "2 pods, which need a cluster" in text_of(screen.query_one("NoticeLine", LineView)))
        await driven.press("escape", "escape")
        await driven.until(lambda: isinstance(driven.app.screen, CatalogueScreen))


async def test_what_cannot_be_read_is_told_and_a_closed_environment_stays_closed(
    console: Open, fake: FakeConsole
) -> None:
    fake.catalogue_trouble_list.append("mine.yaml: title: Field required")
    async with console() as driven:
        await command(driven, "catalogue")
        screen = await opened(driven)
        notice = screen.query_one("NoticeLine", LineView)
        await driven.until(lambda: "left out: mine.yaml: title: Field required" in text_of(notice))
        driven.main.shared.allowed = type(driven.main.shared.allowed)(read_only=frozenset({"lab"}))
        await driven.press("enter")
        await driven.until(lambda: "environment lab is read-only" in text_of(notice))
        await driven.press("escape", "escape")
        await back(driven)


# Without an app


def form(entry: str, text: str = WITH_HOST) -> OrderForm:
    return OrderForm(entry_of(entry), parse(text))


def line(form: OrderForm, title: str) -> Entry:
    return next(one for one in form.lines if one.title == title)


def test_entries_stand_below_their_categories() -> None:
    rows = catalogue_rows(entries())
    assert rows[0].entry is None
    assert all(row.entry is None or row.entry.category == row.category for row in rows)
    assert len([row for row in rows if row.entry is None]) == len(categories(entries()))
    assert plain(row_line(CatalogueRow("Databases", entry_of("redis")), 40, UNICODE)).endswith("redis")
    assert tags(entries())[0][1] >= tags(entries())[-1][1]


def test_the_details_say_what_can_be_chosen_and_what_comes_with_it() -> None:
    words = "\n".join(map(plain, row_details(CatalogueRow("", entry_of("grafana")), 90, ASCII)))
    assert "grafana/grafana:" in words
    assert "AGPL-3.0" in words
    assert "influxdb, unless the parameter influxdb names one" in words
    assert "User: who logs in" in words
    pods = "\n".join(map(plain, row_details(CatalogueRow("", entry_of("guestbook")), 90, UNICODE)))
    assert "replica" in pods.partition("What comes with it")[2]
    assert plain(row_details(CatalogueRow("Databases"), 90, UNICODE)[0]) == "Databases"


def test_a_docker_host_runs_one_and_its_names_are_its_own() -> None:
    filled = form("redis")
    assert line(filled, "to").choices == ("alpha", "box")
    filled.turn(line(filled, "to"), 1)
    assert [one.title for one in filled.lines][:2] == ["name", "to"]
    assert all(one.title != "replicas" for one in filled.lines)
    assert (filled.order.cluster, filled.order.host) == (None, "box")
    filled.put(line(filled, "name"), "alpha")
    assert not filled.problem(line(filled, "name"))
    filled.turn(line(filled, "to"), -1)
    assert filled.problem(line(filled, "name")) == "alpha is taken: choose another name"
    filled.put(line(filled, "name"), "Alpha")
    assert filled.problem(line(filled, "name")).startswith("found Alpha; allowed: at most 63")
    assert form("guestbook").lines[1].choices == ("alpha",)


def test_a_parameter_is_checked_by_the_catalogue_s_own_rules() -> None:
    filled = form("grafana")
    filled.put(line(filled, "user"), "9")
    assert "found 9" in filled.problem(line(filled, "user"))
    filled.put(line(filled, "user"), "ada")
    filled.put(line(filled, "password"), "hunter2")
    problem = filled.problem(line(filled, "password"))
    assert "file:PATH" in problem
    assert "hunter2" not in problem
    filled.put(line(filled, "password"), "env:GRAFANA")
    filled.turn(line(filled, "scope"), 1)
    assert filled.mistakes == 0
    assert filled.order.parameters["password"] == {"env": "GRAFANA"}
    assert filled.order.parameters["scope"] == entry_of("grafana").parameters["scope"].choices[0]
    assert line(filled, "influxdb").default == "influxdb is added with it"


def test_an_environment_without_a_place_says_so() -> None:
    filled = form("redis", "environment: lab\nprovider: {kind: simulated}\n")
    assert "no cluster and no Docker host" in filled.problem(line(filled, "to"))


def test_a_document_s_mistakes_are_told_and_no_defect() -> None:
    error = DocumentError([Problem("lab with redis", 4, "components[1].name", "redis", "a name that is free")])
    assert sentence(error) == "lab with redis:4: components[1].name: found redis; allowed: a name that is free"
