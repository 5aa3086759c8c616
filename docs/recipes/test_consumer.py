"""Tests of your own service, without a network: `blaxel_jobs.testing` plays the API."""

from collections.abc import Iterator

import pytest

from blaxel_jobs import ApiKey, CancelOutcomeUnknownError, JobsClient, RetryPolicy
from blaxel_jobs.testing import FakeAPI, lost_answer, status


@pytest.fixture
def api() -> FakeAPI:
    """An API with one execution that runs."""
    api = FakeAPI()
    api.add("data-processing-job", "exec-abc123")
    return api


@pytest.fixture
def jobs(api: FakeAPI) -> Iterator[JobsClient]:
    """A client of that API, which does not wait between attempts."""
    with JobsClient(ApiKey("test"), transport=api, retry=RetryPolicy(initial_delay=0)) as jobs:
        yield jobs


def test_stop_button(api: FakeAPI, jobs: JobsClient) -> None:
    """What your service does goes here; the fake knows what came of it."""
    jobs.cancel("data-processing-job", "exec-abc123")
    assert api.status("data-processing-job", "exec-abc123") == "cancelling"


def test_answer_that_is_lost(api: FakeAPI, jobs: JobsClient) -> None:
    """The second attempt tells what the first one did."""
    api.script(lost_answer())
    assert jobs.cancel("data-processing-job", "exec-abc123").status == "cancelling"


def test_outcome_that_stays_unknown(api: FakeAPI, jobs: JobsClient) -> None:
    """A cancel whose outcome nobody can tell is an error of its own: show it as such."""
    api.script(lost_answer(), status(404), *[status(503)] * 4)
    with pytest.raises(CancelOutcomeUnknownError):
        jobs.cancel("data-processing-job", "exec-abc123")
