from __future__ import annotations

import json

from tests.unit.agent.certificates import Authority
from tests.unit.agent.conftest import Agent, until
from tests.unit.agent.fake_api import SERVICES, SLICES, FakeApi
from tests.unit.agent.objects import endpoint_slice, service

HTTP = ("http", 80, "TCP")
WEB = service("web", HTTP)
PODS = endpoint_slice("web", ["10.0.0.1"], ("http", 8080, "TCP"))
SERVER = "server 10.0.0.1_8080 10.0.0.1:8080"


def connected(agent: Agent) -> bool:
    return bool(agent.status().get("api", {}).get("connected"))


def test_a_service_made_while_the_agent_runs_is_served_and_the_reload_has_its_reason(
    api: FakeApi, agent: Agent
) -> None:
    agent.start()
    until(lambda: connected(agent), "the first connection")
    before = agent.status()["reloads"]
    api.put(WEB, PODS)
    until(lambda: agent.states() == {"web:80": "served"}, "the service")
    assert SERVER in agent.text()
    status = agent.status()
    assert status["reloads"] > before
    assert "endpoints of default/web added" in status["last_reload"]["reason"]
    assert f"reload: {status['last_reload']['reason']}" in agent.log()
    (row,) = status["services"]
    assert row == {
        "namespace": "default",
        "name": "web",
        "port": 80,
        "protocol": "TCP",
        "endpoints": 1,
        "state": "served",
        "message": "",
    }


def test_what_is_removed_is_served_no_longer(api: FakeApi, agent: Agent) -> None:
    api.put(WEB, PODS)
    agent.start()
    until(lambda: SERVER in agent.text(), "the service")
    api.delete(PODS)
    until(lambda: agent.states() == {"web:80": "no endpoints"}, "the loss of its pods")
    assert "default_web_80" not in agent.text()
    api.delete(WEB)
    until(lambda: agent.states() == {}, "the service to go")


def test_changes_that_do_not_concern_the_gateway_cause_no_reload(api: FakeApi, agent: Agent) -> None:
    api.put(WEB, PODS)
    agent.start()
    until(lambda: agent.states() == {"web:80": "served"}, "the service")
    before, watches = agent.status()["reloads"], api.watches(SERVICES)
    api.put({**WEB, "status": {"loadBalancer": {}}}, service("inner", HTTP, namespace="other"))
    marker = service("marker", ("x", 81, "TCP"))
    api.put(marker)
    until(lambda: "marker:81" in agent.states(), "the marker")
    assert agent.status()["reloads"] == before
    assert api.watches(SERVICES) == watches


def test_a_broken_watch_goes_on_from_the_last_bookmark_without_a_new_list(api: FakeApi, agent: Agent) -> None:
    api.put(WEB, PODS)
    agent.start()
    until(lambda: connected(agent), "the first connection")
    api.bookmark()
    newest = str(api.version)
    api.cut()
    until(lambda: newest in api.watches(SERVICES) and newest in api.watches(SLICES), "watches from the bookmark")
    api.delete(WEB)
    until(lambda: agent.states() == {}, "the change after the break")
    assert (api.lists(SERVICES), api.lists(SLICES)) == (1, 1)


def test_a_version_that_the_api_has_forgotten_is_listed_again(api: FakeApi, agent: Agent) -> None:
    api.put(WEB, PODS)
    agent.start()
    until(lambda: agent.states() == {"web:80": "served"}, "the service")
    api.forget()
    with api.changed:
        # Gone without an event that a watch could see: only a new list can tell.
        del api.objects[SERVICES]["default/web"]
    api.cut()
    until(lambda: agent.states() == {}, "the new list")
    assert api.lists(SERVICES) == 2


def test_an_error_event_in_the_stream_is_answered_by_a_new_list(api: FakeApi, agent: Agent) -> None:
    agent.start()
    until(lambda: connected(agent), "the first connection")
    with api.changed:
        api.version += 1
        api.history.append((api.version, "ERROR", {"kind": SERVICES, "code": 410, "message": "too old"}))
        api.changed.notify_all()
    until(lambda: api.lists(SERVICES) >= 2, "the new list")
    until(lambda: connected(agent), "the next connection")


def test_long_collections_are_listed_in_pages(api: FakeApi, agent: Agent) -> None:
    api.page = 2
    api.put(*(service(f"web{number}", ("http", 8000 + number, "TCP")) for number in range(5)))
    agent.start()
    until(lambda: len(agent.states()) == 5, "all services")
    assert api.lists(SERVICES) == 3


def test_everything_is_listed_again_from_time_to_time(api: FakeApi, agent: Agent) -> None:
    agent.settings["resync"] = 1
    agent.start()
    until(lambda: api.lists(SERVICES) >= 3, "new lists")
    assert agent.status()["api"]["error"] == ""


def test_a_busy_api_is_asked_again_after_the_time_it_wants(api: FakeApi, agent: Agent) -> None:
    api.refusals = [(429, "1"), (429, "1")]
    agent.start()
    until(lambda: connected(agent), "the connection")
    assert api.refusals == []
    assert agent.status()["api"]["error"] == ""


def test_an_api_that_refuses_us_is_named_in_the_status(api: FakeApi, agent: Agent) -> None:
    api.refusals = [(403, "")] * 1000
    agent.start()
    until(lambda: "403" in agent.status().get("api", {}).get("error", ""), "the refusal in the status")
    assert not connected(agent)


def test_the_last_good_configuration_stays_while_the_api_is_away(api: FakeApi, agent: Agent) -> None:
    api.put(WEB, PODS)
    agent.start()
    until(lambda: agent.states() == {"web:80": "served"}, "the service")
    api.stop()
    until(lambda: not connected(agent), "the loss of the API")
    status = agent.status()
    assert status["api"]["since"] <= status["updated"]
    assert status["api"]["error"]
    assert SERVER in agent.text()
    assert agent.states() == {"web:80": "served"}
    api.put(endpoint_slice("web", ["10.0.0.2"], ("http", 8080, "TCP")))
    api.start()
    until(lambda: "10.0.0.2_8080" in agent.text(), "what happened meanwhile")
    until(lambda: connected(agent), "the API's return")


def test_an_agent_that_starts_without_the_api_keeps_what_was_there(api: FakeApi, agent: Agent) -> None:
    api.put(WEB, PODS)
    agent.start()
    until(lambda: agent.states() == {"web:80": "served"}, "the service")
    assert agent.stop() == 0
    reloads, text = agent.status()["reloads"], agent.text()
    api.stop()
    agent.start()
    until(lambda: bool(agent.status()["api"]["error"]), "the new agent's status")
    assert agent.text() == text
    assert agent.states() == {"web:80": "served"}
    api.start()
    until(lambda: connected(agent), "the API")
    assert agent.text() == text
    assert agent.status()["reloads"] == reloads


def test_a_first_start_without_the_api_leaves_a_configuration_with_which_haproxy_can_start(
    api: FakeApi, agent: Agent
) -> None:
    api.stop()
    agent.config.write_text("# the distribution's own\n")
    agent.start()
    until(lambda: bool(agent.status()), "a status")
    assert "defaults" in agent.text()
    assert "frontend" not in agent.text()


def test_a_new_certificate_is_used_at_the_next_connection(api: FakeApi, agent: Agent, authority: Authority) -> None:
    (authority.directory / "other").mkdir()
    stranger, key = Authority(authority.directory / "other").issue("agent")
    certificate, secret = agent.settings["cert"], agent.settings["key"]
    agent.settings |= {"cert": str(stranger), "key": str(key)}
    agent.start()
    until(lambda: bool(agent.status().get("api", {}).get("error")), "the refusal of a stranger")
    assert api.requests == []
    stranger.write_text(open(certificate).read())  # noqa: PTH123, SIM115
    key.write_text(open(secret).read())  # noqa: PTH123, SIM115
    until(lambda: connected(agent), "the connection")


def test_a_server_with_another_authority_is_not_believed(api: FakeApi, agent: Agent, authority: Authority) -> None:
    (authority.directory / "other").mkdir()
    agent.settings["ca"] = str(Authority(authority.directory / "other").file)
    agent.start()
    until(lambda: "CERTIFICATE_VERIFY_FAILED" in agent.status().get("api", {}).get("error", ""), "the refusal")
    assert api.requests == []


def test_one_service_that_haproxy_refuses_does_not_break_the_others(api: FakeApi, agent: Agent) -> None:
    agent.settings["haproxy_check"] = [
        "sh",
        "-c",
        'if grep -q "bind .*:81$" "$0"; then echo "[ALERT] no port 81" >&2; exit 1; fi',
    ]
    bad = service("bad", ("http", 81, "TCP")), endpoint_slice("bad", ["10.0.0.8"], ("http", 8080, "TCP"))
    good = service("good", ("http", 82, "TCP")), endpoint_slice("good", ["10.0.0.9"], ("http", 8080, "TCP"))
    api.put(WEB, PODS, *bad, *good)
    agent.start()
    until(lambda: agent.states() == {"web:80": "served", "bad:81": "invalid", "good:82": "served"}, "the verdict")
    assert [row["message"] for row in agent.status()["services"] if row["name"] == "bad"] == ["[ALERT] no port 81"]
    assert "default_good_82" in agent.text()
    assert "default_bad_81" not in agent.text()


def test_where_nothing_is_accepted_the_old_file_stays_and_the_status_says_why(api: FakeApi, agent: Agent) -> None:
    agent.settings["haproxy_check"] = ["/nonexistent/haproxy"]
    api.put(WEB, PODS)
    agent.start()
    until(lambda: bool(agent.status().get("errors")), "the error")
    assert "/nonexistent/haproxy" in agent.status()["errors"][0]
    assert "frontend" not in agent.text()


def test_a_reload_that_failed_is_tried_again(api: FakeApi, agent: Agent) -> None:
    works = agent.place / "works"
    agent.settings["haproxy_reload"] = ["test", "-e", str(works)]
    api.put(WEB, PODS)
    agent.start()
    until(lambda: any("not reloaded" in error for error in agent.status().get("errors", [])), "the error")
    assert agent.status()["reloads"] == 0
    works.touch()
    until(lambda: agent.status()["reloads"] == 1, "the next try")
    assert agent.status()["errors"] == []


def test_a_haproxy_that_listens_no_longer_is_brought_back(api: FakeApi, agent: Agent) -> None:
    sockets, after = agent.place / "tcp", agent.place / "tcp-after"
    after.write_text("sl local rem st\n0: 00000000:0050 00000000:0000 0A\n")
    agent.settings |= {"sockets": [str(sockets)], "haproxy_reload": ["cp", str(after), str(sockets)]}
    api.put(WEB, PODS)
    agent.start()
    until(lambda: agent.status().get("reloads") == 1, "the first reload")
    sockets.unlink()
    until(lambda: agent.status()["reloads"] == 2 and sockets.exists(), "the next one")


def test_a_service_whose_reload_failed_is_not_called_served(api: FakeApi, agent: Agent) -> None:
    agent.settings |= {"sockets": [str(agent.place / "tcp")], "haproxy_reload": ["false"]}
    api.put(WEB, PODS)
    agent.start()
    until(lambda: agent.states() == {"web:80": "invalid"}, "the verdict")
    assert "HAProxy was not reloaded" in agent.status()["services"][0]["message"]


def test_a_configuration_changed_by_hand_is_put_right(api: FakeApi, agent: Agent) -> None:
    api.put(WEB, PODS)
    agent.start()
    until(lambda: agent.states() == {"web:80": "served"}, "the service")
    text = agent.text()
    agent.config.write_text("# by hand\n")
    until(lambda: agent.text() == text, "the repair")


def test_udp_rules_are_replaced_as_a_whole_after_a_check(api: FakeApi, agent: Agent) -> None:
    agent.settings["nft"] = ["sh", "-c", f'cat > {agent.place}/rules$(echo "$*" | tr -dc c)', "nft"]
    api.put(service("dns", ("dns", 53, "UDP")), endpoint_slice("dns", ["10.0.0.1"], ("dns", 5353, "UDP")))
    agent.start()
    until(lambda: agent.states() == {"dns:53": "served"}, "the service")
    rules = (agent.place / "rules").read_text()
    assert "0 : 10.0.0.1 . 5353" in rules
    assert (agent.place / "rulesc").read_text() == rules
    assert agent.status()["reloads"] <= 1


def test_the_status_can_be_read_at_any_moment(api: FakeApi, agent: Agent) -> None:
    agent.settings["tick"] = 0.01
    agent.start()
    until(lambda: connected(agent), "the first connection")
    for _ in range(200):
        assert json.loads((agent.state / "status.json").read_text())["node"] == "gateway-1"
