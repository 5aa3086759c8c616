"""What the API does with a request: executions and tokens in memory, whatever the transport."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from blaxel_jobs._auth.secrets import Secret
from blaxel_jobs._retry.waiting import TERMINAL_STATUSES
from blaxel_jobs.testing.faults import Reply

__all__ = ["Asked", "Service"]

_CURSORS_SINCE = "2026-04-28"
_SORTS = ("createdAt:desc", "createdAt:asc", "name:asc", "name:desc")
_PATH = re.compile(
    r"(?:/[^/]+)*?/jobs/(?P<job>[^/]+)/executions"
    r"(?:/(?P<execution>[^/]+)(?P<tasks>/tasks)?)?"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: method, raw target, headers by their names in lower case, body."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes


class _RefusedError(Exception):
    def __init__(self, code: int, error: str, message: str | None = None) -> None:
        super().__init__(message or error)
        self.reply = _error(code, error, message)


class Service:
    """Executions and tokens. Not safe between threads: `FakeAPI` holds a lock."""

    def __init__(
        self,
        *,
        reads_until_cancelled: int,
        finished: int,
        api_key: str | None,
        client_credentials: tuple[str, str] | None,
        versions: Iterable[str],
    ) -> None:
        self._reads, self._finished = reads_until_cancelled, finished
        self._api_key = None if api_key is None else Secret(api_key)
        self._client = None
        if client_credentials is not None:
            self._client = (client_credentials[0], Secret(client_credentials[1]))
        self._versions = sorted(versions)
        self.executions: dict[tuple[str, str], dict[str, Any]] = {}
        self._reads_left: dict[tuple[str, str], int] = {}
        self.tokens: set[str] = set()
        self._issued = self._created = 0

    def add(
        self,
        job_id: str,
        execution_id: str,
        status: str,
        created_at: datetime | None,
        members: dict[str, Any],
    ) -> dict[str, Any]:
        """Let there be an execution; return its JSON."""
        created = (created_at or datetime.now(UTC)).astimezone(UTC)
        metadata = {
            "id": execution_id,
            "job": job_id,
            "createdAt": created.isoformat().replace("+00:00", "Z"),
        }
        body = {"metadata": metadata, "spec": {}, "status": status, **members}
        self.executions[job_id, execution_id] = body
        return body

    def process(self, asked: Asked) -> Reply:
        """Do what is asked, and answer."""
        path, _, query = asked.target.partition("?")
        try:
            if asked.method == "POST" and path.endswith("/oauth/token"):
                return self._issue_token(asked)
            if not self._is_authorized(asked.headers.get("authorization", "")):
                return _error(401, "unauthorized")
            version = asked.headers.get("blaxel-version", self._versions[0])
            if version not in self._versions:
                return _error(400, "invalid_api_version")
            found = _PATH.fullmatch(path)
            if found is None:
                return _error(404, "not found")
            job = unquote(found["job"])
            asks = dict(parse_qsl(query, keep_blank_values=True))
            if found["execution"] is None:
                return self._of_job(asked, job, asks, version)
            return self._of_execution(asked, (job, unquote(found["execution"])), found, asks)
        except _RefusedError as refused:
            return refused.reply

    def _of_job(self, asked: Asked, job: str, asks: dict[str, str], version: str) -> Reply:
        if asked.method == "POST":
            return self._create(job, asked.content)
        if asked.method != "GET":
            return _not_allowed("GET, POST")
        # An assumption: a job of which nothing is known has no executions, and is no 404.
        of_job = [body for (owner, _), body in self.executions.items() if owner == job]
        sort = asks.get("sort", _SORTS[0])
        if sort not in _SORTS:
            return _error(400, "invalid_sort", f"sort must be one of {', '.join(_SORTS)}")
        start, limit = _number(asks, "offset", 0, 0), _number(asks, "limit", 20, 1, 100)
        if len(asks.get("q", "")) > 200:
            return _error(400, "bad request", "q is longer than 200 characters")
        if version < _CURSORS_SINCE:
            of_job.sort(key=_key_of("createdAt"), reverse=True)
            return _json(200, of_job[start : start + limit])
        key, _, direction = sort.partition(":")
        of_job.sort(key=_key_of(key), reverse=direction == "desc")
        words = asks.get("q", "").strip().lower()
        if len(words) >= 2:
            of_job = [body for body in of_job if words in json.dumps(body["metadata"]).lower()]
        return _page(of_job, asks, 20, 100, [job, sort, words])

    def _of_execution(
        self, asked: Asked, key: tuple[str, str], found: re.Match[str], asks: dict[str, str]
    ) -> Reply:
        execution = self.executions.get(key)
        if execution is None:
            return _error(404, "execution not found")
        if found["tasks"]:
            if asked.method != "GET":
                return _not_allowed("GET")
            return _page(execution.get("tasks") or [], asks, 50, 200, [*key, "tasks"])
        if asked.method == "DELETE":
            return self._cancel(key, execution)
        if asked.method == "GET":
            return self._read(key, execution)
        return _not_allowed("GET, DELETE")

    def _create(self, job: str, content: bytes) -> Reply:
        given = _object(content)
        self._created += 1
        execution_id = given.get("executionId") or f"exec-{self._created}"
        tasks = given.get("tasks") or []
        if not isinstance(execution_id, str) or not isinstance(tasks, list):
            raise _RefusedError(400, "bad request", "executionId is a string, tasks is a list")
        known = [
            {"metadata": {"name": f"task-{at}"}, "spec": {}, "status": "pending"}
            for at in range(len(tasks))
        ]
        self.add(job, execution_id, "queued", None, {"tasks": known})
        answer = {
            "executionId": execution_id,
            "id": given.get("id") or f"message-{self._created}",
            "jobId": job,
            "tasks": tasks,
        }
        return _json(200, answer)

    def _cancel(self, key: tuple[str, str], execution: dict[str, Any]) -> Reply:
        ended = execution["status"] in TERMINAL_STATUSES - {"cancelled"}
        if ended and self._finished >= 400:
            return _error(self._finished, f"execution is {execution['status']}")
        if not ended and execution["status"] not in ("cancelling", "cancelled"):
            execution["status"] = "cancelling"
            self._reads_left[key] = self._reads
        return _json(200, execution)

    def _read(self, key: tuple[str, str], execution: dict[str, Any]) -> Reply:
        if execution["status"] == "cancelling":
            left = self._reads_left.get(key, 0)
            self._reads_left[key] = left - 1
            if left <= 0:
                execution["status"] = "cancelled"
        return _json(200, execution)

    def _issue_token(self, asked: Asked) -> Reply:
        given = _object(asked.content)
        scheme, _, basic = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            client_id, _, secret = _decoded(basic).partition(":")
        else:
            client_id, secret = str(given.get("client_id", "")), str(given.get("client_secret", ""))
        grant = given.get("grant_type")
        if grant == "client_credentials":
            is_known = bool(client_id and secret) and (
                self._client is None
                or (client_id, secret) == (self._client[0], self._client[1].reveal())
            )
        elif grant == "refresh_token":
            is_known = self._client is None and bool(given.get("refresh_token"))
        else:
            return _error(400, "unsupported_grant_type")
        if not is_known:
            return _error(400, "invalid_client")
        self._issued += 1
        token = f"fake-token-{self._issued}"
        self.tokens.add(token)
        return _json(200, {"access_token": token, "expires_in": 7200, "token_type": "Bearer"})

    def _is_authorized(self, authorization: str) -> bool:
        scheme, _, bearer = authorization.partition(" ")
        if scheme != "Bearer" or not bearer:
            return False
        if bearer.startswith("fake-token-"):
            return bearer in self.tokens
        return self._api_key is None or bearer == self._api_key.reveal()


def _key_of(key: str) -> Callable[[dict[str, Any]], tuple[str, str]]:
    # An execution has no name of its own: its id serves.
    member = "createdAt" if key == "createdAt" else "id"
    return lambda body: (str(body["metadata"].get(member, "")), str(body["metadata"].get("id", "")))


def _page(
    items: list[Any], asks: dict[str, str], default: int, most: int, query: list[str]
) -> Reply:
    """Return a page of items; a cursor is good for the query it came from alone."""
    start = 0
    if asks.get("cursor"):
        known = _parsed(_decoded(asks["cursor"]).encode())
        if not isinstance(known, dict) or known.get("query") != query:
            return _error(400, "invalid_cursor")
        start = known["start"]
    end = start + _number(asks, "limit", default, 1, most)
    more = end < len(items)
    cursor = json.dumps({"query": query, "start": end}).encode()
    meta = {
        "hasMore": more,
        "nextCursor": base64.urlsafe_b64encode(cursor).decode() if more else "",
        "total": len(items),
    }
    return _json(200, {"data": items[start:end], "meta": meta})


def _number(
    asks: dict[str, str], name: str, default: int, least: int, most: int | None = None
) -> int:
    text = asks.get(name, str(default))
    if not re.fullmatch("[0-9]{1,30}", text) or not least <= int(text) <= (most or int(text)):
        raise _RefusedError(400, "bad request", f"{name} is out of range")
    return int(text)


def _object(content: bytes) -> dict[str, Any]:
    found = _parsed(content) if content else {}
    if not isinstance(found, dict):
        raise _RefusedError(400, "bad request", "the body is no JSON object")
    return found


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text.encode(), altchars=b"-_").decode()
    except (binascii.Error, ValueError):
        return ""


def _json(code: int, body: Any) -> Reply:
    return code, json.dumps(body).encode(), {"Content-Type": "application/json"}


def _not_allowed(allowed: str) -> Reply:
    code, content, headers = _error(405, "method not allowed")
    return code, content, {**headers, "Allow": allowed}


def _error(code: int, error: str, message: str | None = None) -> Reply:
    return _json(code, {"error": error, "message": message or error, "code": code})
