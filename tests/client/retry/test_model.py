"""Every way in which one cancel, or one wait, can go: the real policy against a server that knows.

The policy does no I/O, so a run is a sequence of choices: what comes of each send. All sequences
are tried. What the caller learns is held against what has happened.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

import blaxel_jobs
from blaxel_jobs import (
    APITimeoutError,
    BlaxelError,
    CancelOutcomeUnknownError,
    ClientCredentials,
    RetryPolicy,
    WaitFailedError,
)
from blaxel_jobs._answer.decode import execution_of
from blaxel_jobs._auth.credentials import Credentials
from blaxel_jobs._command.call import Call, Outcome, error_json
from blaxel_jobs._effects import Answer, Lost, Send, Sleep, Wait
from blaxel_jobs._retry.policy import Context, call
from blaxel_jobs._retry.request import OperationRequest
from blaxel_jobs._retry.waiting import TERMINAL_STATUSES, cancel_and_wait
from blaxel_jobs_api.models import JobExecution

URL = "https://api.test/v0"
PATH = f"{URL}/jobs/job/executions/exec"
TIMEOUT = 20.0
DOCUMENTED = {
    one
    for one in vars(blaxel_jobs).values()
    if isinstance(one, type) and issubclass(one, BlaxelError)
}


@dataclass
class Truth:
    """What the server knows, and what of it the client cannot know."""

    cancelled: bool = False
    ended: str | None = None
    ambiguous: bool = False
    now: float = 0.0
    others: int = 0


Act = Callable[[Truth, Send], Answer | Lost]


def response(status: int, body: Any = b"", problem: str | None = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, httpx.Headers(named), content, problem)


def execution(status: str | None, name: str = "exec") -> dict[str, Any]:
    return {"metadata": {"id": name}, "spec": {}, "status": status}


def cancels(answer: Answer | Lost, *, took: bool = True, certain: bool = False) -> Act:
    """Come to this, after the cancel took place or not; `certain` if it shows which."""

    def act(truth: Truth, send: Send) -> Answer | Lost:
        truth.cancelled |= took
        truth.ambiguous |= not certain
        if isinstance(answer, Lost) and answer.timed_out:
            truth.now = send.deadline
        return answer

    return act


def refuses(answer: Answer | Lost) -> Act:
    """Come to this, without having done anything."""
    return cancels(answer, took=False, certain=True)


def other(truth: Truth, send: Send) -> Answer:
    """Answer with an execution that another caller has asked for."""
    truth.others += 1
    return response(200, execution("cancelling", f"other-{truth.others}"))


GONE = Lost("no response", sent=True, timed_out=False)
LATE = Lost("the call ran out of time", sent=True, timed_out=True)
DELETE: dict[str, Act] = {
    "ok": cancels(response(200, execution("cancelling"))),
    "html": cancels(response(200, b"<html>")),
    "null": cancels(response(200, {"metadata": None, "spec": {}})),
    "204": cancels(response(204)),
    "too large": cancels(response(200, b"{", "its body is too large")),
    "named, took": cancels(response(200, execution("cancelling", "name"))),
    "other, took": lambda truth, send: cancels(other(truth, send))(truth, send),
    "other": lambda truth, send: cancels(other(truth, send), took=False)(truth, send),
    "404": refuses(response(404)),
    "409": refuses(response(409)),
    "401": refuses(response(401)),
    "403": refuses(response(403)),
    "400": refuses(response(400)),
    "429": refuses(response(429, Retry_After="1")),
    "429 for ever": refuses(response(429, Retry_After="inf")),
    "409 again": refuses(response(409, {"retryable": True})),
    "500": cancels(response(500), took=False),
    "500, took": cancels(response(500)),
    "503 for good": cancels(response(503, {"retryable": False})),
    "408, took": cancels(response(408)),
    "not sent": refuses(Lost("refused", sent=False, timed_out=False)),
    "lost": cancels(GONE, took=False),
    "lost, took": cancels(GONE),
    "late": cancels(LATE, took=False),
    "late, took": cancels(LATE),
}


def state(truth: Truth, send: Send, name: str = "exec") -> Answer:
    status = truth.ended or ("cancelling" if truth.cancelled else "running")
    return response(200, execution(status, name))


def ended(truth: Truth, send: Send) -> Answer:
    truth.ended = "cancelled" if truth.cancelled else "succeeded"
    return state(truth, send)


def reads(answer: Answer | Lost) -> Act:
    """Come to this when the execution is read."""

    def act(truth: Truth, send: Send) -> Answer | Lost:
        if isinstance(answer, Lost) and answer.timed_out:
            truth.now = send.deadline
        return answer

    return act


GET: dict[str, Act] = {
    "state": state,
    "ended": ended,
    "named": lambda truth, send: state(truth, send, "name"),
    "other": other,
    "html": reads(response(200, b"<html>")),
    "no status": reads(response(200, execution(None))),
    "null": reads(response(200, {"metadata": None, "spec": None, "status": 5})),
    "404": reads(response(404)),
    "409": reads(response(409)),
    "401": reads(response(401)),
    "403": reads(response(403)),
    "429": reads(response(429, Retry_After="60")),
    "503": reads(response(503)),
    "lost": reads(GONE),
    "late": reads(LATE),
}
TOKEN: dict[str, Act] = {
    "token": reads(response(200, {"access_token": "t", "expires_in": 7200})),
    "short": reads(response(200, {"access_token": "t", "expires_in": 0.001})),
    "html": reads(response(200, b"<html>")),
    "400": reads(response(400)),
    "404": reads(response(404)),
    "503": reads(response(503)),
    "lost": reads(GONE),
    "late": reads(LATE),
}


class Choices:
    """Goes through all sequences of choices, the last of them first."""

    def __init__(self) -> None:
        self._taken: list[list[int]] = []  # index, and how many there are to choose from
        self._at = 0

    def among(self, names: list[str]) -> str:
        if self._at == len(self._taken):
            self._taken.append([0, len(names)])
        index, self._at = self._taken[self._at][0], self._at + 1
        return names[index]

    def next(self) -> bool:
        """Set up the next sequence; False where there is none."""
        self._at = 0
        while self._taken:
            self._taken[-1][0] += 1
            if self._taken[-1][0] < self._taken[-1][1]:
                return True
            self._taken.pop()
        return False


class Fickle:
    """A KeySource that gives a key, nothing, or an exception."""

    def __init__(self, choices: Choices, log: list[str]) -> None:
        self._choices, self._log = choices, log

    def bearer(self) -> str:
        chosen = self._choices.among(["key", "empty", "raises"])
        self._log.append(f"bearer: {chosen}")
        if chosen == "raises":
            raise LookupError("the vault is sealed")
        return "" if chosen == "empty" else "key"


@dataclass
class Run:
    """One sequence: a server, a clock, and a client's context."""

    choices: Choices
    attempts: int
    fickle: bool = False
    truth: Truth = field(default_factory=Truth)
    log: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        credentials: Credentials = (
            Fickle(self.choices, self.log) if self.fickle else ClientCredentials("id", "secret")
        )
        policy = RetryPolicy(self.attempts, attempt_timeout=5.0, random=lambda: 1.0)
        self.context = Context(credentials, httpx.URL(URL), policy, clock=self.clock)

    def clock(self) -> float:
        return self.truth.now

    def call(self, method: str, acts: dict[str, Act], timeout: float = TIMEOUT) -> JobExecution:
        """Carry out a call; within its limits, whatever comes of it."""
        deadline = self.truth.now + timeout
        request = OperationRequest.of(httpx.Request(method, PATH), self.context.base_url)
        steps = call(self.context, request, deadline)
        acts_of = {"DELETE": acts, "GET": acts if method == "GET" else GET, "POST": TOKEN}
        before = self.sent.copy()
        outcome: Answer | Lost | None = None
        try:
            while True:
                effect = steps.send(outcome)
                outcome = None
                match effect:
                    case Send():
                        assert self.truth.now < deadline
                        assert effect.deadline <= deadline
                        kind = effect.request.method
                        self.sent[kind] += 1
                        chosen = self.choices.among(list(acts_of[kind]))
                        self.log.append(f"{kind}: {chosen}")
                        self.truth.now += 0.01
                        outcome = acts_of[kind][chosen](self.truth, effect)
                    case Sleep(seconds):
                        self.truth.now += seconds
                    case Wait():
                        pytest.fail("there is no other call to wait for")
        except StopIteration as done:
            return execution_of(done.value, accepted=method == "DELETE")
        finally:
            assert self.truth.now <= deadline + 0.01, self.log
            self._check_attempts(self.sent - before)

    def _check_attempts(self, sent: Counter[str]) -> None:
        assert sent["DELETE"] <= self.attempts
        assert sent["GET"] <= 2 * self.attempts  # twice where another execution was named
        assert sent["POST"] <= self.attempts * (sent["DELETE"] + sent["GET"] + 1)


def runs(attempts: int, *, fickle: bool = False) -> Iterator[Run]:
    choices = Choices()
    while True:
        yield Run(choices, attempts, fickle)
        if not choices.next():
            return


class Jobs:
    """A client whose cancel ends as a run did."""

    def __init__(self, result: JobExecution | BlaxelError) -> None:
        self._came = result

    def cancel(self, *_: object, **__: object) -> JobExecution:
        if isinstance(self._came, BlaxelError):
            raise self._came
        return self._came


def result_of(do: Callable[..., JobExecution], *arguments: Any) -> JobExecution | BlaxelError:
    try:
        return do(*arguments)
    except BlaxelError as error:
        return error


def check_cancel(run: Run, result: JobExecution | BlaxelError) -> None:
    """Hold what a cancel ended with, and what the command makes of it, against the truth."""
    truth, log = run.truth, run.log
    report = Call("job", "exec").cancel(Jobs(result), TIMEOUT)  # type: ignore[arg-type]
    if not isinstance(result, BlaxelError):
        assert truth.cancelled, log
        assert report.outcome is Outcome.DONE
        return
    assert type(result) in DOCUMENTED, log
    as_json = error_json(result)
    assert as_json["may_have_been_processed"] is result.may_have_been_processed, log
    if result.accepted:
        assert truth.cancelled, log
        assert result.may_have_been_processed, log
        assert report.outcome is Outcome.DONE, log
    elif result.may_have_been_processed:
        assert report.outcome is Outcome.UNKNOWN, log
    else:
        assert not isinstance(result, CancelOutcomeUnknownError), log
        assert not truth.cancelled, log
        assert not truth.ambiguous, log
        assert report.outcome in (Outcome.FAILED, Outcome.NOT_FOUND), log


@pytest.mark.parametrize(
    ("attempts", "fickle"),
    [(1, False), (1, True), pytest.param(2, True, marks=pytest.mark.deep)],
)
def test_cancel(attempts: int, fickle: bool) -> None:
    """Success means cancelled, certainty means not, and the rest says that it does not know."""
    for run in runs(attempts, fickle=fickle):
        check_cancel(run, result_of(run.call, "DELETE", DELETE))


SECOND = {
    name: DELETE[name]
    for name in (
        "ok",
        "html",
        "other",
        "404",
        "409",
        "401",
        "403",
        "429",
        "500",
        "not sent",
        "lost",
    )
}


@pytest.mark.parametrize("first", ["500, took", "lost", "lost, took", "429", "late, took"])
def test_cancel_again(first: str) -> None:
    """What an earlier attempt left open stays open, whatever comes later."""
    for run in runs(2, fickle=True):
        result = result_of(run.call, "DELETE", Then(first))
        check_cancel(run, result)


class Then(dict[str, Act]):
    """At first an act of `DELETE`, then one of `SECOND`."""

    def __init__(self, first: str) -> None:
        super().__init__(SECOND)
        self._first: str | None = first

    def __iter__(self) -> Iterator[str]:
        if self._first is None:
            return super().__iter__()
        first, self._first = self._first, None
        return iter([first])

    def __missing__(self, name: str) -> Act:
        return DELETE[name]


def wait(run: Run, timeout: float, looks: int) -> Generator[JobExecution, None, JobExecution]:
    """Carry out a wait, yielding what is seen; after so many looks the state is the true one."""
    steps = cancel_and_wait("job", "exec", timeout, 10.0, run.clock)
    step = next(steps)
    try:
        for number in itertools.count():
            run.truth.now += step.pause
            acts = DELETE if step.cancels else GET if number <= looks else {"state": state}
            result = result_of(run.call, "DELETE" if step.cancels else "GET", acts, step.timeout)
            if not isinstance(result, BlaxelError):
                yield result
            elif step.cancels:
                check_cancel(run, result)
            step = steps.send(result)
        raise AssertionError("it goes on for ever")
    except StopIteration as done:
        execution: JobExecution = done.value
        return execution


def check_wait(run: Run, error: BlaxelError, seen: list[JobExecution]) -> None:
    assert type(error) in DOCUMENTED, run.log
    assert error.may_have_been_processed or not run.truth.cancelled, run.log
    if error.accepted:
        assert isinstance(error, WaitFailedError | APITimeoutError), run.log
        assert error.execution is (seen[-1] if seen else None), run.log
        assert run.truth.cancelled, run.log
    else:
        assert not seen, run.log


def test_cancel_and_wait() -> None:
    """Once a cancel was accepted, whatever ends the wait says so, and what was seen last."""
    timeout = 8.0
    for run in runs(1, fickle=True):
        seen: list[JobExecution] = []
        steps = wait(run, timeout, looks=1)
        try:
            while True:
                seen.append(next(steps))
        except StopIteration:
            assert seen[-1].status in TERMINAL_STATUSES, run.log
        except BlaxelError as error:
            check_wait(run, error, seen)
        assert run.truth.now <= timeout + 0.1, run.log


class WaitingJobs:
    """A client whose calls go as a run chooses: the first look at will, later ones as it is."""

    def __init__(self, run: Run) -> None:
        self._run, self._looks = run, 0

    def cancel(self, *_: object, timeout: float) -> JobExecution:
        return self._run.call("DELETE", DELETE, timeout)

    def get(self, *_: object, timeout: float) -> JobExecution:
        self._looks += 1
        return self._run.call("GET", GET if self._looks == 1 else {"state": state}, timeout)


class Stopped:
    """Nobody interrupts a wait, whose pauses pass at once."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def wait(self, seconds: float) -> bool:
        self._run.truth.now += seconds
        return False


@pytest.mark.deep
def test_command_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's outcome and JSON of a cancel that is waited for are the truth, too."""
    for run in runs(1, fickle=True):
        on_its_clock = partial(cancel_and_wait, clock=run.clock)
        monkeypatch.setattr("blaxel_jobs._command.call.cancel_and_wait", on_its_clock)
        jobs: Any = WaitingJobs(run)
        stopped: Any = Stopped(run)
        report = Call("job", "exec").cancel_and_wait(jobs, 8.0, 10.0, stopped)
        told, truth, log = report.as_json(), run.truth, run.log
        assert told["outcome"] == report.outcome.name.lower(), log
        error = report.error
        if report.outcome is Outcome.DONE:
            assert error is None, log
            assert told["status"] in TERMINAL_STATUSES, log
            assert truth.cancelled or truth.ended, log
            continue
        assert isinstance(error, BlaxelError), log
        assert type(error) in DOCUMENTED, log
        assert told["error"]["may_have_been_processed"] is error.may_have_been_processed, log
        if report.outcome is Outcome.NOT_ENDED:
            assert truth.cancelled, log
            assert error.accepted, log
        elif report.outcome is Outcome.UNKNOWN:
            assert error.may_have_been_processed, log
        else:
            assert not truth.cancelled, log
            assert not truth.ambiguous, log
            assert report.outcome in (Outcome.FAILED, Outcome.NOT_FOUND), log
