"""Live objects in the console: tables, filters, marks, commands, what is opened from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.errors import Unreachable
from core.live.objects import ClusterRef, Kind, Target
from core.live.tables import SourceState, TableChanged, TableQuery
from core.live.views import Usage, UsagePoint
from tests.tui.conftest import Open
from tests.tui.data import ALPHA, NOON
from tests.tui.driving import Driven, text_of
from tests.tui.fake_console import FakeConsole
from tests.tui.live_data import deployment, listing, listings, pod
from tui.screens.choose import ChooseScreen
from tui.screens.main import MainScreen
from tui.screens.text import TextScreen
from tui.widgets.line_view import LineView
from tui.widgets.objects_tab import ObjectsTab
from tui.widgets.prompt_line import PromptLine


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the console remembers is the test's own."""
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def fake(fake: FakeConsole) -> FakeConsole:
    """The lab with live objects."""
    fake.live.listings = listings()
    fake.live.kind_list = [one.shape.kind for one in fake.live.listings.values()]
    return fake


def tab(driven: Driven) -> ObjectsTab:
    content = driven.main.pane.content
    assert isinstance(content, ObjectsTab)
    return content


def names(driven: Driven) -> list[str]:
    table = tab(driven).lines.table
    return [table[at].name for at in range(len(table))]


def selected(driven: Driven) -> str:
    row = tab(driven).lines.selected
    return row.name if row is not None else ""


def asked(fake: FakeConsole) -> TableQuery:
    query = fake.live.called("listing")[-1][1]
    assert isinstance(query, TableQuery)
    return query


async def open_objects(driven: Driven, *line: str) -> None:
    await driven.select(*line)
    await driven.press("3", "tab")
    await driven.until(lambda: bool(tab(driven).lines.table.total))
    await driven.until(lambda: tab(driven).lines.has_focus)


async def command(driven: Driven, text: str) -> None:
    await driven.press("colon", *text, "enter")
    await driven.until(lambda: not driven.main.query(PromptLine))


# What a line of the tree shows


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (("lab",), TableQuery((ALPHA,), "pods")),
        (("lab", "alpha"), TableQuery((ALPHA,), "pods")),
        (("lab", "alpha", "workers"), TableQuery((ALPHA,), "nodes")),
        (("lab", "alpha", "workers", "kube-2"), TableQuery((ALPHA,), "pods", fields="spec.nodeName=kube-2")),
        (("lab", "alpha", "web"), TableQuery((ALPHA,), "pods", ("default",), "id=web")),
    ],
)
async def test_a_line_of_the_tree_shows_what_it_has(
    console: Open, fake: FakeConsole, line: tuple[str, ...], wanted: TableQuery
) -> None:
    async with console() as driven:
        await open_objects(driven, *line)
        assert asked(fake) == wanted


async def test_the_table_says_the_state_of_each_pod(console: Open) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        assert "◆" not in driven.content
        row = next(line for line in driven.content.splitlines() if "queue-7d9c5b" in line)
        assert "✖" in row
        assert "CrashLoopBackOff" in row
        assert "RESTARTS" in driven.content


async def test_a_replica_has_the_cursor_in_its_pods_table(console: Open) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha", "web", "web-6c9f7d4b5-k8wzn")
        await driven.until(lambda: selected(driven) == "web-6c9f7d4b5-k8wzn")


async def test_the_cursor_stays_on_its_pod_while_others_come_and_go(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        tab(driven).lines.select(f"{ALPHA} default/queue-7d9c5b-m4rtl")
        table = fake.live.listings["pods"]
        table.coming.put_nowait(TableChanged((pod("a-first"),), (f"{ALPHA} kube-system/coredns-5d78c9869d-abcde",)))
        await driven.until(lambda: names(driven)[0] == "a-first")
        assert selected(driven) == "queue-7d9c5b-m4rtl"


async def test_a_lost_cluster_says_since_when_and_why_and_its_rows_stay(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        table = fake.live.listings["pods"]
        table.sources[0] = SourceState(ALPHA, "", True, NOON - 65, "no route to host", NOON + 4)
        table.coming.put_nowait(TableChanged(sources=True))
        await driven.until(lambda: "◌ lab/alpha stale 1 min, again in 4 s: no route to host" in driven.content)
        assert len(names(driven)) == 4
        await driven.press("f5")
        await driven.until(lambda: table.retried == 1)


async def test_a_table_that_cannot_be_had_says_why(console: Open, fake: FakeConsole) -> None:
    fake.live.failures["listing"] = Unreachable("refused", where="lab/alpha")
    async with console() as driven:
        await driven.select("lab", "alpha")
        await driven.press("3")
        await driven.until(lambda: "✖ lab/alpha: refused" in driven.content)


async def test_the_events_of_a_machine_are_asked_for_by_its_name(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha", "workers", "kube-2")
        await driven.press("5")
        await driven.until(lambda: "BackOff" in driven.content)
        assert asked(fake).fields == "involvedObject.name=kube-2"


# Filter, marks, columns


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("web", 2),
        ("!web", 2),
        ("^web-.*x2", 1),
        ("-l id=queue", 1),
        ("-f wbk8", 1),
        ("CrashLoop", 1),
    ],
)
async def test_a_filter_narrows_as_it_is_typed(console: Open, typed: str, wanted: int) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("slash", *typed)
        await driven.until(lambda: len(names(driven)) == wanted)
        await driven.press("enter")
        assert f"{wanted} of 4" in driven.content
        await driven.press("escape")
        await driven.until(lambda: len(names(driven)) == 4)


async def test_only_what_is_wrong_other_columns_and_another_order(console: Open) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("exclamation_mark")
        await driven.until(lambda: names(driven) == ["queue-7d9c5b-m4rtl"])
        await driven.press("exclamation_mark", "z", "w")
        await driven.until(lambda: "IMAGES" in driven.content)
        await driven.press("greater_than_sign", "I")
        await driven.until(lambda: "NAMESPACE↓" in driven.content)
        assert names(driven)[0].startswith("coredns")


async def test_columns_are_chosen_from_a_list(console: Open) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("comma")
        await driven.until(lambda: isinstance(driven.app.screen, ChooseScreen))
        await driven.press("space", "enter")
        await driven.until(lambda: "NAMESPACE" not in driven.content)


async def test_marks_are_counted_and_escape_takes_them_away(console: Open) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("space", "down", "M")
        await driven.until(lambda: "3 marked" in driven.content)
        await driven.press("asterisk")
        await driven.until(lambda: "4 marked" in driven.content)
        await driven.press("escape")
        await driven.until(lambda: "marked" not in driven.content)


async def test_names_are_copied_and_the_table_is_saved(console: Open) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("home", "c")
        await driven.until(lambda: driven.notice == "copied: coredns-5d78c9869d-abcde")
        assert driven.app.clipboard == "coredns-5d78c9869d-abcde"
        await driven.press("S")
        await driven.until(lambda: driven.notice.startswith("saved: "))
        lines = Path(driven.notice.removeprefix("saved: ")).read_text().splitlines()
        assert lines[0].startswith("NAME\tNAMESPACE")
        assert len(lines) == 5


async def test_other_namespaces_are_chosen_from_a_list(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("N")
        await driven.until(lambda: isinstance(driven.app.screen, ChooseScreen))
        await driven.press("down", "space", "enter")
        await driven.until(lambda: asked(fake).namespaces == ("default",))


# Going further and back


async def test_enter_goes_into_a_deployment_and_escape_comes_back(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await command(driven, "deployments")
        await driven.until(lambda: names(driven) == ["queue", "web"])
        await driven.press("down", "enter")
        await driven.until(lambda: asked(fake) == TableQuery((ALPHA,), "pods", ("default",), "id=web"))
        await driven.press("escape")
        await driven.until(lambda: asked(fake).resource == "deployments")
        await driven.press("escape")
        await driven.until(lambda: asked(fake) == TableQuery((ALPHA,), "pods"))
        await driven.press("escape")
        await driven.until(lambda: driven.main.environments.has_focus)


async def test_enter_on_a_pod_reads_its_logs(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("end", "enter")
        await driven.until(lambda: bool(fake.live.called("logs")))
        await driven.press("escape")
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))


async def test_another_line_of_the_tree_shows_its_own_objects(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await command(driven, "deployments")
        await driven.until(lambda: asked(fake).resource == "deployments")
        await driven.select("lab", "alpha", "workers")
        await driven.until(lambda: asked(fake).resource == "nodes")


# Commands


async def test_a_command_names_kind_namespaces_labels_cluster_and_filter(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await command(driven, "pods kube-system,default id=web @lab /core")
        await driven.until(lambda: bool(fake.live.called("listing")))
        assert asked(fake) == TableQuery((ALPHA,), "pods", ("kube-system", "default"), "id=web")
        await driven.until(lambda: names(driven) == ["coredns-5d78c9869d-abcde"])


async def test_the_tables_of_all_clusters_have_a_cluster_column(console: Open, fake: FakeConsole) -> None:
    other = ClusterRef("shop-prod", "store")
    fake.live.cluster_list.append(other)
    fake.live.listings["pods"] = listing("Pod", [pod("one"), pod("two", cluster=other)])
    async with console() as driven:
        await driven.until(lambda: len(driven.main.shared.clusters) == 2)
        await command(driven, "pods @all")
        await driven.until(lambda: "shop-prod/store" in driven.content)
        assert asked(fake).clusters == (ALPHA, other)
        assert "2 clusters" in driven.content


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pods @nowhere", "there is no cluster nowhere; there are lab/alpha"),
        ("env nowhere", "there is no environment nowhere; there are lab, shop-prod, shop-test"),
        ("ctx", "which cluster? There are: lab/alpha"),
        ("theme pink", "there is no theme pink"),
    ],
)
async def test_a_command_that_means_nothing_says_why(console: Open, text: str, said: str) -> None:
    async with console() as driven:
        await command(driven, text)
        await driven.until(lambda: said in driven.notice)


async def test_commands_go_to_environments_and_clusters(console: Open) -> None:
    async with console() as driven:
        await command(driven, "env shop-t")
        await driven.until(lambda: driven.stands_on(("shop-test",)))
        await command(driven, "ctx alpha")
        await driven.until(lambda: driven.stands_on(("lab", "alpha")))


async def test_a_command_is_completed_and_remembered(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await driven.select("lab", "alpha")
        await driven.press("colon")
        await driven.until(lambda: bool(driven.main.shared.kinds))
        await driven.press(*"dep")
        line = driven.main.query_one(PromptLine)
        await driven.until(lambda: line._suggestion == "deploy")
        await driven.press("tab", "enter")
        await driven.until(lambda: asked(fake).resource == "deploy" if fake.live.called("listing") else False)
        await driven.press("colon", "up")
        assert driven.main.query_one(PromptLine).value == "deploy"
        await driven.press("escape")


async def test_a_view_is_kept_and_opened_again(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha", "web")
        await driven.press("B")
        await driven.until(lambda: driven.notice.startswith("kept: :pods default id=web @lab/alpha"))
        await driven.press("escape", "escape")
        await driven.select("shop-test")
        await driven.press("b")
        await driven.until(lambda: isinstance(driven.app.screen, ChooseScreen))
        before = len(fake.live.called("listing"))
        await driven.press("enter")
        await driven.until(lambda: len(fake.live.called("listing")) > before)
        assert asked(fake) == TableQuery((ALPHA,), "pods", ("default",), "id=web")


# Measures


async def test_cpu_and_memory_are_shown_with_their_course(console: Open, fake: FakeConsole) -> None:
    points = tuple(UsagePoint(NOON + at, 0.1 * at, 1024**2 * at) for at in range(1, 6))
    fake.live.views["usage"] = Usage(True, pods={"default/web-6c9f7d4b5-x2kqp": points})
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("z")
        await driven.until(lambda: "▂▄▅▇█  500m" in driven.content)
        assert "5Mi" in driven.content


# What is read


@pytest.mark.parametrize(("key", "call", "toned"), [("d", "describe", "Name:"), ("y", "yaml", "kind: Pod")])
async def test_objects_are_described_and_shown_as_yaml(
    console: Open, fake: FakeConsole, key: str, call: str, toned: str
) -> None:
    fake.live.texts[call] = f"{toned}\nsecond"
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press(key)
        await driven.until(lambda: isinstance(driven.app.screen, TextScreen))
        view = driven.app.screen.query_one("#text", LineView)
        await driven.until(lambda: text_of(view) == f"{toned}\nsecond")
        await driven.press("slash", *"sec", "enter", "n", "w", "c", "S", "escape", "r", "escape")
        await driven.until(lambda: isinstance(driven.app.screen, MainScreen))
        assert driven.app.clipboard == f"{toned}\nsecond"
        assert len(fake.live.called(call)) == 2


async def test_an_owner_is_jumped_to_and_of_several_users_one_is_chosen(console: Open, fake: FakeConsole) -> None:
    web = Target(ALPHA, Kind("Deployment", "deployments", "apps/v1"), "web", "default")
    fake.live.related = [web]
    fake.live.listings["deployments.apps"] = listing("Deployment", [deployment("queue"), deployment("web")])
    async with console() as driven:
        await open_objects(driven, "lab", "alpha")
        await driven.press("O")
        await driven.until(lambda: asked(fake).resource == "deployments.apps")
        await driven.until(lambda: names(driven) == ["queue", "web"] and selected(driven) == "web")
        fake.live.related = [replace(web, name="queue"), web]
        await driven.press("u")
        await driven.until(lambda: isinstance(driven.app.screen, ChooseScreen))
        assert "Deployment default/queue" in text_of(driven.app.screen.query_one(LineView))
        await driven.press("escape")
        fake.live.related = []
        await driven.press("u")
        await driven.until(lambda: "nothing uses web" in driven.notice)


async def test_the_node_of_a_pod_is_jumped_to(console: Open, fake: FakeConsole) -> None:
    async with console() as driven:
        await open_objects(driven, "lab", "alpha", "web", "web-6c9f7d4b5-k8wzn")
        await driven.press("o")
        await driven.until(lambda: asked(fake).resource == "nodes")


async def test_the_yaml_of_a_machine_is_in_its_tab(console: Open, fake: FakeConsole) -> None:
    fake.live.texts["yaml"] = "kind: Node\n"
    async with console() as driven:
        await driven.select("lab", "alpha", "workers", "kube-2")
        await driven.press("6")
        await driven.until(lambda: "kind: Node" in driven.content)
        await driven.select("lab")
        await driven.until(lambda: "YAML: select a machine or a replica" in driven.content)
