"""Many cancels at a time."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import anyio
import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    AsyncJobsClient,
    Attempt,
    CancelOutcomeUnknownError,
    CancelResult,
    ConfigurationError,
    InvalidIdentifierError,
    JobsClient,
    NotFoundError,
)
from blaxel_jobs._many.workers import Workers
from blaxel_jobs.testing import FakeAPI
from tests.client.conftest import KINDS
from tests.client.fault_server import FaultServer, answer, execution, say_nothing, serving

Many = Callable[..., list[CancelResult]]


@pytest.fixture(params=KINDS)
def many(request: pytest.FixtureRequest) -> Many:
    """Call `cancel_many` of a fresh client; `first` says how many results to take."""

    def run(
        url: str, pairs: Iterable[Any], *, first: int | None = None, **options: Any
    ) -> list[CancelResult]:
        if request.param == "sync":
            with (
                JobsClient(ApiKey("k"), base_url=url) as jobs,
                contextlib.closing(jobs.cancel_many(pairs, **options)) as results,
            ):
                return list(itertools.islice(results, first))

        async def main() -> list[CancelResult]:
            taken: list[CancelResult] = []
            async with (
                AsyncJobsClient(ApiKey("k"), base_url=url) as jobs,
                contextlib.aclosing(jobs.cancel_many(pairs, **options)) as results,
            ):
                async for result in results:
                    taken.append(result)
                    if len(taken) == first:
                        break
            return taken

        return anyio.run(main, backend=request.param)

    return run


def test_each_has_a_result(many: Many) -> None:
    """Each pair has one result: the execution, or the error, which is not raised."""
    script = [execution(), answer(404), execution(), answer(404)] * 5
    pairs = [("job", f"exec-{number}") for number in range(20)]
    with serving(*script) as server:
        results = many(server.url, pairs)
        assert len(server.seen) == 20
    assert sorted((r.job_id, r.execution_id) for r in results) == sorted(pairs)
    assert sum(isinstance(r.error, NotFoundError) for r in results) == 10
    assert sum(r.execution is not None for r in results) == 10


def test_order_of_completion(many: Many) -> None:
    """What is done first comes first."""
    done = threading.Event()

    def slow(connection: Any) -> None:
        done.wait(30)
        execution()(connection)

    def pairs() -> Iterator[tuple[str, str]]:
        yield "job", "a"
        yield "job", "b"
        done.set()  # another is asked for: one of the two has its result

    with serving(slow, execution()) as server:
        results = many(server.url, pairs(), concurrency=2)
        slowest = server.seen[0].target.rpartition("/")[2]
    assert len(results) == 2
    assert results[-1].execution_id == slowest


BAD = [
    ("job", ".."), ("job",), None, 7, ("a", "b", "c"), (1, 2),
    "ab", {"a", "b"}, frozenset({"a", "b"}), {"job_id": "a", "execution_id": "b"},
]  # fmt: skip


@pytest.mark.parametrize("pair", BAD)
def test_bad_pair(many: Many, pair: object) -> None:
    """What is no pair of identifiers is a result, too, and nothing is sent."""
    with serving(execution()) as server:
        (result,) = many(server.url, [pair])
        assert server.seen == []
    assert isinstance(result.error, InvalidIdentifierError)
    assert result.execution is None


def test_nothing(many: Many) -> None:
    """Of nothing comes nothing."""
    assert many("http://127.0.0.1:9/v0", []) == []


def test_concurrency(many: Many) -> None:
    """No more calls than `concurrency` are under way, and as many are."""
    lock, now, most = threading.Lock(), 0, 0
    four = threading.Barrier(4, timeout=30)

    def act(connection: Any) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        four.wait()
        time.sleep(0.05)  # for a fifth, which must not come
        with lock:
            now -= 1
        execution()(connection)

    with serving(act) as server:
        many(server.url, [("job", str(number)) for number in range(12)], concurrency=4)
    assert most == 4


@pytest.mark.parametrize("concurrency", [0, -1, True, "4", None])
def test_bad_concurrency(many: Many, concurrency: object) -> None:
    """A concurrency that is no number of calls is refused at once."""
    with pytest.raises(ConfigurationError, match="concurrency"):
        many("http://127.0.0.1:9/v0", [], concurrency=concurrency)


def test_endless(many: Many) -> None:
    """Pairs are taken only as they are needed."""
    endless = (("job", str(number)) for number in itertools.count())
    with serving(execution()) as server:
        assert len(many(server.url, endless, first=5, concurrency=2)) == 5
        assert len(server.seen) <= 7


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_cancelled(backend: str) -> None:
    """A caller that is cancelled takes the calls under way along."""

    async def main(server: FaultServer) -> None:
        async def cancel_both() -> None:
            async for _ in jobs.cancel_many([("job", "a"), ("job", "b")]):
                pass

        async with AsyncJobsClient(ApiKey("k"), base_url=server.url, timeout=60) as jobs:
            with anyio.fail_after(30):
                async with anyio.create_task_group() as group:
                    group.start_soon(cancel_both)
                    await server.has_seen(2)
                    group.cancel_scope.cancel()

    with serving(say_nothing) as server:
        anyio.run(main, server, backend=backend)
        assert server.closed_by_client(2)


def test_left_early() -> None:
    """A loop that is left without closing anything ends the calls under way all the same."""
    all_sent = threading.Barrier(3, timeout=30)

    def first(connection: Any) -> None:
        all_sent.wait()
        execution()(connection)

    def other(connection: Any) -> None:
        all_sent.wait()
        say_nothing(connection)

    async def main(url: str) -> None:
        async with AsyncJobsClient(ApiKey("k"), base_url=url) as jobs:
            async for _ in jobs.cancel_many([("job", str(n)) for n in range(3)], concurrency=3):
                break
            gc.collect()
            # The client is still open, and keeps the connection that was answered.
            assert await anyio.to_thread.run_sync(server.closed_by_client, 2)

    with serving(first, other) as server:
        anyio.run(main, server.url)


class Broken(Exception):
    """Raised by a source of pairs."""


def broken_source(error: type[BaseException]) -> Iterable[tuple[str, str]]:
    yield ("job", "a")
    yield ("job", "b")
    raise error


def consumed(
    kind: str,
    url: str,
    pairs: Iterable[Any],
    taken: list[CancelResult],
    *,
    concurrency: int = 4,
    **options: Any,
) -> None:
    """Append the results of `cancel_many` to a list, in sync or async code."""
    client: dict[str, Any] = {"credentials": ApiKey("k"), "base_url": url, "timeout": 5, **options}

    async def main() -> None:
        async with AsyncJobsClient(**client) as jobs:
            async for result in jobs.cancel_many(pairs, concurrency=concurrency):
                taken.append(result)

    if kind == "sync":
        with JobsClient(**client) as jobs:
            taken.extend(jobs.cancel_many(pairs, concurrency=concurrency))
    else:
        anyio.run(main, backend=kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [Broken, KeyboardInterrupt, SystemExit])
def test_source_that_raises(kind: str, error: type[BaseException]) -> None:
    """The results of the calls under way come first, then the source's own error."""
    taken: list[CancelResult] = []
    with serving(execution()) as server, pytest.raises(error):
        consumed(kind, server.url, broken_source(error), taken)
    assert sorted(result.execution_id for result in taken) == ["a", "b"]
    assert all(result.execution is not None for result in taken)


@pytest.mark.parametrize("kind", KINDS)
def test_call_that_exits(kind: str) -> None:
    """What ends the thread or task of a call leaves its result unknown, and is raised at last."""

    def leave(attempt: Attempt) -> None:
        raise SystemExit(7)

    taken: list[CancelResult] = []
    with serving(execution()) as server, pytest.raises(SystemExit):
        consumed(kind, server.url, [("job", "a")], taken, on_attempt=leave)
    (result,) = taken
    assert isinstance(result.error, CancelOutcomeUnknownError)


def test_tasks_cancelled_before_their_first_step() -> None:
    """Whoever cancels all tasks of a loop gets an end, and each pair its result."""
    taken: list[CancelResult] = []

    async def main(url: str) -> None:
        async with AsyncJobsClient(ApiKey("k"), base_url=url) as jobs:

            def pairs() -> Iterable[tuple[str, str]]:
                yield ("job", "a")
                own = asyncio.current_task()
                for task in asyncio.all_tasks() - {own}:
                    task.cancel()
                yield ("job", "b")

            async for result in jobs.cancel_many(pairs(), concurrency=2):
                taken.append(result)

    with serving(execution()) as server:
        asyncio.run(main(server.url))
        assert len(server.seen) == 1
    errors = {result.execution_id: result.error for result in taken}
    assert errors["b"] is None
    assert isinstance(errors["a"], APIConnectionError)
    assert not errors["a"].may_have_been_processed


def test_interrupted() -> None:
    """Ctrl-C begins no other call; those under way are reported, then it is raised."""
    gate = threading.Event()
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def act(connection: Any) -> None:
        if len(server.seen) == 2:
            signal.pthread_kill(main_thread, signal.SIGINT)
            gate.set()
        gate.wait(10)
        execution()(connection)

    endless = (("job", str(number)) for number in itertools.count())
    taken: list[CancelResult] = []
    with serving(act) as server, pytest.raises(KeyboardInterrupt):
        consumed("sync", server.url, endless, taken, concurrency=2, timeout=30)
    assert len(taken) == len(server.seen) == 2
    assert all(result.execution is not None for result in taken)


@pytest.mark.parametrize("step", ["__init__", "start"])
def test_no_thread_to_be_had(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started, calls are made one after another."""

    def refused(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("can't start new thread")

    api = FakeAPI()
    for number in range(3):
        api.add("job", str(number))
    with JobsClient(ApiKey("k"), transport=api) as jobs, monkeypatch.context() as patch:
        patch.setattr(threading.Thread, step, refused)
        results = list(jobs.cancel_many([("job", str(number)) for number in range(3)]))
    assert [result.execution_id for result in results] == ["0", "1", "2"]
    assert all(result.execution is not None for result in results)


def test_left_until_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads, which stand still when the process ends, are not waited for then."""
    go = threading.Event()
    workers = Workers(1, "cancel")

    def wait() -> None:
        go.wait()

    workers.begin(wait)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "is_finalizing", lambda: True)
        closing = threading.Thread(target=workers.finish, daemon=True)
        closing.start()
        closing.join(30)
        assert not closing.is_alive()
    go.set()
    workers.finish()
