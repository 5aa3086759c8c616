"""The recipes of docs/recipes, run as they stand."""

from __future__ import annotations

import asyncio
import io
import runpy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from celery.exceptions import Retry

import blaxel_jobs
from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient, RetryPolicy
from blaxel_jobs.testing import FakeAPI, Fault, garbage, status
from docs.recipes import celery_task, fastapi_shutdown, kill_switch, task_group
from tests import ROOT

RECIPES = ROOT / "docs/recipes"
NO_WAIT = RetryPolicy(initial_delay=0)
CANCEL: Any = celery_task.cancel_execution  # Celery has no types


@pytest.fixture
def api() -> FakeAPI:
    """An API with two executions that run."""
    api = FakeAPI()
    api.add("job", "exec-1")
    api.add("job", "exec-2")
    return api


@pytest.fixture
def jobs(api: FakeAPI) -> Iterator[JobsClient]:
    """A sync client of it."""
    with JobsClient(ApiKey("key"), transport=api, retry=NO_WAIT) as jobs:
        yield jobs


def async_client(api: FakeAPI) -> AsyncJobsClient:
    return AsyncJobsClient(ApiKey("key"), transport=api, retry=NO_WAIT)


def test_fastapi_shutdown(api: FakeAPI, caplog: pytest.LogCaptureFixture) -> None:
    """At shutdown each execution is cancelled; one that fails does not keep the others."""
    app = fastapi_shutdown.create_app(async_client(api))

    async def main() -> None:
        async with app.router.lifespan_context(app):
            app.state.executions |= {("job", "exec-1"), ("job", "exec-2"), ("job", "gone")}
            api.script(status(403))

    asyncio.run(main())
    stopped = [name for name in ("exec-1", "exec-2") if api.status("job", name) == "cancelling"]
    # The 403 met one of the three; it is told of, the others are stopped, or gone.
    (told,) = [record.getMessage() for record in caplog.records]
    assert set(stopped) == {"exec-1", "exec-2"} - {told.split()[0]}
    assert len(api.requests) == 3


def test_fastapi_watch(api: FakeAPI) -> None:
    """The service takes note of an execution by PUT."""
    app = fastapi_shutdown.create_app(async_client(api))

    async def main() -> int:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://service") as client,
        ):
            return (await client.put("/jobs/job/executions/exec-1")).status_code

    assert asyncio.run(main()) == 204
    assert api.status("job", "exec-1") == "cancelling"


def test_task_group_that_fails(api: FakeAPI) -> None:
    """Work that fails takes the execution with it."""

    async def main() -> None:
        async def broken() -> None:
            raise LookupError

        async with async_client(api) as jobs:
            await task_group.work_beside(jobs, "job", "exec-1", broken(), asyncio.sleep(60))

    with pytest.raises(ExceptionGroup):
        asyncio.run(main())
    assert api.status("job", "exec-1") == "cancelling"


def test_task_group_that_succeeds(api: FakeAPI) -> None:
    """Work that ends well leaves the execution alone."""

    async def main() -> None:
        async with async_client(api) as jobs:
            await task_group.work_beside(jobs, "job", "exec-1", asyncio.sleep(0))

    asyncio.run(main())
    assert api.status("job", "exec-1") == "running"


@pytest.mark.parametrize(
    ("faults", "result"),
    [((), "cancelling"), ((status(404),), "gone"), ((garbage(),), "cancelling")],
)
def test_celery_task(
    api: FakeAPI,
    jobs: JobsClient,
    monkeypatch: pytest.MonkeyPatch,
    faults: tuple[Fault, ...],
    result: str,
) -> None:
    """The task returns how the execution stands."""
    monkeypatch.setattr(celery_task, "client", lambda: jobs)
    api.script(*faults)
    assert CANCEL.apply(("job", "exec-1")).get() == result


def test_celery_task_of_an_execution_that_has_ended(
    api: FakeAPI, jobs: JobsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An execution that has ended is told as it ended."""
    monkeypatch.setattr(celery_task, "client", lambda: jobs)
    api.set_status("job", "exec-1", "succeeded")
    assert CANCEL.apply(("job", "exec-1")).get() == "succeeded"


def test_celery_task_is_retried(
    api: FakeAPI, jobs: JobsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may pass is delivered again, not before the server wants it."""
    monkeypatch.setattr(celery_task, "client", lambda: jobs)
    api.script(status(429, headers={"Retry-After": "120"}))
    told: dict[str, object] = {}

    def retry(**options: object) -> Retry:
        told.update(options)
        return Retry()

    monkeypatch.setattr(CANCEL, "retry", retry)
    with pytest.raises(Retry):
        CANCEL.run("job", "exec-1")
    assert told["countdown"] == 120


def test_kill_switch(api: FakeAPI, jobs: JobsClient) -> None:
    """All are cancelled; those that may still run are returned."""
    pairs = [("job", "exec-1"), ("job", "gone"), ("job", ".."), ("job", "exec-2")]
    assert kill_switch.kill(jobs, pairs) == [("job", "..")]
    assert api.status("job", "exec-1") == api.status("job", "exec-2") == "cancelling"


def test_kill_switch_as_a_script(api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads pairs from standard input and ends with 0 where nothing is left."""
    monkeypatch.setattr(blaxel_jobs, "JobsClient", lambda: JobsClient(ApiKey("key"), transport=api))
    monkeypatch.setattr("sys.stdin", io.StringIO("job exec-1\n\njob exec-2\n"))
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(RECIPES / "kill_switch.py"), run_name="__main__")
    assert caught.value.code == 0
    assert api.status("job", "exec-2") == "cancelling"
