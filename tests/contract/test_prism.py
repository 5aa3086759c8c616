"""The client that will be published, against the contract as Prism plays it."""

from __future__ import annotations

import httpx
import pytest

import blaxel_jobs
from blaxel_jobs import (
    ApiKey,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    JobsClient,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
)
from tests import ROOT

KEY = ApiKey("any-key")


class Preferring(httpx.HTTPTransport):
    """Asks Prism for an answer of a certain kind."""

    def __init__(self, prefer: str) -> None:
        super().__init__()
        self._prefer = prefer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the preference in its headers."""
        request.headers["Prefer"] = self._prefer
        return super().handle_request(request)


class MadeUp(Preferring):
    """Asks for made-up values; an execution is the one that was asked for all the same."""

    def __init__(self) -> None:
        super().__init__("dynamic=true")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, and put the id into its answer."""
        response = super().handle_request(request)
        response.read()
        body = response.json()
        body["metadata"]["id"] = request.url.path.rpartition("/")[2]
        return httpx.Response(response.status_code, json=body)


def test_installed_wheel() -> None:
    """What is tested here is the built wheel, not the work tree."""
    assert not blaxel_jobs.__file__.startswith(str(ROOT / "overrides"))


def test_cancel(prism: str) -> None:
    """Prism finds nothing wrong with the cancel, and its answer is an execution."""
    with JobsClient(KEY, base_url=prism, workspace="my-workspace") as jobs:
        metadata = jobs.cancel("data-processing-job", "exec-abc123").metadata
    assert metadata is not None
    assert metadata.id == "exec-abc123"


def test_get(prism: str) -> None:
    """Prism finds nothing wrong with reading either."""
    with JobsClient(KEY, base_url=prism) as jobs:
        metadata = jobs.get("data-processing-job", "exec-abc123").metadata
    assert metadata is not None
    assert metadata.id == "exec-abc123"


def test_list(prism: str) -> None:
    """Prism finds nothing wrong with the query either; its cursor comes again, an error."""
    with JobsClient(KEY, base_url=prism, workspace="my-workspace") as jobs:
        executions = jobs.list("data-processing-job")
        metadata = next(executions).metadata
        with pytest.raises(ResponseDecodeError, match="cursor comes again"):
            list(executions)
    assert metadata is not None
    assert metadata.id == "exec-abc123"


@pytest.mark.parametrize("number", range(20))
def test_made_up_list(prism: str, number: int) -> None:
    """A page of made-up values, as the contract allows them in either shape, is read."""
    transport = Preferring("dynamic=true")
    with JobsClient(KEY, base_url=prism, transport=transport) as jobs:
        for execution in next(jobs.list(f"job-{number}").pages()):
            assert type(execution).from_dict(execution.to_dict()) == execution


@pytest.mark.parametrize("number", range(20))
def test_made_up_execution(prism: str, number: int) -> None:
    """An execution of made-up values, as the contract allows them, is read and written back."""
    with JobsClient(KEY, base_url=prism, transport=MadeUp()) as jobs:
        execution = jobs.cancel("job", f"exec-{number}")
    assert type(execution).from_dict(execution.to_dict()) == execution


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (429, RateLimitError),
        (500, ServerError),
        # Not 504: it is HTML, and Prism plays 200 where the answer is not of an accepted type.
    ],
)
def test_declared_error(prism: str, status: int, kind: type[APIStatusError]) -> None:
    """Each error that the contract declares arrives as the error of the tree."""
    retry = RetryPolicy(max_attempts=1)
    transport = Preferring(f"code={status}")
    with (
        JobsClient(KEY, base_url=prism, transport=transport, retry=retry) as jobs,
        pytest.raises(kind) as caught,
    ):
        jobs.cancel("job", "exec")
    assert caught.value.status_code == status
