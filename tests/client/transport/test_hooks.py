"""What watches httpx's client sees every attempt; what takes its place keeps requests in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import anyio
import httpx
import pytest
import wrapt

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    AsyncJobsClient,
    ClientCredentials,
    JobsClient,
    NotFoundError,
    ResponseDecodeError,
)
from blaxel_jobs._transport.hooks import is_hooked
from blaxel_jobs_api.api.jobs import cancel_job_execution
from tests.client.conftest import Caller
from tests.client.fault_server import EXECUTION, answer, execution, hang_up, serving

METHODS = ["send", "request", "build_request", "_send_single_request", "_transport_for_url"]
GIVEN = answer(200, {"access_token": "t", "expires_in": 60})


def watch(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Replace a method of both clients, as instrumentations do; return the calls it sees."""
    seen: list[str] = []
    sync_real, async_real = getattr(httpx.Client, name), getattr(httpx.AsyncClient, name)

    def sync_method(self: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(name)
        return sync_real(self, *arguments, **options)

    def async_method(self: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(name)
        return async_real(self, *arguments, **options)

    monkeypatch.setattr(httpx.Client, name, sync_method)
    monkeypatch.setattr(httpx.AsyncClient, name, async_method)
    return seen


@pytest.mark.parametrize("name", METHODS)
def test_replaced_method(call: Caller, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever method is replaced, each attempt is seen: the token's, and those that fail."""
    with serving(GIVEN, hang_up, answer(503), execution()) as server:
        seen = watch(monkeypatch, name)
        client = {"credentials": ClientCredentials("i", "s")}
        assert call(server.url, "cancel", "job", "exec", client=client).status == "cancelling"
        methods = [one.method for one in server.seen]
    assert methods == ["POST", "DELETE", "DELETE", "DELETE"]
    assert len(seen) >= 4


@pytest.mark.parametrize("name", ["send", "_send_single_request"])
def test_wrapped_method(call: Caller, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrapper of wrapt, which passes for the function that it wraps, is seen through."""
    seen: list[str] = []

    def wrapper(wrapped: Any, instance: Any, arguments: Any, options: Any) -> Any:
        seen.append(name)
        return wrapped(*arguments, **options)

    for kind in (httpx.Client, httpx.AsyncClient):
        monkeypatch.setattr(kind, name, wrapt.FunctionWrapper(getattr(kind, name), wrapper))
    with serving(answer(503), execution()) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"
    assert seen == [name, name]
    monkeypatch.undo()
    with JobsClient(ApiKey("k")) as jobs:
        assert not is_hooked(jobs._http, jobs._transport)


@pytest.mark.parametrize("name", ["send", "request"])
def test_mocked_method(call: Caller, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock in the place of a method answers, and nothing goes out; errors are ours."""
    answers = [httpx.Response(503), httpx.Response(200, json=EXECUTION), httpx.Response(404)]

    def sync_mock(self: Any, *arguments: Any, **options: Any) -> httpx.Response:
        return answers.pop(0)

    async def async_mock(self: Any, *arguments: Any, **options: Any) -> httpx.Response:
        return answers.pop(0)

    monkeypatch.setattr(httpx.Client, name, sync_mock)
    monkeypatch.setattr(httpx.AsyncClient, name, async_mock)
    with serving(execution()) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"
        with pytest.raises(NotFoundError):
            call(server.url, "cancel", "job", "exec")
        assert server.seen == []


@pytest.mark.parametrize("target", ["Client.send", "Client.request", "Client"])
def test_bare_mock(target: str) -> None:
    """A mock that answers with mocks is an error that says so, and nothing goes out."""
    with serving(execution()) as server:
        with (
            JobsClient(ApiKey("k"), base_url=server.url) as jobs,
            patch(f"{httpx.__name__}.{target}"),
            pytest.raises(APIConnectionError, match=rf"MagicMock, not {httpx.__name__}\.Response"),
        ):
            jobs.cancel("job", "exec")
        assert server.seen == []


def test_replaced_transport() -> None:
    """A transport that is put into httpx's client is used."""
    with serving(execution()) as server:
        with JobsClient(ApiKey("k"), base_url=server.url) as jobs:
            mock = httpx.MockTransport(lambda request: httpx.Response(200, json=EXECUTION))
            jobs.api.get_httpx_client()._transport = mock
            jobs.cancel("job", "exec")
        assert server.seen == []


def test_event_hooks() -> None:
    """Event hooks of the client are called for each attempt."""
    seen: list[str] = []
    with (
        serving(hang_up, execution()) as server,
        JobsClient(ApiKey("k"), base_url=server.url) as jobs,
    ):
        hooks = {
            "request": [lambda request: seen.append(request.method)],
            "response": [lambda response: seen.append(str(response.status_code))],
        }
        jobs.api.get_httpx_client().event_hooks = hooks
        jobs.cancel("job", "exec")
        assert cancel_job_execution.sync("job", "exec", client=jobs.api) is not None
    assert seen == ["DELETE", "DELETE", "200", "DELETE", "200"]


def take(response: httpx.Response) -> None:
    for _ in response.iter_raw():
        pass


@pytest.mark.parametrize("hook", [take, httpx.Response.close])
@pytest.mark.parametrize("status", [200, 404])
def test_event_hook_that_takes_the_body(
    status: int, hook: Callable[[httpx.Response], None]
) -> None:
    """An answer whose body a hook has used up or closed does not count as lost."""
    with (
        serving(answer(status, EXECUTION)) as server,
        JobsClient(ApiKey("k"), base_url=server.url) as jobs,
    ):
        jobs.api.get_httpx_client().event_hooks = {"response": [hook]}
        with pytest.raises(ResponseDecodeError if status == 200 else NotFoundError) as caught:
            jobs.cancel("job", "exec")
        assert len(server.seen) == 1
    assert caught.value.accepted is (status == 200)


def test_async_event_hooks() -> None:
    """The same in async code."""
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(request.method)

    async def main(url: str) -> None:
        async with AsyncJobsClient(ApiKey("k"), base_url=url) as jobs:
            jobs.api.get_async_httpx_client().event_hooks = {"request": [note]}
            await jobs.cancel("job", "exec")

    with serving(hang_up, execution()) as server:
        anyio.run(main, server.url)
    assert seen == ["DELETE", "DELETE"]


def test_log(call: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """Who listens to httpx's log at INFO reads a line for each answer, without the key."""
    caplog.set_level(logging.INFO, logger=httpx.__name__)
    with serving(answer(503), execution()) as server:
        call(server.url, "cancel", "job", "exec")
    lines = [record.getMessage() for record in caplog.records if record.name == httpx.__name__]
    assert ["503" in lines[0], "200" in lines[1]] == [True, True]
    assert "the-api-key" not in caplog.text


def test_nothing_watches(caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing watches, attempts do not go through httpx's client."""
    caplog.set_level(logging.WARNING, logger=httpx.__name__)
    with JobsClient(ApiKey("k")) as jobs:
        assert not is_hooked(jobs._http, jobs._transport)
        with patch.object(httpx.Client, "send"):
            assert is_hooked(jobs._http, jobs._transport)
        assert not is_hooked(jobs._http, jobs._transport)
