"""Cancel Blaxel job executions: safe, typed, light.

from blaxel_jobs import JobsClient

with JobsClient() as jobs:
    execution = jobs.cancel("data-processing-job", "exec-abc123")
"""

from blaxel_jobs._answer.timestamp import timestamp
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
from blaxel_jobs._many.cancels import CancelResult
from blaxel_jobs._many.listing import AsyncExecutions, Executions
from blaxel_jobs._many.sweep import AsyncCancelled, Cancelled
from blaxel_jobs._retry.attempt import Attempt
from blaxel_jobs._retry.backoff import RetryPolicy
from blaxel_jobs._retry.waiting import TERMINAL_STATUSES
from blaxel_jobs._version import __version__

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
