"""The public face: JobsClient and AsyncJobsClient.

Both set up the same parts: credentials, the policy's transport, an httpx client that refuses
dangerous paths, and the generated `Client` on top (`api`), with which every generated operation can
be called under the same policy.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import anyio
import httpx

from blaxel_jobs._attempt import OnAttempt
from blaxel_jobs._credentials import Credentials, find_identity
from blaxel_jobs._errors import (
    APIConnectionError,
    APITimeoutError,
    BlaxelError,
    ConfigurationError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)
from blaxel_jobs._identifier import check_identifier, check_path
from blaxel_jobs._inflate import ACCEPTED_ENCODINGS
from blaxel_jobs._policy import Context
from blaxel_jobs._retry import RetryPolicy
from blaxel_jobs._transport import (
    TIMEOUT,
    AsyncPolicyTransport,
    PolicyTransport,
    default_async_transport,
    default_transport,
)
from blaxel_jobs._version import __version__
from blaxel_jobs_api.api.jobs import cancel_job_execution, get_job_execution
from blaxel_jobs_api.client import Client
from blaxel_jobs_api.models import JobExecution, JobExecutionMetadata, JobExecutionSpec
from blaxel_jobs_api.types import Response

__all__ = ["TERMINAL_STATUSES", "AsyncJobsClient", "JobsClient"]

BASE_URL = "https://api.blaxel.ai/v0"
API_VERSION = "2026-04-16"
TERMINAL_STATUSES = frozenset({"cancelled", "failed", "succeeded", "timeout"})
"""The statuses after which an execution does not change any more."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_POLL_FIRST, _POLL_LONGEST = 0.5, 10.0


def _check_open(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise ConfigurationError("the client is closed, so nothing was sent: make a new one")


class _GuardedClient(httpx.Client):
    """Refuses a path that names something else than it seems to, before httpx resolves it."""

    def build_request(self, method: str, url: Any, **kwargs: Any) -> httpx.Request:
        _check_open(self)
        check_path(str(url))
        return super().build_request(method, url, **kwargs)


class _AsyncGuardedClient(httpx.AsyncClient):
    """Refuses a path that names something else than it seems to, before httpx resolves it."""

    def build_request(self, method: str, url: Any, **kwargs: Any) -> httpx.Request:
        _check_open(self)
        check_path(str(url))
        return super().build_request(method, url, **kwargs)


class _Settings:
    """What both clients are set up with."""

    def __init__(
        self,
        credentials: Credentials | None,
        workspace: str | None,
        base_url: str,
        api_version: str,
        timeout: float,
        retry: RetryPolicy | None,
        on_attempt: OnAttempt | None,
    ) -> None:
        self.url = _checked_url(base_url)
        self.timeout = _checked_timeout(timeout)
        credentials, workspace = find_identity(credentials, workspace)
        self.context = Context(
            credentials,
            self.url,
            retry if retry is not None else RetryPolicy(),
            on_attempt=on_attempt,
        )
        self.headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED_ENCODINGS,
            "Blaxel-Version": api_version,
            "User-Agent": f"blaxel-jobs/{__version__}",
        }
        if workspace is not None:
            self.headers["X-Blaxel-Workspace"] = workspace


def _checked_url(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError):
        raise ConfigurationError("the base URL is not a URL") from None
    if url.userinfo:
        raise ConfigurationError("the base URL must not contain a user or password")
    if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK):
        raise ConfigurationError(f"the base URL must begin with https://, not {url.scheme}://")
    if not url.host or url.query or url.fragment:
        raise ConfigurationError("the base URL must have a host, and neither query nor fragment")
    return url


def _checked_timeout(timeout: object) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
        raise ConfigurationError(f"a timeout is a number of seconds above 0, not {timeout!r}")
    return float(timeout)


@contextmanager
def _call_timeout(timeout: float | None) -> Iterator[None]:
    if timeout is None:
        yield
        return
    token = TIMEOUT.set(_checked_timeout(timeout))
    try:
        yield
    finally:
        TIMEOUT.reset(token)


@contextmanager
def _decoding(*, accepted: bool) -> Iterator[None]:
    """Turn what generated code raises at a body that is no execution into ResponseDecodeError."""
    try:
        yield
    except BlaxelError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ResponseDecodeError(
            f"the response is not an execution: {type(error).__name__} {error}",
            status_code=200, body="", accepted=accepted,
        ) from None  # fmt: skip


def _execution(response: Response[JobExecution], *, accepted: bool) -> JobExecution:
    execution = response.parsed
    if execution is None or not _is_whole(execution.metadata, execution.spec):
        raise ResponseDecodeError(
            "the response is not an execution",
            status_code=int(response.status_code),
            body=response.content[:2000].decode("utf-8", "replace"),
            accepted=accepted,
        )
    return execution


def _is_whole(metadata: object, spec: object) -> bool:
    """Look at what is required: generated unions keep a value that fits no alternative as it is."""
    return isinstance(metadata, JobExecutionMetadata | None) and isinstance(
        spec, JobExecutionSpec | None
    )


def _is_terminal(execution: JobExecution) -> bool:
    return str(execution.status) in TERMINAL_STATUSES


def _is_transient(error: BlaxelError) -> bool:
    return isinstance(error, APIConnectionError | RateLimitError | ServerError)


class _Waiting:
    """The schedule of a wait for a terminal status: growing intervals within a timeout."""

    def __init__(self, timeout: float) -> None:
        self._end = time.monotonic() + _checked_timeout(timeout)
        self._interval = _POLL_FIRST
        self.last: JobExecution | None = None

    def left(self, own: float) -> float:
        """Return the timeout of the next call: the client's own, or what is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.expired()
        return min(own, left)

    def pause(self) -> float:
        """Return the seconds to the next look."""
        pause = self._interval
        self._interval = min(_POLL_LONGEST, self._interval * 1.5)
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.expired()
        return min(pause, left)

    def expired(self) -> APITimeoutError:
        return APITimeoutError(
            "the execution was told to cancel, but has no terminal status yet",
            may_have_been_processed=True,
            execution=self.last,
        )


class JobsClient:
    """Cancels and reads job executions. Safe to share between threads.

    `timeout` is the wall-clock seconds of one call. `transport` takes the place of the network.
    `on_attempt` is called with an `Attempt` after each send.
    Raises ConfigurationError where no credentials are to be found or the base URL is not safe.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        workspace: str | None = None,
        base_url: str = BASE_URL,
        api_version: str = API_VERSION,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        max_response_bytes: int = 16 * 2**20,
        transport: httpx.BaseTransport | None = None,
        on_attempt: OnAttempt | None = None,
    ) -> None:
        settings = _Settings(
            credentials, workspace, base_url, api_version, timeout, retry, on_attempt
        )
        self._timeout = settings.timeout
        self._http = _GuardedClient(
            base_url=settings.url,
            headers=settings.headers,
            timeout=None,
            trust_env=False,  # no netrc; proxies are the transport's
            transport=PolicyTransport(
                settings.context,
                transport if transport is not None else default_transport(settings.url),
                timeout=settings.timeout,
                max_bytes=max_response_bytes,
            ),
        )
        self.api = Client(base_url=base_url).set_httpx_client(self._http)
        """The generated client: pass it to any operation of `blaxel_jobs_api`."""

    def cancel(
        self, job_id: str, execution_id: str, *, timeout: float | None = None
    ) -> JobExecution:
        """Cancel an execution and return it, `cancelling` or `cancelled`.

        Tasks in progress run to their end. Raises BlaxelError; see the README's tree.
        """
        check_identifier(job_id, "the job id")
        check_identifier(execution_id, "the execution id")
        with _call_timeout(timeout), _decoding(accepted=True):
            response = cancel_job_execution.sync_detailed(job_id, execution_id, client=self.api)
            return _execution(response, accepted=True)

    def get(self, job_id: str, execution_id: str, *, timeout: float | None = None) -> JobExecution:
        """Return an execution."""
        check_identifier(job_id, "the job id")
        check_identifier(execution_id, "the execution id")
        with _call_timeout(timeout), _decoding(accepted=False):
            response = get_job_execution.sync_detailed(job_id, execution_id, client=self.api)
            return _execution(response, accepted=False)

    def cancel_and_wait(
        self, job_id: str, execution_id: str, *, timeout: float = 300.0
    ) -> JobExecution:
        """Cancel an execution and look at it until its status is terminal; return it then.

        `timeout` bounds the whole wait, in seconds. Raises APITimeoutError, which carries the
        last execution seen as `.execution`, when it runs out.
        """
        waiting = _Waiting(timeout)
        call_timeout = waiting.left(self._timeout)
        waiting.last = self.cancel(job_id, execution_id, timeout=call_timeout)
        while not _is_terminal(waiting.last):
            time.sleep(waiting.pause())
            call_timeout = waiting.left(self._timeout)
            try:
                waiting.last = self.get(job_id, execution_id, timeout=call_timeout)
            except BlaxelError as error:
                if not _is_transient(error):
                    raise
        return waiting.last

    def close(self) -> None:
        """Close the connections; closing twice does no harm."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncJobsClient:
    """Cancels and reads job executions, for asyncio and trio.

    As `JobsClient`, with `await`, `async with` and `aclose()`.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        workspace: str | None = None,
        base_url: str = BASE_URL,
        api_version: str = API_VERSION,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        max_response_bytes: int = 16 * 2**20,
        transport: httpx.AsyncBaseTransport | None = None,
        on_attempt: OnAttempt | None = None,
    ) -> None:
        settings = _Settings(
            credentials, workspace, base_url, api_version, timeout, retry, on_attempt
        )
        self._timeout = settings.timeout
        self._http = _AsyncGuardedClient(
            base_url=settings.url,
            headers=settings.headers,
            timeout=None,
            trust_env=False,  # no netrc; proxies are the transport's
            transport=AsyncPolicyTransport(
                settings.context,
                transport if transport is not None else default_async_transport(settings.url),
                timeout=settings.timeout,
                max_bytes=max_response_bytes,
            ),
        )
        self.api = Client(base_url=base_url).set_async_httpx_client(self._http)
        """The generated client: pass it to any operation of `blaxel_jobs_api`."""

    async def cancel(
        self, job_id: str, execution_id: str, *, timeout: float | None = None
    ) -> JobExecution:
        """Cancel an execution and return it, `cancelling` or `cancelled`."""
        check_identifier(job_id, "the job id")
        check_identifier(execution_id, "the execution id")
        with _call_timeout(timeout), _decoding(accepted=True):
            response = await cancel_job_execution.asyncio_detailed(
                job_id, execution_id, client=self.api
            )
            return _execution(response, accepted=True)

    async def get(
        self, job_id: str, execution_id: str, *, timeout: float | None = None
    ) -> JobExecution:
        """Return an execution."""
        check_identifier(job_id, "the job id")
        check_identifier(execution_id, "the execution id")
        with _call_timeout(timeout), _decoding(accepted=False):
            response = await get_job_execution.asyncio_detailed(
                job_id, execution_id, client=self.api
            )
            return _execution(response, accepted=False)

    async def cancel_and_wait(
        self, job_id: str, execution_id: str, *, timeout: float = 300.0
    ) -> JobExecution:
        """Cancel an execution and look at it until its status is terminal; return it then."""
        waiting = _Waiting(timeout)
        call_timeout = waiting.left(self._timeout)
        waiting.last = await self.cancel(job_id, execution_id, timeout=call_timeout)
        while not _is_terminal(waiting.last):
            await anyio.sleep(waiting.pause())
            call_timeout = waiting.left(self._timeout)
            try:
                waiting.last = await self.get(job_id, execution_id, timeout=call_timeout)
            except BlaxelError as error:
                if not _is_transient(error):
                    raise
        return waiting.last

    async def aclose(self) -> None:
        """Close the connections; closing twice does no harm."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()
