"""Cancel, get and wait over a real socket, in sync code, asyncio and trio."""

from __future__ import annotations

import base64
import json

import pytest

from blaxel_jobs import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    CancelOutcomeUnknownError,
    ClientCredentials,
    ConflictError,
    InvalidIdentifierError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
)
from tests.client.conftest import Caller
from tests.client.fault_server import (
    EXECUTION,
    Act,
    answer,
    drip,
    execution,
    hang_up,
    say_nothing,
    serving,
)
from tests.client.timeouts import timed_out_at

JOB, EXEC = "job", "exec"
PATH = f"/v0/jobs/{JOB}/executions/{EXEC}"


def test_cancel(call: Caller) -> None:
    """A cancel is one DELETE of the execution, and returns it."""
    with serving(execution()) as server:
        result = call(server.url, "cancel", JOB, EXEC)
    assert result.status == "cancelling"
    assert [(seen.method, seen.target) for seen in server.seen] == [("DELETE", PATH)]


def test_headers(call: Caller) -> None:
    """Credential, version and workspace stand in the request's headers."""
    with serving(execution()) as server:
        call(server.url, "cancel", JOB, EXEC, client={"workspace": "my-workspace"})
    headers = server.seen[0].headers
    assert headers["authorization"] == "Bearer the-api-key"
    assert headers["blaxel-version"] == "2026-04-16"
    assert headers["x-blaxel-workspace"] == "my-workspace"


def test_get(call: Caller) -> None:
    """A get is one GET of the execution."""
    with serving(execution("running")) as server:
        assert call(server.url, "get", JOB, EXEC).status == "running"
    assert [(seen.method, seen.target) for seen in server.seen] == [("GET", PATH)]


@pytest.mark.usefixtures("short_pauses")
def test_cancel_and_wait(call: Caller) -> None:
    """The execution is looked at until its status is terminal, failures between notwithstanding."""
    acts = [execution(), execution(), answer(500), execution("cancelled")]
    with serving(*acts) as server:
        result = call(server.url, "cancel_and_wait", JOB, EXEC, timeout=20)
    assert result.status == "cancelled"
    assert [seen.method for seen in server.seen] == ["DELETE", "GET", "GET", "GET"]


@pytest.mark.parametrize("status", ["cancelled", "failed", "succeeded", "timeout"])
def test_terminal(call: Caller, status: str) -> None:
    """Each of the four terminal statuses ends the wait at once."""
    with serving(execution(status)) as server:
        assert call(server.url, "cancel_and_wait", JOB, EXEC).status == status
    assert len(server.seen) == 1


@pytest.mark.usefixtures("short_pauses")
def test_wait_runs_out(call: Caller) -> None:
    """A wait that runs out raises an error that carries the last execution."""
    _, error = timed_out_at(
        2, call, lambda: serving(execution()), "cancel_and_wait", JOB, EXEC,
        early=5.1,  # behind the last look, for which up to five seconds are kept
    )  # fmt: skip
    assert error.execution is not None
    assert error.execution.status == "cancelling"


@pytest.mark.parametrize(
    "identifier",
    ["", " ", ".", "..", "%2e%2e", "%252e%252e", "a/b", "a%2Fb", "a\\b", "a\nb", "a\x00b", None, 7],
)
@pytest.mark.parametrize("place", ["job", "execution"])
def test_dangerous_identifier(call: Caller, place: str, identifier: object) -> None:
    """An id that could name another resource is refused before anything is sent."""
    arguments = (identifier, EXEC) if place == "job" else (JOB, identifier)
    with serving(execution()) as server:
        with pytest.raises(InvalidIdentifierError):
            call(server.url, "cancel", *arguments)
        assert server.seen == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, APIStatusError),
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, APIStatusError),
    ],
)
def test_not_retried(call: Caller, status: int, kind: type[APIStatusError]) -> None:
    """These answers stand: one request, one error of the right class, with the server's words."""
    body = {"error": "E_CODE", "message": "said the server", "code": status}
    with serving(answer(status, body, X_Request_Id="req-7")) as server:
        with pytest.raises(kind, match=f"{status}: said the server") as caught:
            call(server.url, "cancel", JOB, EXEC)
        assert len(server.seen) == 1
    assert type(caught.value) is kind
    assert caught.value.status_code == status
    assert caught.value.request_id == "req-7"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(408, APIStatusError), (429, RateLimitError)]
    + [(status, ServerError) for status in (500, 502, 503, 504, 522)],
)
def test_retried(call: Caller, status: int, kind: type[APIStatusError]) -> None:
    """These answers are tried again, up to max_attempts; the last one is raised."""
    with serving(answer(status)) as server:
        with pytest.raises(kind):
            call(server.url, "cancel", JOB, EXEC)
        assert len(server.seen) == 4


def test_recovery(call: Caller) -> None:
    """A failure that passes is not seen by the caller."""
    with serving(hang_up, answer(503), execution()) as server:
        assert call(server.url, "cancel", JOB, EXEC).status == "cancelling"
    assert len(server.seen) == 3


@pytest.mark.parametrize(("status", "retryable", "sends"), [(404, True, 4), (503, False, 1)])
def test_body_overrides(call: Caller, status: int, retryable: bool, sends: int) -> None:
    """The body's `retryable` overrides the status, both ways."""
    body = {"error": {"code": "C", "message": "m", "retryable": retryable, "status": status}}
    with serving(answer(status, body)) as server:
        with pytest.raises(APIStatusError) as caught:
            call(server.url, "get", JOB, EXEC)
        assert len(server.seen) == sends
    assert caught.value.code == "C"


def test_retry_after_too_long(call: Caller) -> None:
    """A Retry-After that does not fit into the timeout is raised at once."""
    with serving(answer(429, Retry_After="120")) as server:
        with pytest.raises(RateLimitError) as caught:
            call(server.url, "cancel", JOB, EXEC, timeout=50)
        assert len(server.seen) == 1
    assert caught.value.retry_after == 120


@pytest.mark.parametrize("act", [say_nothing, drip("headers"), drip("body")])
def test_slow_server(call: Caller, act: Act) -> None:
    """A server that says nothing, or drips, cannot hold a call beyond its timeout."""
    server, error = timed_out_at(1, call, lambda: serving(act))
    assert len(server.seen) == 1
    assert error.may_have_been_processed


def test_connection_refused(call: Caller) -> None:
    """A refused connection says that nothing can have been processed."""
    with serving(execution()) as server:
        url = server.url
    with pytest.raises(APIConnectionError) as caught:
        call(url, "cancel", JOB, EXEC)
    assert not caught.value.may_have_been_processed


@pytest.mark.parametrize("lost", [hang_up, answer(502)])
def test_lost_answer(call: Caller, lost: object) -> None:
    """After a lost answer, a 404 is checked: an execution that is cancelling is the result."""
    acts = [lost, answer(404), execution("cancelling")]
    with serving(*acts) as server:  # type: ignore[arg-type]
        assert call(server.url, "cancel", JOB, EXEC).status == "cancelling"
    assert [seen.method for seen in server.seen] == ["DELETE", "DELETE", "GET"]


def test_lost_answer_of_a_running_execution(call: Caller) -> None:
    """After a lost answer, a 409 stands where the execution is not being cancelled."""
    with (
        serving(hang_up, answer(409), execution("succeeded")) as server,
        pytest.raises(ConflictError),
    ):
        call(server.url, "cancel", JOB, EXEC)


def test_unknown_outcome(call: Caller) -> None:
    """After a lost answer and a 404, a state that cannot be read is an unknown outcome."""
    with (
        serving(hang_up, answer(404), answer(403)) as server,
        pytest.raises(CancelOutcomeUnknownError),
    ):
        call(server.url, "cancel", JOB, EXEC)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        [],
        "text",
        None,
        {},
        {"metadata": {}},
        {"metadata": 5, "spec": {}},
        {"metadata": None, "spec": {}},
        {"metadata": {}, "spec": None},
        {"metadata": {}, "spec": {}, "tasks": [None]},
        {"metadata": {}, "spec": {}, "tasks": [[]]},
    ],
)
def test_not_an_execution(call: Caller, body: object) -> None:
    """A 2xx that is no execution says that the cancel was accepted."""
    with serving(answer(200, body)) as server:
        with pytest.raises(ResponseDecodeError) as caught:
            call(server.url, "cancel", JOB, EXEC)
        assert len(server.seen) == 1
    assert caught.value.accepted


@pytest.mark.parametrize(
    "change",
    [
        {"status": "paused"},
        {"stats": None, "tasks": None, "status": None},
        {"new": {"key": [1]}},
        {"spec": {"envOverride": {"A": "***"}}},
        {"spec": {"envOverride": '{"A": "***"}'}},
        {"metadata": {"createdAt": "2026-05-27T10:00:00.123456789+02:00"}},
    ],
)
def test_tolerance(call: Caller, change: dict[str, object]) -> None:
    """Unknown statuses, nulls, unknown keys and odd timestamps are accepted and kept."""
    body = {**EXECUTION, **change}
    with serving(answer(200, body)) as server:
        assert call(server.url, "cancel", JOB, EXEC).to_dict() == body


def test_too_large(call: Caller) -> None:
    """A body beyond max_response_bytes is not read."""
    with (
        serving(answer(200, b" " * 5000)) as server,
        pytest.raises(ResponseDecodeError, match="larger than 1000 bytes"),
    ):
        call(server.url, "cancel", JOB, EXEC, client={"max_response_bytes": 1000})


TOKEN = answer(200, {"access_token": "token-1", "expires_in": 7200, "token_type": "Bearer"})
CLIENT = {"credentials": ClientCredentials("the-id", "the-secret")}


def test_client_credentials(call: Caller) -> None:
    """Client credentials are exchanged for a token, with which the call is made."""
    with serving(TOKEN, execution()) as server:
        call(server.url, "cancel", JOB, EXEC, client=CLIENT)
    asked, cancelled = server.seen
    assert (asked.method, asked.target) == ("POST", "/v0/oauth/token")
    assert json.loads(asked.body) == {"grant_type": "client_credentials"}
    basic = base64.b64encode(b"the-id:the-secret").decode()
    assert asked.headers["authorization"] == f"Basic {basic}"
    assert cancelled.headers["authorization"] == "Bearer token-1"


@pytest.mark.usefixtures("short_pauses")
def test_refused_token(call: Caller) -> None:
    """A token that is refused is renewed, once, and the call is made again."""
    renewed = answer(200, {"access_token": "token-2", "expires_in": 7200})
    with serving(TOKEN, execution(), answer(401), renewed, execution("cancelled")) as server:
        call(server.url, "cancel_and_wait", JOB, EXEC, client=CLIENT)
    operations = [seen for seen in server.seen if seen.method != "POST"]
    assert [seen.headers["authorization"] for seen in operations] == [
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-2",
    ]


def test_refused_when_new(call: Caller) -> None:
    """A token that is refused while it is new is not renewed: another would fare no better."""
    with serving(TOKEN, answer(401)) as server:
        with pytest.raises(AuthenticationError):
            call(server.url, "cancel", JOB, EXEC, client=CLIENT)
        assert [seen.method for seen in server.seen] == ["POST", "DELETE"]


@pytest.mark.parametrize("status", [400, 401])
def test_wrong_secret(call: Caller, status: int) -> None:
    """A refusal of the token endpoint is an AuthenticationError at once."""
    with serving(answer(status, {"error": "invalid_client"})) as server:
        with pytest.raises(AuthenticationError):
            call(server.url, "cancel", JOB, EXEC, client=CLIENT)
        assert len(server.seen) == 1


@pytest.mark.parametrize("body", [b"<html>", {}, {"access_token": ""}, {"access_token": None}, []])
def test_nonsense_from_the_token_endpoint(call: Caller, body: object) -> None:
    """Nonsense instead of a token is a typed error, and no request goes out with it."""
    with serving(answer(200, body)) as server:
        with pytest.raises(ResponseDecodeError) as caught:
            call(server.url, "cancel", JOB, EXEC, client=CLIENT)
        assert len(server.seen) == 1
    assert not caught.value.accepted


def test_lost_token_request(call: Caller) -> None:
    """A token request that is lost says that no cancel can have been processed."""
    with serving(hang_up) as server, pytest.raises(APIConnectionError) as caught:
        call(server.url, "cancel", JOB, EXEC, client=CLIENT)
    assert not caught.value.may_have_been_processed


def test_lost_cancel_and_lost_token_request(call: Caller) -> None:
    """A token request that is lost after a lost cancel does not hide that doubt."""
    short = answer(200, {"access_token": "token-1", "expires_in": 0.001})
    with serving(short, hang_up) as server, pytest.raises(APIConnectionError) as caught:
        call(server.url, "cancel", JOB, EXEC, client=CLIENT)
    assert [seen.method for seen in server.seen[:3]] == ["POST", "DELETE", "POST"]
    assert caught.value.may_have_been_processed


def test_token_endpoint_denies_after_a_lost_cancel(call: Caller) -> None:
    """A 404 of the token endpoint is that, and no reason to read an execution back."""
    short = answer(200, {"access_token": "token-1", "expires_in": 0.001})
    with (
        serving(short, hang_up, answer(404)) as server,
        pytest.raises(AuthenticationError) as caught,
    ):
        call(server.url, "cancel", JOB, EXEC, client=CLIENT)
    assert caught.value.may_have_been_processed
    assert [seen.method for seen in server.seen] == ["POST", "DELETE", "POST"]


def test_max_attempts(call: Caller) -> None:
    """`max_attempts` counts sends."""
    retry = RetryPolicy(max_attempts=2, initial_delay=0)
    with serving(answer(503)) as server:
        with pytest.raises(ServerError):
            call(server.url, "cancel", JOB, EXEC, client={"retry": retry})
        assert len(server.seen) == 2
