"""Many cancels at a time under random faults: what the client reports is what the server holds.

Two hundred calls each; for more, `BLAXEL_JOBS_SOAK=5000 pytest tests/client/test_soak.py`.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest

from blaxel_jobs import (
    APIConnectionError,
    AsyncJobsClient,
    AuthenticationError,
    CancelOutcomeUnknownError,
    CancelResult,
    ClientCredentials,
    ConflictError,
    JobsClient,
    NotFoundError,
    RateLimitError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
)
from tests.client.fault_server import (
    Act,
    FaultServer,
    Seen,
    answer,
    drip,
    execution,
    hang_up,
    running,
    say_nothing,
)

CALLS = int(os.environ.get("BLAXEL_JOBS_SOAK", "200"))
SEED = int(os.environ.get("BLAXEL_JOBS_SOAK_SEED", "1"))
OPTIONS: dict[str, Any] = {
    "credentials": ClientCredentials("id", "secret"),
    "timeout": 20,
    "retry": RetryPolicy(initial_delay=0.01, max_delay=0.05, attempt_timeout=1.0),
}


@dataclass
class Service(FaultServer):
    """Holds executions, denies a second cancel, and has a fault for one request in four."""

    random: random.Random = field(default_factory=lambda: random.Random(SEED))
    states: dict[str, str] = field(default_factory=dict)

    def choose(self, request: Seen) -> Act:
        if request.method == "POST":
            faults = [answer(503), hang_up, answer(200, {"access_token": "t", "expires_in": 1})]
            healthy = answer(200, {"access_token": "t", "expires_in": 2})
            return self.random.choice(faults) if self.random.random() < 0.25 else healthy
        found = re.search(r"/executions/(\S+)$", request.target)
        assert found is not None
        fault = self.random.random()
        if fault < 0.08:  # before anything is done
            return self.random.choice([answer(503), answer(429), hang_up, answer(401)])
        act = self.process(request.method, found[1])
        if fault < 0.25:  # after it was done
            late = [hang_up, answer(502), answer(504), answer(200, b"<html>"), drip("headers")]
            return self.random.choice([*late, drip("body"), say_nothing])
        return act

    def process(self, method: str, name: str) -> Act:
        state = self.states.get(name)
        if state is None:
            return answer(404, {"error": "not found"})
        if method == "DELETE":
            if state != "running":
                return answer(409, {"error": f"is {state}"})
            self.states[name] = state = "cancelling"
        return execution(state)


def pairs(service: Service, count: int) -> Iterator[tuple[str, str]]:
    """Give `count` executions to cancel: most run, some have ended, some are unknown."""
    for number in range(count):
        state = ["running", "running", "running", "succeeded", None][number % 5]
        if state is not None:
            service.states[f"exec-{number}"] = state
        yield "job", f"exec-{number}"


def check(service: Service, result: CancelResult) -> str:
    """Check that what was reported is so; return what was reported."""
    held = service.states.get(result.execution_id)
    ended = held in ("cancelling", "cancelled")
    match result.error:
        case None:
            assert result.execution is not None
            assert result.execution.status == held
            assert ended
        case NotFoundError():
            assert held is None
        case ConflictError():
            assert held == "succeeded"
        case ResponseDecodeError(accepted=True):
            # An execution that had ended, or that is unknown, gets the same nonsense.
            assert ended or held in ("succeeded", None)
        case APIConnectionError(may_have_been_processed=False):
            assert not ended
        case CancelOutcomeUnknownError() | APIConnectionError() | ServerError() | RateLimitError():
            pass
        case AuthenticationError():  # twice in a row
            pass
        case error:
            raise AssertionError(f"not expected: {error!r}") from error
    return type(result.error).__name__


def check_all(service: Service, reported: Counter[str], calls: int) -> None:
    """Check that all was reported, some of each kind, and that no connection is left.

    How many of a kind there are is a matter of the machine's speed, too.
    """
    assert reported.total() == calls
    assert {"NoneType", "NotFoundError", "ConflictError"} <= reported.keys()
    assert service.closed_by_client(service.connections)


def in_threads(calls: int) -> None:
    reported: Counter[str] = Counter()
    with running(Service([])) as service:
        with JobsClient(base_url=service.url, **OPTIONS) as jobs:
            for result in jobs.cancel_many(pairs(service, calls), concurrency=16):
                reported[check(service, result)] += 1
        check_all(service, reported, calls)


def in_tasks(backend: str, calls: int) -> None:
    reported: Counter[str] = Counter()

    async def main(service: Service) -> None:
        async with AsyncJobsClient(base_url=service.url, **OPTIONS) as jobs:
            results = jobs.cancel_many(pairs(service, calls), concurrency=64)
            async with contextlib.aclosing(results):
                async for result in results:
                    reported[check(service, result)] += 1

    with running(Service([])) as service:
        anyio.run(main, service, backend=backend)
        check_all(service, reported, calls)


@pytest.mark.deep
@pytest.mark.parametrize("kind", ["threads", "asyncio", "trio"])
def test_soak(kind: str) -> None:
    """Sixteen threads, or sixty-four tasks, get the truth, and leave nothing behind."""
    soak = in_threads if kind == "threads" else functools.partial(in_tasks, kind)
    soak(100)  # imports what is needed
    gc.collect()
    before = len(gc.get_objects())
    soak(CALLS)
    gc.collect()
    assert len(gc.get_objects()) - before < 1000 + CALLS / 10
