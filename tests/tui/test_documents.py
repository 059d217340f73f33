"""Documents in the console: the form, the editor, drafts, names, files."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.engine.errors import Trouble
from core.model.document import parse
from tests.tui.conftest import Open
from tests.tui.driving import Driven, dialog, text_of
from tests.tui.fake_console import FakeConsole
from tests.tui.fake_documents import SAMPLE
from tests.tui.test_live_acting import back, editor, form
from tests.tui.test_objects import command
from tui.screens.choose import ChooseScreen
from tui.screens.document import DocumentScreen
from tui.screens.text import TextScreen
from tui.view_models.document_form import DocumentForm, Entry, problem_of, problems_by_path
from tui.view_models.document_lines import about_lines, entry_line, form_heading
from tui.view_models.glyphs import UNICODE
from tui.view_models.text import plain
from tui.widgets.line_view import LineView


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the console remembers is the test's own."""
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    return tmp_path


async def opened(driven: Driven) -> DocumentScreen:
    """The form, once it was checked."""
    await driven.until(lambda: isinstance(driven.app.screen, DocumentScreen))
    screen = driven.app.screen
    assert isinstance(screen, DocumentScreen)
    await driven.until(lambda: "nothing is wrong" in text_of(screen.query_one("#form-heading", LineView)))
    return screen


def go_to(screen: DocumentScreen, title: str) -> None:
    """Put the cursor on a field."""
    screen.view.cursor = next(number for number, entry in enumerate(screen.entries) if entry.title == title)


def about(screen: DocumentScreen) -> str:
    return text_of(screen.query_one("#form-about", LineView))


async def test_a_field_is_filled_in_checked_at_each_letter_and_kept(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("e")
        screen = await opened(driven)
        go_to(screen, "count")
        await driven.until(lambda: "a whole number of at least 1" in about(screen))
        await driven.press("enter", "end", "backspace", "9")
        await driven.until(lambda: "found 9; allowed: at most 5, which is workers.max" in about(screen))
        assert "1 mistake" in text_of(screen.query_one("#form-heading", LineView))
        await driven.press("backspace", "4", "enter")
        await driven.until(lambda: "nothing is wrong" in text_of(screen.query_one("#form-heading", LineView)))
        await driven.press("S")
        await back(driven)
        _, text, base = fake.documents.called("save")[0]
        assert parse(str(text)).clusters()[0].workers.count == 4
        assert base == 1
        assert "draft is kept" in driven.notice


async def test_a_text_with_mistakes_is_not_kept(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("e")
        screen = await opened(driven)
        go_to(screen, "count")
        await driven.press("enter", "end", "backspace", "0", "enter", "S")
        await driven.until(lambda: "found 0" in text_of(screen.query_one("NoticeLine", LineView)))
        assert isinstance(driven.app.screen, DocumentScreen)


async def test_choices_turn_every_field_is_shown_and_emptied_ones_go(console: Open) -> None:
    async with console() as driven:
        await driven.press("e")
        screen = await opened(driven)
        await driven.press("a")
        go_to(screen, "network")
        await driven.press("space", "space")
        assert "network: flannel" in screen.text
        await driven.press("left")
        assert "network: calico" in screen.text
        await driven.press("delete")
        assert "network" not in screen.text


async def test_components_are_added_and_taken_away(console: Open) -> None:
    async with console() as driven:
        await driven.press("e")
        screen = await opened(driven)
        go_to(screen, "components")
        await driven.press("plus")
        await driven.until(lambda: isinstance(driven.app.screen, ChooseScreen))
        await driven.press("down", "enter")
        await driven.until(lambda: driven.app.screen is screen and len(screen.problems) > 0)
        assert screen.entry is not None
        assert screen.entry.title == "KubernetesPod"
        await driven.press("n")
        await driven.until(lambda: screen.entry is not None and screen.entry.title == "name")
        go_to(screen, "KubernetesPod")
        await driven.press("delete")
        await driven.until(lambda: not screen.problems)


async def test_leaving_with_changes_asks_first(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.press("e")
        screen = await opened(driven)
        go_to(screen, "environment")
        await driven.press("enter", "end", "x", "escape", "enter", "end", "y", "enter", "escape")
        assert "▸ n Stay" in await dialog(driven)
        await driven.press("n")
        await driven.until(lambda: driven.app.screen is screen)
        assert "environment: laby" in screen.text
        await driven.press("escape")
        await dialog(driven)
        await driven.press("y")
        await back(driven)
        assert not fake.documents.called("save")


async def test_the_editor_shows_its_mistakes_in_place_until_they_are_gone(
    console: Open, fake: FakeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = SAMPLE.replace("count: 2", "count: 3")
    seen = editor(monkeypatch, SAMPLE.replace("count: 2", "count: 9"), good)
    async with console() as driven:
        await driven.press("e")
        screen = await opened(driven)
        await driven.press("e")
        await driven.until(lambda: screen.text == good)
        assert "# gondolier: document:4: components[0].workers.count: found 9" in seen[1]
        await driven.until(lambda: not screen.problems)


async def test_a_new_environment_begins_with_a_small_one(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await command(driven, "new")
        await form(driven)
        await driven.press("end", "backspace", "backspace", "backspace", *"shop", "enter")
        screen = await opened(driven)
        assert "environment: shop" in screen.text
        await driven.press("P")
        await driven.until(lambda: fake.documents.called("save") == [("save", screen.text, None)])
        await driven.until(lambda: fake.runs.called("preview") == [("preview", "shop")] or "shop" in driven.notice)


async def test_a_file_becomes_an_environment(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await command(driven, "import lab.yaml")
        await opened(driven)
        assert fake.documents.called("read") == [("read", Path("lab.yaml"))]


@pytest.mark.parametrize(
    ("action", "call"),
    [("rename", ("rename", "lab", "labz")), ("clone", ("clone", "lab", "lab-2z")), ("export", ("export", "lab"))],
)
async def test_names_and_files_are_asked_for(
    console: Open, fake: FakeConsole, action: str, call: tuple[str, ...]
) -> None:
    async with console() as driven:
        driven.main.action_act(f"{action}-environment")
        await form(driven)
        await driven.press("end", "z", "enter")
        await driven.until(lambda: [one[: len(call)] for one in fake.documents.called(action)] == [call])


async def test_the_draft_s_difference_is_shown_and_the_draft_dropped(console: Open, fake: FakeConsole) -> None:
    from dataclasses import replace

    fake.statuses["lab"] = replace(fake.statuses["lab"], draft=True)
    fake.documents.draft(SAMPLE.replace("count: 2", "count: 4"))
    async with console() as driven:
        await driven.press("x")
        await driven.until(lambda: isinstance(driven.app.screen, TextScreen))
        view = driven.app.screen.query_one("#text", LineView)
        await driven.until(lambda: "workers: {count: 4, max: 5}" in text_of(view))
        await driven.press("escape")
        await back(driven)
        driven.main.action_act("drop-draft")
        await dialog(driven)
        await driven.press("y")
        await driven.until(lambda: fake.documents.called("discard") == [("discard", "lab")])


async def test_a_document_that_cannot_be_read_is_told(console: Open, fake: FakeConsole) -> None:
    fake.documents.failures["state"] = Trouble("the store is locked")
    async with console() as driven:
        await driven.press("e")
        await driven.until(lambda: driven.notice == "Edit the document: the store is locked")
        await driven.press("y")
        await driven.until(lambda: isinstance(driven.app.screen, TextScreen))
        view = driven.app.screen.query_one("#text", LineView)
        await driven.until(lambda: "the store is locked" in text_of(view))


# Without an app


def entry(form: DocumentForm, title: str) -> Entry:
    return next(one for one in form.entries if one.title == title)


def test_a_form_says_what_its_document_says() -> None:
    form = DocumentForm(SAMPLE)
    assert parse(form.text) == parse(SAMPLE)
    assert form.value(entry(form, "count")) == "2"
    assert form.value(entry(form, "version")) == "1.36"
    assert entry(form, "version").choices == ("1.35", "1.36", "1.37")


def test_another_kind_drops_the_fields_that_it_does_not_have() -> None:
    form = DocumentForm("environment: lab\nprovider: {kind: nspawn, cpus: 2}\n")
    form.turn(entry(form, "kind"), 2)
    assert "kind: simulated" in form.text
    assert "cpus" not in form.text


def test_data_is_typed_as_yaml_and_flags_as_words() -> None:
    form = DocumentForm(SAMPLE)
    form.set(entry(form, "dns"), "no")
    assert "dns: false" in form.text
    path = form.add(entry(form, "components"), "KubernetesPod")
    form.set(entry(form, "labels"), "{a: b}")
    assert "labels: {a: b}" in form.text
    form.set(entry(form, "labels"), "{a: ")
    assert "{a:" in form.text
    form.remove(path)
    assert "KubernetesPod" not in form.text


def test_an_empty_form_asks_for_what_is_needed() -> None:
    assert [one.title for one in DocumentForm("").shown(every=False)] == ["environment", "components"]
    assert len(DocumentForm("}{").entries) > 2


def test_lines_say_the_value_the_default_and_what_is_wrong() -> None:
    form = DocumentForm(SAMPLE)
    count = entry(form, "count")
    problems = problems_by_path([])
    assert problem_of(count, problems) == ""
    words = plain(entry_line(count, "9", "found 9", 100, UNICODE))
    assert words.startswith("✖")
    assert "9" in words
    assert "kube-#" in plain(entry_line(entry(form, "node_pattern"), "", "", 100, UNICODE))
    assert "needed" in plain(entry_line(entry(form, "environment"), "", "", 100, UNICODE))
    assert len(about_lines(count, "found 9", 80, UNICODE)) == 2
    assert "2 mistakes" in plain(form_heading("x", 2, True, UNICODE))
