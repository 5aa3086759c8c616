"""Where requests and credentials may go."""

from __future__ import annotations

import enum

import anyio
import pytest

from blaxel_jobs import (
    ApiKey,
    APIStatusError,
    AsyncJobsClient,
    ConfigurationError,
    InvalidIdentifierError,
    JobsClient,
)
from blaxel_jobs._identifier import check_identifier, check_path
from blaxel_jobs_api.api.jobs import cancel_job_execution
from tests.client.conftest import KINDS, Caller
from tests.client.fault_server import answer, execution, serving

DANGEROUS = [
    "", " ", "\t", ".", "..", " .. ", "%2e", "%2E%2E", ".%2e", "%252e%252e", "%25252e%25252e",
    "..;", "..;a=b", ";", "/", "a/b", "/a", "a/", "a%2Fb", "a%252fb", "\\", "a\\b", "a%5cb",
    "a\nb", "a\rb", "a\x00b", "a%00b", "a\x7fb", "a\x85b", "a%0d%0ab", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("value", DANGEROUS)
def test_dangerous(value: str) -> None:
    """What could name another resource, or break a request, is refused."""
    with pytest.raises(InvalidIdentifierError, match="the job id"):
        check_identifier(value, "the job id")


@pytest.mark.parametrize("value", [None, 7, b"job", ["job"], True, object()])
def test_no_string(value: object) -> None:
    """What is no string is refused."""
    with pytest.raises(InvalidIdentifierError, match="must be a string"):
        check_identifier(value, "the job id")


@pytest.mark.parametrize(
    "value", ["job", "data-processing_job.v2", "...", "a b", "a?b", "a#b", "ä", "100%", "a;b", "~"]
)
def test_harmless(call: Caller, value: str) -> None:
    """What names one thing only is sent, quoted, as one segment."""
    with serving(execution()) as server:
        call(server.url, "cancel", value, value)
        (path,) = (seen.target for seen in server.seen)
    assert path.count("/") == 5
    assert "?" not in path


def test_string_of_an_enum(call: Caller) -> None:
    """What is checked is what is sent, also for a string that prints as another."""

    class Job(str, enum.Enum):  # noqa: UP042 - StrEnum prints as its value
        A = "job-a"

    with serving(execution()) as server:
        call(server.url, "cancel", Job.A, "exec")
        assert server.seen[0].target == "/v0/jobs/job-a/executions/exec"


def test_long_identifier() -> None:
    """An error does not repeat all of a long identifier."""
    with pytest.raises(InvalidIdentifierError) as caught:
        check_identifier("a" * 10_000 + "/", "the job id")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("url", ["/a/../b", "/a//b", "/a/%2e%2e/b", "https://api.test/v0/../b"])
def test_dangerous_path(url: str) -> None:
    """A path with a segment that moves elsewhere is refused, in a whole URL, too."""
    with pytest.raises(InvalidIdentifierError, match="path segment"):
        check_path(url)


@pytest.mark.parametrize("url", ["/jobs", "jobs/a", "/jobs?a=../b", "https://api.test/v0/jobs#/.."])
def test_harmless_path(url: str) -> None:
    """Queries and fragments are no path."""
    check_path(url)


@pytest.mark.parametrize("value", ["..", "", ".", "a/b", "%2e%2e"])
@pytest.mark.parametrize("place", ["job", "execution"])
@pytest.mark.parametrize("kind", KINDS)
def test_generated_operation(value: str, place: str, kind: str) -> None:
    """Generated operations that are called through a client are checked as well."""
    arguments = (value, "exec") if place == "job" else ("job", value)

    def cancel(url: str) -> None:
        with JobsClient(ApiKey("k"), base_url=url) as jobs:
            cancel_job_execution.sync(*arguments, client=jobs.api)

    async def cancel_async(url: str) -> None:
        async with AsyncJobsClient(ApiKey("k"), base_url=url) as jobs:
            await cancel_job_execution.asyncio(*arguments, client=jobs.api)

    run = cancel if kind == "sync" else lambda url: anyio.run(cancel_async, url, backend=kind)
    with serving(execution()) as server, pytest.raises(InvalidIdentifierError):
        run(server.url)
    assert server.seen == []


def test_generated_operation_of_the_other_kind() -> None:
    """An async operation of a sync client, or the reverse, is refused: it would have no policy."""
    with serving(execution()) as server:
        with JobsClient(ApiKey("k"), base_url=server.url) as jobs:
            with pytest.raises(ConfigurationError, match="AsyncJobsClient"):
                anyio.run(lambda: cancel_job_execution.asyncio("job", "exec", client=jobs.api))
            with pytest.raises(ConfigurationError, match="JobsClient"):
                cancel_job_execution.sync("job", "exec", client=jobs.api.with_headers({"a": "b"}))
        async_jobs = AsyncJobsClient(ApiKey("k"), base_url=server.url)
        with pytest.raises(ConfigurationError, match="JobsClient"):
            cancel_job_execution.sync("job", "exec", client=async_jobs.api)
        assert server.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(call: Caller, status: int) -> None:
    """A redirect is an error; nothing is sent to where it points."""
    with serving(execution()) as elsewhere:
        with serving(answer(status, Location=f"{elsewhere.url}/jobs")) as server:
            with pytest.raises(APIStatusError) as caught:
                call(server.url, "cancel", "job", "exec")
            assert len(server.seen) == 1
        assert elsewhere.seen == []
    assert caught.value.status_code == status


def test_redirects_that_are_asked_for() -> None:
    """Whoever asks our httpx client to follow a redirect does not get it either."""
    with (
        serving(execution()) as elsewhere,
        serving(answer(302, Location=f"{elsewhere.url}/jobs")) as server,
    ):
        with JobsClient(ApiKey("k"), base_url=server.url) as jobs, pytest.raises(APIStatusError):
            jobs.api.get_httpx_client().request("GET", "/jobs", follow_redirects=True)
        assert elsewhere.seen == []


@pytest.mark.parametrize("base_url", ["https://api.example.com/v0", "http://127.0.0.1:1/v0"])
def test_another_origin(base_url: str) -> None:
    """Credentials go to the base URL's origin only: scheme, host and port."""
    with (
        serving(answer(200)) as elsewhere,
        JobsClient(ApiKey("the-key"), base_url=base_url) as jobs,
    ):
        jobs.api.get_httpx_client().request("GET", f"{elsewhere.url}/jobs")
        assert "authorization" not in elsewhere.seen[0].headers


@pytest.mark.parametrize("url", ["http://localhost:1/v0", "http://127.0.0.1:1", "http://[::1]:1/"])
def test_loopback(url: str) -> None:
    """Plain http is allowed to this machine."""
    JobsClient(ApiKey("k"), base_url=url).close()


@pytest.mark.parametrize(
    "url",
    [
        "http://api.blaxel.ai/v0",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:80",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "https://",
        "",
        None,
        7,
        "https://user@api.blaxel.ai/v0",
        "https://:password@api.blaxel.ai/v0",
        "https://api.blaxel.ai/v0?a=b",
        "https://api.blaxel.ai/v0#a",
        "http://[::1",
    ],
)
@pytest.mark.parametrize("client", [JobsClient, AsyncJobsClient])
def test_unsafe_base_url(client: type[JobsClient] | type[AsyncJobsClient], url: object) -> None:
    """A base URL that credentials must not go to is refused."""
    with pytest.raises(ConfigurationError, match="base URL"):
        client(ApiKey("k"), base_url=url)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["workspace", "api_version"])
@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "ä", 7])
def test_unsafe_header(name: str, value: object) -> None:
    """A header that cannot be sent is refused when the client is made."""
    with pytest.raises(ConfigurationError, match=name):
        JobsClient(ApiKey("k"), **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, -1, True, "5", 1.5])
def test_unusable_size(size: object) -> None:
    """A limit that is no number of bytes is refused."""
    with pytest.raises(ConfigurationError, match="max_response_bytes"):
        JobsClient(ApiKey("k"), max_response_bytes=size)  # type: ignore[arg-type]


@pytest.mark.parametrize("retry", [None, 3, False])
def test_unusable_retry(retry: object) -> None:
    """A retry policy that is none is refused when the client is made."""
    with pytest.raises(ConfigurationError, match="RetryPolicy"):
        JobsClient(ApiKey("k"), retry=retry)  # type: ignore[arg-type]


@pytest.mark.parametrize("timeout", [0, -1, True, "5", float("nan"), float("inf"), 1e9])
def test_unusable_timeout(call: Caller, timeout: object) -> None:
    """A timeout that no socket can keep is refused, for a call as well."""
    with serving(execution()) as server:
        for method in ("cancel", "get", "cancel_and_wait"):
            with pytest.raises(ConfigurationError, match="timeout"):
                call(server.url, method, "job", "exec", timeout=timeout)
        assert server.seen == []
