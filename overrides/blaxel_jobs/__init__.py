"""Cancel Blaxel job executions: safe, typed, light.

from blaxel_jobs import JobsClient

with JobsClient() as jobs:
    execution = jobs.cancel("data-processing-job", "exec-abc123")
"""

from typing import TYPE_CHECKING, Any

from blaxel_jobs._auth.credentials import ApiKey, ClientCredentials, KeySource, TokenSource
from blaxel_jobs._client import AsyncJobsClient, JobsClient
from blaxel_jobs._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    BlaxelError,
    CancelOutcomeUnknownError,
    CancelOutcomeUnknownTimeoutError,
    ConfigurationError,
    ConflictError,
    InvalidIdentifierError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
    WaitFailedError,
)
from blaxel_jobs._retry.backoff import RetryPolicy
from blaxel_jobs._version import __version__

if TYPE_CHECKING:
    from blaxel_jobs._answer.timestamp import timestamp
    from blaxel_jobs._many.cancels import CancelResult
    from blaxel_jobs._many.listing import AsyncExecutions, Executions
    from blaxel_jobs._many.sweep import AsyncCancelled, Cancelled
    from blaxel_jobs._retry.attempt import Attempt
    from blaxel_jobs._retry.waiting import TERMINAL_STATUSES

__all__ = [
    "TERMINAL_STATUSES",
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "ApiKey",
    "AsyncCancelled",
    "AsyncExecutions",
    "AsyncJobsClient",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "BlaxelError",
    "CancelOutcomeUnknownError",
    "CancelOutcomeUnknownTimeoutError",
    "CancelResult",
    "Cancelled",
    "ClientCredentials",
    "ConfigurationError",
    "ConflictError",
    "Executions",
    "InvalidIdentifierError",
    "JobsClient",
    "KeySource",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseDecodeError",
    "RetryPolicy",
    "ServerError",
    "TokenSource",
    "WaitFailedError",
    "__version__",
    "timestamp",
]

_AT_FIRST_USE = {
    "TERMINAL_STATUSES": "_retry.waiting",
    "AsyncCancelled": "_many.sweep",
    "AsyncExecutions": "_many.listing",
    "Attempt": "_retry.attempt",
    "CancelResult": "_many.cancels",
    "Cancelled": "_many.sweep",
    "Executions": "_many.listing",
    "timestamp": "_answer.timestamp",
}
"""Where names stand that few programs name: 8 % of the import (7 % in Python 3.13)."""

if not TYPE_CHECKING:  # for which every name would be there

    def __getattr__(name: str) -> Any:
        if name not in _AT_FIRST_USE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(f"{__name__}.{_AT_FIRST_USE[name]}"), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
