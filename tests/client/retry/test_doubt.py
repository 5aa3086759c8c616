"""When an answer was lost: what is tried again, what is read back, and what the caller learns."""

from __future__ import annotations

import re

import httpx
import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BlaxelError,
    CancelOutcomeUnknownError,
    ClientCredentials,
    ConflictError,
    JobsClient,
    NotFoundError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
)
from tests.client.conftest import Caller
from tests.client.fault_server import (
    Act,
    FaultServer,
    answer,
    execution,
    hang_up,
    say_nothing,
    serving,
)
from tests.client.timeouts import TIMEOUTS, timed_out_at

TOKEN = answer(200, {"access_token": "token-1", "expires_in": 7200})
CREDENTIALS = {"credentials": ClientCredentials("id", "secret")}


def methods(server: FaultServer) -> list[str]:
    return [seen.method for seen in server.seen]


@pytest.mark.parametrize("lost", [hang_up, answer(500), answer(502), answer(504), answer(408)])
@pytest.mark.parametrize("status", ["cancelling", "cancelled"])
@pytest.mark.parametrize("denial", [404, 409])
def test_read_back(call: Caller, lost: Act, denial: int, status: str) -> None:
    """A denial after an attempt that may have arrived: an execution that ends is the answer."""
    with serving(lost, answer(denial), execution(status)) as server:
        assert call(server.url, "cancel", "job", "exec").status == status
        assert methods(server) == ["DELETE", "DELETE", "GET"]


@pytest.mark.parametrize("status", ["running", "succeeded", "failed", "timeout", "paused"])
def test_denial_stands(call: Caller, status: str) -> None:
    """An execution that does not end was not cancelled: the denial is raised."""
    with serving(hang_up, answer(409, {"message": "busy"}), execution(status)) as server:
        with pytest.raises(ConflictError, match="busy"):
            call(server.url, "cancel", "job", "exec")
        assert len(server.seen) == 3


def test_not_found_while_in_doubt(call: Caller) -> None:
    """An execution that cannot be found when it is read back is not there: the denial is raised."""
    with serving(hang_up, answer(404)) as server:
        with pytest.raises(NotFoundError):
            call(server.url, "cancel", "job", "exec")
        assert methods(server) == ["DELETE", "DELETE", "GET"]


@pytest.mark.parametrize("denial", [404, 409])
@pytest.mark.parametrize("before", [[], [answer(429)], [answer(429), answer(429)]])
def test_no_doubt(call: Caller, before: list[Act], denial: int) -> None:
    """A denial of the first attempt, or after a refusal, is just that."""
    with serving(*before, answer(denial)) as server:
        with pytest.raises(NotFoundError if denial == 404 else ConflictError):
            call(server.url, "cancel", "job", "exec")
        assert methods(server) == ["DELETE"] * (len(before) + 1)


def test_reading_leaves_no_doubt(call: Caller) -> None:
    """A get that is lost and then denied needs no second look."""
    with serving(hang_up, answer(404)) as server:
        with pytest.raises(NotFoundError):
            call(server.url, "get", "job", "exec")
        assert methods(server) == ["GET", "GET"]


@pytest.mark.parametrize(
    "unreadable",
    [
        answer(403),
        answer(409),
        answer(200, b"<html>"),
        answer(200, {}),
        answer(200, [1]),
        answer(503),
        hang_up,
    ],
)
def test_unknown_outcome(call: Caller, unreadable: Act) -> None:
    """A state that cannot be read is an unknown outcome."""
    with serving(hang_up, answer(404), unreadable) as server:
        with pytest.raises(CancelOutcomeUnknownError):
            call(server.url, "cancel", "job", "exec")
        assert methods(server)[:3] == ["DELETE", "DELETE", "GET"]
        assert len(server.seen) <= 2 + 4


def test_too_large_to_be_read_back(call: Caller) -> None:
    """A state that is too large to be read is an unknown outcome, too."""
    client = {"max_response_bytes": 50}
    with (
        serving(hang_up, answer(404), execution()) as server,
        pytest.raises(CancelOutcomeUnknownError),
    ):
        call(server.url, "cancel", "job", "exec", client=client)


def test_unknown_as_time_runs_out(call: Caller) -> None:
    """A call that ends while the state is read is out of time, with an unknown outcome."""
    server, error = timed_out_at(3, call, lambda: serving(hang_up, answer(404), say_nothing))
    assert methods(server) == ["DELETE", "DELETE", "GET"]
    assert isinstance(error, CancelOutcomeUnknownError)
    assert error.may_have_been_processed


def test_read_back_is_tried_again(call: Caller) -> None:
    """Reading the state back is tried again, as any reading is."""
    script = [hang_up, answer(404), answer(503), hang_up, execution()]
    with serving(*script) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"
        assert methods(server) == ["DELETE", "DELETE", "GET", "GET", "GET"]


def test_answers_that_are_all_lost(call: Caller) -> None:
    """With every answer lost the error says that the cancel may have been processed."""
    with serving(hang_up) as server:
        with pytest.raises(APIConnectionError) as caught:
            call(server.url, "cancel", "job", "exec")
        assert len(server.seen) == 4
    assert caught.value.may_have_been_processed


def test_timeout_after_an_error(call: Caller) -> None:
    """A call that runs out of time says so, whatever happened before."""
    server, _ = timed_out_at(2, call, lambda: serving(answer(503), say_nothing))
    assert len(server.seen) == 2


def test_attempt_timeout(call: Caller) -> None:
    """With a timeout for each attempt, one that hangs is tried again."""
    found = []
    for timeout in TIMEOUTS:
        retry = RetryPolicy(initial_delay=0, attempt_timeout=timeout)
        with serving(say_nothing, execution()) as server:
            result = call(server.url, "cancel", "job", "exec", timeout=90, client={"retry": retry})
        found.append((len(server.seen), result.status))
        if len(server.seen) == 2:
            break
    assert found[-1] == (2, "cancelling")


def test_attempts_that_all_time_out(call: Caller) -> None:
    """A last attempt that ran out of time is an APITimeoutError before the call's time is over."""
    sent = 0
    for timeout in TIMEOUTS:
        retry = RetryPolicy(max_attempts=2, initial_delay=0, attempt_timeout=timeout)
        with serving(say_nothing) as server, pytest.raises(APITimeoutError):
            call(server.url, "cancel", "job", "exec", timeout=90, client={"retry": retry})
        sent = len(server.seen)
        if sent == 2:
            break
    assert sent == 2


@pytest.mark.parametrize("kind", [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.PoolTimeout])
def test_timeouts_of_a_transport(kind: type[httpx.TimeoutException]) -> None:
    """What a transport itself calls a timeout is tried again."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise kind("slow")

    retry = RetryPolicy(max_attempts=3, initial_delay=0)
    transport = httpx.MockTransport(handler)
    with (
        JobsClient(ApiKey("k"), retry=retry, transport=transport) as jobs,
        pytest.raises(APITimeoutError) as caught,
    ):
        jobs.cancel("job", "exec")
    assert len(seen) == 3
    assert caught.value.may_have_been_processed is (kind is httpx.ReadTimeout)


@pytest.mark.parametrize(
    ("script", "kind", "expected"),
    [
        ([TOKEN, answer(401)], AuthenticationError, ["POST", "DELETE"]),
        ([TOKEN, answer(503)], ServerError, ["POST", "DELETE"]),
    ],
)
def test_one_attempt(
    call: Caller, script: list[Act], kind: type[APIStatusError], expected: list[str]
) -> None:
    """A replay is an attempt: where there is but one, there is no replay."""
    client = {**CREDENTIALS, "retry": RetryPolicy(max_attempts=1)}
    with serving(*script) as server:
        with pytest.raises(kind):
            call(server.url, "cancel", "job", "exec", client=client)
        assert methods(server) == expected


def test_replay_counts() -> None:
    """A replay and the retries after it stay within max_attempts."""
    retry = RetryPolicy(max_attempts=3, initial_delay=0)
    with (
        serving(TOKEN, execution(), answer(401), TOKEN, answer(503)) as server,
        JobsClient(ClientCredentials("i", "s"), base_url=server.url, retry=retry) as jobs,
    ):
        jobs.get("job", "exec")
        with pytest.raises(ServerError):
            jobs.cancel("job", "exec")
        assert methods(server) == ["POST", "GET", "DELETE", "POST", "DELETE", "DELETE"]


def test_refused_token_is_not_used_again() -> None:
    """A token that was refused on the last attempt is gone for the next call."""
    retry = RetryPolicy(max_attempts=1)
    with (
        serving(TOKEN, answer(401), TOKEN, execution()) as server,
        JobsClient(ClientCredentials("i", "s"), base_url=server.url, retry=retry) as jobs,
    ):
        with pytest.raises(AuthenticationError):
            jobs.cancel("job", "exec")
        assert jobs.cancel("job", "exec").status == "cancelling"
        assert methods(server) == ["POST", "DELETE", "POST", "DELETE"]


@pytest.mark.parametrize("status", [401, 403])
def test_no_replay(call: Caller, status: int) -> None:
    """A 401 with an API key, and a 403 in any case, are not sent again."""
    script = [answer(status)] if status == 401 else [TOKEN, answer(403)]
    client = {} if status == 401 else CREDENTIALS
    with serving(*script) as server:
        with pytest.raises(APIStatusError):
            call(server.url, "cancel", "job", "exec", client=client)
        assert methods(server).count("DELETE") == 1


@pytest.mark.parametrize(
    ("act", "kind", "requests"),
    [
        (answer(429), APIStatusError, 4),
        (answer(503), ServerError, 4),
        (hang_up, APIConnectionError, 4),
        (answer(404), AuthenticationError, 1),
        (answer(409), AuthenticationError, 1),
        (answer(403), AuthenticationError, 1),
        (answer(422), AuthenticationError, 1),
        (answer(408), APIStatusError, 4),
        (answer(200, b"<html>"), ResponseDecodeError, 1),
        (answer(302, Location="https://elsewhere.example.com/"), APIStatusError, 1),
    ],
)
def test_token_endpoint(call: Caller, act: Act, kind: type[BlaxelError], requests: int) -> None:
    """The token endpoint's failures are tried again where they may pass, and typed."""
    with serving(act) as server:
        with pytest.raises(kind, match="token") as caught:
            call(server.url, "cancel", "job", "exec", client=CREDENTIALS)
        assert methods(server) == ["POST"] * requests
    assert not caught.value.may_have_been_processed


def test_token_endpoint_hangs(call: Caller) -> None:
    """A token endpoint that says nothing ends the call in time; nothing was processed."""
    server, error = timed_out_at(1, call, lambda: serving(say_nothing), client=CREDENTIALS)
    assert methods(server) == ["POST"]
    assert not error.may_have_been_processed
    assert re.fullmatch(
        r"no token: timed out after \d+\.\d s waiting for the answer: POST /v0/oauth/token; "
        r"it was for the DELETE of job 'job', execution 'exec'",
        str(error),
    )


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    ("status", "body", "sends"),
    [(503, {}, 1), (429, {}, 4), (503, {"error": {"retryable": True}}, 4)],
)
def test_operations_that_must_not_be_doubled(
    method: str, status: int, body: object, sends: int
) -> None:
    """What does something new each time is repeated only where the server says it was not done."""
    retry = RetryPolicy(initial_delay=0)
    with (
        serving(answer(status, body)) as server,
        JobsClient(ApiKey("k"), base_url=server.url, retry=retry) as jobs,
    ):
        with pytest.raises(APIStatusError):
            jobs.api.get_httpx_client().request(method, "/jobs", json={})
        assert len(server.seen) == sends


@pytest.mark.parametrize(
    ("method", "lost", "sends"),
    [
        ("POST", httpx.ReadError("gone"), 1),
        ("POST", httpx.ConnectError("refused"), 4),
        ("DELETE", httpx.ReadError("gone"), 4),
    ],
)
def test_lost_operations(method: str, lost: httpx.TransportError, sends: int) -> None:
    """What may have been done is not done twice, unless that makes no difference."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise lost

    retry = RetryPolicy(initial_delay=0)
    transport = httpx.MockTransport(handler)
    with (
        JobsClient(ApiKey("k"), retry=retry, transport=transport) as jobs,
        pytest.raises(APIConnectionError),
    ):
        jobs.api.get_httpx_client().request(method, "/jobs")
    assert len(seen) == sends


def test_doubt_is_kept() -> None:
    """An attempt that was not even sent does not take back what an earlier one may have done."""
    failures: list[httpx.TransportError] = [httpx.ReadError("gone"), httpx.ConnectError("refused")]

    def handler(_: httpx.Request) -> httpx.Response:
        raise failures.pop(0)

    retry = RetryPolicy(max_attempts=2, initial_delay=0)
    transport = httpx.MockTransport(handler)
    with (
        JobsClient(ApiKey("k"), retry=retry, transport=transport) as jobs,
        pytest.raises(APIConnectionError, match="refused") as caught,
    ):
        jobs.cancel("job", "exec")
    assert caught.value.may_have_been_processed


def test_base_url_with_a_slash() -> None:
    """The execution is read back, however the base URL ends."""
    retry = RetryPolicy(initial_delay=0)
    with (
        serving(hang_up, answer(404), execution()) as server,
        JobsClient(ApiKey("k"), base_url=server.url + "/", retry=retry) as jobs,
    ):
        assert jobs.cancel("job", "exec").status == "cancelling"
        assert methods(server) == ["DELETE", "DELETE", "GET"]


@pytest.mark.parametrize("path", ["/jobs/job", "/jobs/job/executions/exec/tasks/1"])
def test_another_resource_is_not_read_back(path: str) -> None:
    """Only an execution that was to be cancelled is read back."""
    retry = RetryPolicy(initial_delay=0)
    with (
        serving(hang_up, answer(404)) as server,
        JobsClient(ApiKey("k"), base_url=server.url, retry=retry) as jobs,
    ):
        with pytest.raises(NotFoundError):
            jobs.api.get_httpx_client().request("DELETE", path)
        assert methods(server) == ["DELETE", "DELETE"]


@pytest.mark.parametrize(
    ("acts", "doubt"),
    [
        ([hang_up, answer(403)], True),
        ([hang_up, answer(429), answer(429)], True),
        ([answer(429), answer(403)], False),
        ([answer(502)] * 3, True),
        ([answer(404)], False),
    ],
)
def test_error_says_whether_it_may_have_been_done(
    call: Caller, acts: list[Act], doubt: bool
) -> None:
    """An error of the last attempt does not hide what an earlier one may have done."""
    client = {"retry": RetryPolicy(max_attempts=3, initial_delay=0.0)}
    with serving(*acts) as server, pytest.raises(APIStatusError) as caught:
        call(server.url, "cancel", "job", "exec", client=client)
    assert caught.value.may_have_been_processed is doubt
