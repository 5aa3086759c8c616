"""The public face: JobsClient and AsyncJobsClient.

Both set up the same parts: settings and credentials, the policy's transport, an httpx client that
refuses dangerous paths, and the generated `Client` on top (`api`), with which every generated
operation can be called under the same policy.
"""

from __future__ import annotations

import builtins
import time
from collections.abc import AsyncGenerator, Collection, Generator, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self, TypeVar

from blaxel_jobs._auth.credentials import Credentials, problem_of_credentials
from blaxel_jobs._errors import APITimeoutError, BlaxelError, ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._identifier import check_identifier
from blaxel_jobs._retry.backoff import RetryPolicy
from blaxel_jobs._transport.deadline import async_within, checked_timeout, within
from blaxel_jobs._transport.guard import AsyncGuardedClient, GuardedClient

# Imported where they are needed first: what a program that only imports this package can do
# without (attrs, httpcore, the models, the policy) takes 70 % of the import more (3.13: 60 %).
if TYPE_CHECKING:
    from blaxel_jobs._many.cancels import CancelResult
    from blaxel_jobs._many.listing import AsyncExecutions, Executions
    from blaxel_jobs._many.sweep import AsyncCancelled, Cancelled
    from blaxel_jobs._operation import Operation
    from blaxel_jobs._retry.attempt import OnAttempt
    from blaxel_jobs._retry.request import OperationRequest
    from blaxel_jobs_api.client import Client
    from blaxel_jobs_api.models import JobExecution, JobExecutionList

__all__ = ["AsyncJobsClient", "JobsClient"]

BASE_URL = "https://api.blaxel.ai/v0"
API_VERSION = "2026-04-16"
RETRY = RetryPolicy()

_Result = TypeVar("_Result")


class JobsClient:
    """Cancels and reads job executions. Safe to share between threads, and after a fork.

    Args:
        credentials: Who is calling. Where not given: `BL_API_KEY`, `BL_CLIENT_CREDENTIALS`, then
            the file of the vendor's command line.
        workspace: The workspace to work in. Where not given: `BL_WORKSPACE`, then the file's.
        base_url: Where the API is. Only `https://`, or a loopback address.
        api_version: Sent as `Blaxel-Version`.
        timeout: Seconds of wall-clock time for one call: attempts, waits, token request and body.
        retry: How often and how fast to try again.
        max_response_bytes: The longest body that is read, unpacked.
        transport: Takes the place of the network.
        on_attempt: Called with an `Attempt` after each send.

    Raises:
        ConfigurationError: No credentials are found, or a setting cannot be used.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        workspace: str | None = None,
        base_url: str = BASE_URL,
        api_version: str = API_VERSION,
        timeout: float = 30.0,
        retry: RetryPolicy = RETRY,
        max_response_bytes: int = 16 * 2**20,
        transport: httpx.BaseTransport | None = None,
        on_attempt: OnAttempt | None = None,
    ) -> None:
        from blaxel_jobs._answer.api import Api
        from blaxel_jobs._network.defaults import transports_to
        from blaxel_jobs._settings import Settings, problem_of_base_url
        from blaxel_jobs._transport.driver import PolicyTransport
        from blaxel_jobs._transport.requests import Requests

        if problem := problem_of_base_url(base_url) or problem_of_credentials(credentials):
            del base_url, credentials
            raise ConfigurationError(problem)
        settings = Settings(
            credentials,
            workspace=workspace,
            base_url=base_url,
            api_version=api_version,
            timeout=timeout,
            retry=retry,
            max_response_bytes=max_response_bytes,
            on_attempt=on_attempt,
        )
        self._timeout = settings.timeout
        self._transport = PolicyTransport(
            settings.context,
            transports_to(settings.url, transport),
            given=transport is not None,
            timeout=settings.timeout,
            max_bytes=max_response_bytes,
        )
        self._http = GuardedClient(
            base_url=settings.url,
            headers=settings.headers,
            timeout=None,
            trust_env=False,  # no netrc; proxies are the transport's
            transport=self._transport,
        )
        self._transport.belongs_to(self._http)
        self._requests = Requests(self._http)
        self._api = Api(base_url=base_url).set_httpx_client(self._http)

    @property
    def api(self) -> Client:
        """The generated client; pass it to any operation of `blaxel_jobs_api`."""
        return self._api

    def cancel(
        self, job_id: str, execution_id: str, *, timeout: float | None = None
    ) -> JobExecution:
        """Cancel an execution. Tasks in progress run to their end; no other begins.

        Args:
            job_id: The job's id or name.
            execution_id: The execution's id.
            timeout: Seconds for this call; the client's own where not given.

        Returns:
            The execution as the server has it now, `cancelling` or `cancelled`.

        Raises:
            InvalidIdentifierError: An id is not safe in a URL; nothing was sent.
            NotFoundError: There is no such job, execution or workspace.
            ConflictError: The execution can no longer be cancelled.
            AuthenticationError: The credential is not accepted.
            PermissionDeniedError: The credential may not do this.
            APIStatusError: Any other error that the server answers with, after all attempts.
            APITimeoutError: The call ran out of time.
            APIConnectionError: There was no answer; see `.may_have_been_processed`.
            ResponseDecodeError: The cancel took place, and its answer cannot be read.
            CancelOutcomeUnknownError: An answer was lost, and the state could not be read back.
        """
        from blaxel_jobs_api.api.jobs import cancel_job_execution

        return self._perform(cancel_job_execution, job_id, execution_id, timeout=timeout)

    def get(self, job_id: str, execution_id: str, *, timeout: float | None = None) -> JobExecution:
        """Return an execution as the server has it now.

        Args:
            job_id: The job's id or name.
            execution_id: The execution's id.
            timeout: Seconds for this call; the client's own where not given.

        Raises:
            InvalidIdentifierError: An id is not safe in a URL; nothing was sent.
            NotFoundError: There is no such job, execution or workspace.
            APIStatusError: Any other error that the server answers with, after all attempts.
            APIConnectionError: There was no answer, or not in time (`APITimeoutError`).
            ResponseDecodeError: The answer cannot be read.
        """
        from blaxel_jobs_api.api.jobs import get_job_execution

        return self._perform(get_job_execution, job_id, execution_id, timeout=timeout)

    def _perform(
        self,
        operation: Operation[_Result],
        *ids: str,
        timeout: float | None,
        query: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> _Result:
        """Call an operation under the policy; return its answer, checked.

        Every method that calls the API goes through here. `ids` fill the path, in its
        order; `parameters` are the operation's others, by their names in the generated code
        (`body`, too); `query` takes the place of its query parameters, by the API's names.
        """
        request = self._requests.request(operation, *ids, query=query, **parameters)
        seconds = self._timeout if timeout is None else checked_timeout(timeout)
        deadline = time.monotonic() + seconds
        answer = self._transport.answer(request, deadline)
        if not answer.is_long:
            return self._api.result(operation, answer, request)
        try:
            return within(deadline, partial(self._api.result, operation, answer, request))
        except TimeoutError:
            raise _too_long_to_decode(request, seconds) from None

    def cancel_and_wait(
        self, job_id: str, execution_id: str, *, timeout: float = 300.0
    ) -> JobExecution:
        """Cancel an execution, and look at it until it has ended.

        Failures that may pass are survived while waiting.

        Args:
            job_id: The job's id or name.
            execution_id: The execution's id.
            timeout: Seconds for the whole wait; each call in it is also bounded by the client's.

        Returns:
            The execution in a terminal status: `cancelled`, or the one in which it ended before the
            cancel took hold.

        Raises:
            APITimeoutError: Accepted, but the end was not seen in time; `.execution` is the last
                state seen.
            WaitFailedError: Accepted, but the state can no longer be read; `.execution` likewise.
            BlaxelError: Whatever `cancel` raises; then it was not accepted.
        """
        from blaxel_jobs._retry.waiting import cancel_and_wait

        steps = cancel_and_wait(job_id, execution_id, checked_timeout(timeout), self._timeout)
        step = next(steps)
        try:
            while True:
                self._transport.pause(step.pause)
                call = self.cancel if step.cancels else self.get
                result: JobExecution | BlaxelError
                try:
                    result = call(job_id, execution_id, timeout=step.timeout)
                except BlaxelError as error:
                    result = error
                step = steps.send(result)
        except StopIteration as done:
            execution: JobExecution = done.value
            return execution

    def cancel_many(
        self,
        pairs: Iterable[tuple[str, str]],
        *,
        concurrency: int = 16,
        timeout: float | None = None,
    ) -> Generator[CancelResult, None, None]:
        """Cancel many executions side by side.

        Ended early, it waits for the calls under way and begins no other.

        Args:
            pairs: Pairs of job id and execution id. May be endless: no more than `concurrency` are
                taken ahead.
            concurrency: How many calls may be under way at a time, each in a thread.
            timeout: Seconds for each call; the client's own where not given.

        Yields:
            A `CancelResult` for each pair, in order of completion; none of them raises.

        Raises:
            ConfigurationError: `concurrency` is not 1 or more.
        """
        from blaxel_jobs._many.cancels import cancel_many

        return cancel_many(self.cancel, pairs, concurrency=concurrency, timeout=timeout)

    def list(
        self,
        job_id: str,
        *,
        status: str | Collection[str] | None = None,
        created_before: datetime | None = None,
        timeout: float | None = None,
    ) -> Executions:
        """Return an iterator over the executions of a job, newest first.

        Each page is asked for when it is needed; `.pages()` gives whole pages.

        Args:
            job_id: The job's id or name.
            status: Only those of this status, or of one of these.
            created_before: Only those created before this moment, an aware datetime.
            timeout: Seconds for each page; the client's own where not given.

        Raises:
            InvalidIdentifierError: The job's id is not safe in a URL.
            ConfigurationError: `status` or `created_before` cannot be used.
            BlaxelError: From the iterator: whatever `get` raises, and ResponseDecodeError where the
                list has no end.
        """
        from blaxel_jobs._many.listing import Executions, Pages, Walk, filter_of

        check_identifier(job_id, "the job id")
        walk = Walk(filter_of(status, created_before))
        return Executions(Pages(walk, partial(self._page, job_id, timeout)))

    def _page(
        self, job_id: str, timeout: float | None, query: dict[str, Any]
    ) -> JobExecutionList | builtins.list[JobExecution]:
        from blaxel_jobs_api.api.jobs import list_job_executions

        return self._perform(list_job_executions, job_id, timeout=timeout, query=query)

    def cancel_all(
        self,
        job_id: str,
        *,
        status: str | Collection[str] | None = None,
        created_before: datetime | None = None,
        concurrency: int = 16,
        timeout: float | None = None,
    ) -> Cancelled:
        """Cancel every execution of a job that has not ended; iterate to do it.

        It looks again until a pass finds nothing new, ten times at most. At the end `.left` has the
        ids of those that are still going on.

        Args:
            job_id: The job's id or name.
            status: Only those of this status, or of one of these.
            created_before: Only those created before this moment, an aware datetime.
            concurrency: How many calls may be under way at a time, each in a thread.
            timeout: Seconds for each page and each cancel; the client's own where not given.

        Returns:
            An iterator: a `CancelResult` for each execution, as they come. One that ended by itself
            meanwhile has no error.

        Raises:
            InvalidIdentifierError: The job's id is not safe in a URL.
            ConfigurationError: A filter or `concurrency` cannot be used.
            BlaxelError: From the iterator: the list cannot be read.
        """
        from blaxel_jobs._many.cancels import checked_concurrency
        from blaxel_jobs._many.sweep import Cancelled, Sweep

        checked_concurrency(concurrency)
        listing = partial(
            self.list, job_id, status=status, created_before=created_before, timeout=timeout
        )
        listing()  # now, so that what cannot be asked is refused at once
        cancel_many = partial(self.cancel_many, concurrency=concurrency, timeout=timeout)
        return Cancelled(Sweep(job_id), listing, cancel_many, partial(self.get, timeout=timeout))

    def close(self) -> None:
        """Close the connections; closing twice does no harm. Later calls: ConfigurationError."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncJobsClient:
    """Cancels and reads job executions, for asyncio and trio.

    As `JobsClient`, with `await`, `async with` and `aclose()`. May be used in one event loop after
    another: each has connections of its own.

    Args:
        credentials: Who is calling. Where not given: `BL_API_KEY`, `BL_CLIENT_CREDENTIALS`, then
            the file of the vendor's command line.
        workspace: The workspace to work in. Where not given: `BL_WORKSPACE`, then the file's.
        base_url: Where the API is. Only `https://`, or a loopback address.
        api_version: Sent as `Blaxel-Version`.
        timeout: Seconds of wall-clock time for one call: attempts, waits, token request and body.
        retry: How often and how fast to try again.
        max_response_bytes: The longest body that is read, unpacked.
        transport: Takes the place of the network.
        on_attempt: Called with an `Attempt` after each send.

    Raises:
        ConfigurationError: No credentials are found, or a setting cannot be used.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        workspace: str | None = None,
        base_url: str = BASE_URL,
        api_version: str = API_VERSION,
        timeout: float = 30.0,
        retry: RetryPolicy = RETRY,
        max_response_bytes: int = 16 * 2**20,
        transport: httpx.AsyncBaseTransport | None = None,
        on_attempt: OnAttempt | None = None,
    ) -> None:
        from blaxel_jobs._answer.api import Api
        from blaxel_jobs._network.defaults import async_transports_to
        from blaxel_jobs._settings import Settings, problem_of_base_url
        from blaxel_jobs._transport.async_driver import AsyncPolicyTransport
        from blaxel_jobs._transport.requests import Requests

        if problem := problem_of_base_url(base_url) or problem_of_credentials(credentials):
            del base_url, credentials
            raise ConfigurationError(problem)
        settings = Settings(
            credentials,
            workspace=workspace,
            base_url=base_url,
            api_version=api_version,
            timeout=timeout,
            retry=retry,
            max_response_bytes=max_response_bytes,
            on_attempt=on_attempt,
        )
        self._timeout = settings.timeout
        self._transport = AsyncPolicyTransport(
            settings.context,
            async_transports_to(settings.url, transport),
            given=transport is not None,
            timeout=settings.timeout,
            max_bytes=max_response_bytes,
        )
        self._http = AsyncGuardedClient(
            base_url=settings.url,
            headers=settings.headers,
            timeout=None,
            trust_env=False,  # no netrc; proxies are the transport's
            transport=self._transport,
        )
        self._transport.belongs_to(self._http)
        self._requests = Requests(self._http)
        self._api = Api(base_url=base_url).set_async_httpx_client(self._http)
        _prepare_first_call()

    @property
    def api(self) -> Client:
        """The generated client; pass it to any operation of `blaxel_jobs_api`."""
        return self._api

    async def cancel(
        self, job_id: str, execution_id: str, *, timeout: float | None = None
    ) -> JobExecution:
        """Cancel an execution; as `JobsClient.cancel`, with the same errors.

        Args:
            job_id: The job's id or name.
            execution_id: The execution's id.
            timeout: Seconds for this call; the client's own where not given.

        Returns:
            The execution as the server has it now, `cancelling` or `cancelled`.
        """
        from blaxel_jobs_api.api.jobs import cancel_job_execution

        return await self._perform(cancel_job_execution, job_id, execution_id, timeout=timeout)

    async def get(
        self, job_id: str, execution_id: str, *, timeout: float | None = None
    ) -> JobExecution:
        """Return an execution; as `JobsClient.get`, with the same errors.

        Args:
            job_id: The job's id or name.
            execution_id: The execution's id.
            timeout: Seconds for this call; the client's own where not given.
        """
        from blaxel_jobs_api.api.jobs import get_job_execution

        return await self._perform(get_job_execution, job_id, execution_id, timeout=timeout)

    async def _perform(
        self,
        operation: Operation[_Result],
        *ids: str,
        timeout: float | None,
        query: dict[str, Any] | None = None,
        **parameters: Any,
    ) -> _Result:
        request = self._requests.request(operation, *ids, query=query, **parameters)
        seconds = self._timeout if timeout is None else checked_timeout(timeout)
        deadline = time.monotonic() + seconds
        answer = await self._transport.answer(request, deadline)
        if not answer.is_long:
            return self._api.result(operation, answer, request)
        try:
            return await async_within(
                deadline, partial(self._api.result, operation, answer, request)
            )
        except TimeoutError:
            raise _too_long_to_decode(request, seconds) from None

    async def cancel_and_wait(
        self, job_id: str, execution_id: str, *, timeout: float = 300.0
    ) -> JobExecution:
        """Cancel an execution, and look at it until it has ended.

        As `JobsClient.cancel_and_wait`, with the same errors.

        Args:
            job_id: The job's id or name.
            execution_id: The execution's id.
            timeout: Seconds for the whole wait; each call in it is also bounded by the client's.

        Returns:
            The execution in a terminal status.
        """
        from blaxel_jobs._retry.waiting import cancel_and_wait

        steps = cancel_and_wait(job_id, execution_id, checked_timeout(timeout), self._timeout)
        step = next(steps)
        try:
            while True:
                await self._transport.pause(step.pause)
                call = self.cancel if step.cancels else self.get
                result: JobExecution | BlaxelError
                try:
                    result = await call(job_id, execution_id, timeout=step.timeout)
                except BlaxelError as error:
                    result = error
                step = steps.send(result)
        except StopIteration as done:
            execution: JobExecution = done.value
            return execution

    def cancel_many(
        self,
        pairs: Iterable[tuple[str, str]],
        *,
        concurrency: int = 16,
        timeout: float | None = None,
    ) -> AsyncGenerator[CancelResult, None]:
        """Cancel many executions side by side.

        Use it in `async for`; where that may end early, in `contextlib.aclosing` too, which
        cancels the calls under way.

        Args:
            pairs: Pairs of job id and execution id. May be endless: no more than `concurrency` are
                taken ahead.
            concurrency: How many calls may be under way at a time.
            timeout: Seconds for each call; the client's own where not given.

        Yields:
            A `CancelResult` for each pair, in order of completion; none of them raises.

        Raises:
            ConfigurationError: `concurrency` is not 1 or more.
        """
        from blaxel_jobs._many.async_cancels import cancel_many

        return cancel_many(self.cancel, pairs, concurrency=concurrency, timeout=timeout)

    def list(
        self,
        job_id: str,
        *,
        status: str | Collection[str] | None = None,
        created_before: datetime | None = None,
        timeout: float | None = None,
    ) -> AsyncExecutions:
        """Return an async iterator over the executions of a job, newest first.

        As `JobsClient.list`, with `async for` and the same errors.

        Args:
            job_id: The job's id or name.
            status: Only those of this status, or of one of these.
            created_before: Only those created before this moment, an aware datetime.
            timeout: Seconds for each page; the client's own where not given.
        """
        from blaxel_jobs._many.listing import AsyncExecutions, AsyncPages, Walk, filter_of

        check_identifier(job_id, "the job id")
        walk = Walk(filter_of(status, created_before))
        return AsyncExecutions(AsyncPages(walk, partial(self._page, job_id, timeout)))

    async def _page(
        self, job_id: str, timeout: float | None, query: dict[str, Any]
    ) -> JobExecutionList | builtins.list[JobExecution]:
        from blaxel_jobs_api.api.jobs import list_job_executions

        return await self._perform(list_job_executions, job_id, timeout=timeout, query=query)

    def cancel_all(
        self,
        job_id: str,
        *,
        status: str | Collection[str] | None = None,
        created_before: datetime | None = None,
        concurrency: int = 16,
        timeout: float | None = None,
    ) -> AsyncCancelled:
        """Cancel every execution of a job that has not ended; iterate to do it.

        As `JobsClient.cancel_all`, with `async for` and the same errors. Where the loop may end
        early, use it in `contextlib.aclosing` too, which cancels the calls under way.

        Args:
            job_id: The job's id or name.
            status: Only those of this status, or of one of these.
            created_before: Only those created before this moment, an aware datetime.
            concurrency: How many calls may be under way at a time.
            timeout: Seconds for each page and each cancel; the client's own where not given.
        """
        from blaxel_jobs._many.cancels import checked_concurrency
        from blaxel_jobs._many.sweep import AsyncCancelled, Sweep

        checked_concurrency(concurrency)
        listing = partial(
            self.list, job_id, status=status, created_before=created_before, timeout=timeout
        )
        listing()
        cancel_many = partial(self.cancel_many, concurrency=concurrency, timeout=timeout)
        get = partial(self.get, timeout=timeout)
        return AsyncCancelled(Sweep(job_id), listing, cancel_many, get)

    async def aclose(self) -> None:
        """Close the connections; closing twice does no harm. Later calls: ConfigurationError."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


def _too_long_to_decode(request: OperationRequest, seconds: float) -> APITimeoutError:
    from blaxel_jobs._retry.execution import described
    from blaxel_jobs._retry.verdict import READING

    accepted = request.method not in READING
    message = f"timed out after {seconds:.1f} s decoding the answer: {described(request)}"
    error = APITimeoutError(message, may_have_been_processed=accepted)
    error.accepted = accepted
    return error


def _prepare_first_call() -> None:
    """Import and compile what would hold up the event loop of a client's first call by 40 ms."""
    from blaxel_jobs._answer.decode import prepare
    from blaxel_jobs_api.api.jobs import cancel_job_execution, get_job_execution

    prepare(cancel_job_execution._build_response, get_job_execution._build_response)
    import_module("encodings.idna")  # for every look-up of a host
    with suppress(ImportError):  # anyio's own name; it imports it when it is used first
        import_module("anyio._backends._asyncio")
