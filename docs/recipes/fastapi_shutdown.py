"""FastAPI: when the service stops, so do the executions that it is responsible for."""

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from fastapi import FastAPI, Request

from blaxel_jobs import AsyncJobsClient, NotFoundError

logger = logging.getLogger(__name__)


def create_app(jobs: AsyncJobsClient | None = None) -> FastAPI:
    """Return the service; tests hand in a client of their own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.executions = set()
        async with jobs or AsyncJobsClient() as client:
            yield
            # Uvicorn waits for this as long as --timeout-graceful-shutdown says: stay below it.
            results = client.cancel_many(app.state.executions, timeout=10)
            async with aclosing(results):
                async for result in results:
                    if isinstance(result.error, NotFoundError):
                        continue  # it is gone already
                    if result.error is not None:
                        logger.error("%s may still run: %s", result.execution_id, result.error)

    app = FastAPI(lifespan=lifespan)

    @app.put("/jobs/{job_id}/executions/{execution_id}", status_code=204)
    async def watch(request: Request, job_id: str, execution_id: str) -> None:
        request.app.state.executions.add((job_id, execution_id))

    return app
