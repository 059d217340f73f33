"""Conditions and their summary; what the last net hides."""

from __future__ import annotations

import pytest

from core.engine.conditions import Condition, summary
from core.engine.redact import redact

READY = Condition("NodesReady", "True", "AllReady", "4 of 4", since=5.0)
DOWN = Condition("DnsAnswers", "False", "NoAnswer", "10.96.0.10 does not answer", since=9.0)
UNSEEN = Condition("GatewayServes", "Unknown", "Unreachable", since=7.0)


def test_all_true_is_true_since_the_last_of_them() -> None:
    assert summary([READY, Condition("X", "True", since=8.0)]) == Condition("Ready", "True", "AllTrue", "", 8.0)


def test_false_decides_before_unknown() -> None:
    found = summary([READY, UNSEEN, DOWN])
    assert found == Condition("Ready", "False", "NoAnswer", "DnsAnswers: 10.96.0.10 does not answer", 9.0)


def test_unknown_decides_before_true_and_every_one_is_named() -> None:
    found = summary([READY, UNSEEN, Condition("PodsRun", "Unknown")], "Healthy")
    assert (found.type, found.status) == ("Healthy", "Unknown")
    assert found.message == "GatewayServes: Unreachable; PodsRun: Unknown"


def test_nothing_observed_is_unknown() -> None:
    assert summary([]).status == "Unknown"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer eyJhbGciOi.abc-def", "Authorization: Bearer [hidden]"),
        ("--etcd-password 'x' password: \"two words\" done", "--etcd-password 'x' password: [hidden] done"),
        ("OS_PASSWORD=hunter2 next", "OS_PASSWORD=[hidden] next"),
        ('{"client_secret": "abc", "name": "kube-1"}', '{"client_secret": [hidden], "name": "kube-1"}'),
        ("https://ann:hunter2@host/path", "https://ann:[hidden]@host/path"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n(cut off)", "[hidden]"),
        ("file /etc/kubernetes/tokens.csv, 3 changes", "file /etc/kubernetes/tokens.csv, 3 changes"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_the_rest_stays(text: str, clean: str) -> None:
    assert redact(text) == clean
