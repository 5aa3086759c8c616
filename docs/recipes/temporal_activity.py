"""Temporal: cancel as an activity; what may pass is tried again by the server, what is final not.

A workflow calls it with `workflow.execute_activity_method(Cancels.cancel, ...)`; its worker gets
`activities=[Cancels(client).cancel]`.
"""

from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from blaxel_jobs import (
    APIConnectionError,
    AsyncJobsClient,
    BlaxelError,
    CancelOutcomeUnknownError,
    ConflictError,
    NotFoundError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)


class Cancels:
    """Activities that share the client of their worker."""

    def __init__(self, jobs: AsyncJobsClient) -> None:
        self._jobs = jobs

    @activity.defn(name="cancel_execution")
    async def cancel(self, job_id: str, execution_id: str) -> str:
        """Cancel an execution; return how it stands. Safe to run twice."""
        try:
            return str((await self._jobs.cancel(job_id, execution_id)).status)
        except NotFoundError:
            return "gone"
        except ConflictError:
            return str((await self._jobs.get(job_id, execution_id)).status)  # it has ended
        except (
            APIConnectionError,
            CancelOutcomeUnknownError,
            RateLimitError,
            ServerError,
        ) as error:
            wait = getattr(error, "retry_after", None)
            delay = None if wait is None else timedelta(seconds=wait)
            raise ApplicationError(error.message, next_retry_delay=delay) from None
        except BlaxelError as error:
            if isinstance(error, ResponseDecodeError) and error.accepted:
                return "cancelling"  # it took place; only the answer cannot be read
            raise ApplicationError(
                error.message, type=type(error).__name__, non_retryable=True
            ) from None
