"""Cancel Blaxel job executions: safe, typed, light.

from blaxel_jobs import JobsClient

with JobsClient() as jobs:
    execution = jobs.cancel("data-processing-job", "exec-abc123")
"""

from blaxel_jobs._attempt import Attempt
from blaxel_jobs._client import TERMINAL_STATUSES, AsyncJobsClient, JobsClient
from blaxel_jobs._credentials import ApiKey, ClientCredentials
from blaxel_jobs._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    BlaxelError,
    CancelOutcomeUnknownError,
    ConfigurationError,
    ConflictError,
    InvalidIdentifierError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)
from blaxel_jobs._retry import RetryPolicy
from blaxel_jobs._timestamp import timestamp
from blaxel_jobs._version import __version__

__all__ = [
    "TERMINAL_STATUSES",
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "ApiKey",
    "AsyncJobsClient",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "BlaxelError",
    "CancelOutcomeUnknownError",
    "ClientCredentials",
    "ConfigurationError",
    "ConflictError",
    "InvalidIdentifierError",
    "JobsClient",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseDecodeError",
    "RetryPolicy",
    "ServerError",
    "__version__",
    "timestamp",
]
