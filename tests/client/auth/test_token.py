"""One token for all: who fetches it, when it is renewed, and what a failure does to the others."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest

from blaxel_jobs import (
    APITimeoutError,
    AsyncJobsClient,
    AuthenticationError,
    BlaxelError,
    ClientCredentials,
    JobsClient,
    ResponseDecodeError,
    ServerError,
)
from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._auth.tokens import Token, Tokens
from blaxel_jobs._effects import Answer, Lost, Send, Sleep, Wait
from blaxel_jobs._retry.backoff import RetryPolicy
from blaxel_jobs._retry.policy import Context, call
from blaxel_jobs._retry.request import OperationRequest
from tests.client.conftest import KINDS
from tests.client.fault_server import EXECUTION, FaultServer, answer, serving

CREDENTIALS = ClientCredentials("the-id", "the-secret")
TOKEN = {"access_token": "token-1", "expires_in": 1000}


class World:
    """A clock that stands still, and calls that are taken step by step."""

    def __init__(self) -> None:
        self.now = 0.0
        self.context = Context(
            CREDENTIALS, httpx.URL("https://api.test/v0"), RetryPolicy(), clock=lambda: self.now
        )

    def call(self, timeout: float = 30) -> Generator[Any, Any, Answer]:
        request = httpx.Request("GET", "https://api.test/v0/jobs/j/executions/e")
        asked = OperationRequest.of(request, self.context.base_url)
        return call(self.context, asked, self.now + timeout)

    def with_token(self) -> None:
        """Let a call fetch a token, as at this time, and end."""
        steps = self.call()
        assert asks_for_token(next(steps))
        steps.send(token(1))
        steps.close()


def asks_for_token(effect: Any) -> bool:
    return isinstance(effect, Send) and effect.request.url.path == "/v0/oauth/token"


def bearer(effect: Any) -> str:
    assert isinstance(effect, Send)
    return effect.request.headers["authorization"]


def token(number: int, expires_in: object = 1000) -> Answer:
    body = {"access_token": f"token-{number}", "expires_in": expires_in}
    return Answer(200, httpx.Headers(), httpx.Response(200, json=body).content)


def status(code: int) -> Answer:
    return Answer(code, httpx.Headers(), b"{}")


def test_follower_waits() -> None:
    """While one call fetches a token the others wait, and then use the same."""
    world = World()
    leader, follower = world.call(), world.call()
    assert asks_for_token(next(leader))
    wait = next(follower)
    assert isinstance(wait, Wait)
    assert not wait.event.is_set()
    leader.send(token(1))
    assert wait.event.is_set()
    assert bearer(next(follower)) == "Bearer token-1"


def test_failure_is_shared() -> None:
    """What the token endpoint refuses to one is refused to those who waited, and just after."""
    world = World()
    leader, follower, newcomer = world.call(), world.call(), world.call()
    next(leader)
    next(follower)
    with pytest.raises(AuthenticationError):
        leader.send(status(400))
    with pytest.raises(AuthenticationError):
        next(follower)
    with pytest.raises(AuthenticationError):
        next(newcomer)
    world.now += 0.5
    assert asks_for_token(next(world.call()))


def test_cancelled_leader() -> None:
    """A leader that is cancelled wakes the others, of whom one takes over."""
    world = World()
    leader, first, second = world.call(), world.call(), world.call()
    next(leader)
    wait = next(first)
    next(second)
    leader.close()
    assert wait.event.is_set()
    assert asks_for_token(next(first))
    assert isinstance(next(second), Wait)


def test_leader_out_of_time() -> None:
    """A leader whose own time is over does not take the others with it."""
    world = World()
    leader, follower = world.call(timeout=1), world.call(timeout=30)
    next(leader)
    next(follower)
    world.now += 1
    with pytest.raises(APITimeoutError):
        leader.send(Lost("too late", sent=True, timed_out=True))
    assert asks_for_token(next(follower))


def test_follower_out_of_time() -> None:
    """A call does not wait for another's token beyond its own deadline."""
    world = World()
    leader, follower = world.call(timeout=30), world.call(timeout=1)
    next(leader)
    assert next(follower).deadline == 1
    world.now += 1
    with pytest.raises(APITimeoutError) as caught:
        next(follower)
    assert not caught.value.may_have_been_processed
    assert str(caught.value) == (
        "no token: timed out after 1.0 s waiting for another call to get it; "
        "it was for the GET of job 'j', execution 'e'"
    )


def test_early_refresh() -> None:
    """Ahead of its end a token is renewed by one call; the others go on with the old one."""
    world = World()
    world.with_token()
    world.now = 799
    assert bearer(next(world.call())) == "Bearer token-1"
    world.now = 801
    leader = world.call()
    assert asks_for_token(next(leader))
    assert bearer(next(world.call())) == "Bearer token-1"
    assert bearer(leader.send(token(2))) == "Bearer token-2"


@pytest.mark.parametrize(("timeout", "seconds"), [(12, 3), (100, 5)])
def test_time_of_an_early_refresh(timeout: float, seconds: float) -> None:
    """Renewing ahead of the end takes a quarter of the call's time, 5 s at most."""
    world = World()
    world.with_token()
    world.now = 801
    assert next(world.call(timeout)).deadline == 801 + seconds


def test_early_refresh_fails() -> None:
    """Where renewing ahead of the end fails, the old token is used, without another attempt."""
    world = World()
    world.with_token()
    world.now = 801
    leader = world.call()
    assert asks_for_token(next(leader))
    assert bearer(leader.send(status(503))) == "Bearer token-1"
    assert bearer(next(world.call())) == "Bearer token-1"
    world.now = 801 + (1000 - 801) / 4 - 0.01
    assert bearer(next(world.call())) == "Bearer token-1"
    world.now += 0.01
    assert asks_for_token(next(world.call()))


def test_mandatory_refresh_fails() -> None:
    """Past its end the old token is not used any more: failure raises."""
    world = World()
    world.with_token()
    world.now = 1000
    steps = world.call()
    assert asks_for_token(next(steps))
    with pytest.raises(AuthenticationError):
        steps.send(status(401))


def test_refused_during_early_refresh() -> None:
    """A token that was refused while it was being renewed without success is not used again."""
    world = World()
    world.with_token()
    world.now = 801
    leader, other = world.call(), world.call()
    next(leader)
    next(other)
    assert isinstance(other.send(status(401)), Wait)
    assert asks_for_token(leader.send(status(503)))


@pytest.mark.parametrize("limit", ["attempts", "closed"])
def test_no_replay(limit: str) -> None:
    """A refused token is not renewed for an attempt that may not follow."""
    world = World()
    world.with_token()
    world.now += 1
    world.context.retry = RetryPolicy(1 if limit == "attempts" else 4)
    steps = world.call()
    next(steps)
    world.context.closed = limit == "closed"
    with pytest.raises(AuthenticationError):
        steps.send(status(401))


def test_new_token_is_refused_to_a_follower() -> None:
    """A token that another call has just fetched is new for those who waited, too."""
    world = World()
    leader, follower = world.call(), world.call()
    next(leader)
    next(follower)
    world.now += 1
    leader.send(token(1))
    assert bearer(next(follower)) == "Bearer token-1"
    with pytest.raises(AuthenticationError):
        follower.send(status(401))


def test_token_endpoint_hangs_for_all() -> None:
    """A token request that takes as long as an attempt may fails those who waited, too."""
    world = World()
    world.context.retry = RetryPolicy(max_attempts=1, attempt_timeout=5)
    leader, follower = world.call(), world.call()
    next(leader)
    next(follower)
    world.now += 5
    with pytest.raises(APITimeoutError):
        leader.send(Lost("too late", sent=True, timed_out=True))
    with pytest.raises(APITimeoutError):
        next(follower)


def test_token_with_white_space() -> None:
    """White space around a token is no part of it."""
    steps = World().call()
    next(steps)
    padded = httpx.Response(200, json={"access_token": " token-1 "}).content
    assert bearer(steps.send(Answer(200, httpx.Headers(), padded))) == "Bearer token-1"


def test_token_answer_that_is_cut() -> None:
    """Nothing is taken from an answer that is not whole."""
    steps = World().call()
    next(steps)
    whole = token(1)
    with pytest.raises(ResponseDecodeError, match="too large"):
        steps.send(Answer(200, whole.headers, whole.content, "its body is too large"))


def test_another_scheme() -> None:
    """Credentials do not go out in clear text to the host that gets them over TLS."""
    request = httpx.Request("GET", "http://api.test/v0/jobs")
    context = World().context
    send = next(call(context, OperationRequest.of(request, context.base_url), 30))
    assert isinstance(send, Send)
    assert "authorization" not in send.request.headers


def test_only_the_used_token_is_forgotten() -> None:
    """A late 401 for an old token does not throw away its successor."""
    world = World()
    world.with_token()
    world.now += 1
    first, second = world.call(), world.call()
    next(first)
    next(second)
    assert asks_for_token(first.send(status(401)))
    assert bearer(first.send(token(2))) == "Bearer token-2"
    assert bearer(second.send(status(401))) == "Bearer token-2"


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [(100, 100), (0.5, 0.5), ("100", 100), (10**400, 86400), ("9" * 400, 86400)],
)
def test_lifetime(expires_in: object, lifetime: float) -> None:
    """A token is dated by what the server says of its lifetime, a day at most."""
    dated = Token.of(Secret("t"), expires_in, 1000.0)
    assert dated.refresh_at == pytest.approx(1000 + lifetime * 0.8)
    assert dated.expires_at == pytest.approx(1000 + lifetime)


@pytest.mark.parametrize("expires_in", [None, 0, -5, float("nan"), True, "soon", "0", []])
def test_absurd_lifetime(expires_in: object) -> None:
    """A lifetime that makes no sense counts as five minutes."""
    assert Token.of(Secret("t"), expires_in, 1000.0).refresh_at == pytest.approx(1240)


@pytest.mark.parametrize(("wanted", "waits"), [(9.9, True), (10.0, False)])
def test_wait_that_fits(wanted: float, waits: bool) -> None:
    """A wait is begun only where it ends before the call does."""
    world = World()
    world.with_token()
    world.now = 700
    steps = world.call(timeout=10)
    next(steps)
    busy = Answer(503, httpx.Headers({"retry-after": str(wanted)}), b"")
    if waits:
        assert steps.send(busy) == Sleep(wanted)
    else:
        with pytest.raises(ServerError):
            steps.send(busy)


def test_stamp() -> None:
    """A credential takes the place of any other; other headers stay, and the request itself."""
    world = World()
    world.with_token()
    context = world.context
    given = [("accept", "a"), ("authorization", "mine"), ("x-b", "b")]
    request = httpx.Request("GET", "https://api.test/v0/jobs", headers=given)
    send = next(call(context, OperationRequest.of(request, context.base_url), 30))
    assert isinstance(send, Send)
    assert dict(send.request.headers) == {
        "host": "api.test",
        "accept": "a",
        "x-b": "b",
        "authorization": "Bearer token-1",
        "x-request-id": send.request.headers["x-request-id"],
        "x-attempt-count": "1",
    }
    assert request.headers["authorization"] == "mine"


def test_forked_leader() -> None:
    """In a forked child no call waits for the token that a thread of its parent was fetching."""
    world = World()
    leader, newcomer = world.call(), world.call()
    assert asks_for_token(next(leader))
    world.context.after_fork()
    assert asks_for_token(next(newcomer))


def test_lost_leader() -> None:
    """A leader that is not heard of after its deadline, as its loop was stopped, is given up."""
    world = World()
    lost, follower = world.call(timeout=1), world.call()
    next(lost)
    assert next(follower).deadline == 2
    world.now = 1.9
    assert isinstance(next(world.call()), Wait)
    world.now = 2
    assert asks_for_token(next(follower))
    lost.close()  # late, and no matter to the one that leads now
    assert isinstance(next(world.call()), Wait)


def test_leader_in_another_event_loop() -> None:
    """A call cannot wait for an event of another event loop: it looks again after a while."""
    loop = "first"
    world = World()
    world.context.tokens = Tokens(loop=lambda: loop)
    leader, other = world.call(), world.call()
    next(leader)
    loop = "second"
    assert isinstance(next(other), Sleep)
    leader.send(token(1))
    assert bearer(next(other)) == "Bearer token-1"


def test_early_refresh_fails_near_the_end() -> None:
    """Even where little is left of it, renewing the token is not tried again at once."""
    world = World()
    world.with_token()
    world.now = 999
    leader = world.call()
    assert asks_for_token(next(leader))
    leader.send(status(503))
    world.now = 999.4
    assert bearer(next(world.call())) == "Bearer token-1"


def test_refused_after_a_failed_early_refresh() -> None:
    """A token that could not be renewed and is refused then is replaced: it was no new one."""
    world = World()
    world.with_token()
    world.now = 801
    steps = world.call()
    next(steps)
    assert bearer(steps.send(status(503))) == "Bearer token-1"
    assert asks_for_token(steps.send(status(401)))
    assert bearer(steps.send(token(2))) == "Bearer token-2"


def test_early_refresh_of_the_next_token() -> None:
    """That a token could not be renewed ahead of its end has no bearing on the next one."""
    world = World()
    world.with_token()
    world.now = 801
    leader = world.call()
    next(leader)
    leader.send(status(503))
    assert asks_for_token(leader.send(status(401)))
    leader.send(token(2, expires_in=10))
    world.now = 810
    assert asks_for_token(next(world.call()))


def test_token_request_that_hangs() -> None:
    """A token request has no more time than any other attempt."""
    world = World()
    world.context.retry = RetryPolicy(attempt_timeout=7)
    assert next(world.call(timeout=30)).deadline == 7


def test_token_request_is_retried() -> None:
    """A token endpoint that is down for a moment is asked again."""
    steps = World().call()
    next(steps)
    assert isinstance(steps.send(status(503)), Sleep)
    assert asks_for_token(next(steps))


CALLERS = 20


def many_sync(url: str) -> list[object]:
    """Let as many threads cancel at the same moment; return what each got."""
    together = threading.Barrier(CALLERS)

    def one(jobs: JobsClient) -> object:
        together.wait(10)
        try:
            return jobs.cancel("job", "exec").status
        except BlaxelError as error:
            return type(error)

    retry = RetryPolicy(max_attempts=1)
    with (
        JobsClient(CREDENTIALS, base_url=url, retry=retry) as jobs,
        ThreadPoolExecutor(CALLERS) as pool,
    ):
        return list(pool.map(one, [jobs] * CALLERS))


def many_async(backend: str) -> Callable[[str], list[object]]:
    """Let as many tasks cancel at the same moment; return what each got."""

    async def main(url: str) -> list[object]:
        results: list[object] = []

        async def one() -> None:
            try:
                results.append((await jobs.cancel("job", "exec")).status)
            except BlaxelError as error:
                results.append(type(error))

        retry = RetryPolicy(max_attempts=1)
        async with (
            AsyncJobsClient(CREDENTIALS, base_url=url, retry=retry) as jobs,
            anyio.create_task_group() as group,
        ):
            for _ in range(CALLERS):
                group.start_soon(one)
        return results

    return lambda url: anyio.run(main, url, backend=backend)


@pytest.fixture(params=KINDS)
def many(request: pytest.FixtureRequest) -> Callable[[str], list[object]]:
    return many_sync if request.param == "sync" else many_async(request.param)


def requests(server: FaultServer) -> Counter[str]:
    return Counter(seen.method for seen in server.seen)


def test_cold_start(many: Callable[[str], list[object]]) -> None:
    """Twenty callers at once make one token request."""
    with serving(answer(200, TOKEN), answer(200, EXECUTION)) as server:
        assert many(server.url) == ["cancelling"] * CALLERS
        assert requests(server) == {"POST": 1, "DELETE": CALLERS}


@pytest.mark.parametrize(("code", "kind"), [(400, AuthenticationError), (503, ServerError)])
def test_cold_start_that_fails(
    many: Callable[[str], list[object]], code: int, kind: type[BlaxelError]
) -> None:
    """Twenty callers at once learn from one token request that there is no token."""
    with serving(answer(code)) as server:
        assert many(server.url) == [kind] * CALLERS
        assert requests(server) == {"POST": 1}
