from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import anyio
import pytest

from blaxel_jobs import ApiKey, AsyncJobsClient, JobsClient, RetryPolicy

KINDS = ["sync", "asyncio", pytest.param("trio", marks=pytest.mark.deep)]
"""The kinds of code that a test is for. What passes on asyncio passes on trio, mostly."""


class Caller(Protocol):
    """Calls one method of a client, in sync or async code."""

    def __call__(self, url: str, method: str, *arguments: Any, **options: Any) -> Any: ...


@pytest.fixture(params=KINDS)
def call(request: pytest.FixtureRequest) -> Caller:
    """Call a method of a fresh client: the same test for sync, asyncio and trio.

    `client` holds options of the client; `timeout` goes to the method. Its `transport` is a pair of
    functions, of which the first makes a sync transport, the second an async one.
    """

    def run(url: str, method: str, *arguments: Any, **options: Any) -> Any:
        client = {
            "credentials": ApiKey("the-api-key"),
            "base_url": url,
            "retry": RetryPolicy(initial_delay=0.01, max_delay=0.05),
            **options.pop("client", {}),
        }
        if "transport" in client:
            client["transport"] = client["transport"][request.param != "sync"]()
        if request.param == "sync":
            with JobsClient(**client) as jobs:
                return getattr(jobs, method)(*arguments, **options)

        async def main() -> Any:
            async with AsyncJobsClient(**client) as jobs:
                return await getattr(jobs, method)(*arguments, **options)

        return anyio.run(main, backend=request.param)

    return run


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a wait look again at once: how long it pauses is tested on a clock of its own."""
    monkeypatch.setattr("blaxel_jobs._retry.waiting._FIRST", 0.01)


@pytest.fixture(scope="session")
def _empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of this test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, _empty_folder: Path) -> None:
    """Hide credentials, workspace and configuration file of whoever runs the tests."""
    for name in (
        "BL_API_KEY",
        "BL_CLIENT_CREDENTIALS",
        "BL_WORKSPACE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SSLKEYLOGFILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(_empty_folder))
    monkeypatch.setenv("NO_PROXY", "*")
