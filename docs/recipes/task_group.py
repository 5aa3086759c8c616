"""asyncio: an execution that must not outlive the work it was started for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from blaxel_jobs import AsyncJobsClient


@asynccontextmanager
async def cancelled_on_failure(
    jobs: AsyncJobsClient, job_id: str, execution_id: str
) -> AsyncIterator[None]:
    """Cancel the execution when the block fails or is cancelled itself."""
    try:
        yield
    except BaseException:
        # Shielded, since the task that runs this may be about to be cancelled again.
        await asyncio.shield(jobs.cancel(job_id, execution_id))
        raise


async def work_beside(
    jobs: AsyncJobsClient, job_id: str, execution_id: str, *work: Awaitable[Any]
) -> None:
    """Do all the work in one task group; the first failure ends the rest, and the execution."""

    async def do(one: Awaitable[Any]) -> None:
        await one

    async with cancelled_on_failure(jobs, job_id, execution_id), asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(do(one))
