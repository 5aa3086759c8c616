"""A job's executions, page by page: what to ask for next, and what of an answer is new.

`Walk` decides, without I/O; `Pages` and `AsyncPages` ask as it says. Two kinds of
answers are understood, whatever API version was asked for: from 2026-04-28 an object with a cursor,
before that a bare array, of which `offset` asks for more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from blaxel_jobs._answer.timestamp import timestamp
from blaxel_jobs._errors import ConfigurationError, ResponseDecodeError

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution, JobExecutionList

__all__ = [
    "AsyncExecutions",
    "AsyncPages",
    "Executions",
    "Filter",
    "Pages",
    "Walk",
    "filter_of",
    "id_of",
]

_PER_PAGE = 100
"""The most that the API gives at once."""

_Listed: TypeAlias = "JobExecutionList | list[JobExecution]"
Query: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which executions are wanted; the API itself filters by neither."""

    statuses: frozenset[str] | None
    created_before: datetime | None

    def wants(self, execution: JobExecution) -> bool:
        """Return whether an execution is wanted; one of unknown age is not known to be old."""
        if self.statuses is not None and execution.status not in self.statuses:
            return False
        if self.created_before is None:
            return True
        try:
            created = execution.metadata and timestamp(execution.metadata.created_at)
        except ValueError:
            return False
        return bool(created and created < self.created_before)


def filter_of(status: object, created_before: object) -> Filter:
    """Return the filter; raise ConfigurationError where it is none."""
    if status is None:
        statuses = None
    elif isinstance(status, str):
        statuses = frozenset({str(status)})
    elif isinstance(status, Collection) and all(isinstance(one, str) for one in status):
        statuses = frozenset(map(str, status))
    else:
        raise ConfigurationError(f"status is a string or several of them, not {status!r}")
    if created_before is not None and not isinstance(created_before, datetime):
        raise ConfigurationError(f"created_before is a datetime, not {created_before!r}")
    if created_before is not None and created_before.tzinfo is None:
        raise ConfigurationError("created_before needs a time zone: datetime.now(UTC), for one")
    return Filter(statuses, created_before)


def id_of(execution: JobExecution) -> str | None:
    """Return an execution's id, None where the server left it out."""
    found = execution.metadata.id if execution.metadata else None
    return found if isinstance(found, str) else None


class Walk:
    """The way through the pages of one list."""

    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        # Newest first: one that is created meanwhile pushes none past an offset.
        self._query: Query | None = {"limit": _PER_PAGE, "sort": "createdAt:desc"}
        self._cursors: set[str] = set()
        self._ids: set[str] = set()
        self._taken = 0
        self._problem = ""

    def query(self) -> Query | None:
        """Return what to ask for, None at the end.

        Raises ResponseDecodeError where there would be no end: a cursor that comes again, a page
        without executions that promises more, an offset that the server passes over.
        """
        if self._problem:
            raise ResponseDecodeError(
                f"the list has no end: {self._problem}",
                status_code=200,  # no other answer is a list
                body="",
                accepted=False,
            )
        return self._query

    def see(self, answer: _Listed) -> list[JobExecution]:
        """Return the executions of a page that are wanted and were on no page before."""
        executions = answer if isinstance(answer, list) else (answer.data or [])
        new = [one for one in executions if self._is_new(one)]
        self._taken += len(executions)
        if isinstance(answer, list):
            self._problem = self._after_array(len(executions), len(new))
        else:
            self._problem = self._after_page(answer, len(executions))
        return [one for one in new if self._wanted.wants(one)]

    def _is_new(self, execution: JobExecution) -> bool:
        found = id_of(execution)
        if found is None:
            return True
        known = found in self._ids
        self._ids.add(found)
        return not known

    def _after_array(self, count: int, new: int) -> str:
        # A short page is no end: the server may give fewer at a time than it was asked for.
        self._query = {"limit": _PER_PAGE, "offset": self._taken} if new else None
        full = count >= _PER_PAGE and not new
        return "the server gives the same executions for another offset" if full else ""

    def _after_page(self, answer: JobExecutionList, count: int) -> str:
        cursor = answer.meta.next_cursor if answer.meta else None
        if not isinstance(cursor, str) or not cursor:
            self._query = None
            more = answer.meta and answer.meta.has_more is True
            return "it promises more, and gives no cursor" if more else ""
        if answer.meta and answer.meta.has_more is False:
            self._query = None
            return ""
        if cursor in self._cursors:
            return "a cursor comes again"
        self._cursors.add(cursor)
        self._query = {"limit": _PER_PAGE, "sort": "createdAt:desc", "cursor": cursor}
        return "" if count else "a page without executions promises more"


class Pages(Iterator["list[JobExecution]"]):
    """The pages of a list, each asked for when it is needed; one may be empty."""

    def __init__(self, walk: Walk, ask: Callable[[Query], _Listed]) -> None:
        self._walk, self._ask = walk, ask

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[JobExecution]:
        query = self._walk.query()
        if query is None:
            raise StopIteration
        return self._walk.see(self._ask(query))


class Executions(Iterator["JobExecution"]):
    """The executions of a job, over all pages."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._page: Iterator[JobExecution] = iter(())

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> JobExecution:
        while True:
            for execution in self._page:
                return execution
            self._page = iter(next(self._pages))

    def pages(self) -> Pages:
        """Return the pages that were not asked for yet."""
        return self._pages


# No async generators: one that is left early is finalized at any moment.


class AsyncPages(AsyncIterator["list[JobExecution]"]):
    """The pages of a list in async code."""

    def __init__(self, walk: Walk, ask: Callable[[Query], Awaitable[_Listed]]) -> None:
        self._walk, self._ask = walk, ask

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[JobExecution]:
        query = self._walk.query()
        if query is None:
            raise StopAsyncIteration
        return self._walk.see(await self._ask(query))


class AsyncExecutions(AsyncIterator["JobExecution"]):
    """The executions of a job in async code: `async for`."""

    def __init__(self, pages: AsyncPages) -> None:
        self._pages = pages
        self._page: Iterator[JobExecution] = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> JobExecution:
        while True:
            for execution in self._page:
                return execution
            self._page = iter(await anext(self._pages))

    def pages(self) -> AsyncPages:
        """Return the pages that were not asked for yet."""
        return self._pages
