"""A token that is renewed over a socket: by one call for all, and missed by none of them."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest

from blaxel_jobs import (
    APITimeoutError,
    AsyncJobsClient,
    BlaxelError,
    ClientCredentials,
    JobsClient,
    ResponseDecodeError,
    RetryPolicy,
)
from blaxel_jobs._auth import tokens
from blaxel_jobs._auth.secrets import Secret
from tests.client.conftest import KINDS
from tests.client.fault_server import (
    Act,
    FaultServer,
    Seen,
    answer,
    execution,
    hang_up,
    running,
    say_nothing,
)
from tests.client.timeouts import TIMEOUTS

CREDENTIALS = ClientCredentials("id", "secret")
ONCE = RetryPolicy(max_attempts=1)
BACKENDS = ["sync", "asyncio", "trio"]


class TokenServer(FaultServer):
    """Does one thing after another with token requests, and accepts each cancel."""

    def choose(self, request: Seen) -> Act:
        self.seen.append(request)
        if request.method != "POST":
            return execution()
        return self.script[min(self.asked, len(self.script)) - 1]

    @property
    def asked(self) -> int:
        return sum(seen.method == "POST" for seen in self.seen)

    @property
    def used(self) -> list[str]:
        return [seen.headers["authorization"] for seen in self.seen if seen.method != "POST"]


def token(name: str, **more: Any) -> Act:
    return answer(200, {"access_token": name, "expires_in": 3600, **more})


@pytest.mark.parametrize("failure", [answer(400), hang_up, answer(200, b"<html>"), answer(503)])
@pytest.mark.parametrize("kind", KINDS)
def test_old_token_serves(kind: str, failure: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a token is alive, a new one that cannot be had takes nothing from it."""
    for share in ("_REFRESH_AT", "_URGENT_AT"):
        monkeypatch.setattr(tokens, share, 0.0)  # a token has seconds to live from the beginning

    async def main(url: str) -> None:
        async with AsyncJobsClient(CREDENTIALS, base_url=url, retry=ONCE) as jobs:
            await jobs.cancel("job", "a")
            await jobs.cancel("job", "b")

    with running(TokenServer([token("old"), failure])) as server:
        if kind == "sync":
            with JobsClient(CREDENTIALS, base_url=server.url, retry=ONCE) as jobs:
                jobs.cancel("job", "a")
                jobs.cancel("job", "b")
        else:
            anyio.run(main, server.url, backend=kind)
        assert [seen.method for seen in server.seen] == ["POST", "DELETE", "POST", "DELETE"]
        assert server.used == ["Bearer old"] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_leader_with_little_time(kind: str) -> None:
    """A call that runs out of time while it fetches a token fails alone."""
    results: list[object] = []
    for timeout in TIMEOUTS:
        with running(TokenServer([say_nothing, token("new")])) as server:
            results = led_by_one_in_a_hurry(kind, server, timeout)
        if server.asked > 1:  # else the leader had no time to ask at all
            break
    leader, *followers = results
    assert isinstance(leader, APITimeoutError)
    assert not leader.may_have_been_processed
    assert followers == ["cancelling"] * 3


def led_by_one_in_a_hurry(kind: str, server: FaultServer, timeout: float) -> list[object]:
    """Return what comes of a call with this time and, begun after it, of three with much more."""
    times = [timeout, 90.0, 90.0, 90.0]
    results: list[object] = [None] * 4

    async def main() -> None:
        async with AsyncJobsClient(CREDENTIALS, base_url=server.url) as jobs:

            async def cancel(number: int) -> None:
                try:
                    done = await jobs.cancel("job", f"exec-{number}", timeout=times[number])
                    results[number] = done.status
                except BlaxelError as error:
                    results[number] = error

            async with anyio.create_task_group() as group:
                for number in range(4):
                    group.start_soon(cancel, number)
                    while not server.seen and results[0] is None:
                        await anyio.sleep(0.005)

    if kind != "sync":
        anyio.run(main, backend=kind)
        return results
    with JobsClient(CREDENTIALS, base_url=server.url) as jobs:

        def cancel(number: int) -> None:
            try:
                done = jobs.cancel("job", f"exec-{number}", timeout=times[number])
                results[number] = done.status
            except BlaxelError as error:
                results[number] = error

        asked = threading.Event()
        threads = [threading.Thread(target=cancel, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
            while not server.seen and results[0] is None:
                asked.wait(0.005)
        for thread in threads:
            thread.join()
    return results


@pytest.mark.parametrize("kind", KINDS)
def test_answer_too_long_for_a_token(kind: str) -> None:
    """An answer that would take an event loop long to read is no token."""
    with running(TokenServer([token("access", more="x" * 200_000)])) as server:
        if kind == "sync":
            with (
                JobsClient(CREDENTIALS, base_url=server.url) as jobs,
                pytest.raises(ResponseDecodeError, match="too long for a token"),
            ):
                jobs.cancel("job", "exec")
            return

        async def main() -> None:
            async with AsyncJobsClient(CREDENTIALS, base_url=server.url) as jobs:
                await jobs.cancel("job", "exec")

        with pytest.raises(ResponseDecodeError, match="too long for a token"):
            anyio.run(main, backend=kind)


class Rotating:
    """Credentials whose refresh token is replaced each time that it is used."""

    def __init__(self, refresh_token: str) -> None:
        self._refresh_token = refresh_token

    def renewed(self, refresh_token: Secret) -> Rotating:
        return Rotating(refresh_token.reveal())

    def token_request(self, url: httpx.URL) -> httpx.Request:
        return httpx.Request("POST", url, json={"refresh_token": self._refresh_token})


class RotatingServer(FaultServer):
    """Takes each refresh token once, and gives access tokens that end at once."""

    expected, wrong = "refresh-0", 0

    def choose(self, request: Seen) -> Act:
        self.seen.append(request)
        if request.method != "POST":
            return execution()
        if json.loads(request.body)["refresh_token"] != self.expected:
            self.wrong += 1
            return answer(400)
        self.expected = f"refresh-{len(self.seen)}"
        return token("access", expires_in=0.01, refresh_token=self.expected)


def test_refresh_token_is_used_once_across_threads() -> None:
    """However many threads want a token, a refresh token is sent once."""
    with (
        running(RotatingServer([])) as server,
        JobsClient(Rotating("refresh-0"), base_url=server.url) as jobs,
        ThreadPoolExecutor(8) as threads,
    ):
        done = list(threads.map(lambda number: jobs.cancel("job", f"e{number}"), range(80)))
        assert len(done) == 80
        assert server.wrong == 0


@pytest.mark.parametrize("backends", [["asyncio"] * 4, ["trio", "asyncio"] * 2])
def test_refresh_token_is_used_once_across_loops(backends: list[str]) -> None:
    """Nor does each event loop that shares a client send it."""
    with running(RotatingServer([])) as server:
        jobs = AsyncJobsClient(Rotating("refresh-0"), base_url=server.url)

        async def main() -> int:
            done = 0

            async def cancel() -> None:
                nonlocal done
                for number in range(8):
                    await jobs.cancel("job", f"e{number}")
                    done += 1

            async with anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(cancel)
            return done

        with ThreadPoolExecutor(len(backends)) as threads:
            counts = list(threads.map(lambda backend: anyio.run(main, backend=backend), backends))
        assert counts == [24] * len(backends)
        assert server.wrong == 0


def test_nested_call_leaves_what_another_has_renewed() -> None:
    """A call in a signal handler does not bring back a refresh token that was used meanwhile."""
    used: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            used.append(json.loads(request.content)["refresh_token"])
            number = len(used)
            found = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
            return httpx.Response(200, json={**found, "expires_in": 7200})
        asked = request.url.path.rpartition("/")[2]
        if asked == "outer":  # as a signal handler: in the same thread
            jobs.cancel("job", "nested")
        elif asked == "nested":
            with ThreadPoolExecutor(1) as threads:
                threads.submit(jobs.cancel, "job", "refused-access-1").result()
        elif asked == "refused-" + request.headers["Authorization"].removeprefix("Bearer "):
            return httpx.Response(401)
        return httpx.Response(200, json={"metadata": {"id": asked}, "spec": {}})

    with JobsClient(Rotating("refresh-0"), transport=httpx.MockTransport(handle)) as jobs:
        jobs.cancel("job", "outer")
        jobs.cancel("job", "refused-access-2")
    assert used == ["refresh-0", "refresh-1", "refresh-2"]
