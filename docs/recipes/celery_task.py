"""Celery: cancel in a worker; what may pass is tried again later, what is final is not."""

from functools import cache
from typing import Any

from celery import Celery

from blaxel_jobs import (
    APIConnectionError,
    CancelOutcomeUnknownError,
    ConflictError,
    JobsClient,
    NotFoundError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)

app = Celery("operations")


@cache
def client() -> JobsClient:
    """Return the client of this worker process: threads and forked children may share it."""
    return JobsClient()


@app.task(bind=True, max_retries=5)
def cancel_execution(self: Any, job_id: str, execution_id: str) -> str:
    """Cancel an execution; return how it stands. Safe to deliver twice."""
    try:
        return str(client().cancel(job_id, execution_id).status)
    except NotFoundError:
        return "gone"
    except ConflictError:
        return str(client().get(job_id, execution_id).status)  # it has ended by itself
    except ResponseDecodeError as error:
        if error.accepted:
            return "cancelling"  # it took place; only the answer cannot be read
        raise
    except (APIConnectionError, CancelOutcomeUnknownError, RateLimitError, ServerError) as error:
        wait = getattr(error, "retry_after", None) or 60
        raise self.retry(exc=error, countdown=wait) from None
