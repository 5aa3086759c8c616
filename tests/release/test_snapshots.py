"""What reviewers must see when it changes: the generated cancel call, its signatures, its request
on the wire, its result, and the contract.

`make snapshots` accepts what is there now; then read `git diff tests/snapshots`.
"""

from __future__ import annotations

import inspect
import pprint
import re
import socket
import threading

import attrs
import pytest
from inline_snapshot import external_file

import blaxel_jobs
from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient
from blaxel_jobs_api.api.jobs import cancel_job_execution
from blaxel_jobs_api.types import UNSET
from scripts.facts import plain
from scripts.reading.text.reader import read_page_text
from tests import ROOT
from tests.client.fault_server import answer, serving

KEY = ApiKey("the-secret")
PACKAGE = ROOT / "generated/blaxel_jobs_api"
SNAPSHOTS = ROOT / "tests/snapshots"
PINNED = [
    "api/jobs/cancel_job_execution.py",
    *sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("models/*.py")),
]


def test_tree() -> None:
    """The generated package has these files."""
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    tree = sorted(path.relative_to(PACKAGE).as_posix() for path in files)
    assert "\n".join(tree) + "\n" == external_file(SNAPSHOTS / "generated-tree.txt")


def test_no_unused_snapshot() -> None:
    """Each generated file that is pinned is still generated."""
    folder = SNAPSHOTS / "generated"
    pinned = (path.relative_to(folder).as_posix() for path in folder.rglob("*.txt"))
    assert sorted(pinned) == sorted(f"{name}.txt" for name in PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_generated(name: str) -> None:
    """The generated operation and each model are the same, byte for byte."""
    text = (PACKAGE / name).read_bytes().decode()
    assert text == external_file(SNAPSHOTS / "generated" / f"{name}.txt")


def test_contract() -> None:
    """The contract is the same."""
    text = (ROOT / "spec/openapi.yaml").read_bytes().decode()
    assert text == external_file(SNAPSHOTS / "openapi.yaml", format=".txt")


def test_signatures() -> None:
    """The public signatures are the same."""
    lines = [f"blaxel_jobs exports {name}" for name in sorted(blaxel_jobs.__all__)]
    for owner in (JobsClient, AsyncJobsClient, cancel_job_execution):
        for name, function in inspect.getmembers(owner, inspect.isfunction):
            own = function.__module__ == getattr(
                owner, "__module__", owner.__name__
            )  # not what it imports
            if own and (not name.startswith("_") or name == "__init__"):
                signature = inspect.signature(function)
                lines.append(f"{owner.__name__.rsplit('.')[-1]}.{name}{signature}")
    text = "\n".join(lines)
    assert f"{text}\n" == external_file(SNAPSHOTS / "signatures.txt")


def test_request_on_the_wire() -> None:
    """The request that leaves is the same: method, raw path, headers; the secret masked."""
    received: list[bytes] = []

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v0"
        jobs = JobsClient(KEY, base_url=url, workspace="my-workspace")

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                received.append(connection.recv(65536))
                answer(200, {"metadata": {"id": "exec-abc123"}, "spec": {}})(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        with jobs:
            jobs.cancel("data processing-job", "exec-abc123")
        thread.join(30)
    request = received[0].decode().replace("the-secret", "***").replace("\r\n", "\n")
    request = re.sub(r"(?<=X-Request-Id: )[0-9a-f]{32}", "ID", request)
    request = re.sub(r"127\.0\.0\.1:\d+", "HOST", request)
    request = request.replace(blaxel_jobs.__version__, "VERSION")
    assert request == external_file(SNAPSHOTS / "request.txt")


def test_result_of_the_pages_own_sample() -> None:
    """The sample of the tests' page is parsed into the same execution, and back without loss."""
    page = ROOT / "tests/pipeline/pages/cancel-job-execution.txt"
    sample = read_page_text(page.read_text(encoding="utf-8"), page.name).sample
    assert sample is not None
    body = plain(sample)
    with serving(answer(200, body)) as server, JobsClient(KEY, base_url=server.url) as jobs:
        execution = jobs.cancel("data-processing-job", "exec-abc123")
    assert execution.to_dict() == body
    shown = attrs.asdict(execution, filter=lambda _, value: value is not UNSET)
    text = pprint.pformat(shown, width=100, sort_dicts=False)
    assert f"{text}\n" == external_file(SNAPSHOTS / "result.txt")
