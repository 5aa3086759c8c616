"""The fake API for tests of those who use this package."""

from __future__ import annotations

from typing import Any
from unittest import mock

import httpx
import pytest

from blaxel_jobs import (
    APIConnectionError,
    ApiKey,
    APITimeoutError,
    AsyncJobsClient,
    AuthenticationError,
    ClientCredentials,
    ConflictError,
    JobsClient,
    NotFoundError,
    ResponseDecodeError,
    ServerError,
)
from blaxel_jobs.testing import (
    FakeAPI,
    Fault,
    garbage,
    hang,
    lost_answer,
    lost_request,
    ok,
    slow,
    status,
)
from tests.client.conftest import Caller
from tests.client.timeouts import TIMEOUTS

URL = "https://api.test/v0"


@pytest.fixture
def api() -> FakeAPI:
    """A fake with one execution that runs."""
    api = FakeAPI()
    api.add("job", "exec")
    return api


def use(call: Caller, api: FakeAPI, method: str, *arguments: str, **options: Any) -> Any:
    client = {"transport": (lambda: api, lambda: api), **options.pop("client", {})}
    return call(URL, method, *(arguments or ("job", "exec")), client=client, **options)


def methods(api: FakeAPI) -> list[str]:
    return [request.method for request in api.requests]


def test_cancel(call: Caller, api: FakeAPI) -> None:
    """A cancel makes an execution cancelling; reads see it cancelled later."""
    assert use(call, api, "cancel").status == "cancelling"
    assert [use(call, api, "get").status for _ in range(3)] == [
        "cancelling",
        "cancelled",
        "cancelled",
    ]
    assert use(call, api, "cancel").status == "cancelled"
    assert api.requests[0].path == "/v0/jobs/job/executions/exec"


@pytest.mark.usefixtures("short_pauses")
def test_cancel_and_wait(call: Caller, api: FakeAPI) -> None:
    """A wait comes to its end."""
    assert use(call, api, "cancel_and_wait", timeout=20).status == "cancelled"


def test_unknown(call: Caller, api: FakeAPI) -> None:
    """What was not added is not found."""
    with pytest.raises(NotFoundError):
        use(call, api, "get", "job", "other")


def test_odd_names(call: Caller, api: FakeAPI) -> None:
    """Identifiers that are quoted on the way are found."""
    api.add("job a", "exec?ä", status="queued", tasks=[])
    assert use(call, api, "get", "job a", "exec?ä").tasks == []


@pytest.mark.parametrize("name", ["succeeded", "failed", "timeout"])
def test_ended(call: Caller, api: FakeAPI, name: str) -> None:
    """An execution that has ended is not cancelled."""
    api.set_status("job", "exec", name)
    with pytest.raises(ConflictError, match=name):
        use(call, api, "cancel")
    assert api.status("job", "exec") == name


def test_ended_and_answered(call: Caller) -> None:
    """The cancel of an ended execution can be answered as a success instead."""
    api = FakeAPI(finished=200)
    api.add("job", "exec", status="failed")
    assert use(call, api, "cancel").status == "failed"


@pytest.mark.parametrize(
    ("fault", "status_after", "sends"),
    [
        (status(503), "running", 4),
        (lost_request(), "running", 0),
        (lost_answer(), "cancelling", 4),
        (garbage(), "cancelling", 1),
    ],
)
def test_faults(call: Caller, api: FakeAPI, fault: Fault, status_after: str, sends: int) -> None:
    """Each fault does what it says: to the client, and to the execution."""
    kinds = (ServerError, APIConnectionError, ResponseDecodeError)
    api.script(*[fault] * 4)
    with pytest.raises(kinds):
        use(call, api, "cancel")
    assert api.status("job", "exec") == status_after
    assert methods(api) == ["DELETE"] * sends


@pytest.mark.parametrize(("processed", "after"), [(True, "cancelling"), (False, "running")])
def test_hang(call: Caller, api: FakeAPI, processed: bool, after: str) -> None:
    """A request that hangs ends with the client's time, whether it was processed or not."""
    for timeout in TIMEOUTS:
        api.script(hang(processed=processed))
        with pytest.raises(APITimeoutError):
            use(call, api, "cancel", timeout=timeout)
        if api.requests:  # a busy machine may take all of the shortest to get there
            break
    assert api.status("job", "exec") == after


def test_too_slow(call: Caller, api: FakeAPI) -> None:
    """An answer that takes longer than the client waits is no answer."""
    api.script(slow(60))
    with pytest.raises(APITimeoutError):
        use(call, api, "cancel", timeout=0.2)


def test_script(call: Caller, api: FakeAPI) -> None:
    """Faults happen one after another, then no more."""
    api.script(ok(), status(500), slow(0.01))
    assert use(call, api, "get").status == "running"
    assert use(call, api, "cancel").status == "cancelling"
    assert methods(api) == ["GET", "DELETE", "DELETE"]


def test_tokens(call: Caller, api: FakeAPI) -> None:
    """Client credentials get a token; one that was revoked is refused, and renewed."""
    client = {"credentials": ClientCredentials("id", "secret")}
    use(call, api, "get", client=client)
    assert methods(api) == ["POST", "GET"]
    api.revoke_tokens()
    assert use(call, api, "get", client=client).status == "running"


@pytest.mark.usefixtures("short_pauses")
def test_refused_token(call: Caller, api: FakeAPI) -> None:
    """A token that is refused once is renewed by the client."""
    api.script(ok(), ok(), status(401))
    use(call, api, "cancel_and_wait", client={"credentials": ClientCredentials("id", "secret")})
    assert methods(api)[:5] == ["POST", "DELETE", "GET", "POST", "GET"]


def test_api_key(call: Caller) -> None:
    """A fake that knows its API key refuses any other."""
    api = FakeAPI(api_key="right")
    api.add("job", "exec")
    client = {"transport": (lambda: api, lambda: api), "credentials": ApiKey("wrong")}
    with pytest.raises(AuthenticationError):
        call("http://localhost", "cancel", "job", "exec", client=client)
    client["credentials"] = ApiKey("right")
    assert call("http://localhost", "cancel", "job", "exec", client=client)


def test_other_methods() -> None:
    """What is neither a read nor a cancel does nothing."""
    api = FakeAPI()
    api.add("job", "exec")
    with httpx.Client(transport=api, headers={"Authorization": "Bearer key"}) as client:
        assert client.post("http://localhost/v0/jobs/job/executions/exec").status_code == 405


@pytest.mark.parametrize("kind", [JobsClient, AsyncJobsClient])
def test_autospec(kind: type[Any]) -> None:
    """A mock by the client's own specification has its methods, and the generated client."""
    jobs = mock.create_autospec(kind, instance=True)
    assert jobs.api is not None
    assert jobs.list("job", status="running") is not None
    with pytest.raises(TypeError):
        jobs.list("job", state="running")
    with pytest.raises(AttributeError):
        _ = jobs.cancel_everything
