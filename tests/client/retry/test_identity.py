"""An answer is about the execution that was asked for, or it is no answer to that."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import anyio
import httpx
import pytest

from blaxel_jobs import (
    ApiKey,
    AsyncJobsClient,
    CancelOutcomeUnknownError,
    JobsClient,
    ResponseDecodeError,
    RetryPolicy,
)
from blaxel_jobs._many.listing import id_of
from tests.client.conftest import KINDS, Caller
from tests.client.fault_server import Act, answer, execution, serving

OPTIONS: dict[str, Any] = {
    "credentials": ApiKey("key"),
    "retry": RetryPolicy(max_attempts=2, initial_delay=0.0),
}
Cancels: TypeAlias = Callable[..., list[str | None]]


def names(*executions: str, status: str = "cancelling") -> Act:
    """Answer with executions of these ids, all in one write."""

    def act(connection: Any) -> None:
        written = b""
        for name in executions:
            found = {"metadata": {"id": name}, "spec": {}, "status": status}
            content = json.dumps(found).encode()
            written += b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
        connection.sendall(written)

    return act


@pytest.fixture(params=KINDS)
def cancels(request: pytest.FixtureRequest) -> Cancels:
    """Cancel executions one after another with one client; return the ids in the answers."""

    def run(url: str, *executions: str, given: bool = False) -> list[str | None]:
        if request.param == "sync":
            transport = httpx.HTTPTransport() if given else None
            with JobsClient(base_url=url, transport=transport, **OPTIONS) as jobs:
                return [id_of(jobs.cancel("job", one)) for one in executions]

        async def main() -> list[str | None]:
            transport = httpx.AsyncHTTPTransport() if given else None
            async with AsyncJobsClient(base_url=url, transport=transport, **OPTIONS) as jobs:
                return [id_of(await jobs.cancel("job", one)) for one in executions]

        return anyio.run(main, backend=request.param)

    return run


@pytest.mark.parametrize("given", [False, True], ids=["own", "handed in"])
def test_two_responses_in_one_write(cancels: Cancels, given: bool) -> None:
    """An answer that was not asked for is not the next call's; its connection is not used again."""
    with serving(names("a", "somebody's"), execution()) as server:
        assert cancels(server.url, "a", "b", "c", given=given) == ["a", "b", "c"]
        assert server.connections > 1


def test_another_execution(call: Caller) -> None:
    """After another execution's answer the execution is read, on a fresh connection."""
    with serving(names("other"), names("exec")) as server:
        assert call(server.url, "cancel", "job", "exec").metadata.id == "exec"
        assert [seen.method for seen in server.seen] == ["DELETE", "GET"]
        assert server.connections == 2


def test_name_of_the_server(call: Caller) -> None:
    """The same other id twice means that the server names the execution so."""
    with serving(names("EXEC")) as server:
        assert call(server.url, "cancel", "job", "exec").metadata.id == "EXEC"
        assert [seen.method for seen in server.seen] == ["DELETE", "GET"]
        assert server.connections == 2


def test_answer_without_a_name(call: Caller) -> None:
    """An answer whose id is empty is about no other execution."""
    with serving(names("")) as server:
        call(server.url, "cancel", "job", "exec")
        assert [seen.method for seen in server.seen] == ["DELETE"]


@pytest.mark.parametrize(
    "second",
    [names("another"), names("exec", status="running"), answer(404), answer(403), answer(200, [])],
    ids=["another", "running", "404", "403", "no execution"],
)
def test_outcome_unknown(call: Caller, second: Act) -> None:
    """Where reading it does not show that it took place, the outcome is unknown."""
    with serving(names("other"), second) as server:
        with pytest.raises(CancelOutcomeUnknownError, match="'other'") as caught:
            call(server.url, "cancel", "job", "exec")
        assert caught.value.may_have_been_processed
        assert not caught.value.accepted


def test_read(call: Caller) -> None:
    """`get` reads again on a fresh connection, and believes two different strangers nothing."""
    with serving(names("other"), names("exec")) as server:
        assert call(server.url, "get", "job", "exec").metadata.id == "exec"
        assert server.connections == 2
    with serving(names("EXEC")) as server:  # the server names it so
        assert call(server.url, "get", "job", "exec").metadata.id == "EXEC"
        assert server.connections == 2
    with (
        serving(names("other"), names("another")) as server,
        pytest.raises(ResponseDecodeError, match=r"'other', then 'another'"),
    ):
        call(server.url, "get", "job", "exec")
