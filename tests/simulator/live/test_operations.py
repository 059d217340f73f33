"""Operations on live objects against a served, running cluster: what they do, what they refuse, what is written."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from core.actions import LIVE_ACTIONS
from core.engine.errors import Refusal
from core.kube.kinds import CRON_JOB, DEPLOYMENT, NODE, POD, SECRET
from core.live.operations import JournalQuery
from core.operations.commands import COMMANDS
from core.operations.handlers import HANDLERS
from tests.simulator.kubernetes.made import template
from tests.simulator.live.world import ALPHA, World, metadata


def test_every_action_is_either_shown_or_performed_and_has_a_command_where_one_exists() -> None:
    performed = {one.id for one in LIVE_ACTIONS if not one.shows}
    assert performed == set(HANDLERS)
    assert performed <= set(COMMANDS)


async def test_scaling_up_down_and_to_a_number(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    assert (await alpha.perform("scale-up", web))[1].text == "Deployment default/web: 1 → 2 replicas"
    await alpha.perform("scale", web, replicas="3")
    assert alpha.get("deployments.apps", "web")["spec"]["replicas"] == 3
    await alpha.perform("scale", web, replicas=0)
    told, finished = await alpha.perform("scale-down", web)
    assert finished.failed == 1
    assert "no replicas already" in told[0]


async def test_a_number_that_is_none_is_refused_in_a_sentence(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    told, finished = await alpha.perform("scale", web, replicas="many")
    assert (finished.done, finished.failed) == (0, 1)
    assert "replicas must be a whole number, found 'many'" in told[0]


async def test_a_restart_makes_all_pods_anew(alpha: World) -> None:
    web = await alpha.deploy(replicas=2)
    before = {pod.uid for pod in await alpha.pods()}
    await alpha.perform("restart", web)
    async with asyncio.timeout(10):
        while before & {pod["metadata"]["uid"] for pod in await alpha.ready(2)}:
            await asyncio.sleep(0.01)


async def test_an_image_is_set_and_taken_back(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    _, finished = await alpha.perform("set-image", web, container="main", image="nginx:1.30")
    assert finished.text == "Deployment default/web: main nginx:1.29 → nginx:1.30"
    await alpha.running.until(
        "replicasets.apps", lambda sets: len(sets) == 2 and all("annotations" in one["metadata"] for one in sets)
    )
    lines = await alpha.live.rollout(web)
    assert [line for line in lines if line.startswith("revision")] == [
        "revision 2: nginx:1.30",
        "revision 1: nginx:1.29",
    ]
    _, finished = await alpha.perform("undo", web)
    assert finished.text == "Deployment default/web goes back to revision 1 (nginx:1.29)"
    spec = alpha.get("deployments.apps", "web")["spec"]["template"]
    assert spec["spec"]["containers"][0]["image"] == "nginx:1.29"
    assert "pod-template-hash" not in spec["metadata"]["labels"]
    told, finished = await alpha.perform("undo", web, revision=9)
    assert "has no revision 9" in told[0]


async def test_a_container_that_is_not_there_is_refused(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    told, _ = await alpha.perform("set-image", web, container="side", image="x")
    assert "has no container side; it has main" in told[0]


async def test_a_rollout_is_held_and_goes_on(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    assert (await alpha.perform("hold", web))[1].text == "the rollout of Deployment default/web is paused"
    assert alpha.get("deployments.apps", "web")["spec"]["paused"] is True
    assert (await alpha.perform("hold", web))[1].text == "the rollout of Deployment default/web goes on"


async def test_a_pod_is_recreated_and_its_replacement_waited_for(alpha: World) -> None:
    await alpha.deploy(replicas=2)
    old = (await alpha.pods())[0]
    told, finished = await alpha.perform("recreate", old)
    assert told[0] == f"pod {old.name} is deleted"
    assert "has 2 ready" in finished.text
    assert old.uid not in {pod.uid for pod in await alpha.pods()}


async def test_many_are_deleted_at_once_and_each_is_told(alpha: World) -> None:
    await alpha.deploy(replicas=3)
    old = await alpha.pods()
    told, finished = await alpha.perform("delete", *old, grace=0)
    assert len(told) == 3
    assert finished.text == "Delete: 3 of 3 done"
    again = await alpha.perform("delete", old[0])
    assert again[1].text == f"Pod default/{old[0].name} was gone already"


async def test_a_newer_object_of_the_same_name_is_left_alone(alpha: World) -> None:
    web = alpha.target(DEPLOYMENT, "web", uid="another")
    await alpha.deploy(replicas=1)
    _told, finished = await alpha.perform("delete", web)
    assert finished.failed == 1
    assert alpha.get("deployments.apps", "web")


async def test_a_cron_job_is_suspended_and_begun_by_hand(alpha: World) -> None:
    job = {"template": template(restartPolicy="Never")}
    made = {"metadata": metadata("nightly"), "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": job}}}
    alpha.running.objects.create("cronjobs.batch", made)
    nightly = alpha.target(CRON_JOB, "nightly")
    assert (await alpha.perform("suspend", nightly))[1].text == "CronJob default/nightly is suspended"
    _, finished = await alpha.perform("trigger", nightly)
    jobs = await alpha.running.until("jobs.batch", bool)
    assert finished.text == f"job {jobs[0]['metadata']['name']} is begun"
    assert jobs[0]["metadata"]["ownerReferences"][0]["name"] == "nightly"


async def test_a_node_is_cordoned_drained_and_opened(alpha: World) -> None:
    await alpha.deploy(replicas=3)
    node = alpha.target(NODE, "kube-2")
    assert (await alpha.perform("cordon", node))[1].text == "node kube-2 takes no new pods"
    told, finished = await alpha.perform("drain", node, timeout=30)
    assert finished.text == "node kube-2 is drained"
    assert any("is gone" in line for line in told)
    assert {pod["spec"]["nodeName"] for pod in await alpha.ready(3)} == {"kube-1", "kube-3"}
    assert (await alpha.perform("uncordon", node))[1].text == "node kube-2 takes pods again"


async def test_what_stops_a_drain_is_told_and_written(alpha: World) -> None:
    alpha.running.objects.create("pods", {"metadata": metadata("lonely"), "spec": template(nodeName="kube-2")["spec"]})
    alpha.running.change("pods", "lonely", lambda pod: pod["spec"].update(nodeName="kube-2"))
    await alpha.running.ready(1)
    _told, finished = await alpha.perform("drain", alpha.target(NODE, "kube-2"))
    assert finished.failed == 1
    entry = (await alpha.live.journal(JournalQuery(action="drain")))[0]
    assert entry.result == "failed"
    assert "nothing brings these pods of node kube-2 back: default/lonely" in entry.error


async def test_files_go_into_a_container_and_out_of_it(alpha: World, tmp_path: Path) -> None:
    await alpha.deploy(replicas=1)
    pod = (await alpha.pods())[0]
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.txt").write_text("content")
    _, finished = await alpha.perform("copy-to", pod, local=str(tmp_path / "here"), remote="there")
    assert finished.done == 1, finished.text
    assert (tmp_path / "container" / "there" / "a.txt").read_text() == "content"
    _, finished = await alpha.perform("copy-from", pod, remote="there", local=str(tmp_path / "back"))
    assert (tmp_path / "back" / "a.txt").read_text() == "content", finished.text
    told, _ = await alpha.perform("copy-from", pod, remote="there", local=str(tmp_path / "back"))
    assert "is there already" in told[0]
    told, _ = await alpha.perform("copy-from", pod, remote="nowhere", local=str(tmp_path / "other"))
    assert "tar in the container ended with 2" in told[0]


async def test_nothing_is_changed_in_a_read_only_environment(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    await alpha.live.set_read_only("lab", True)
    assert await alpha.live.read_only("lab")
    with pytest.raises(Refusal, match="read-only"):
        await alpha.perform("restart", web)
    with pytest.raises(Refusal, match="read-only"):
        await alpha.live.replace(web, "a: 1", "a: 2")
    await alpha.live.set_read_only("lab", False)
    assert (await alpha.perform("restart", web))[1].done == 1


async def test_what_an_access_review_forbids_is_refused_before_it_is_tried(alpha: World) -> None:
    web = await alpha.deploy(replicas=1)
    async with alpha.served.cluster("guest", "guests") as guest:
        alpha.live._reach.opened.reviews._cluster = guest  # type: ignore[attr-defined]
        with pytest.raises(Refusal, match="you may not patch deployments in namespace default"):
            await alpha.perform("restart", web)
    assert (await alpha.live.journal(JournalQuery(action="restart"))) == []


async def test_an_unknown_operation_and_nothing_selected_are_refused(alpha: World) -> None:
    with pytest.raises(Refusal, match="there is no operation explode"):
        await alpha.perform("explode", alpha.target(POD, "a"))
    with pytest.raises(Refusal, match="nothing is selected"):
        await alpha.perform("delete")


async def test_every_operation_is_in_the_journal_with_its_command(alpha: World, tmp_path: Path) -> None:
    web = await alpha.deploy(replicas=1)
    await alpha.perform("scale", web, replicas=2)
    await alpha.perform("undo", web, revision=7)
    failed, done = await alpha.live.journal(JournalQuery(environment="lab"))
    assert (done.action, done.subject, done.result) == ("scale", "Deployment default/web", "succeeded")
    assert done.command == "kubectl --context=alpha -n default scale deployment/web --replicas=2"
    assert done.ended is not None
    assert done.ended >= done.started
    assert failed.result == "failed"
    assert "has no revision 7" in failed.error
    assert [one.action for one in await alpha.live.journal(JournalQuery(text="REVISION 7"))] == ["undo"]
    assert await alpha.live.export_journal(JournalQuery(), tmp_path / "journal.jsonl") == 2
    assert '"action": "scale"' in (tmp_path / "journal.jsonl").read_text().splitlines()[0]
    with pytest.raises(Refusal, match="is there already"):
        await alpha.live.export_journal(JournalQuery(), tmp_path / "journal.jsonl")


async def test_a_cancelled_operation_is_written_as_such(alpha: World) -> None:
    await alpha.deploy(replicas=1)
    held = {"metadata": metadata("held"), "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    alpha.running.objects.create("poddisruptionbudgets.policy", held)
    pod = alpha.running.objects.list("pods", "default")[0]
    node = alpha.target(NODE, pod["spec"]["nodeName"])
    async with aclosing(alpha.live.perform("drain", [node], {})) as told:
        async for one in told:
            if "waits" in one.text:
                break
    entry = (await alpha.live.journal(JournalQuery(action="drain")))[0]
    assert entry.result == "cancelled"


async def test_a_secrets_values_are_shown_on_request_and_that_is_written(alpha: World) -> None:
    secret = {"metadata": metadata("s"), "data": {"password": "aHVudGVyMg==", "raw": "/w=="}, "type": "Opaque"}
    alpha.running.objects.create("secrets", secret)
    target = alpha.target(SECRET, "s")
    assert await alpha.live.secret(target) == {"password": "hunter2", "raw": "[1 bytes]"}
    assert "hunter2" not in repr(await alpha.live.journal(JournalQuery()))
    assert "aHVudGVyMg" not in await alpha.live.describe(target)
    assert "aHVudGVyMg" not in await alpha.live.yaml(target)
    assert "aHVudGVyMg" in await alpha.live.yaml(target, reveal=True)
    assert [entry.action for entry in await alpha.live.journal(JournalQuery())] == ["reveal"]


def test_commands_say_what_was_asked(alpha: World) -> None:
    pod = alpha.target(POD, "web-1")
    assert (
        alpha.live.command("delete", [pod], {"force": True, "propagation": "Orphan"})
        == "kubectl --context=alpha -n default delete pod/web-1 --grace-period=0 --force --cascade=orphan"
    )
    node = alpha.target(NODE, "kube-2")
    assert alpha.live.command("drain", [node], {"timeout": 60, "force": True}).endswith("--timeout=60s --force")
    assert str(ALPHA) == "lab/alpha"
