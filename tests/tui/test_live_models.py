"""Live objects without an app: commands, completion, views, forms, rollups."""

from __future__ import annotations

import pytest

from core.actions import Ask
from core.live.objects import ClusterRef
from core.live.tables import TableQuery
from tests.tui.data import ALPHA, lab
from tests.tui.live_data import deployment, node, pod
from tui.verbs import Allowed, offers_on
from tui.view_models.command import Command, CommandError, Known, completion, parse_command
from tui.view_models.form import Field, field_of, name_field, values
from tui.view_models.glyphs import ASCII, UNICODE
from tui.view_models.live_table import cpu_text, memory_text, sparkline
from tui.view_models.object_view import ObjectView, inside_of, selected_labels
from tui.view_models.sides import difference

STORE = ClusterRef("shop-prod", "store")
CLUSTERS = (ALPHA, STORE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("pods", Command("pods")),
        (":po kube-system", Command("po", namespaces=("kube-system",))),
        ("svc a,b /web", Command("svc", namespaces=("a", "b"), filter="web")),
        ("pods -A", Command("pods", namespaces=())),
        ("pods -n kube-system -l app=web", Command("pods", namespaces=("kube-system",), labels="app=web")),
        ("pods all app=web,tier!=db", Command("pods", namespaces=(), labels="app=web,tier!=db")),
        ("pods @store", Command("pods", clusters=(STORE,))),
        ("pods @lab/alpha,shop-prod", Command("pods", clusters=(ALPHA, STORE))),
        ("pods @all /a b", Command("pods", clusters=CLUSTERS, filter="a b")),
        ("q", Command("quit")),
        ("env lab", Command("env", ("lab",))),
        ("deployments.apps", Command("deployments.apps")),
    ],
)
def test_commands_are_understood(text: str, wanted: Command) -> None:
    assert parse_command(text, CLUSTERS) == wanted


@pytest.mark.parametrize("text", ["", ":", "pods @nowhere"])
def test_commands_that_mean_nothing_say_why(text: str) -> None:
    with pytest.raises(CommandError):
        parse_command(text, CLUSTERS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("dep", "deploy"),
        ("pu", "pulse"),
        ("pods kub", "pods kube-system"),
        ("pods default,k", "pods default,kube-system"),
        ("pods @l", "pods @lab/alpha"),
        ("ctx sho", "ctx shop-prod/store"),
        ("env la", "env lab"),
        ("theme lag", "theme lagoon"),
        ("pods ", None),
        ("xyz", None),
    ],
)
def test_a_beginning_is_completed(text: str, wanted: str | None) -> None:
    known = Known(("pods", "po", "deployments", "deploy"), ("default", "kube-system"), CLUSTERS, ("lab",), ("lagoon",))
    assert completion(text, known) == wanted


def test_a_view_is_kept_as_the_command_that_shows_it() -> None:
    view = ObjectView(TableQuery((ALPHA, STORE), "pods", ("a", "b"), "x=y"), filter="web")
    assert view.command == "pods a,b x=y /web @lab/alpha,shop-prod/store"


def test_the_command_of_a_view_means_the_view() -> None:
    view = ObjectView(TableQuery((ALPHA,), "pods", ("a",), "x=y"))
    command = parse_command(view.command, CLUSTERS)
    assert (command.verb, command.namespaces, command.labels, command.clusters) == ("pods", ("a",), "x=y", (ALPHA,))


def test_what_is_inside_an_object() -> None:
    inside = inside_of(deployment("web"))
    assert inside is not None
    assert inside.query == TableQuery((ALPHA,), "pods", ("default",), "id=web")
    inside = inside_of(node("kube-2"))
    assert inside is not None
    assert inside.query.fields == "spec.nodeName=kube-2"
    assert inside_of(pod("web-1")) is None
    assert selected_labels(None) == {}


def test_offers_on_several_objects_say_what_is_only_for_one() -> None:
    targets = [pod(name).target for name in ("a", "b")]
    offered = {offer.action.id: offer for offer in offers_on(targets, lab(), Allowed())}
    assert offered["delete"].refusal is None
    assert offered["shell"].refusal == "Shell: one at a time, 2 are marked"
    assert offered["delete"].target == "2 pods"
    closed = offers_on(targets, lab(), Allowed(read_only=frozenset({"lab"})))
    assert all(offer.refusal for offer in closed if offer.action.danger != "none")


# Forms


def test_fields_say_what_is_wrong_and_what_they_mean() -> None:
    number = field_of(Ask("n", "N", "number"))
    assert number.problem("") == "this is needed"
    assert number.problem("x") == "a whole number is needed"
    assert number.problem("-1") == "not below 0"
    assert number.value(" 7 ") == 7
    flag = field_of(Ask("f", "F", "flag", default=True))
    assert (flag.text, flag.value("no")) == ("yes", False)
    optional = field_of(Ask("o", "O", optional=True))
    assert (optional.problem(""), optional.value("")) == ("", None)
    name = name_field("Name", "lab", "")
    assert name.problem("la") == "type lab to say that you mean it"
    assert values([number, optional], {"n": "1", "o": "x"}) == {"n": 1, "o": "x"}
    assert Field("x", "X", check=lambda text: f"not {text}").problem("y") == "not y"


# Figures


def test_figures_are_short() -> None:
    assert [cpu_text(cores) for cores in (0, 0.25, 0.9994, 1.5)] == ["0m", "250m", "999m", "1.5"]
    assert [memory_text(size) for size in (0, 2048, 300 * 1024**2, 5 * 1024**4)] == ["0", "2Ki", "300Mi", "5.0Ti"]


def test_a_sparkline_is_as_wide_as_asked_and_ascii_where_needed() -> None:
    assert sparkline([0, 1, 2, 4], UNICODE, 6) == "  ▁▃▅█"
    assert sparkline([0, 0], UNICODE, 2) == "▁▁"
    assert sparkline(range(100), ASCII, 4).isascii()
    assert sparkline([], UNICODE, 3) == "   "


def test_a_difference_has_no_file_names() -> None:
    assert difference("a\nb\n", "a\nc\n") == "@@ -1,2 +1,2 @@\n a\n-b\n+c"
    assert difference("a", "a") == ""
