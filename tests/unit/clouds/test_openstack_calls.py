"""The cloud's errors in sentences; questions are patient, orders are not; looks are shared."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from keystoneauth1 import exceptions as auth
from openstack import exceptions as sdk

from core.clouds.openstack.access import Login
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Busy, Gone, Taken, explained
from core.clouds.openstack.sharing import Shared
from core.engine.errors import Refusal, Transient, Trouble, Unreachable


def answer(status: int, text: str = "said", headers: Mapping[str, str] | None = None) -> sdk.HttpException:
    response: Any = SimpleNamespace(status_code=status, headers=headers or {}, request=None, url="", reason="")
    error = sdk.HttpException("Error", response=response)
    error.details = text
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (answer(401), Refusal, "cloud c: it does not accept the login any more: said – check the cloud's entry"),
        (answer(403, "Quota exceeded for instances: Requested 1"), Refusal, "have the quota raised"),
        (answer(403), Refusal, "not allowed: said – have the role"),
        (answer(404), Gone, "said"),
        (answer(409, "Quota exceeded for resources: ['port']"), Refusal, "have the quota raised"),
        (answer(409), Taken, "said"),
        (answer(429), Busy, "it answers 429: said – wait"),
        (answer(503), Busy, "it answers 503"),
        (answer(500), Busy, "it answers 500"),
        (answer(400), Refusal, "it answers 400: said"),
        (sdk.ConfigException("Cloud c was not found."), Refusal, "name a cloud that clouds.yaml has"),
        (auth.Unauthorized("no"), Refusal, "it does not accept the login: no"),
        (auth.NotFound("Failed to validate token"), Refusal, "it does not accept the login: Failed to validate token"),
        (auth.ServiceUnavailable("later"), Busy, "keystone answers 503: later"),
        (auth.ConnectFailure("refused: HTTPPool(…)"), Unreachable, "no answer: refused – see whether its API can"),
        (auth.SSLError("self-signed"), Refusal, "its certificate is not trusted: self-signed – set `cacert`"),
        (auth.DiscoveryFailure("Could not find versioned identity endpoints"), Unreachable, "keystone cannot be asked"),
        (auth.MissingRequiredOptions([]), Refusal, "the login is incomplete"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[:40],
)
def test_each_error_says_what_happened_and_what_to_do(error: Exception, kind: type[Trouble], words: str) -> None:
    found = explained(error, "c")
    assert type(found) is kind
    assert words in str(found)


def test_what_is_none_of_the_clouds_stays_as_it_is() -> None:
    mistake = KeyError("ours")
    assert explained(mistake, "c") is mistake


class Waits(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def _calls(waits: Waits, patience: float = 60.0) -> Calls:
    login = SimpleNamespace(cloud="c", connect=lambda: SimpleNamespace(close=lambda: None))
    return Calls(cast("Login", login), waits, patience)


class Flaky:
    """Fails so many times, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    def __call__(self, cloud: object) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


async def test_a_question_is_asked_again_after_what_the_cloud_asked_to_wait() -> None:
    waits = Waits()
    calls = _calls(waits)
    assert await calls.ask(Flaky(answer(429, headers={"Retry-After": "7"}), answer(503), answer(503))) == "answer"
    assert waits[0] == 7.0
    assert all(0.25 <= wait <= 8.0 for wait in waits[1:])
    await calls.close()


async def test_patience_ends() -> None:
    calls = _calls(Waits(), patience=3.0)
    with pytest.raises(Busy, match="it answers 503"):
        await calls.ask(Flaky(*[answer(503)] * 50))
    await calls.close()


async def test_an_order_is_given_once() -> None:
    waits = Waits()
    calls = _calls(waits)
    with pytest.raises(Transient):
        await calls.do(Flaky(answer(503)))
    assert waits == []
    await calls.close()


async def test_those_who_ask_together_share_a_look_and_none_gets_an_older_one() -> None:
    begun: list[asyncio.Event] = []

    async def work() -> int:
        number = len(begun)
        begun.append(asyncio.Event())
        await begun[number].wait()
        return number

    shared = Shared(work)
    first = [asyncio.ensure_future(shared.look()) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.ensure_future(shared.look()) for _ in range(3)]
    await asyncio.sleep(0)
    begun[0].set()
    assert await asyncio.gather(*first) == [0, 0, 0]
    while len(begun) < 2:
        await asyncio.sleep(0)
    begun[1].set()
    assert await asyncio.gather(*later) == [1, 1, 1]


async def test_a_look_that_fails_fails_for_those_who_share_it_only() -> None:
    answers = [Trouble("no"), None]

    async def work() -> str:
        error = answers.pop(0)
        if error is not None:
            raise error
        return "seen"

    shared = Shared(work)
    with pytest.raises(Trouble, match="no"):
        await shared.look()
    assert await shared.look() == "seen"
