"""What is done to live objects: questions, fields, refusals, editing, operations, the journal, forwards, the pulse."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.app import App

from core.engine.errors import Refusal, Trouble
from core.live.objects import Right
from core.live.operations import EditConflict, Finished, JournalEntry, Progress, Replaced, Result
from core.live.views import EtcdView, GatewayView, MemberView, ProxyView, PublicationView, ServerView, Usage, UsagePoint
from tests.tui.conftest import Open
from tests.tui.data import ALPHA, NOON
from tests.tui.driving import Driven, dialog, text_of
from tests.tui.fake_console import FakeConsole
from tests.tui.live_data import listings
from tests.tui.test_objects import command, open_objects
from tui.screens.ask import AskScreen
from tui.screens.conflict import ConflictScreen
from tui.screens.forwards import ForwardsScreen
from tui.screens.journal import JournalScreen
from tui.screens.main import MainScreen
from tui.screens.operations import OperationsScreen
from tui.screens.pulse import PulseScreen
from tui.screens.text import TextScreen
from tui.widgets.answer import Answer
from tui.widgets.line_view import LineView
from tui.widgets.table_lines import TableLines

KUBE_2 = ("lab", "alpha", "workers", "kube-2")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the console remembers is the test's own."""
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def fake(fake: FakeConsole) -> FakeConsole:
    """The lab with live objects."""
    fake.live.listings = listings()
    return fake


async def form(driven: Driven) -> str:
    """The words of the form that is open, once it is."""
    await driven.until(lambda: isinstance(driven.app.screen, AskScreen))
    screen = driven.app.screen
    await driven.until(lambda: screen.focused is not None)
    return "\n".join(text_of(view) for view in screen.query(LineView))


async def back(driven: Driven) -> None:
    await driven.until(lambda: isinstance(driven.app.screen, MainScreen))


def performed(fake: FakeConsole) -> list[tuple[object, ...]]:
    """What was done: action, the names of its objects, arguments."""
    return [(call[1], [one.name for one in call[2]], call[3]) for call in fake.live.called("perform")]  # type: ignore[attr-defined]


async def deployments(driven: Driven) -> None:
    await driven.select("lab", "alpha")
    await command(driven, "deployments")
    await driven.until(lambda: driven.main.query_one("#objects TableLines", TableLines).table.total == 2)
    await driven.press("end")


# Changing


@pytest.mark.parametrize(("key", "action"), [("+", "scale-up"), ("-", "scale-down")])
async def test_one_replica_more_or_less_is_done_at_once(
    console: Open, fake: FakeConsole, key: str, action: str
) -> None:
    fake.live.told = [Finished("web has 3 replicas", 1, 0)]
    async with console() as driven:
        await deployments(driven)
        await driven.press(key)
        await driven.until(lambda: performed(fake) == [(action, ["web"], {})])
        await driven.until(lambda: driven.notice.endswith("web has 3 replicas"))


async def test_a_number_of_replicas_is_asked_for_with_the_present_one(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await deployments(driven)
        await driven.press("=")
        words = await form(driven)
        assert "kubectl scale web" in words
        await driven.press("backspace", "5", "enter")
        await driven.until(lambda: performed(fake) == [("scale", ["web"], {"replicas": 5})])


async def test_a_field_that_lacks_something_says_so_and_nothing_is_done(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await deployments(driven)
        await driven.press("=")
        await form(driven)
        await driven.press("backspace", "enter")
        await driven.until(lambda: "this is needed" in text_of(driven.app.screen.query_one("#about", LineView)))
        await driven.press("escape")
        await back(driven)
        assert not performed(fake)


async def test_an_image_is_set_with_the_present_one_to_begin_with(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await deployments(driven)
        await driven.press("i")
        await form(driven)
        await driven.press("down", "end", *"-alpine", "enter")
        wanted = {"container": "site", "image": "nginx:1.29-alpine"}
        await driven.until(lambda: performed(fake) == [("set-image", ["web"], wanted)])


async def test_a_deletion_asks_with_the_focus_on_cancel(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha", "web")
        await driven.press("home", "delete")
        words = await form(driven)
        assert "▸ esc Cancel" in words
        assert "What runs in it ends." in words
        await driven.press("enter")
        await back(driven)
        assert not performed(fake)
        await driven.press("delete")
        await form(driven)
        await driven.press("tab", "enter")
        arguments = {"grace": None, "force": False, "propagation": "Background"}
        await driven.until(lambda: performed(fake) == [("delete", ["coredns-5d78c9869d-abcde"], arguments)])


async def test_flags_and_choices_turn_with_space(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("home", "delete")
        await form(driven)
        await driven.press("tab", "tab", "tab", "space", "down", "space", "enter")
        await driven.until(lambda: bool(performed(fake)))
        assert performed(fake)[0][2] == {"grace": None, "force": True, "propagation": "Foreground"}


async def test_to_delete_several_their_number_is_typed(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("home", "space", "space", "delete")
        words = await form(driven)
        assert "Delete: 2 pods" not in words
        assert "Type 2 to go on" in words
        await driven.press("tab", "tab", "3", "enter")
        await driven.until(
            lambda: "type 2 to say that you mean it" in text_of(driven.app.screen.query_one("#about", LineView))
        )
        await driven.press("backspace", "2", "enter")
        await driven.until(lambda: len(performed(fake)) == 1)
        assert performed(fake)[0][1] == ["coredns-5d78c9869d-abcde", "queue-7d9c5b-m4rtl"]


async def test_cordon_asks_and_what_is_cordoned_already_says_so(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha", "workers")
        await driven.press("home", "C")
        assert "Cordon" in await dialog(driven)
        await driven.press("y")
        await driven.until(lambda: performed(fake) == [("cordon", ["kube-2"], {})])
        await driven.press("down", "C")
        await driven.until(lambda: "kube-3 is cordoned already" in driven.notice)


async def test_a_drain_shows_what_it_tells_and_keeps_its_failures(console: Open, fake: FakeConsole) -> None:
    fake.live.told = [
        Progress("evicting web-1"),
        Progress("web-2 is held by its budget", "warning"),
        Finished("1 pod could not be moved", 0, 1),
    ]
    async with console() as driven:
        await driven.select(*KUBE_2)
        await driven.press("X")
        assert "▸ esc Cancel" in await form(driven)
        await driven.press("tab", "enter")
        await driven.until(lambda: isinstance(driven.app.screen, OperationsScreen))
        view = driven.app.screen.query_one(LineView)
        await driven.until(lambda: "✖ 1 pod could not be moved" in text_of(view))
        assert "▲ web-2 is held by its budget" in text_of(view)
        await driven.press("escape")
        await back(driven)
        assert "✖" in text_of(driven.main.query_one("#notice", LineView))
        await driven.press("f7")
        await driven.until(lambda: isinstance(driven.app.screen, OperationsScreen))


async def test_a_refusal_or_a_defect_is_the_operation_s_end(console: Open, fake: FakeConsole) -> None:
    fake.live.failures["perform"] = Refusal("forbidden", where="lab/alpha")
    async with console() as driven:
        await deployments(driven)
        await driven.press("+")
        await driven.until(lambda: driven.notice == "One replica more: Deployment default/web: lab/alpha: forbidden")
        assert driven.main.operations.all[0].state == "failed"


# What is not allowed


async def test_a_right_that_is_lacking_is_said_before_anything_is_asked(console: Open, fake: FakeConsole) -> None:
    right = Right("delete", "pods", "", "", "default")
    fake.live.answers = {(ALPHA, right): "you may not delete pods in default"}
    async with console() as driven:
        await open_objects(driven, "lab", "alpha", "web", "web-6c9f7d4b5-k8wzn")
        await driven.until(lambda: "(del) Delete" in driven.keys or "del Delete" not in driven.keys)
        await driven.press("delete")
        await driven.until(lambda: "you may not delete pods in default" in driven.notice)
        assert isinstance(driven.app.screen, MainScreen)


async def test_read_only_has_a_badge_and_refuses_every_change(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await deployments(driven)
        await driven.press("ctrl+r")
        await driven.until(lambda: "READ-ONLY" in text_of(driven.main.query_one("#header", LineView)))
        assert "lab" in fake.live.read_only_list
        await driven.press("+")
        await driven.until(lambda: "environment lab is read-only: switch that off first" in driven.notice)
        await driven.press("ctrl+r")
        await driven.until(lambda: "READ-ONLY" not in text_of(driven.main.query_one("#header", LineView)))
        assert not performed(fake)


async def test_read_only_is_known_from_the_beginning(console: Open, fake: FakeConsole) -> None:
    fake.live.read_only_list = {"lab"}
    async with console() as driven:
        await driven.until(lambda: "READ-ONLY" in text_of(driven.main.query_one("#header", LineView)))
        await driven.press("D")
        await driven.until(lambda: "read-only" in driven.notice)


# Editing


def editor(monkeypatch: pytest.MonkeyPatch, *texts: str | None) -> list[str]:
    """An editor that saves these texts one after the other, None as it was; returns what it was given."""
    coming, seen = list(texts), list[str]()

    async def program(app: App[None], command: Sequence[str]) -> int:
        path = Path(command[-1])
        seen.append(path.read_text())
        text = coming.pop(0)
        if text is not None:
            path.write_text(text)
        return 0

    monkeypatch.setattr("tui.terminal.run_program", program)
    return seen


async def test_an_object_is_edited_and_put_back(
    console: Open, fake: FakeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = editor(monkeypatch, "replicas: 3\n")
    fake.live.texts["yaml"] = "replicas: 2\n"
    fake.live.edits = Replaced("replicas: 3\n")
    async with console() as driven:
        await deployments(driven)
        await driven.press("e")
        await driven.until(lambda: driven.notice == "Deployment default/web: changed")
        assert fake.live.called("replace")[0][2:] == ("replicas: 2\n", "replicas: 3\n")
        assert seen[0].startswith("# gondolier: Deployment default/web of lab/alpha")


async def test_what_the_server_refuses_is_told_in_the_editor(
    console: Open, fake: FakeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = editor(monkeypatch, "replicas: many\n", None)
    fake.live.texts["yaml"] = "replicas: 2\n"
    fake.live.failures["replace"] = Refusal("replicas must be a number")
    async with console() as driven:
        await deployments(driven)
        await driven.press("e")
        await driven.until(lambda: "nothing was changed" in driven.notice)
        assert "# gondolier: replicas must be a number" in seen[1]
        assert seen[1].endswith("replicas: many\n")


@pytest.mark.parametrize(("key", "last"), [("m", "merged\n"), ("e", "mine again\n"), ("escape", "mine\n")])
async def test_a_change_in_between_shows_both_sides(
    console: Open, fake: FakeConsole, monkeypatch: pytest.MonkeyPatch, key: str, last: str
) -> None:
    editor(monkeypatch, "mine\n", "mine again\n" if key == "e" else None)
    fake.live.texts["yaml"] = "base\n"
    fake.live.edits = EditConflict("base\n", "mine\n", "theirs\n", "merged\n", "ada changed it meanwhile")
    async with console() as driven:
        await deployments(driven)
        await driven.press("e")
        await driven.until(lambda: isinstance(driven.app.screen, ConflictScreen))
        words = text_of(driven.app.screen.query_one("#sides", LineView))
        assert "ada changed it meanwhile" in words
        assert "+theirs" in words
        assert "+mine" in words
        fake.live.edits = Replaced(last)
        await driven.press(key)
        await back(driven)
        await driven.until(lambda: fake.live.called("replace")[-1][-1] == last)


# Journal, forwards, pulse, insides


def entry(number: int, action: str, subject: str, result: Result, **words: str) -> JournalEntry:
    """What ada did a minute after the other."""
    began = NOON + 60 * number
    text, error, done = (words.get(name, "") for name in ("text", "error", "command"))
    return JournalEntry(number, began, began + 3, "ada", action, "lab", "alpha", subject, result, text, error, done)


async def test_the_journal_lists_filters_opens_copies_and_saves(console: Open, fake: FakeConsole) -> None:
    fake.live.entries = [
        entry(2, "drain", "Node kube-2", "failed", error="budget\nfull text", command="kubectl drain kube-2"),
        entry(1, "scale", "Deployment web", "succeeded", text="3 replicas"),
    ]
    async with console() as driven:
        await driven.press("J")
        await driven.until(lambda: isinstance(driven.app.screen, JournalScreen))
        lines = driven.app.screen.query_one(TableLines)
        await driven.until(lambda: "drain" in text_of(lines))
        assert text_of(lines).splitlines()[0].lstrip().startswith("✖")
        await driven.press("c")
        await driven.until(lambda: driven.app.clipboard == "kubectl drain kube-2")
        await driven.press("enter")
        await driven.until(lambda: isinstance(driven.app.screen, TextScreen))
        text = driven.app.screen.query_one("#text", LineView)
        await driven.until(lambda: "full text" in text_of(text))
        await driven.press("escape", "slash", *"scale", "enter")
        await driven.until(lambda: fake.live.called("journal")[-1][1].text == "scale")  # type: ignore[attr-defined]
        await driven.press("S", "escape", "escape")
        await back(driven)


async def test_a_port_forward_is_begun_listed_and_stopped(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha", "web")
        await driven.press("home", "F")
        await form(driven)
        await driven.press(*"80", "enter")
        await driven.until(lambda: "http://127.0.0.1:40001 leads to coredns" in driven.notice)
        await command(driven, "forwards")
        await driven.until(lambda: isinstance(driven.app.screen, ForwardsScreen))
        lines = driven.app.screen.query_one(TableLines)
        await driven.until(lambda: "127.0.0.1:40001" in text_of(lines))
        await driven.press("c", "K")
        await driven.until(lambda: fake.live.called("stop_forward") == [("stop_forward", 1)])
        await driven.until(lambda: "none:" in text_of(lines))
        assert driven.app.clipboard == "http://127.0.0.1:40001"
        await driven.press("escape", "escape")
        await back(driven)


async def test_the_pulse_counts_everything(console: Open, fake: FakeConsole) -> None:
    points = (UsagePoint(NOON, 0.5, 1024**3),)
    fake.live.views["usage"] = Usage(True, nodes={"kube-2": points, "kube-3": points})
    async with console() as driven:
        await driven.select("lab", "alpha")
        await driven.press("3")
        await driven.until(lambda: bool(driven.main.shared.usages))
        await driven.press("f6")
        await driven.until(lambda: isinstance(driven.app.screen, PulseScreen))
        view = driven.app.screen.query_one("#pulse", LineView)
        await driven.until(lambda: "✖ 1" in text_of(view) and "BackOff, restarting" in text_of(view))
        words = text_of(view)
        assert "5/5 nodes" in words
        assert "1.0" in words
        assert "queue: Available, queue-0 restarts: OOMKilled" in words
        await driven.press("escape")
        await back(driven)


GATEWAY = GatewayView(
    "gateway-1", "3.0.11", 7200, 12, 4000, 3,
    (ProxyView("web-site-80", "0.0.0.0:80", "default/web-site", "OPEN", 4, 9, 4000, 120, 2, 7, 2048, 10_000_000,
               (ServerView("web-1", "10.1.2.3:80", "UP", "L4OK", 4, 120, 2048, 4096, 90),)),),
    (PublicationView("default/web-site", 80, "TCP", 80, "served"),),
    "web-site added", NOON - 60, False, "", NOON,
)  # fmt: skip

ETCD = EtcdView(
    (MemberView("a", "kube-1", "https://10.7.0.11:2379", False, True, "3.6.14", 2**24, 2**23, 812, 3, 0.002),),
    ("NOSPACE on kube-1",), 1, 0, NOON,
)  # fmt: skip


async def test_what_is_inside_a_gateway_is_read_from_it(console: Open, fake: FakeConsole) -> None:
    fake.live.views["gateway"] = GATEWAY
    async with console() as driven:
        await driven.select("lab", "alpha", "gateways", "gateway-1")
        await driven.press("v")
        await driven.until(lambda: isinstance(driven.app.screen, TextScreen))
        view = driven.app.screen.query_one("#text", LineView)
        await driven.until(lambda: "web-site added" in text_of(view))
        words = text_of(view)
        assert "UP L4OK" in words
        assert "the last good configuration stays" in words
        assert "default/web-site" in words


async def test_what_is_inside_etcd_is_read_from_it(console: Open, fake: FakeConsole) -> None:
    fake.live.views["etcd"] = ETCD
    async with console() as driven:
        await driven.select("lab", "alpha")
        await driven.press("v")
        await driven.until(lambda: isinstance(driven.app.screen, TextScreen))
        view = driven.app.screen.query_one("#text", LineView)
        await driven.until(lambda: "NOSPACE on kube-1" in text_of(view))
        assert "leader" in text_of(view)
        assert "2 ms" in text_of(view)


# The terminal


async def test_ssh_runs_the_command_that_the_core_gives(
    console: Open, fake: FakeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Sequence[str]] = []

    async def program(app: App[None], command: Sequence[str]) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr("tui.screens.showing.run_program", program)
    async with console() as driven:
        await driven.select(*KUBE_2)
        await driven.press("s")
        await driven.until(lambda: ran == [["ssh", "kube-2"]])
        await driven.until(lambda: driven.notice == "SSH to kube-2 ended with 0")


async def test_a_console_without_a_terminal_says_how_to_do_it_elsewhere(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select(*KUBE_2)
        await driven.press("s")
        await driven.until(lambda: "run it yourself: ssh kube-2" in driven.notice)
        await driven.select("lab", "alpha", "web", "web-6c9f7d4b5-k8wzn")
        await driven.press("s")
        await driven.until(lambda: "there is no terminal to give away here" in driven.notice)


async def test_clusters_that_cannot_be_asked_for_are_told(console: Open, fake: FakeConsole) -> None:
    async def broken() -> list[object]:
        raise Trouble("the store is locked")

    fake.live.clusters = broken  # type: ignore[method-assign,assignment]
    async with console() as driven:
        await driven.until(lambda: driven.notice == "the clusters: the store is locked")
        assert not driven.app.screen.query(Answer)
