"""A wait for an execution's end: when it looks, what it survives, and how it gives up."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable

import pytest

from blaxel_jobs import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BlaxelError,
    ConfigurationError,
    NotFoundError,
    PermissionDeniedError,
    ResponseDecodeError,
    WaitFailedError,
)
from blaxel_jobs._errors import status_error
from blaxel_jobs._retry.waiting import Step, cancel_and_wait
from blaxel_jobs_api.models import JobExecution
from tests.client.conftest import Caller
from tests.client.fault_server import Act, answer, execution, hang_up, say_nothing, serving
from tests.client.timeouts import timed_out_at

Answered = JobExecution | BlaxelError


def state(status: str = "cancelling") -> JobExecution:
    return JobExecution.from_dict({"metadata": {}, "spec": {}, "status": status})


def error(status: int, retry_after: float | None = None) -> APIStatusError:
    return status_error(status)("e", status_code=status, body="", retry_after=retry_after)


class Wait:
    """A wait on a clock of its own, on which nothing but pauses and `took` takes time."""

    def __init__(self, timeout: float, longest_call: float = 30.0) -> None:
        self.now = 100.0
        self.steps = cancel_and_wait("job", "exec", timeout, longest_call, lambda: self.now)
        self.step = next(self.steps)
        self.looks: list[tuple[float, Step]] = []

    def next(self, answer: Answered, took: float = 0.0) -> Step:
        """Let something come of the step that is due, and pause for the next."""
        self.now += took
        self.step = self.steps.send(answer)
        self.now += self.step.pause
        self.looks.append((self.now - 100.0, self.step))
        return self.step

    def run(self, answers: Callable[[float], Answered], took: float = 0.0) -> Answered:
        """Go on to the end; `answers` says what comes at which second."""
        try:
            while True:
                self.next(answers(self.now - 100.0), took)
        except StopIteration as done:
            result: JobExecution = done.value
            return result
        except BlaxelError as raised:
            return raised


def test_intervals_grow() -> None:
    """Looks grow rarer, down to one in ten seconds."""
    wait = Wait(1000)
    pauses = [wait.next(state()).pause for _ in range(12)]
    assert pauses[:4] == [0.5, 0.75, 1.125, 1.6875]
    assert pauses == sorted(pauses)
    assert pauses[-2:] == [10.0, 10.0]


def test_calls_are_bounded_twice() -> None:
    """A call in a wait has the client's own timeout, or what is left."""
    wait = Wait(40)
    assert wait.step == Step(0.0, cancels=True, timeout=30)
    assert wait.next(state(), took=5).timeout == 30
    assert wait.next(state(), took=20).timeout == pytest.approx(40 - 25.5 - 0.75)


@pytest.mark.parametrize("timeout", [0.2, 1.0, 5.0, 60.0, 300.0])
@pytest.mark.parametrize("took", [0.0, 0.05])
def test_last_look(timeout: float, took: float) -> None:
    """The last look is as late as it can be and still be answered, and in time."""
    wait = Wait(timeout)
    raised = wait.run(lambda _: state(), took)
    assert isinstance(raised, APITimeoutError)
    at, step = wait.looks[-1]
    assert timeout * 0.7 <= at < timeout
    assert step.timeout == pytest.approx(timeout - at)
    assert timeout - at <= max(0.16, timeout / 4)
    assert wait.now - 100 <= timeout + 1e-6


def test_looks_after_a_slow_cancel() -> None:
    """A cancel that took almost all of the time is looked at once."""
    wait = Wait(10)
    step = wait.next(state(), took=9.99)
    assert (step.pause, step.cancels) == (0.0, False)
    assert step.timeout == pytest.approx(0.01)


def test_end() -> None:
    """At its end a wait raises, with the last execution that was seen."""
    wait = Wait(5)
    last = state()
    raised = wait.run(lambda _: last)
    assert isinstance(raised, APITimeoutError)
    assert raised.execution is last
    assert raised.accepted
    assert raised.may_have_been_processed


@pytest.mark.parametrize("status", ["cancelled", "failed", "succeeded", "timeout"])
def test_terminal(status: str) -> None:
    """These four are the end."""
    last = state(status)
    assert Wait(5).run(lambda _: last) is last


@pytest.mark.parametrize("status", ["queued", "pending", "running", "cancelling", "levitating"])
def test_not_terminal(status: str) -> None:
    """Others are not, unknown ones neither."""
    assert not Wait(5).next(state(status)).cancels


@pytest.mark.parametrize(
    "failure",
    [
        error(408),
        error(429),
        error(500),
        error(503),
        APIConnectionError("e", may_have_been_processed=False),
        APITimeoutError("e", may_have_been_processed=True),
    ],
)
def test_survived(failure: BlaxelError) -> None:
    """A failure that may pass does not end a wait."""
    wait = Wait(5)
    wait.next(state())
    assert not wait.next(failure).cancels


@pytest.mark.parametrize(
    "failure",
    [
        error(400),
        error(401),
        error(403),
        error(404),
        error(409),
        error(302),
        ResponseDecodeError("e", status_code=200, body="", accepted=False),
        ConfigurationError("e"),
    ],
)
def test_not_survived(failure: BlaxelError) -> None:
    """A failure that stays ends the wait, and takes back neither acceptance nor execution."""
    wait = Wait(5)
    last = state()
    wait.next(last)
    with pytest.raises(WaitFailedError) as caught:
        wait.next(failure)
    assert caught.value.__cause__ is failure
    assert caught.value.execution is last
    assert caught.value.accepted
    assert caught.value.may_have_been_processed


def test_unreadable_acceptance() -> None:
    """A cancel that was accepted is waited for, though its answer cannot be read."""
    wait = Wait(5)
    wait.next(ResponseDecodeError("e", status_code=204, body="", accepted=True))
    last = state("cancelled")
    assert wait.run(lambda _: last) is last


@pytest.mark.parametrize("retry_after", [60.0, 86400.0, math.inf])
@pytest.mark.parametrize("timeout", [1.0, 10.0, 60.0, 300.0])
def test_one_retry_after_does_not_end_the_wait(timeout: float, retry_after: float) -> None:
    """However long a server asks to wait once: an execution that ends meanwhile is seen."""
    wait = Wait(timeout)
    wait.next(state())
    wait.next(error(429, retry_after=retry_after))
    at, _ = wait.looks[-1]
    assert at <= max(61, timeout * 0.75)
    last = state("cancelled")
    assert wait.run(lambda _: last) is last


def test_server_is_waited_for() -> None:
    """A pause is as long as the server asked for after a failure, within the wait; then no more."""
    wait = Wait(60)
    wait.next(state())
    assert wait.next(error(429, retry_after=20)).pause == 20
    assert wait.next(state()).pause == pytest.approx(0.5 * 1.5**2)


@pytest.mark.usefixtures("short_pauses")
def test_survives_a_bad_moment(call: Caller) -> None:
    """A server that fails for a moment between two looks does not end the wait."""
    script = [execution(), hang_up, answer(503), answer(429), answer(500), execution("cancelled")]
    with serving(*script) as server:
        assert call(server.url, "cancel_and_wait", "job", "exec", timeout=20).status == "cancelled"
        assert len(server.seen) == 6


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFoundError), (401, AuthenticationError), (409, APIStatusError)]
)
def test_first_cancel_fails(call: Caller, status: int, kind: type[APIStatusError]) -> None:
    """A cancel that is refused ends the wait before it begins."""
    with serving(answer(status)) as server:
        with pytest.raises(kind):
            call(server.url, "cancel_and_wait", "job", "exec", timeout=20)
        assert len(server.seen) == 1


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (answer(404), NotFoundError),
        (answer(403), PermissionDeniedError),
        (answer(401), AuthenticationError),
        (answer(400), APIStatusError),
        (answer(200, b"<html>"), ResponseDecodeError),
        (answer(200, {"metadata": None, "spec": {}}), ResponseDecodeError),
    ],
)
def test_look_fails(call: Caller, act: Act, kind: type[BlaxelError]) -> None:
    """Once the cancel was accepted, no later answer takes that back."""
    with serving(execution(), act) as server, pytest.raises(WaitFailedError) as caught:
        call(server.url, "cancel_and_wait", "job", "exec", timeout=20)
    assert isinstance(caught.value.__cause__, kind)
    assert caught.value.execution is not None
    assert caught.value.execution.status == "cancelling"


@pytest.mark.usefixtures("short_pauses")
def test_looks_again_in_time(call: Caller) -> None:
    """One answer's Retry-After does not put a wait to sleep to its end."""
    busy = answer(429, {}, Retry_After="60")
    seen = None
    for timeout in (2, 20):  # a busy machine may take all of the shorter one for what comes before
        with (
            serving(execution(), busy, execution("cancelled")) as server,
            contextlib.suppress(APITimeoutError),
        ):
            seen = call(server.url, "cancel_and_wait", "job", "exec", timeout=timeout)
            break
    assert seen is not None
    assert seen.status == "cancelled"


@pytest.mark.usefixtures("short_pauses")
def test_hanging_server(call: Caller) -> None:
    """A server that says nothing any more ends the wait in time, with the last execution."""
    server, error = timed_out_at(
        2, call, lambda: serving(execution(), say_nothing), "cancel_and_wait", "job", "exec"
    )
    assert [seen.method for seen in server.seen] == ["DELETE", "GET"]
    assert error.execution is not None
    assert re.match(
        r"timed out after \d+\.\d s waiting for the end: .* execution 'exec' of job 'job'",
        str(error),
    )
