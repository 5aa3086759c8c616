"""A fake of the API for your own tests: in process, without a network.

    from blaxel_jobs import ApiKey, JobsClient
    from blaxel_jobs.testing import FakeAPI, lost_answer, status

    api = FakeAPI()
    api.add("data-processing-job", "exec-abc123")
    api.script(status(503), lost_answer())
    with JobsClient(ApiKey("test"), transport=api) as jobs:
        jobs.cancel("data-processing-job", "exec-abc123")
    assert api.status("data-processing-job", "exec-abc123") == "cancelling"

The same object serves `JobsClient` and `AsyncJobsClient`, and threads. What the vendor documents is
modelled as documented: a cancel makes an execution `cancelling`, and `cancelled` later. What it
does not is marked below as an assumption.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote

import httpx

from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._retry.waiting import TERMINAL_STATUSES

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

_EXECUTION = re.compile(r"/jobs/([^/]+)/executions/([^/]+)")


_Reply: TypeAlias = tuple[int, bytes, dict[str, str]]
"""Status, body and headers."""


@dataclass(frozen=True, slots=True)
class FakeRequest:
    """A request that arrived: method, and raw path below the base URL's host."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request; made by the functions of this module."""

    kind: Literal["ok", "answer", "lost request", "lost answer", "hang"]
    processed: bool = True
    seconds: float = 0.0
    response: _Reply | None = None


def ok() -> Fault:
    """Nothing goes wrong: for a script in which something does later."""
    return Fault("ok")


def status(code: int, body: Any = None, *, headers: dict[str, str] | None = None) -> Fault:
    """Return an error of this status and JSON body instead of doing what is asked."""
    content = b"" if body is None else json.dumps(body).encode()
    return Fault("answer", processed=False, response=(code, content, headers or {}))


def garbage(content: bytes = b"<html>", code: int = 200) -> Fault:
    """Do what is asked, and answer something else than promised."""
    return Fault("answer", response=(code, content, {}))


def lost_request() -> Fault:
    """No connection: the request never arrives."""
    return Fault("lost request", processed=False)


def lost_answer() -> Fault:
    """Do what is asked, and lose the connection before the answer."""
    return Fault("lost answer")


def hang(*, processed: bool = False) -> Fault:
    """No answer until the client's time is over."""
    return Fault("hang", processed=processed)


def slow(seconds: float) -> Fault:
    """Do what is asked after so many seconds."""
    return Fault("ok", seconds=seconds)


class FakeAPI(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Executions in memory, behind the transport of a client.

    `reads_until_cancelled`: how many reads still see `cancelling` after a cancel. `finished` is
    the status with which the cancel of an execution that has ended is answered: an assumption, as
    the vendor does not say. `api_key` is the only one accepted, None for any. `requests` are those
    that arrived, token requests among them.
    """

    def __init__(
        self,
        *,
        reads_until_cancelled: int = 1,
        finished: int = 409,
        api_key: str | None = None,
    ) -> None:
        self.requests: list[FakeRequest] = []
        self._api_key = None if api_key is None else Secret(api_key)
        self._reads, self._finished = reads_until_cancelled, finished
        self._lock = threading.Lock()
        self._executions: dict[tuple[str, str], dict[str, Any]] = {}
        self._reads_left: dict[tuple[str, str], int] = {}
        self._script: deque[Fault] = deque()
        self._tokens: set[str] = set()
        self._issued = 0

    def add(
        self, job_id: str, execution_id: str, *, status: str = "running", **members: Any
    ) -> None:
        """Let there be an execution; `members` are those of its JSON, such as `spec` or `tasks`."""
        body = {"metadata": {"id": execution_id, "job": job_id}, "spec": {}, "status": status}
        with self._lock:
            self._executions[job_id, execution_id] = {**body, **members}

    def status(self, job_id: str, execution_id: str) -> str:
        """Return the status of an execution, without a read."""
        with self._lock:
            return str(self._executions[job_id, execution_id]["status"])

    def set_status(self, job_id: str, execution_id: str, status: str) -> None:
        """Let an execution get on by itself."""
        with self._lock:
            self._executions[job_id, execution_id]["status"] = status

    def script(self, *faults: Fault) -> None:
        """Let these happen to the next requests, one each, after those that are due already."""
        with self._lock:
            self._script.extend(faults)

    def revoke_tokens(self) -> None:
        """Refuse all tokens that were issued so far; API keys are always accepted."""
        with self._lock:
            self._tokens.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a sync client."""
        fault, done = self._begin(request)
        time.sleep(_seconds(fault, request))
        return _answer(fault, done, request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer an async client."""
        import anyio

        fault, done = self._begin(request)
        await anyio.sleep(_seconds(fault, request))
        return _answer(fault, done, request)

    def _begin(self, request: httpx.Request) -> tuple[Fault, _Reply]:
        with self._lock:
            fault = self._script.popleft() if self._script else ok()
            if fault.kind != "lost request":
                self.requests.append(FakeRequest(request.method, request.url.raw_path.decode()))
            return fault, self._process(request) if fault.processed else _error(500, "not asked")

    def _process(self, request: httpx.Request) -> _Reply:
        path = request.url.raw_path.decode().partition("?")[0]
        if request.method == "POST" and path.endswith("/oauth/token"):
            return self._issue_token(request)
        if not self._is_authorized(request):
            return _error(401, "unauthorized")
        found = _EXECUTION.search(path)
        key = (unquote(found[1]), unquote(found[2])) if found else ("", "")
        execution = self._executions.get(key)
        if execution is None:
            return _error(404, "execution not found")
        if request.method == "DELETE":
            return self._cancel(key, execution)
        if request.method == "GET":
            return self._read(key, execution)
        return _error(405, "method not allowed")

    def _issue_token(self, request: httpx.Request) -> _Reply:
        if "authorization" not in request.headers and not request.content:
            return _error(400, "invalid_client")
        self._issued += 1
        token = f"fake-token-{self._issued}"
        self._tokens.add(token)
        return _json(200, {"access_token": token, "expires_in": 7200, "token_type": "Bearer"})

    def _is_authorized(self, request: httpx.Request) -> bool:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not bearer:
            return False
        if bearer.startswith("fake-token-"):
            return bearer in self._tokens
        return self._api_key is None or bearer == self._api_key.reveal()

    def _cancel(self, key: tuple[str, str], execution: dict[str, Any]) -> _Reply:
        ended = execution["status"] in TERMINAL_STATUSES - {"cancelled"}
        if ended and self._finished >= 400:
            return _error(self._finished, f"execution is {execution['status']}")
        if not ended and execution["status"] not in ("cancelling", "cancelled"):
            execution["status"] = "cancelling"
            self._reads_left[key] = self._reads
        return _json(200, execution)

    def _read(self, key: tuple[str, str], execution: dict[str, Any]) -> _Reply:
        if execution["status"] == "cancelling":
            left = self._reads_left.get(key, 0)
            self._reads_left[key] = left - 1
            if left <= 0:
                execution["status"] = "cancelled"
        return _json(200, execution)


def _answer(fault: Fault, done: _Reply, request: httpx.Request) -> httpx.Response:
    if fault.kind == "lost request":
        raise httpx.ConnectError("the fake lost the request", request=request)
    if fault.kind == "lost answer":
        raise httpx.ReadError("the fake lost the answer", request=request)
    if _seconds(fault, request) >= _patience(request):
        raise httpx.ReadTimeout("the fake gave no answer", request=request)
    code, content, headers = fault.response or done
    return httpx.Response(code, content=content, headers=headers, request=request)


def _seconds(fault: Fault, request: httpx.Request) -> float:
    """Return how long an answer takes: one that never comes, as long as the client waits."""
    return _patience(request) if fault.kind == "hang" else min(fault.seconds, _patience(request))


def _patience(request: httpx.Request) -> float:
    return float(request.extensions["timeout"]["read"])


def _json(code: int, body: Any) -> _Reply:
    return code, json.dumps(body).encode(), {"Content-Type": "application/json"}


def _error(code: int, message: str) -> _Reply:
    return _json(code, {"error": message, "message": message, "code": code})
