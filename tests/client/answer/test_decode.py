"""What counts as an execution, and what its types promise."""

from __future__ import annotations

import copy
import enum
import json
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blaxel_jobs import ApiKey, JobsClient, ResponseDecodeError
from blaxel_jobs._answer.decode import execution_of, explained
from blaxel_jobs._answer.decoder import Unusual, decoder
from blaxel_jobs._effects import Answer
from blaxel_jobs_api.models import JobExecution, JobExecutionStatus, JobExecutionTaskStatus
from blaxel_jobs_api.types import UNSET, Unset
from tests.client.conftest import Caller
from tests.client.fault_server import EXECUTION, answer, serving


def decoded(**change: Any) -> Any:
    content = json.dumps({**EXECUTION, **change}).encode()
    return execution_of(Answer(200, httpx.Headers(), content), accepted=True)


TASK = {"metadata": {"name": "t"}, "spec": {}, "status": "running", "conditions": []}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "paused"},
        {"status": None},
        {"stats": None, "tasks": None},
        {"tasks": []},
        {"tasks": [TASK, TASK]},
        {"tasks": [{**TASK, "metadata": None, "spec": None, "conditions": None}]},
        {"tasks": [{**TASK, "status": "levitating"}]},
        {"tasks": [{**TASK, "new": {"deep": [1, {"a": None}]}}]},
        {"new": {"key": [1]}},
        {"spec": {"envOverride": {"A": "***"}, "parallelism": 5}},
        {"spec": {"envOverride": '{"A": "***"}'}},
        {"spec": {"envOverride": None}},
        {"metadata": {"createdAt": "2026-05-27T10:00:00.123456789+02:00", "id": None}},
        {"metadata": {"createdAt": "2026-05-27T10:00:00Z", "labels": {"a": "b"}}},
        {"stats": {"total": 1.0}},
    ],
)
def test_accepted_and_kept(change: dict[str, Any]) -> None:
    """Unknown statuses, nulls, unknown keys, both forms of envOverride: kept as they came."""
    assert decoded(**change).to_dict() == {**EXECUTION, **change}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"metadata": 5}, "metadata"),
        ({"metadata": None}, "'metadata' is null"),
        ({"spec": None}, "'spec' is null"),
        ({"tasks": [None]}, "tasks"),
        ({"tasks": [[]]}, "tasks"),
        ({"tasks": [[["metadata", {}]]]}, "tasks"),
        ({"tasks": [""]}, "tasks"),
        ({"tasks": [{**TASK, "conditions": [None]}]}, r"tasks\[0\].conditions"),
        ({"tasks": [{**TASK, "conditions": [[]]}]}, r"tasks\[0\].conditions"),
        ({"metadata": []}, "metadata"),
        ({"spec": "text"}, "spec"),
        ({"status": 5}, "status"),
        ({"status": ["cancelled"]}, "status"),
        ({"status": {}}, "status"),
        ({"stats": "text"}, "stats"),
        ({"tasks": {}}, "tasks"),
        ({"tasks": "text"}, "tasks"),
        ({"tasks": [5]}, "tasks"),
        ({"tasks": [TASK, {**TASK, "metadata": 5}]}, r"tasks\[1\].metadata"),
        ({"tasks": [{**TASK, "conditions": [5]}]}, r"tasks\[0\].conditions"),
        ({"metadata": {"id": {"a": 1}}}, "metadata.id"),
        ({"metadata": {"id": ["a"]}}, "metadata.id"),
    ],
)
def test_no_lying_types(change: dict[str, Any], where: str) -> None:
    """A member of a kind that its type does not have is found, however deep it is."""
    with pytest.raises(ResponseDecodeError, match=where):
        decoded(**change)


_FULL = {**EXECUTION, "tasks": [TASK, {**TASK, "conditions": [{"type": "t", "status": "True"}]}]}
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "running", "odd"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return container and key of every value in a body."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            pairs += [(value, key), *places(value[key])]
    return pairs


@given(st.data())
def test_one_pass_is_the_generated_way(data: st.DataObject) -> None:
    """The compiled decoder accepts what passes the generated way and all checks, and equals it."""
    body = copy.deepcopy(_FULL)
    for _ in range(data.draw(st.integers(0, 3))):
        holder, key = data.draw(st.sampled_from(places(body)))
        if data.draw(st.booleans()) and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = data.draw(_VALUES)
    generated, _ = explained(body)
    try:
        compiled = decoder(JobExecution)(json.loads(json.dumps(body)))
    except (Unusual, KeyError, TypeError, AttributeError):
        return  # then the generated way has the word
    assert generated is not None
    assert compiled == generated
    assert json.dumps(compiled.to_dict()) == json.dumps(generated.to_dict())


def test_as_promised() -> None:
    """A body that is as promised is decoded in one pass."""
    assert decoder(JobExecution)(json.loads(json.dumps(_FULL))) == explained(_FULL)[0]


@attrs.define
class _Odd:
    """A class of a kind that the generator does not write today."""

    value: complex

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value}


class _Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@attrs.define
class _Rated:
    """A class with an enum of numbers, open as all are."""

    level: _Level | int | Unset | None = UNSET

    def to_dict(self) -> dict[str, Any]:
        return {"level": self.level}


@attrs.define
class _Several:
    """A class with a member of one enum or another."""

    status: JobExecutionStatus | JobExecutionTaskStatus | str

    def to_dict(self) -> dict[str, Any]:
        return {"status": self.status}


@pytest.mark.parametrize("level", [2, 7, None])
def test_enum_of_numbers(level: int | None) -> None:
    """A value that the enum has is its member, any other number is let through."""
    assert decoder(_Rated)({"level": level}) == _Rated(level)
    assert isinstance(decoder(_Rated)({"level": 2}).level, _Level)


@pytest.mark.parametrize("level", ["high", [], {}])
def test_no_number(level: object) -> None:
    """What is of another kind than an enum's numbers is not."""
    with pytest.raises(Unusual):
        decoder(_Rated)({"level": level})


def test_no_decoder_for_other_types() -> None:
    """A type that no decoder is written for is left to the generated way."""
    with pytest.raises(Unusual, match="complex"):
        decoder(_Odd)({"value": 1})
    with pytest.raises(Unusual, match="JobExecutionTaskStatus"):
        decoder(_Several)({"status": "running"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'"text"', "not an object"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b"{}", "'metadata' is missing"),
        (b'{"metadata": {}}', "'spec' is missing"),
    ],
)
def test_no_execution(content: bytes, reason: str) -> None:
    """Anything else is an error that says why, with status, request id and part of the body."""
    created = Answer(201, httpx.Headers({"x-request-id": "r-1"}), content)
    with pytest.raises(ResponseDecodeError, match=reason) as caught:
        execution_of(created, accepted=True)
    error = caught.value
    assert (error.status_code, error.request_id, error.accepted) == (201, "r-1", True)
    assert len(error.body) <= 2000
    assert content[:50].decode("utf-8", "replace") in error.body


@pytest.mark.parametrize("status", [201, 202, 299])
def test_other_successes(call: Caller, status: int) -> None:
    """Any 2xx with an execution is one."""
    with serving(answer(status, EXECUTION)) as server:
        assert call(server.url, "cancel", "job", "exec").status == "cancelling"


def test_no_content(call: Caller) -> None:
    """A 204 was accepted, but holds no execution."""
    with serving(answer(204, b"")) as server, pytest.raises(ResponseDecodeError) as caught:
        call(server.url, "cancel", "job", "exec")
    assert caught.value.accepted
    assert caught.value.status_code == 204


@pytest.mark.parametrize(("method", "accepted"), [("cancel", True), ("get", False)])
def test_accepted(call: Caller, method: str, accepted: bool) -> None:
    """Only what answered a cancel was accepted; it is not sent again."""
    with serving(answer(200, b"<html>")) as server:
        with pytest.raises(ResponseDecodeError) as caught:
            call(server.url, method, "job", "exec")
        assert len(server.seen) == 1
    assert caught.value.accepted is accepted
    assert caught.value.body == "<html>"


def test_large() -> None:
    """A thousand tasks are an execution, too."""
    assert len(decoded(tasks=[TASK] * 1000).tasks) == 1000


def test_mock_transport() -> None:
    """A transport whose responses are read already works, with the limit on size."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=json.dumps(EXECUTION)))
    with JobsClient(ApiKey("k"), transport=transport) as jobs:
        assert jobs.get("job", "exec").status == "cancelling"
    with (
        JobsClient(ApiKey("k"), transport=transport, max_response_bytes=20) as jobs,
        pytest.raises(ResponseDecodeError, match="larger than 20 bytes"),
    ):
        jobs.get("job", "exec")
