"""The fake over HTTP, for services in containers and in other languages."""

from __future__ import annotations

import json
import select
import socket
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from blaxel_jobs.testing.api import FakeAPI
from blaxel_jobs.testing.faults import faults_of
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
        if not length.isdigit():
            return self._reply(400, b"", {})
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
                given = json.loads(content)
                faults = faults_of(given.get("script", []))
                added = [_execution(one) for one in given.get("executions", [])]
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return self._json(400, {"error": f"{type(error).__name__}: {error}"})
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


def _execution(given: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return job, execution and members; raise KeyError or TypeError where it is none."""
    members = {key: given[key] for key in given.keys() - {"job", "execution", "created_at"}}
    if not all(isinstance(given[key], str) for key in ("job", "execution")):
        raise TypeError("job and execution are strings")
    if not isinstance(members.get("status", ""), str):
        raise TypeError("status is a string")
    if "created_at" in given:
        members["created_at"] = datetime.fromisoformat(given["created_at"])
    return given["job"], given["execution"], members
