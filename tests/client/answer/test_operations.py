"""Any generated operation that is called through a client has its answer held to its types."""

from __future__ import annotations

import enum
import json
from http import HTTPStatus
from typing import Any

import anyio
import httpx
import pytest

from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient, ResponseDecodeError
from blaxel_jobs_api.api.jobs import cancel_job_execution, get_job_execution
from blaxel_jobs_api.models import JobExecution
from blaxel_jobs_api.types import Response
from tests.client.fault_server import EXECUTION, answer, serving

BAD = [
    (b"<html>", "the body is not JSON"),
    (b"\xff", "the body is not JSON"),
    (b"", "the body is not JSON"),
    (b"null", "TypeError"),
    (b"[]", "is missing"),
    (b"5", "TypeError"),
    ({"metadata": {}}, "'spec' is missing"),
    ({**EXECUTION, "metadata": 5}, "metadata is of another kind"),
    ({**EXECUTION, "tasks": [5]}, "tasks is of another kind"),
    ({**EXECUTION, "tasks": [{"metadata": 5}]}, r"tasks\[0\].metadata is of another kind"),
]


@pytest.mark.parametrize(("body", "message"), BAD)
@pytest.mark.parametrize(
    ("operation", "accepted"), [(cancel_job_execution, True), (get_job_execution, False)]
)
def test_bad_answer(operation: Any, accepted: bool, body: Any, message: str) -> None:
    """It is reported as by `cancel` and `get`, and says whether a cancel took place."""
    with (
        serving(answer(200, body, x_request_id="r1")) as server,
        JobsClient(ApiKey("k"), base_url=server.url) as jobs,
        pytest.raises(ResponseDecodeError, match=message) as caught,
    ):
        operation.sync("job", "exec", client=jobs.api)
    assert (caught.value.accepted, caught.value.status_code) == (accepted, 200)
    assert caught.value.request_id == "r1"
    assert caught.value.__context__ is None


def test_async() -> None:
    """Async operations as well."""

    async def call(url: str) -> None:
        async with AsyncJobsClient(ApiKey("k"), base_url=url) as jobs:
            with pytest.raises(ResponseDecodeError) as caught:
                await cancel_job_execution.asyncio("job", "exec", client=jobs.api)
            assert caught.value.accepted

    with serving(answer(200, {"metadata": 5})) as server:
        anyio.run(call, server.url)


@pytest.mark.parametrize("status", [202, 204, 299])
def test_success_that_is_not_declared(status: int) -> None:
    """A success of another status is not taken for an answer without a word."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=b""))
    with (
        JobsClient(ApiKey("k"), transport=transport) as jobs,
        pytest.raises(ResponseDecodeError) as caught,
    ):
        cancel_job_execution.sync("job", "exec", client=jobs.api)
    assert (caught.value.accepted, caught.value.status_code) == (True, status)


def of_list(*, client: Any, response: httpx.Response) -> Response[list[JobExecution]]:
    """Build as an operation that lists."""
    parsed = [JobExecution.from_dict(one) for one in response.json()]
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def of_text(*, client: Any, response: httpx.Response) -> Response[str | int]:
    """Build as generated code does what needs no class: it casts."""
    parsed = response.json()
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


class Level(enum.IntEnum):
    LOW = 1


def of_level(*, client: Any, response: httpx.Response) -> Response[Level | int]:
    """Build as an operation that answers with a value of an open enum of numbers."""
    parsed = response.json()
    parsed = Level.LOW if parsed == 1 else parsed
    return Response(HTTPStatus(response.status_code), response.content, response.headers, parsed)


def of_anything(*, client: Any, response: httpx.Response) -> Response[Any]:
    """Build as an operation that promises nothing."""
    return Response(HTTPStatus(response.status_code), response.content, response.headers, None)


@pytest.mark.parametrize(
    ("build", "method", "body", "message"),
    [
        (of_list, "GET", [EXECUTION, EXECUTION], None),
        (of_list, "GET", [], None),
        (of_list, "GET", [{**EXECUTION, "stats": 5}], r"\[0\].stats is of another kind"),
        (of_list, "POST", {}, "the body is of another kind"),
        (of_list, "POST", 5, "TypeError"),
        (of_text, "PUT", "a", None),
        (of_text, "PUT", {"a": 1}, "the body is of another kind"),
        (of_text, "POST", None, "the operation knows no such answer"),
        (of_level, "GET", 1, None),
        (of_level, "GET", 7, None),
        (of_level, "PUT", "high", "the body is of another kind"),
        (of_anything, "DELETE", {"a": 1}, None),
    ],
)
def test_operations_of_other_types(build: Any, method: str, body: Any, message: str | None) -> None:
    """Lists, plain values and nothing at all are held to their types likewise."""
    request = httpx.Request(method, "https://api.test/")
    response = httpx.Response(200, text=json.dumps(body), request=request)
    with JobsClient(ApiKey("k")) as jobs:
        if message is None:
            assert jobs.api.decoded(build, response).status_code == 200
            return
        with pytest.raises(ResponseDecodeError, match=message) as caught:
            jobs.api.decoded(build, response)
    assert caught.value.accepted is (method != "GET")
