"""The fake of the API keeps to the contract."""

from __future__ import annotations

import schemathesis  # pyright: ignore[reportMissingImports]
from hypothesis import settings

from blaxel_jobs import ApiKey, JobsClient
from blaxel_jobs.testing.server import FakeServer
from tests.contract.conftest import CONTRACT

schema = schemathesis.openapi.from_path(CONTRACT)


@schema.parametrize()
@settings(max_examples=50)
def test_fake_keeps_to_the_contract(case: schemathesis.Case, fake: FakeServer) -> None:
    """Whatever is asked, the answer is one that the contract allows."""
    case.call_and_validate(
        base_url=fake.url, headers={"Authorization": "Bearer any-key", **(case.headers or {})}
    )


def test_known_execution_keeps_to_the_contract(fake: FakeServer) -> None:
    """The execution that is there is answered as the contract says."""
    for method in ("GET", "DELETE"):
        operation = schema["/jobs/{jobId}/executions/{executionId}"][method]
        path = {"jobId": "data-processing-job", "executionId": "exec-abc123"}
        case = operation.Case(path_parameters=path)
        case.call_and_validate(base_url=fake.url, headers={"Authorization": "Bearer any-key"})


def test_client_over_the_wire(fake: FakeServer) -> None:
    """The fake serves over HTTP what it serves in process."""
    fake.api.add("job", "exec")
    with JobsClient(ApiKey("any-key"), base_url=fake.url) as jobs:
        assert jobs.cancel("job", "exec").status == "cancelling"
