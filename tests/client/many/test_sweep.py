"""Every execution of a job that has not ended is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest

from blaxel_jobs import (
    ApiKey,
    AsyncJobsClient,
    CancelResult,
    ConfigurationError,
    ConflictError,
    InvalidIdentifierError,
    JobsClient,
    PermissionDeniedError,
    RetryPolicy,
)
from blaxel_jobs._many import sweep as sweeping
from blaxel_jobs._many.sweep import Sweep
from blaxel_jobs.testing import FakeAPI
from blaxel_jobs_api.models import JobExecution
from tests.client.conftest import KINDS

Swept = tuple[list[CancelResult], tuple[str, ...]]


@pytest.fixture(params=KINDS)
def cancel_all(request: pytest.FixtureRequest) -> Callable[..., Swept]:
    """Cancel all of a job with a fresh client; return the results, and what is left."""

    def run(api: FakeAPI, **options: Any) -> Swept:
        client: dict[str, Any] = {
            "credentials": ApiKey("k"),
            "transport": api,
            "retry": RetryPolicy(max_attempts=1),
        }
        if request.param == "sync":
            with JobsClient(**client) as jobs:
                cancelled = jobs.cancel_all("job", **options)
                return list(cancelled), cancelled.left

        async def main() -> Swept:
            async with AsyncJobsClient(**client) as jobs:
                cancelled = jobs.cancel_all("job", **options)
                return [result async for result in cancelled], cancelled.left

        return anyio.run(main, backend=request.param)

    return run


class Busy(FakeAPI):
    """A fake in which something happens with each request."""

    def __init__(self, happens: Callable[[Busy, str, str], None], **options: Any) -> None:
        super().__init__(**options)
        self.happens = happens

    def begin(self, asked: Any) -> Any:
        self.happens(self, asked.method, asked.target.partition("?")[0].rpartition("/")[2])
        return super().begin(asked)


def test_all(cancel_all: Callable[..., Swept]) -> None:
    """Those that run are cancelled once; those that have ended, or are cancelling, are not."""
    api = FakeAPI()
    for number in range(250):
        api.add("job", f"e{number}")
    for state in ("cancelled", "failed", "succeeded", "timeout", "cancelling"):
        api.add("job", state, status=state)
    api.add("other", "x")
    results, left = cancel_all(api)
    assert sorted(result.execution_id for result in results) == sorted(f"e{n}" for n in range(250))
    assert all(result.execution is not None for result in results)
    assert sum(request.method == "DELETE" for request in api.requests) == 250
    assert (left, api.status("other", "x")) == ((), "running")


def test_nothing(cancel_all: Callable[..., Swept]) -> None:
    """A job without executions is done."""
    assert cancel_all(FakeAPI()) == ([], ())


def test_filters(cancel_all: Callable[..., Swept]) -> None:
    """Only those of a status, and of an age."""
    api = FakeAPI()
    now = datetime.now(UTC)
    api.add("job", "old", created_at=now - timedelta(days=2))
    api.add("job", "new", created_at=now)
    api.add("job", "queued", status="queued", created_at=now - timedelta(days=2))
    results, left = cancel_all(api, status="running", created_before=now - timedelta(days=1))
    assert [result.execution_id for result in results] == ["old"]
    assert left == ()


def test_created_meanwhile(cancel_all: Callable[..., Swept]) -> None:
    """It looks again until a pass finds nothing new."""

    def happens(api: Busy, method: str, last: str) -> None:
        if method == "DELETE" and last in ("a", "late"):
            api.add("job", {"a": "late", "late": "later"}[last])

    api = Busy(happens)
    api.add("job", "a")
    results, left = cancel_all(api)
    assert [result.execution_id for result in results] == ["a", "late", "later"]
    assert left == ()


def test_no_end_of_new_ones(cancel_all: Callable[..., Swept]) -> None:
    """It is bounded: something that starts executions all the time is left, and named."""
    made = 0

    def happens(api: Busy, method: str, last: str) -> None:
        nonlocal made
        if method == "DELETE":
            made += 1
            api.add("job", f"more{made}")

    api = Busy(happens)
    api.add("job", "a")
    results, left = cancel_all(api)
    assert len(results) == sweeping.MOST_PASSES
    assert left == (f"more{made}",)


@pytest.mark.parametrize("gone", [False, True])
def test_ended_meanwhile(cancel_all: Callable[..., Swept], gone: bool) -> None:
    """One that ends by itself, or is deleted, before its cancel arrives is no failure."""

    def happens(api: Busy, method: str, last: str) -> None:
        if method == "DELETE":
            api.set_status("job", "a", "succeeded")

    deleted: list[httpx.Request] = []

    def refuses(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/executions"):
            body = [{"metadata": {"id": "a"}, "spec": {}, "status": "running"}]
            return httpx.Response(200, json=[] if deleted else body)
        deleted.append(request)
        return httpx.Response(404, json={"error": "not found"})

    api: Any = httpx.MockTransport(refuses) if gone else Busy(happens)
    if not gone:
        api.add("job", "a")
    ((result,), left) = cancel_all(api)
    assert result.error is None
    assert (result.execution is None) is gone
    assert left == ()


def test_refused(cancel_all: Callable[..., Swept]) -> None:
    """One that cannot be cancelled and goes on is a failure, and left."""

    class Stubborn(FakeAPI):
        def begin(self, asked: Any) -> Any:
            fault, reply = super().begin(asked)
            if asked.method == "DELETE":
                self.set_status("job", "a", "running")
                reply = (409, b'{"error": "no"}', {})
            return fault, reply

    api = Stubborn()
    api.add("job", "a")
    (result,), left = cancel_all(api)
    assert isinstance(result.error, ConflictError)
    assert left == ("a",)


def test_list_that_fails(cancel_all: Callable[..., Swept]) -> None:
    """Where the list cannot be read, that is raised."""
    api: Any = httpx.MockTransport(lambda request: httpx.Response(403, json={"error": "no"}))
    with pytest.raises(PermissionDeniedError):
        cancel_all(api)


def test_out_of_time() -> None:
    """After an hour it only looks, and says what is left."""
    now = 0.0
    sweep = Sweep("job", clock=lambda: now)

    def page(name: str) -> list[JobExecution]:
        return [JobExecution.from_dict({"metadata": {"id": name}, "spec": {}, "status": "running"})]

    assert sweep.begins()
    assert sweep.to_cancel(page("a")) == [("job", "a")]
    now = 4000.0
    assert sweep.to_cancel(page("b")) == []
    assert not sweep.begins()
    assert sweep.left == ("a", "b")


@pytest.mark.parametrize("client", [JobsClient, AsyncJobsClient])
def test_refused_at_once(client: Any) -> None:
    """What cannot be asked is refused when it is called, not when it is iterated."""
    jobs = client(ApiKey("k"))
    with pytest.raises(InvalidIdentifierError):
        jobs.cancel_all("..")
    with pytest.raises(ConfigurationError):
        jobs.cancel_all("job", concurrency=0)
    with pytest.raises(ConfigurationError):
        jobs.cancel_all("job", status=7)
