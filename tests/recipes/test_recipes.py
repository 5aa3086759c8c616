"""The recipes of docs/recipes, run as they stand."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from celery.exceptions import Retry
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

import blaxel_jobs
from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient, RetryPolicy
from blaxel_jobs.testing import FakeAPI, Fault, garbage, ok, status
from docs.recipes import (
    celery_task,
    fastapi_shutdown,
    kill_switch,
    nightly_cleanup,
    task_group,
    temporal_activity,
)
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
    # The 403 met one of the three; it is reported, the others are stopped, or gone.
    (logged,) = [record.getMessage() for record in caplog.records]
    assert set(stopped) == {"exec-1", "exec-2"} - {logged.split()[0]}
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
    """An execution that has ended is reported as it ended."""
    monkeypatch.setattr(celery_task, "client", lambda: jobs)
    api.set_status("job", "exec-1", "succeeded")
    assert CANCEL.apply(("job", "exec-1")).get() == "succeeded"


def test_celery_task_is_retried(
    api: FakeAPI, jobs: JobsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may pass is delivered again, not before the server wants it."""
    monkeypatch.setattr(celery_task, "client", lambda: jobs)
    api.script(status(429, headers={"Retry-After": "120"}))
    logged: dict[str, object] = {}

    def retry(**options: object) -> Retry:
        logged.update(options)
        return Retry()

    monkeypatch.setattr(CANCEL, "retry", retry)
    with pytest.raises(Retry):
        CANCEL.run("job", "exec-1")
    assert logged["countdown"] == 120


# Temporal


def activity(api: FakeAPI, *ids: str) -> Any:
    """Run the activity as a worker does."""

    async def main() -> Any:
        async with async_client(api) as jobs:
            run = temporal_activity.Cancels(jobs).cancel
            return await ActivityEnvironment().run(run, *ids)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("faults", "result"),
    [((), "cancelling"), ((status(404),), "gone"), ((garbage(),), "cancelling")],
)
def test_temporal_activity(api: FakeAPI, faults: tuple[Fault, ...], result: str) -> None:
    """The activity returns how the execution stands."""
    api.script(*faults)
    assert activity(api, "job", "exec-1") == result


def test_temporal_activity_of_an_execution_that_has_ended(api: FakeAPI) -> None:
    """An execution that has ended is reported as it ended."""
    api.set_status("job", "exec-1", "succeeded")
    assert activity(api, "job", "exec-1") == "succeeded"


@pytest.mark.parametrize(
    ("fault", "final", "delay"),
    [
        (status(429, headers={"Retry-After": "120"}), False, timedelta(minutes=2)),
        (status(401), True, None),
    ],
)
def test_temporal_activity_that_fails(
    api: FakeAPI, fault: Fault, final: bool, delay: timedelta | None
) -> None:
    """What may pass is tried again, not before the server wants it; what is final is not."""
    api.script(fault)
    with pytest.raises(ApplicationError) as caught:
        activity(api, "job", "exec-1")
    assert (caught.value.non_retryable, caught.value.next_retry_delay) == (final, delay)


# Kill switch and clean-up


class Stubborn(FakeAPI):
    """An API that refuses to cancel one execution, which goes on."""

    def begin(self, asked: Any) -> Any:
        if asked.method == "DELETE" and asked.target.endswith("/exec-1"):
            return ok(), (409, b'{"error": "no"}', {})
        return super().begin(asked)


def test_kill_switch(api: FakeAPI, jobs: JobsClient) -> None:
    """Every execution of every job is cancelled, and a job without any is no failure."""
    api.add("other", "exec-3")
    assert kill_switch.kill(jobs, ["job", "other", "idle"]) == []
    stopped = [("job", "exec-1"), ("job", "exec-2"), ("other", "exec-3")]
    assert {api.status(*one) for one in stopped} == {"cancelling"}


def test_kill_switch_with_failures(capsys: pytest.CaptureFixture[str]) -> None:
    """A job that cannot be listed, or goes on, is named, and keeps none of the others."""
    api = Stubborn()
    for job in ("a", "b"):
        api.add(job, "exec-1")
        api.add(job, "exec-2")
    with JobsClient(ApiKey("key"), transport=api, retry=NO_WAIT) as jobs:
        assert kill_switch.kill(jobs, ["..", "a", "b"]) == ["..", "a", "b"]
    assert api.status("a", "exec-2") == api.status("b", "exec-2") == "cancelling"
    assert "a exec-1: " in capsys.readouterr().err


def test_clean_up(api: FakeAPI, jobs: JobsClient) -> None:
    """What is older than a day is cancelled, and nothing else."""
    api.add("job", "old", created_at=datetime.now(UTC) - timedelta(hours=25))
    api.add("job", "ended", status="failed", created_at=datetime.now(UTC) - timedelta(days=9))
    assert nightly_cleanup.clean_up(jobs, "job")
    found = {name: api.status("job", name) for name in ("exec-1", "exec-2", "old", "ended")}
    expected = {"exec-1": "running", "exec-2": "running", "old": "cancelling", "ended": "failed"}
    assert found == expected


def test_clean_up_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """What could not be cancelled and runs on is logged, and the night was no success."""
    api = Stubborn()
    api.add("job", "exec-1", created_at=datetime.now(UTC) - timedelta(days=2))
    with JobsClient(ApiKey("key"), transport=api, retry=NO_WAIT) as jobs:
        assert not nightly_cleanup.clean_up(jobs, "job")
    assert "exec-1 may still run" in caplog.text


@pytest.mark.parametrize("script", ["kill_switch.py", "nightly_cleanup.py"])
@pytest.mark.parametrize("stubborn", [False, True])
def test_as_a_script(script: str, stubborn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the jobs from the command line; the exit code is 0 where nothing is left."""
    api = Stubborn() if stubborn else FakeAPI()
    api.add("job", "exec-1", created_at=datetime.now(UTC) - timedelta(days=2))
    monkeypatch.setattr(blaxel_jobs, "JobsClient", lambda: JobsClient(ApiKey("key"), transport=api))
    monkeypatch.setattr("sys.argv", [script, "job"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(RECIPES / script), run_name="__main__")
    assert caught.value.code == (1 if stubborn else 0)
    assert api.status("job", "exec-1") == ("running" if stubborn else "cancelling")
