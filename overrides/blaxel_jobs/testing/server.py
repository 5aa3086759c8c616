"""The fake over HTTP, for services in containers and in other languages."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from blaxel_jobs.testing.api import FakeAPI
from blaxel_jobs.testing.faults import Fault, faults_of
from blaxel_jobs.testing.service import Asked

__all__ = ["FakeServer"]

STATE = "/__state"


class FakeServer(ThreadingHTTPServer):
    """Serves a fake; use it as a context manager beside a thread in `serve_forever`.

    `GET /__state` says what there is and what was asked; `PUT /__state` adds executions and faults:
    `{"executions": [{"job": "a", "execution": "b", "status": "running"}], "script": ["ok"]}`.
    """

    daemon_threads = True

    def __init__(self, api: FakeAPI, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.api = api

    @property
    def url(self) -> str:
        """The base URL for a client on this machine."""
        return f"http://127.0.0.1:{self.server_port}/v0"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer  # pyright: ignore[reportIncompatibleVariableOverride]

    def _handle(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        is_chunked = "Transfer-Encoding" in self.headers
        if is_chunked or not re.fullmatch("[0-9]{1,9}", length):
            self.close_connection = True  # where the next request begins is not known
            return self._reply(411 if is_chunked else 400, b"", {"Connection": "close"})
        content = self.rfile.read(int(length))
        if self.path.partition("?")[0] == STATE:
            return self._state(content)
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault, done = self.server.api.begin(Asked(self.command, self.path, headers, content))
        if fault.kind == "hang":
            # Until the client gives up: its socket becomes readable then.
            select.select([self.connection], [], [], 600)
        if fault.kind not in ("ok", "answer"):
            return self._hang_up()
        time.sleep(fault.seconds)
        reply = fault.response or done
        return self._hang_up() if reply is None else self._reply(*reply)

    def _state(self, content: bytes) -> None:
        if self.command == "PUT":
            try:
                added, faults = _given(json.loads(content))
            except (ValueError, RecursionError) as error:
                return self._json(400, {"error": str(error)})
            for job_id, execution_id, members in added:
                self.server.api.add(job_id, execution_id, **members)
            self.server.api.script(*faults)
        elif self.command != "GET":
            return self._json(405, {"error": "GET or PUT"})
        return self._json(200, self.server.api.state())

    def _json(self, code: int, body: Any) -> None:
        self._reply(code, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _reply(self, code: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # whatever the method
            return self._handle
        raise AttributeError(name)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: `/__state` has the requests."""


_MEMBERS = ("executions", "script")
_EXAMPLE = '{"job": "a", "execution": "b", "status": "running"}'

_Execution: TypeAlias = tuple[str, str, dict[str, Any]]
"""Job, execution and the other arguments of `FakeAPI.add`."""


def _given(state: Any) -> tuple[list[_Execution], list[Fault]]:
    """Return what a PUT adds; raise ValueError, which says what is wrong with which part of it."""
    if not isinstance(state, dict) or state.keys() - set(_MEMBERS):
        raise ValueError(f"the state is an object with {' and '.join(_MEMBERS)}, or one of them")
    executions = state.get("executions", [])
    if not isinstance(executions, list):
        raise ValueError("executions is a list")
    added = [_execution(number, one) for number, one in enumerate(executions, start=1)]
    return added, faults_of(state.get("script", []))


def _execution(number: int, given: Any) -> _Execution:
    where = f"execution {number}"
    if not isinstance(given, dict):
        raise ValueError(f"{where} is no object such as {_EXAMPLE}")
    for name in ("job", "execution", "status", "created_at"):
        needed = name in ("job", "execution")
        if not isinstance(given.get(name, None if needed else ""), str):
            raise ValueError(f"{where} has no {name} that is a string, as {_EXAMPLE} has")
    members = {key: value for key, value in given.items() if key not in ("job", "execution")}
    taken = members.keys() & {"self", "job_id", "execution_id", "metadata"}
    if taken:
        raise ValueError(f"{where} has {min(taken)!r}, which the fake sets itself")
    if "created_at" in members:
        try:
            created = datetime.fromisoformat(members["created_at"])
        except ValueError:
            created = None
        if created is None or created.tzinfo is None:
            raise ValueError(f"{where} has no created_at such as 2026-01-31T12:00:00Z")
        members["created_at"] = created
    return given["job"], given["execution"], members
