"""Comparing what is declared with what is live: only what is declared counts."""

from __future__ import annotations

from core.cluster.objects import missing_from


def test_defaults_that_the_server_added_do_not_count() -> None:
    assert missing_from({"spec": {"replicas": 2}}, {"spec": {"replicas": 2, "paused": False}, "status": {}}) == []


def test_a_value_that_differs_is_named_by_its_path() -> None:
    wanted = {"spec": {"ports": [{"port": 53}, {"port": 54}]}}
    live = {"spec": {"ports": [{"port": 53, "nodePort": 1}, {"port": 55}]}}
    assert missing_from(wanted, live) == ["spec.ports[1].port"]


def test_a_list_of_another_length_differs_as_a_whole() -> None:
    assert missing_from({"rules": [1, 2]}, {"rules": [1]}) == ["rules"]


def test_what_is_missing_altogether_is_found() -> None:
    assert missing_from({"data": {"Corefile": "x"}}, {}) == ["data"]


def test_what_the_server_leaves_out_because_it_is_empty_is_no_difference() -> None:
    assert missing_from({"labels": {"role": ""}, "flag": False}, {"labels": {}}) == []
