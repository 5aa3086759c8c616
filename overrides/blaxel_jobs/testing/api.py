"""The fake as a transport of httpx."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blaxel_jobs._http import httpx
from blaxel_jobs.testing.faults import Fault, Reply, ok
from blaxel_jobs.testing.service import Asked, Service

__all__ = ["FakeAPI", "FakeRequest"]

_VERSIONS = ("2026-04-16", "2026-04-28")


@dataclass(frozen=True, slots=True)
class FakeRequest:
    """A request that arrived: method, and raw path below the base URL's host."""

    method: str
    path: str


class FakeAPI(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Executions in memory, behind the transport of a client.

    `reads_until_cancelled`: how many reads still see `cancelling` after a cancel. `finished` is
    the status with which the cancel of an execution that has ended is answered: an assumption, as
    the vendor does not say. `api_key` and `client_credentials` (id and secret) are the only ones
    accepted, None for any. `versions` are the API versions that there are, as dates. `requests`
    are those that arrived, token requests among them.
    """

    def __init__(
        self,
        *,
        reads_until_cancelled: int = 1,
        finished: int = 409,
        api_key: str | None = None,
        client_credentials: tuple[str, str] | None = None,
        versions: Iterable[str] = _VERSIONS,
    ) -> None:
        self.requests: list[FakeRequest] = []
        self._service = Service(
            reads_until_cancelled=reads_until_cancelled,
            finished=finished,
            api_key=api_key,
            client_credentials=client_credentials,
            versions=versions,
        )
        self._lock = threading.Lock()
        self._script: deque[Fault] = deque()

    def add(
        self,
        job_id: str,
        execution_id: str,
        *,
        status: str = "running",
        created_at: datetime | None = None,
        **members: Any,
    ) -> None:
        """Let there be an execution; `members` are those of its JSON, such as `spec` or `tasks`.

        `created_at` is an aware datetime, now where it is left out.
        """
        with self._lock:
            self._service.add(job_id, execution_id, status, created_at, members)

    def status(self, job_id: str, execution_id: str) -> str:
        """Return the status of an execution, without a read."""
        with self._lock:
            return str(self._service.executions[job_id, execution_id]["status"])

    def set_status(self, job_id: str, execution_id: str, status: str) -> None:
        """Let an execution get on by itself."""
        with self._lock:
            self._service.executions[job_id, execution_id]["status"] = status

    def script(self, *faults: Fault) -> None:
        """Let these happen to the next requests, one each, after those that are due already."""
        with self._lock:
            self._script.extend(faults)

    def revoke_tokens(self) -> None:
        """Refuse all tokens that were issued so far; API keys are always accepted."""
        with self._lock:
            self._service.tokens.clear()

    def state(self) -> dict[str, Any]:
        """Return executions with their status, the requests that arrived, and the faults due."""
        with self._lock:
            return {
                "executions": [
                    {"job": job, "execution": execution, "status": body["status"]}
                    for (job, execution), body in self._service.executions.items()
                ],
                "requests": [{"method": one.method, "path": one.path} for one in self.requests],
                "faults_due": len(self._script),
            }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a sync client."""
        fault, done = self.begin(_asked(request, request.read()))
        time.sleep(_seconds(fault, request))
        return _answer(fault, done, request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer an async client."""
        import anyio

        fault, done = self.begin(_asked(request, await request.aread()))
        await anyio.sleep(_seconds(fault, request))
        return _answer(fault, done, request)

    def begin(self, asked: Asked) -> tuple[Fault, Reply | None]:
        """Take a request; return what happens to it, and the answer where it was processed."""
        with self._lock:
            fault = self._script.popleft() if self._script else ok()
            if fault.kind != "lost request":
                self.requests.append(FakeRequest(asked.method, asked.target))
            return fault, self._service.process(asked) if fault.processed else None


def _asked(request: httpx.Request, content: bytes) -> Asked:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(request.method, request.url.raw_path.decode(), headers, content)


def _answer(fault: Fault, done: Reply | None, request: httpx.Request) -> httpx.Response:
    if fault.kind == "lost request":
        raise httpx.ConnectError("the fake lost the request", request=request)
    if fault.kind == "lost answer":
        raise httpx.ReadError("the fake lost the answer", request=request)
    reply = fault.response or done
    if reply is None or _seconds(fault, request) >= _patience(request):
        raise httpx.ReadTimeout("the fake gave no answer", request=request)
    code, content, headers = reply
    return httpx.Response(code, content=content, headers=headers, request=request)


def _seconds(fault: Fault, request: httpx.Request) -> float:
    """Return how long an answer takes: one that never comes, as long as the client waits."""
    return _patience(request) if fault.kind == "hang" else min(fault.seconds, _patience(request))


def _patience(request: httpx.Request) -> float:
    return float(request.extensions["timeout"]["read"])
