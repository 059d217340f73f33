"""Logs of simulated containers: functions of a run and a line's number."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kube.log_lines import parse_stamp
from core.simulator.kubernetes.kubelet.log import KEPT, RunLog, nano_stamp
from core.simulator.kubernetes.kubelet.writing import writing_of
from tests.simulator.kubernetes.made import NOW


def log(image: str = "nginx:1", ended: float | None = None, words: str = "", **container: object) -> RunLog:
    return RunLog("seed", writing_of({"image": image, **container}), NOW, ended, words)


IMAGES = ("nginx:1", "redis:8", "postgres:18", "shop/api:1", "team/site:1", "x/coredns:1", "calico/kube-controllers:3")


@pytest.mark.parametrize("image", IMAGES)
def test_a_line_is_always_the_same_and_later_than_the_one_before(image: str) -> None:
    first, second = log(image), log(image)
    count = first.count(NOW + 600)
    assert count > 20
    assert [*first.lines(0, count)] == [*second.lines(0, count)]
    moments = [first.moment(number) for number in range(count)]
    assert all(before <= after for before, after in pairwise(moments))
    assert moments[-1] <= NOW + 600 < first.next(NOW + 600)


@given(st.floats(min_value=0, max_value=5000), st.sampled_from(IMAGES))
def test_what_is_counted_has_been_written(age: float, image: str) -> None:
    found = log(image)
    count = found.count(NOW + age)
    assert count == 0 or found.moment(count - 1) <= NOW + age + 1e-6
    assert found.moment(count) >= NOW + age - 1e-6


def test_two_runs_write_differently() -> None:
    other = RunLog("other", log().writing, NOW)
    assert [*other.lines(0, 20)] != [*log().lines(0, 20)]


def test_only_the_latest_lines_can_be_read_back() -> None:
    moment = NOW + 10 * KEPT
    assert log().count(moment) - log().oldest(moment) == KEPT


def test_reading_begins_where_it_is_asked_to() -> None:
    found, moment = log(), NOW + 600
    first = found.after(NOW + 300, moment)
    assert found.moment(first - 1) < NOW + 300 <= found.moment(first)


def test_a_run_that_ended_writes_no_more_and_says_why() -> None:
    found = log(ended=NOW + 60, words="FATAL: it ended")
    count = found.count(NOW + 600)
    assert found.count(NOW + 60) == count
    assert found.text(count - 1) == "FATAL: it ended"
    assert found.moment(count - 1) == NOW + 60
    assert math.isinf(found.next(NOW + 600))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo hello; exit 3", ["hello"]),
        ("echo 'one' && echo two", ["one", "two"]),
        ("while true; do echo tick; sleep 2; done", ["tick", "tick"]),
    ],
)
def test_what_a_shell_prints_is_in_the_log(script: str, expected: list[str]) -> None:
    found = log("busybox:1", command=["sh", "-c", script])
    assert [found.text(number) for number in range(found.count(NOW + 4.1))] == expected


def test_a_quiet_program_writes_nothing() -> None:
    found = log("busybox:1", command=["sleep", "3600"])
    assert found.count(NOW + 60) == 0
    assert math.isinf(found.next(NOW + 60))


def test_times_have_nanoseconds() -> None:
    assert parse_stamp(nano_stamp(NOW + 0.25)) == int(NOW) * 10**9 + 250_000_000
