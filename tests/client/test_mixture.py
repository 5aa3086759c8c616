"""Objects of httpx2 in a client on httpx, or the other way round: an error that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import anyio
import httpx
import pytest

from blaxel_jobs import ApiKey, AsyncJobsClient, ConfigurationError, JobsClient
from tests.client.conftest import Caller

Kind: TypeAlias = type[JobsClient] | type[AsyncJobsClient]

OTHER = "httpx2" if httpx.__name__ == "httpx" else "httpx"
BOTH = pytest.mark.parametrize("client", [JobsClient, AsyncJobsClient])
URL = "https://api.example.com/v0"


def foreign(name: str, *bases: type, **members: Any) -> Any:
    """Return an object of a class as the other library has it."""
    return type(name, bases, {"__module__": OTHER, **members})()


class Subclass(type(foreign("BaseTransport"))):  # type: ignore[misc]
    """Somebody's transport, on top of one of the other library."""

    def handle_request(self, request: object) -> None: ...
    async def handle_async_request(self, request: object) -> None: ...


@BOTH
@pytest.mark.parametrize(
    "options",
    [
        {"transport": foreign("HTTPTransport", handle_request=print, handle_async_request=print)},
        {"transport": Subclass()},
        {"transport": Subclass},
        {"transport": foreign("Client", send=print)},
        {"timeout": foreign("Timeout")},
        {"credentials": foreign("BasicAuth", auth_flow=print)},
        {"base_url": foreign("URL")},
    ],
    ids=["transport", "subclass", "class", "client", "timeout", "auth", "url"],
)
def test_handed_in(client: Kind, options: dict[str, Any]) -> None:
    """What is handed in is refused when the client is made."""
    with pytest.raises(ConfigurationError, match=r"httpx2\.alias_httpx\(\)"):
        client(**{"credentials": ApiKey("k"), **options})


def test_client_of_generated_code() -> None:
    """The generated client takes no HTTP client of the other library."""
    with (
        JobsClient(ApiKey("k")) as jobs,
        pytest.raises(ConfigurationError, match=rf"{OTHER}\.Client.*alias_httpx"),
    ):
        jobs.api.set_httpx_client(foreign("Client"))
    with pytest.raises(ConfigurationError, match=rf"{OTHER}\.AsyncClient.*alias_httpx"):
        AsyncJobsClient(ApiKey("k")).api.set_async_httpx_client(foreign("AsyncClient"))


def test_timeout_of_a_call(call: Caller) -> None:
    """A call's own timeout is a number, too."""
    with pytest.raises(ConfigurationError, match="alias_httpx"):
        call(URL, "cancel", "job", "exec", timeout=foreign("Timeout"))


class Exchanged:
    """Credentials that make their request with the other library."""

    def token_request(self, url: httpx.URL) -> httpx.Request:
        return cast(httpx.Request, foreign("Request"))


def test_request_of_a_credential(call: Caller) -> None:
    """A token request of the other library is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match=rf"{OTHER}\.Request.*alias_httpx") as caught:
        call(URL, "cancel", "job", "exec", client={"credentials": Exchanged()})
    assert not caught.value.may_have_been_processed


def transports(result: Callable[[], Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return what makes transports of our library that end in the same, a sync and an async one."""

    class Sync(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return cast(httpx.Response, result())

    class Async(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await anyio.sleep(0)
            return cast(httpx.Response, result())

    return Sync, Async


@pytest.mark.parametrize("base", [Exception, RuntimeError])
def test_error_of_a_transport(call: Caller, base: type[Exception]) -> None:
    """A transport that raises the other library's errors: what it sent may have been processed."""
    calls = []

    def fail() -> None:
        calls.append(1)
        raise foreign("ReadError", base)

    with pytest.raises(ConfigurationError, match=rf"{OTHER}\.ReadError.*alias_httpx") as caught:
        call(URL, "cancel", "job", "exec", client={"transport": transports(fail)})
    assert caught.value.may_have_been_processed
    assert len(calls) == 1


def test_response_of_a_transport(call: Caller) -> None:
    """A transport that answers with the other library's response: likewise."""
    pair = transports(lambda: foreign("Response"))
    with pytest.raises(ConfigurationError, match=rf"{OTHER}\.Response.*alias_httpx") as caught:
        call(URL, "cancel", "job", "exec", client={"transport": pair})
    assert caught.value.may_have_been_processed


def test_error_of_their_own(call: Caller) -> None:
    """An error that belongs to no library is the caller's."""

    def fail() -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        call(URL, "cancel", "job", "exec", client={"transport": transports(fail)})
