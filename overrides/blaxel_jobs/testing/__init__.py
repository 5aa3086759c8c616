"""A fake of the API for your own tests: in process, or served over HTTP.

    from blaxel_jobs import ApiKey, JobsClient
    from blaxel_jobs.testing import FakeAPI, lost_answer, status

    api = FakeAPI()
    api.add("data-processing-job", "exec-abc123")
    api.script(status(503), lost_answer())
    with JobsClient(ApiKey("test"), transport=api) as jobs:
        jobs.cancel("data-processing-job", "exec-abc123")
    assert api.status("data-processing-job", "exec-abc123") == "cancelling"

The same object serves `JobsClient` and `AsyncJobsClient`, and threads. For services in containers
and in other languages, `python -m blaxel_jobs.testing --port 8080` serves one over HTTP.

What the vendor documents is modelled as documented: a cancel makes an execution `cancelling`, and
`cancelled` later; lists are bare arrays before API version 2026-04-28, and pages with a cursor
from then on. What it does not document is marked as an assumption where it is modelled.
"""

from blaxel_jobs.testing.api import FakeAPI, FakeRequest
from blaxel_jobs.testing.faults import (
    Fault,
    garbage,
    hang,
    lost_answer,
    lost_request,
    ok,
    slow,
    status,
)

__all__ = [
    "FakeAPI",
    "FakeRequest",
    "Fault",
    "garbage",
    "hang",
    "lost_answer",
    "lost_request",
    "ok",
    "slow",
    "status",
]
