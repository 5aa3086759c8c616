"""The requests of operations, whatever a generated operation may have: ids, query, content."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from blaxel_jobs import ApiKey, InvalidIdentifierError, JobsClient
from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._retry.request import OperationRequest
from blaxel_jobs.testing import FakeAPI
from blaxel_jobs_api.api.jobs import cancel_job_execution
from blaxel_jobs_api.models import JobExecution
from blaxel_jobs_api.types import Response
from tests.client.fault_server import answer, serving

EXECUTION = {"metadata": {"id": "e"}, "spec": {}, "status": "queued"}


def operation(method: str, **asked: Any) -> Any:
    """Return an operation as it is generated, of two ids, a query and a body."""

    def _get_kwargs(job_id: str, revision_id: str, *, limit: int = 0) -> dict[str, Any]:
        url = f"/jobs/{job_id}/revisions/{revision_id}"
        return {"method": method, "url": url, "params": {"limit": limit}, **asked}

    def _build_response(*, client: Any, response: Any) -> Response[JobExecution]:
        raise AssertionError("an execution is decoded the short way")

    return SimpleNamespace(_get_kwargs=_get_kwargs, _build_response=_build_response)


@pytest.mark.parametrize(
    ("asked", "body", "kind"),
    [
        ({"json": [1]}, b"[1]", "application/json"),  # httpx 0.27 puts spaces into objects
        ({"data": {"a": "b c"}}, b"a=b+c", "application/x-www-form-urlencoded"),
        ({"content": b"x"}, b"x", None),
        ({"content": b"x", "headers": {"Content-Type": "text/x"}}, b"x", "text/x"),
        ({}, b"", None),
    ],
)
def test_content(asked: dict[str, Any], body: bytes, kind: str | None) -> None:
    """Content of each kind arrives with its length, and its kind where that is known."""
    with (
        serving(answer(200, EXECUTION)) as server,
        JobsClient(ApiKey("k"), base_url=server.url) as jobs,
    ):
        jobs._perform(operation("post", **asked), "job", "r1", timeout=None, limit=3)
        (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/v0/jobs/job/revisions/r1?limit=3")
    assert seen.body == body
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert headers["content-length"] == str(len(body))
    assert headers.get("content-type") == kind


def test_id_is_called_by_its_name() -> None:
    """An id that is not safe is named as the operation has it."""
    api = FakeAPI()
    with JobsClient(ApiKey("k"), transport=api) as jobs:
        with pytest.raises(InvalidIdentifierError, match="the revision id"):
            jobs._perform(operation("get"), "job", "..", timeout=None)
        assert api.requests == []


def test_one_id_too_many() -> None:
    """An id that the operation does not take is no id of something else: nothing is sent."""
    api = FakeAPI()
    with JobsClient(ApiKey("k"), transport=api) as jobs:
        with pytest.raises(TypeError, match="3 were given"):
            jobs._perform(operation("delete"), "job", "r1", "..", timeout=None)
        assert api.requests == []


@pytest.mark.parametrize(
    "base_url", ["https://h.example/v0", "https://h.example", "http://[::1]:8/a/b/"]
)
@pytest.mark.parametrize(
    "execution_id", ["exec-abc123", "a.b~c_d", ".hidden", "ä b", "100%", "a:b@c;d=1"]
)
def test_url(base_url: str, execution_id: str) -> None:
    """A URL is as httpx reads it, whether httpx has to read it or not."""
    with JobsClient(ApiKey("k"), base_url=base_url, transport=FakeAPI()) as jobs:
        request = jobs._requests.request(cancel_job_execution, "job", execution_id)
    path = f"/jobs/job/executions/{quote(execution_id, safe='')}"
    expected = httpx.URL(base_url.rstrip("/") + path)
    assert (request.url, str(request.url)) == (expected, str(expected))
    assert request.url.raw_path == expected.raw_path
    assert (request.url.netloc, request.url.host) == (expected.netloc, expected.host)


def test_plain_path_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes another path in a URL that was read is there: else each would be read anew."""
    with JobsClient(ApiKey("k"), transport=FakeAPI()) as jobs:
        monkeypatch.setattr(httpx._urls, "urlparse", None)
        url = jobs._requests._url("/jobs/job/executions/exec-abc123")
    assert str(url) == "https://api.blaxel.ai/v0/jobs/job/executions/exec-abc123"


def test_request_of_an_attempt() -> None:
    """Each attempt has headers of its own, those of the operation first, read as any other."""
    url = httpx.URL("https://x/v0/jobs/j/executions/e")
    asked = httpx.Request("DELETE", url, headers={"A": "1", "x-request-id": "mine"})
    operation = OperationRequest.of(asked, httpx.URL("https://x/v0"))
    sent = [
        operation.stamped(Secret(key), {"X-Request-Id": "ours", "X-Attempt-Count": "1"}).headers
        for key in ("one", "two")
    ]
    for key, headers in zip(("one", "two"), sent, strict=True):
        assert headers == httpx.Headers(headers.raw)
        assert headers["authorization"] == f"Bearer {key}"
        assert headers.get_list("X-Request-ID") == ["mine"]
        assert headers["x-attempt-count"] == "1"
