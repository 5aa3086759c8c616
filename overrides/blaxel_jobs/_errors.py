"""What a call can raise.

    BlaxelError
      ConfigurationError                  no or contradictory credentials, plain-http base URL, ...
      InvalidIdentifierError              a job or execution id that must never reach a URL
      APIConnectionError                  no response
        APITimeoutError                   an attempt, or the whole call, ran out of time
      APIStatusError                      the server answered with an error
        BadRequestError 400, AuthenticationError 401, PermissionDeniedError 403,
        NotFoundError 404, ConflictError 409, RateLimitError 429, ServerError 5xx
      ResponseDecodeError                 a 2xx whose body is not what was promised
      CancelOutcomeUnknownError           an answer was lost, and the state could not be read back
        CancelOutcomeUnknownTimeoutError  ... and there was no time left: an APITimeoutError, too
      WaitFailedError                     the cancel was accepted, but its end cannot be seen

Every error says in `may_have_been_processed` whether the operation may have been carried out, and
in `accepted` whether the server said so. Every error can be pickled, and none holds a request or a
credential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "BlaxelError",
    "CancelOutcomeUnknownError",
    "CancelOutcomeUnknownTimeoutError",
    "ConfigurationError",
    "ConflictError",
    "InvalidIdentifierError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseDecodeError",
    "ServerError",
    "WaitFailedError",
    "status_error",
]


class BlaxelError(Exception):
    """Everything that this package raises on purpose.

    `may_have_been_processed` is True where this attempt or an earlier one may have done its work
    nevertheless: an answer that was lost, a gateway that gave up on the server. `accepted` is True
    where the server has answered a cancel with success: it took place.
    """

    may_have_been_processed: bool = False
    accepted: bool = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def amend(self, message: str) -> None:
        """Take another message."""
        self.message = message
        self.args = (message,)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by message and attributes, whatever the constructor of a subclass takes."""
        return _restore, (type(self), self.message, self.__dict__)


def _restore(kind: type[BlaxelError], message: str, attributes: dict[str, Any]) -> BlaxelError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(attributes)
    return error


class ConfigurationError(BlaxelError):
    """The client cannot be set up as asked; nothing was sent."""


class InvalidIdentifierError(BlaxelError, ValueError):
    """A job or execution id that would change what the URL names; nothing was sent."""


class APIConnectionError(BlaxelError):
    """There was no response.

    `may_have_been_processed` is False only where no request can have reached the server.
    `request_id` is the X-Request-Id of the last attempt, by which the server can look for it.
    """

    request_id: str | None = None

    def __init__(self, message: str, *, may_have_been_processed: bool) -> None:
        super().__init__(message)
        self.may_have_been_processed = may_have_been_processed


class APITimeoutError(APIConnectionError):
    """An attempt, the whole call, or a wait ran out of time.

    `execution` is the last state that `cancel_and_wait` saw, None for other calls.
    """

    def __init__(
        self, message: str, *, may_have_been_processed: bool, execution: JobExecution | None = None
    ) -> None:
        super().__init__(message, may_have_been_processed=may_have_been_processed)
        self.execution = execution


class APIStatusError(BlaxelError):
    """The server answered with a status that is not a success.

    `body` is the start of the body as text, `code` the server's own code for the error,
    `retry_after` the seconds the server asked to wait, a day at most.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        body: str,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.body = body
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after


class BadRequestError(APIStatusError):
    """400."""


class AuthenticationError(APIStatusError):
    """401, or a token endpoint that gives no token: the credential is not accepted."""


class PermissionDeniedError(APIStatusError):
    """403: the credential is good, but not for this."""


class NotFoundError(APIStatusError):
    """404: no such job, execution or workspace."""


class ConflictError(APIStatusError):
    """409: the execution's state forbids it."""


class RateLimitError(APIStatusError):
    """429."""


class ServerError(APIStatusError):
    """5xx."""


class ResponseDecodeError(BlaxelError):
    """A 2xx whose body is not what was promised.

    `accepted` is True when it answered a cancel, or another change: it took place. `body` is its
    start.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        body: str,
        accepted: bool,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.body = body
        self.accepted = self.may_have_been_processed = accepted
        self.request_id = request_id


class CancelOutcomeUnknownError(BlaxelError):
    """It is unknown whether the cancel took place: its answer was lost, and so was the state."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.may_have_been_processed = True


class CancelOutcomeUnknownTimeoutError(CancelOutcomeUnknownError, APITimeoutError):
    """The same, where the call ran out of time while the state was read."""

    def __init__(self, message: str) -> None:
        APITimeoutError.__init__(self, message, may_have_been_processed=True)


class WaitFailedError(BlaxelError):
    """The cancel was accepted, but how the execution ended cannot be seen.

    `execution` is the last state that `cancel_and_wait` saw, None where there was none that could
    be read. `__cause__` is the error that ended the wait.
    """

    def __init__(self, message: str, *, execution: JobExecution | None) -> None:
        super().__init__(message)
        self.accepted = self.may_have_been_processed = True
        self.execution = execution


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitError,
}


def status_error(status_code: int) -> type[APIStatusError]:
    """Return the class for a status."""
    if 500 <= status_code <= 599:
        return ServerError
    return _BY_STATUS.get(status_code, APIStatusError)
