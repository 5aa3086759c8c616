"""The schedule of a wait for an execution's end."""

from __future__ import annotations

import pytest

from blaxel_jobs import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BlaxelError,
    NotFoundError,
    ResponseDecodeError,
)
from blaxel_jobs._errors import status_error
from blaxel_jobs._retry.waiting import Waiting
from blaxel_jobs_api.models import JobExecution
from tests.client.conftest import Caller
from tests.client.fault_server import answer, execution, hang_up, say_nothing, serving
from tests.client.timeouts import timed_out_at


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def running(status: str = "cancelling") -> JobExecution:
    return JobExecution.from_dict({"metadata": {}, "spec": {}, "status": status})


def error(status: int, retry_after: float | None = None) -> APIStatusError:
    return status_error(status)("e", status_code=status, body="", retry_after=retry_after)


def test_intervals_grow() -> None:
    """Looks grow rarer, down to one in ten seconds."""
    waiting = Waiting(1000, Clock())
    pauses = [waiting.pause() for _ in range(12)]
    assert pauses[:4] == [0.5, 0.75, 1.125, 1.6875]
    assert pauses == sorted(pauses)
    assert pauses[-2:] == [10.0, 10.0]


def test_last_pause_is_cut() -> None:
    """The last pause ends with the wait, so that there is a last look at most then."""
    clock = Clock()
    waiting = Waiting(0.7, clock)
    clock.now += 0.5
    assert waiting.pause() == pytest.approx(0.2)


def test_calls_are_bounded_twice() -> None:
    """A call in a wait has the client's own timeout, or what is left."""
    clock = Clock()
    waiting = Waiting(40, clock)
    assert waiting.call_timeout(30) == 30
    clock.now += 20
    assert waiting.call_timeout(30) == 20


def test_end() -> None:
    """At its end a wait raises, with the last execution that was seen."""
    clock = Clock()
    waiting = Waiting(5, clock)
    last = running()
    assert not waiting.see(last)
    clock.now += 5
    for ask in (waiting.pause, lambda: waiting.call_timeout(1)):
        with pytest.raises(APITimeoutError) as caught:
            ask()
        assert caught.value.execution is last


@pytest.mark.parametrize("status", ["cancelled", "failed", "succeeded", "timeout"])
def test_terminal(status: str) -> None:
    """These four are the end."""
    assert Waiting(5).see(running(status))


@pytest.mark.parametrize("status", ["queued", "pending", "running", "cancelling", "levitating"])
def test_not_terminal(status: str) -> None:
    """Others are not, unknown ones neither."""
    assert not Waiting(5).see(running(status))


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
    Waiting(5).survive(failure)


@pytest.mark.parametrize(
    "failure",
    [
        error(400),
        error(401),
        error(404),
        error(302),
        ResponseDecodeError("e", status_code=200, body="", accepted=False),
    ],
)
def test_not_survived(failure: BlaxelError) -> None:
    """A failure that stays is raised."""
    with pytest.raises(type(failure)):
        Waiting(5).survive(failure)


def test_server_is_waited_for() -> None:
    """A pause is as long as the server asked for after a failure, within the wait; then no more."""
    waiting = Waiting(60, Clock())
    waiting.survive(error(429, retry_after=20))
    assert waiting.pause() == 20
    waiting.survive(error(429, retry_after=100))
    assert waiting.pause() == 60
    waiting.see(running())
    assert waiting.pause() == pytest.approx(0.5 * 1.5**2)


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


def test_hanging_server(call: Caller) -> None:
    """A server that says nothing any more ends the wait in time, with the last execution."""
    server, error = timed_out_at(
        2, call, lambda: serving(execution(), say_nothing), "cancel_and_wait", "job", "exec",
        timeouts=(1, 5, 30),
    )  # fmt: skip
    assert [seen.method for seen in server.seen] == ["DELETE", "GET"]
    assert error.execution is not None
