"""Statuses → tree lines, without an app."""

from __future__ import annotations

from dataclasses import replace

from core.status import ConditionStatus, EnvironmentStatus, NodeStatus
from tests.tui.data import NOON, alpha, jobs, lab, shop, web
from tui.view_models.board import Board, Branch
from tui.view_models.glyphs import ASCII, UNICODE
from tui.view_models.live_targets import feed_of, target_of
from tui.view_models.text import plain, width_of
from tui.view_models.tree import PAGE, TreeLine, tree_lines, tree_row

NOTHING: frozenset[tuple[str, ...]] = frozenset()


def lines_of(status: EnvironmentStatus, **parts: object) -> dict[str, TreeLine]:
    branch = replace(Branch(status, live=True), **parts)  # type: ignore[arg-type]
    return {line.key[-1]: line for line in tree_lines([branch], NOTHING, "", NOON)}


def test_an_environment_holds_clusters_their_groups_machines_pods_and_replicas_in_order() -> None:
    lines = tree_lines([Branch(lab(), live=True)], NOTHING, "", NOON)
    assert [(line.depth, line.name) for line in lines] == [
        (0, "lab"),
        (1, "alpha"),
        (2, "control plane 1/1"),
        (3, "kube-1"),
        (2, "workers 3/3"),
        (3, "kube-2"),
        (3, "kube-3"),
        (3, "kube-4"),
        (2, "gateways 1/1"),
        (3, "gateway-1"),
        (2, "web 2/2"),
        (3, "web-6c9f7d4b5-x2kqp"),
        (3, "web-6c9f7d4b5-k8wzn"),
        (2, "queue 0/1"),
        (3, "queue-7d9c5b-m4rtl"),
    ]


def test_a_ready_environment_with_a_broken_component_is_degraded() -> None:
    assert lines_of(lab())["lab"].state == "degraded"
    assert lines_of(lab())["lab"].note == "degraded"
    assert lines_of(replace(lab(), components=(alpha(), web())))["lab"].state == "ready"


def test_what_does_not_hold_during_a_run_is_work_and_not_a_fault() -> None:
    assert lines_of(lab("deploying"))["queue"].state == "working"
    assert lines_of(lab("deploy failure"))["queue"].state == "failed"


def test_a_machine_that_is_not_ready_is_counted_and_says_why() -> None:
    nodes = tuple(replace(n, ready=False, note="joining etcd") if n.name == "kube-4" else n for n in alpha().nodes)
    status = replace(lab("deploying"), components=(replace(alpha(), nodes=nodes),))
    lines = lines_of(status)
    assert lines["workers"].name == "workers 2/3"
    assert lines["workers"].note == "1 not ready"
    assert (lines["kube-4"].state, lines["kube-4"].note) == ("working", "joining etcd")


def test_a_wanted_machine_that_does_not_exist_yet_counts_as_missing() -> None:
    nodes = tuple(node for node in alpha().nodes if node.name != "kube-4")
    lines = lines_of(replace(lab(), components=(replace(alpha(), nodes=nodes),)))
    assert lines["workers"].name == "workers 2/3"
    assert lines["workers"].state == "wanted"


def test_an_environment_that_is_only_declared_claims_nothing() -> None:
    status = replace(shop("shop", "ready"))
    lines = {line.key[-1]: line for line in tree_lines([Branch(status)], NOTHING, "", NOON)}
    assert lines["store"].state == "unknown"
    assert lines["workers"].name == "workers 4"


def test_an_unknown_condition_is_not_taken_for_a_fault() -> None:
    component = replace(web(), conditions=(ConditionStatus("Available", "Unknown"),))
    assert lines_of(replace(lab(), components=(alpha(), component)))["web"].state == "unknown"


def test_components_without_a_known_cluster_stand_below_the_environment() -> None:
    host = replace(web(), name="docker", kind="DockerStandaloneHost", cluster="", instances=())
    lines = lines_of(replace(lab(), components=(host,)))
    assert (lines["docker"].depth, lines["docker"].kind) == (1, "host")


def test_a_docker_hosts_containers_are_asked_one_by_one() -> None:
    host = replace(web(), name="docker", kind="DockerStandaloneHost", cluster="")
    container = list(lines_of(replace(lab(), components=(host,))).values())[-1]
    assert (container.kind, container.subjects) == ("container", ("container", "host", "environment"))
    assert container.selection("container").place == f"docker/{container.instance}"
    assert container.selection("host").place == "docker"
    assert container.selection("environment").place == ""


def test_collapsing_hides_everything_below() -> None:
    lines = tree_lines([Branch(lab(), live=True)], frozenset({("lab", "alpha")}), "", NOON)
    assert [line.name for line in lines] == ["lab", "alpha"]
    assert not lines[1].expanded


def test_a_filter_keeps_matches_with_what_they_are_part_of_and_opens_what_is_collapsed() -> None:
    lines = tree_lines([Branch(lab(), live=True)], frozenset({("lab",)}), "QUEUE-7", NOON)
    assert [line.name for line in lines] == ["lab", "alpha", "queue 0/1", "queue-7d9c5b-m4rtl"]


def test_every_line_asks_for_what_it_stands_for() -> None:
    lines = lines_of(lab())
    assert lines["lab"].subjects == ("environment",)
    assert lines["alpha"].subjects == ("cluster", "environment")
    assert lines["kube-3"].subjects == ("workers", "environment")
    assert lines["gateway-1"].subjects == ("gateways", "environment")
    assert lines["kube-1"].subjects == ("environment",)
    assert lines["web-6c9f7d4b5-x2kqp"].subjects == ("pod", "environment")
    assert lines["kube-3"].selection("workers").component == alpha()
    assert lines["kube-3"].selection("environment").component is None


def test_a_row_is_never_wider_than_the_tree_and_marks_what_it_cuts() -> None:
    for width in (20, 38, 52, 80):
        for line in tree_lines([Branch(lab(), live=True), Branch(shop("s" * 60, "new"))], NOTHING, "", NOON):
            row = tree_row(line, width, UNICODE)
            assert width_of(row) <= width
    long = tree_lines([Branch(shop("s" * 60, "new"))], NOTHING, "", NOON)[0]
    assert "…" in plain(tree_row(long, 40, UNICODE))


def test_rows_are_ascii_where_the_terminal_is() -> None:
    for line in tree_lines([Branch(lab(), live=True, lost=NOON)], NOTHING, "", NOON):
        assert plain(tree_row(line, 60, ASCII)).isascii()


def test_a_lost_branch_shows_its_age_and_the_stale_mark_on_every_line() -> None:
    lines = lines_of(lab(), lost=NOON - 190)
    assert lines["lab"].note == "stale 3 min"
    assert plain(tree_row(lines["kube-2"], 60, UNICODE)).strip().startswith("◌")


def test_the_board_counts_staleness_from_the_last_look_and_forgets_it_with_the_next() -> None:
    board = Board()
    assert board.reload([lab(), shop("gone", "new")]) == (["lab", "gone"], [])
    board.receive(lab())
    board.lose("lab", "no answer", NOON + 60)
    board.lose("lab", "still no answer", NOON + 120)
    branch = board.get("lab")
    assert branch is not None
    assert branch.staleness(NOON + 120) == "stale 2 min"
    assert branch.trouble == "still no answer"
    board.receive(replace(lab(), taken=NOON + 121))
    assert not board.ageing
    assert board.reload([lab()]) == ([], ["gone"])


def test_the_database_never_overwrites_live_facts() -> None:
    board = Board()
    board.reload([replace(lab(), components=())])
    board.receive(lab())
    board.reload([replace(lab(), components=())])
    branch = board.get("lab")
    assert branch is not None
    assert branch.status.components == (alpha(), web(), jobs())


def test_a_replica_is_closed_at_first_and_holds_its_containers() -> None:
    replica = ("lab", "alpha", "web", "web-6c9f7d4b5-x2kqp")
    lines = tree_lines([Branch(lab(), live=True)], frozenset({replica}), "", NOON)
    container = next(line for line in lines if line.kind == "pod-container")
    assert (container.key, container.instance, container.container) == ((*replica, "site"), replica[-1], "site")
    assert next(line for line in lines if line.key == replica).expanded
    target = target_of(container)
    assert target is not None
    assert (target.name, target.container) == (replica[-1], "site")
    feed = feed_of(container)
    assert feed is not None
    assert (feed.title, feed.query.container) == ("site", "site")


def test_a_part_with_more_than_a_thousand_lines_is_shown_a_page_at_a_time() -> None:
    nodes = tuple(NodeStatus(f"kube-{n}", "worker", True, "10.7.0.1") for n in range(2500))
    branch = Branch(replace(lab(), components=(replace(alpha(), workers=2500, nodes=nodes), web())), live=True)
    workers = ("lab", "alpha", "workers")

    def shown(pages: dict[tuple[str, ...], int]) -> list[TreeLine]:
        return [line for line in tree_lines([branch], NOTHING, "", NOON, pages) if line.key[:3] == workers]

    lines = shown({})
    assert len(lines) == 1 + PAGE + 1
    assert (lines[-1].kind, lines[-1].name) == ("more", "1,500 more: enter shows them")
    assert len(shown({workers: 2})) == 1 + 2 * PAGE + 1
    assert [line.kind for line in shown({workers: 3})].count("more") == 0
    assert any(line.name.startswith("web") for line in tree_lines([branch], NOTHING, "", NOON))
