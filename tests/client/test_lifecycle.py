"""Closing a client, and what a closed one says."""

from __future__ import annotations

import anyio
import pytest

from blaxel_jobs import ApiKey, AsyncJobsClient, ConfigurationError, JobsClient
from blaxel_jobs_api.api.jobs import get_job_execution
from tests.client.fault_server import execution, serving


def test_closed() -> None:
    """A closed client, closed twice even, says so, and sends nothing."""
    with serving(execution()) as server:
        jobs = JobsClient(ApiKey("key"), base_url=server.url)
        jobs.get("job", "exec")
        jobs.close()
        jobs.close()
        with pytest.raises(ConfigurationError, match="closed"):
            jobs.get("job", "exec")
        with pytest.raises(ConfigurationError, match="closed"):
            get_job_execution.sync_detailed("job", "exec", client=jobs.api)
        assert len(server.seen) == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_closed_async(backend: str) -> None:
    """A closed async client, closed twice even, says so, and sends nothing."""

    async def main(url: str) -> None:
        jobs = AsyncJobsClient(ApiKey("key"), base_url=url)
        await jobs.get("job", "exec")
        await jobs.aclose()
        await jobs.aclose()
        with pytest.raises(ConfigurationError, match="closed"):
            await jobs.get("job", "exec")

    with serving(execution()) as server:
        anyio.run(main, server.url, backend=backend)
        assert len(server.seen) == 1
