"""Every action there is: offered on its subjects, asked as it should be, handed to the façade, refused with a reason.

The table is in `action_cases`; an action that is added without a row there fails here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest

from core.actions import Action, Subject
from core.actions.registry import always
from core.live.logs import LogQuery
from core.live.objects import ClusterRef, Target
from core.live.tables import TableQuery
from tests.tui.action_cases import CASES, Call, Case
from tests.tui.action_places import PLACES, Change, Place, furnish
from tests.tui.conftest import Open
from tests.tui.driving import Driven, text_of
from tests.tui.fake_console import FakeConsole
from tests.tui.test_live_acting import ETCD, editor
from tests.tui.test_objects import tab
from tui.screens.ask import AskScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.help import HelpScreen
from tui.screens.main import MainScreen
from tui.verbs import EVERY, offer_of
from tui.widgets.line_view import LineView

WIDE = (600, 24)
"""So wide that the key line has room for every key."""

ACTIONS = {action.id: action for action in EVERY}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the console remembers is the test's own."""
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def fake(fake: FakeConsole) -> FakeConsole:
    """The lab with everything that an action may be asked of."""
    furnish(fake)
    fake.live.texts["yaml"] = "replicas: 2\n"
    fake.live.views["etcd"] = ETCD
    return fake


async def go(driven: Driven, place: Place) -> None:
    """Select it: the cursor is on the line, or on the row of its table, which has the focus then."""
    await driven.select(*place.line)
    if not place.resource:
        return
    await driven.main.commands.run(place.resource)
    await driven.until(lambda: driven.main.pane.tab == "objects" and bool(tab(driven).lines.table.total))
    lines = tab(driven).lines
    await driven.until(lambda: lines.has_focus)
    if place.several:
        await driven.press("home", "space", "space")
        await driven.until(lambda: len(lines.chosen) == 2)
        return
    lines.select(place.key)
    await driven.until(lambda: lines.selected is not None and lines.selected.key == place.key)
    await driven.pilot.pause()


async def ask(driven: Driven, action: Action) -> None:
    """Press its key, or find it in the palette where it has none."""
    if action.key is not None:
        await driven.press(action.key)
        return
    await driven.press("ctrl+p", *action.title.lower())
    palette = driven.app.screen
    await driven.until(lambda: bool(palette.query_one("CommandList").option_count))  # type: ignore[attr-defined]
    await driven.press("enter")


def plain(part: object) -> object:
    """An argument of a call as the table of cases writes it."""
    match part:
        case Target() | ClusterRef() | Path():
            return str(part)
        case TableQuery():
            return part.resource
        case LogQuery():
            named = (*part.clusters, *part.targets, part.labels, "previous" if part.previous else "")
            return tuple(str(one) for one in named if one)
        case tuple():
            return tuple(plain(one) for one in part)
    return part


def reached(fake: FakeConsole) -> list[Call]:
    """Every call of the façade so far."""
    calls: Sequence[Sequence[Call]] = (fake.calls, fake.documents.calls, fake.runs.calls, fake.live.calls)
    return [tuple(plain(part) for part in call) for some in calls for call in some]


def count(fake: FakeConsole, case: Case) -> int:
    """How often the façade was asked what the case says."""
    return reached(fake).count(case.reaches)


def hint(action: Action) -> str:
    """How the key line shows the key of what is not possible."""
    key = "del" if action.key == "delete" else action.key
    return f"({key}) {action.title.partition(':')[0]}"


def refusable(action: Action) -> bool:
    """Whether there is anything that could make it impossible."""
    one_at_a_time = "object" in action.subjects or not action.kinds
    live = one_at_a_time and "environment" not in action.subjects and not action.bulk
    return action.danger != "none" or action.guard is not always or bool(action.needs) or live


def test_every_action_has_a_case_and_every_subject_a_place() -> None:
    assert [case.action for case in CASES] == list(ACTIONS)
    assert {subject for action in EVERY for subject in action.subjects} == set(PLACES)
    assert [case.action for case in CASES if (case.refused is not None) != refusable(ACTIONS[case.action])] == [
        "inside"
    ]


async def test_every_action_is_offered_on_each_of_its_subjects(console: Open) -> None:
    async with console(WIDE) as driven:
        for subject, place in PLACES.items():
            await go(driven, place)
            assert lacking(driven, subject) == [], place


def lacking(driven: Driven, subject: Subject) -> list[str]:
    """The actions on this subject that the selection does not offer."""
    return [one.id for one in EVERY if subject in one.subjects and offer_of(driven.main.offers, one.id) is None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.action)
async def test_an_action_asks_what_it_should_and_reaches_its_target(
    console: Open, fake: FakeConsole, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    editor(monkeypatch, "replicas: 3\n")
    case.before(fake)
    action = ACTIONS[case.action]
    async with console() as driven:
        await go(driven, case.place)
        offer = offer_of(driven.main.offers, case.action)
        assert offer is not None
        assert offer.refusal is None
        before = count(fake, case)
        await ask(driven, action)
        await driven.until(lambda: type(driven.app.screen) is case.opens)
        if case.opens in (AskScreen, ConfirmScreen):
            await driven.until(lambda: driven.app.screen.focused is not None)
            assert count(fake, case) == before, "nothing is done before it is answered"
        await driven.press(*case.answer)
        await driven.until(lambda: count(fake, case) > before)


def _group(case: Case) -> tuple[str, str]:
    assert case.refused is not None
    return str(case.refused.place), case.refused.before.__name__


_REFUSED = sorted((case for case in CASES if case.refused is not None), key=_group)
_GROUPS = [list(cases) for _, cases in groupby(_REFUSED, _group)]
"""Cases that are refused at the same place after the same change, for one console."""


@pytest.mark.parametrize("cases", _GROUPS, ids=lambda cases: "+".join(case.action for case in cases))
async def test_an_action_that_is_not_possible_is_dim_and_says_why(
    console: Open, fake: FakeConsole, cases: Sequence[Case]
) -> None:
    first = cases[0].refused
    assert first is not None
    before: Change = first.before
    before(fake)
    async with console(WIDE) as driven:
        await go(driven, first.place)
        for case in cases:
            assert case.refused is not None
            done = count(fake, case)
            await refused(driven, ACTIONS[case.action], case.refused.words)
            assert count(fake, case) == done


async def refused(driven: Driven, action: Action, words: str) -> None:
    """Its key is dim and says the reason; what has no key is in the help with its reason, and not in the palette."""
    if action.key is None:
        await driven.press("question_mark")
        await driven.until(lambda: isinstance(driven.app.screen, HelpScreen))
        told = " ".join(text_of(driven.app.screen.query_one(LineView)).split())
        _, found, reason = told.partition(f"(ctrl+p) {action.title}: not now, ")
        assert found
        assert words in reason.partition(" (ctrl+p) ")[0]
        await driven.press("escape")
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))
        return
    await driven.until(lambda: hint(action) in driven.keys)
    await driven.press(action.key)
    await driven.until(lambda: driven.notice.startswith(f"{action.title}: ") and words in driven.notice)
    assert isinstance(driven.app.screen, MainScreen)
