"""Faults: what can be injected, whom it strikes, when it is over."""

from __future__ import annotations

import pytest

from core.simulator.faults import KINDS, Faults, Named, UnknownFault

KUBE_1 = Named("lab", "kube-1")
KUBE_2 = Named("lab", "kube-2")
OTHER = Named("other", "kube-1")


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_fault_strikes_its_machine_only() -> None:
    faults = Faults()
    faults.inject("disk-full", "lab", "kube-1")
    assert faults.active("disk-full", KUBE_1)
    assert faults.active("disk-full", KUBE_2) is None
    assert faults.active("disk-full", OTHER) is None
    assert faults.active("slow-machine", KUBE_1) is None


def test_a_fault_of_an_environment_strikes_all_its_machines() -> None:
    faults = Faults()
    faults.inject("slow-machine", "lab", parameters={"factor": 3})
    found = faults.active("slow-machine", KUBE_2)
    assert found is not None
    assert found.number("factor") == 3
    assert found.number("latency_ms") == 0
    assert faults.active("slow-machine", OTHER) is None


def test_a_pod_is_named_by_the_beginning_of_its_name() -> None:
    faults = Faults()
    faults.inject("pod-crash-loop", "lab", pod="web")
    assert faults.active("pod-crash-loop", KUBE_2, "web-7d4-x")
    assert faults.active("pod-crash-loop", KUBE_2, "db-1") is None
    assert faults.active("pod-crash-loop", KUBE_2) is None


def test_a_count_is_used_up_by_taking_alone() -> None:
    faults = Faults()
    faults.inject("create-error", "lab", count=2)
    assert faults.active("create-error", KUBE_1)
    assert [faults.take("create-error", KUBE_1) is not None for _ in range(3)] == [True, True, False]
    assert list(faults.all()) == []


def test_what_strikes_once_by_nature_strikes_for_a_duration_if_asked() -> None:
    clock = Clock()
    faults = Faults(clock)
    faults.inject("ssh-drop", "lab", "kube-1", duration=5)
    assert all(faults.take("ssh-drop", KUBE_1) for _ in range(4))
    clock.now += 5
    assert faults.take("ssh-drop", KUBE_1) is None


def test_clearing_one_an_environments_and_all() -> None:
    faults = Faults()
    first = faults.inject("disk-full", "lab", "kube-1")
    faults.inject("disk-full", "lab", "kube-2")
    faults.inject("disk-full", "other")
    assert faults.clear(first.id) == 1
    assert faults.clear(environment="lab") == 1
    assert faults.active("disk-full", OTHER)
    assert faults.clear() == 1


def test_listeners_hear_of_injection_and_clearing() -> None:
    faults = Faults()
    heard: list[int] = []
    faults.listen(lambda: heard.append(len(list(faults.all()))))
    faults.inject("api-away", "lab", "kube-1")
    faults.clear()
    assert heard == [1, 0]


def test_faults_survive_a_restart_of_the_world() -> None:
    faults = Faults()
    faults.inject("create-error", "lab", parameters={"fault": "no host"}, count=3)
    again = Faults()
    again.load(faults.dump())
    assert again.dump() == faults.dump()
    assert again.inject("disk-full", "lab").id == 2


@pytest.mark.parametrize(
    ("kind", "machine", "pod", "parameters", "said"),
    [
        ("flood", "", "", {}, "there is no fault flood"),
        ("disk-full", "", "web", {}, "no pod"),
        ("quota-exceeded", "kube-1", "", {}, "no machine"),
        ("machine-vanished", "", "", {}, "name it"),
        ("disk-full", "", "", {"size": 1}, "no parameter"),
        ("clock-skew", "", "", {"seconds": "many"}, "is a number"),
    ],
)
def test_what_cannot_be_injected_is_said(
    kind: str, machine: str, pod: str, parameters: dict[str, float | str], said: str
) -> None:
    with pytest.raises(UnknownFault, match=said):
        Faults().inject(kind, "lab", machine, pod, parameters)


def test_every_kind_can_be_injected_as_it_is() -> None:
    faults = Faults()
    for kind in KINDS.values():
        faults.inject(kind.name, "lab", "kube-1" if kind.scopes == ("machine",) else "")
    assert len(list(faults.all())) == len(KINDS)
