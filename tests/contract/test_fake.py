"""The fake of the API keeps to the contract."""

from __future__ import annotations

import pytest
import schemathesis  # pyright: ignore[reportMissingImports]
from hypothesis import settings
from schemathesis.specs.openapi.checks import (  # pyright: ignore[reportMissingImports]
    allow_header_conformance,
    positive_data_acceptance,
    unsupported_method,
)

from blaxel_jobs import ApiKey, JobsClient
from blaxel_jobs.testing.server import FakeServer
from tests.contract.conftest import CONTRACT

schema = schemathesis.openapi.from_path(CONTRACT)


AUTHORIZATION = {"Authorization": "Bearer any-key"}
VERSIONS = ("2026-04-16", "2026-04-28")


@pytest.mark.parametrize("version", VERSIONS)
@schema.parametrize()
@settings(max_examples=50)
def test_fake_keeps_to_the_contract(
    case: schemathesis.Case, fake: FakeServer, version: str
) -> None:
    """Whatever is asked, the answer is one that the contract allows."""
    headers = {**(case.headers or {}), **AUTHORIZATION, "Blaxel-Version": version}
    # Not the methods: the fake can create, whether or not a page of that is captured.
    excluded = [unsupported_method, allow_header_conformance]
    if "cursor" in (case.query or {}):
        # No schema can say which ones there are; test_pages_keep_to_the_contract follows them.
        excluded.append(positive_data_acceptance)
    case.call_and_validate(base_url=fake.url, headers=headers, excluded_checks=excluded)


@pytest.mark.parametrize("version", VERSIONS)
def test_pages_keep_to_the_contract(fake: FakeServer, version: str) -> None:
    """Each page of a list is as the contract says, in both shapes, from the first to the last."""
    for number in range(3):
        fake.api.add("listed-job", f"exec-{number}")
    operation, query, found = schema["/jobs/{jobId}/executions"]["GET"], {"limit": "1"}, []
    for page in range(3):
        case = operation.Case(path_parameters={"jobId": "listed-job"}, query=query)
        headers = {**AUTHORIZATION, "Blaxel-Version": version}
        answer = case.call_and_validate(base_url=fake.url, headers=headers).json()
        query = {"limit": "1", "offset": str(page + 1)}
        if version == VERSIONS[1]:
            query = {"limit": "1", "cursor": answer["meta"]["nextCursor"]}
            answer = answer["data"]
        found += [one["metadata"]["id"] for one in answer]
    assert sorted(found) == ["exec-0", "exec-1", "exec-2"]


def test_unknown_version(fake: FakeServer) -> None:
    """A version that does not exist is answered with the 400 that the contract declares."""
    case = schema["/jobs/{jobId}/executions"]["GET"].Case(path_parameters={"jobId": "job"})
    headers = {**AUTHORIZATION, "Blaxel-Version": "2000-01-01"}
    excluded = [positive_data_acceptance]
    answer = case.call_and_validate(base_url=fake.url, headers=headers, excluded_checks=excluded)
    assert answer.status_code == 400


def test_known_execution_keeps_to_the_contract(fake: FakeServer) -> None:
    """The execution that is there is answered as the contract says."""
    for method in ("GET", "DELETE"):
        operation = schema["/jobs/{jobId}/executions/{executionId}"][method]
        path = {"jobId": "data-processing-job", "executionId": "exec-abc123"}
        case = operation.Case(path_parameters=path)
        case.call_and_validate(base_url=fake.url, headers=AUTHORIZATION)


def test_client_over_the_wire(fake: FakeServer) -> None:
    """The fake serves over HTTP what it serves in process."""
    fake.api.add("job", "exec")
    with JobsClient(ApiKey("any-key"), base_url=fake.url) as jobs:
        assert jobs.cancel("job", "exec").status == "cancelling"


@pytest.mark.parametrize("version", VERSIONS)
def test_client_lists_over_the_wire(fake: FakeServer, version: str) -> None:
    """The published client reads the lists that the fake serves, in both shapes."""
    for number in range(150):
        fake.api.add("long-job", f"exec-{number}")
    with JobsClient(ApiKey("any-key"), base_url=fake.url, api_version=version) as jobs:
        assert len(list(jobs.list("long-job"))) == 150
        assert len(list(jobs.cancel_all("long-job"))) == 150
