"""What `import blaxel_jobs` brings, and what waits until it is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import blaxel_jobs
from tests.client.fault_server import execution, serving

_IMPORTED = """
import json, sys
import httpx
before = set(sys.modules)
from blaxel_jobs import ApiKey, AsyncJobsClient, ClientCredentials, JobsClient, RetryPolicy
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_modules() -> None:
    """Programs that import the clients pay for these modules, and for no other package."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _IMPORTED]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    found = json.loads(done.stdout)
    assert {name.partition(".")[0] for name in found} - sys.stdlib_module_names == {"blaxel_jobs"}
    assert [name for name in found if name.startswith("blaxel_jobs")] == [
        "blaxel_jobs",
        "blaxel_jobs._auth",
        "blaxel_jobs._auth.credentials",
        "blaxel_jobs._auth.secrets",
        "blaxel_jobs._client",
        "blaxel_jobs._errors",
        "blaxel_jobs._http",
        "blaxel_jobs._http.mixture",
        "blaxel_jobs._identifier",
        "blaxel_jobs._retry",
        "blaxel_jobs._retry.backoff",
        "blaxel_jobs._transport",
        "blaxel_jobs._transport.deadline",
        "blaxel_jobs._transport.guard",
        "blaxel_jobs._transport.hooks",
        "blaxel_jobs._version",
    ]


_FIRST_CALL = """
import asyncio, sys
from blaxel_jobs import ApiKey, AsyncJobsClient
jobs = AsyncJobsClient(ApiKey("k"), base_url=sys.argv[1])
async def main():
    before = set(sys.modules)
    await jobs.cancel("job", "exec-abc123")
    print(*sorted(set(sys.modules) - before))
asyncio.run(main())
"""


def test_first_call_in_an_event_loop() -> None:
    """A first call imports nothing of these, while its event loop would stand still.

    Certificates are read in a thread, and may import what they need.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with serving(execution()) as server:
        command = [sys.executable, "-c", _FIRST_CALL, server.url]
        done = subprocess.run(command, capture_output=True, check=True, env=environment, text=True)
    found = {name.partition(".")[0] for name in done.stdout.split()}
    assert not found & {"anyio", "attr", "blaxel_jobs", "blaxel_jobs_api", "encodings", "httpcore"}


@pytest.mark.parametrize("name", blaxel_jobs.__all__)
def test_names(name: str) -> None:
    """Each public name is there when it is asked for, and is said to be."""
    assert getattr(blaxel_jobs, name) is not None
    assert name in dir(blaxel_jobs)


def test_unknown_name() -> None:
    """A name that is none is refused as in any module."""
    with pytest.raises(AttributeError, match="module 'blaxel_jobs' has no attribute 'Cancelled_'"):
        blaxel_jobs.Cancelled_  # type: ignore[attr-defined]  # noqa: B018
