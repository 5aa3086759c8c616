"""A real server on loopback that does, request by request, what a test asks for."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

import anyio

EXECUTION: dict[str, Any] = {
    "metadata": {"id": "exec", "job": "job"},
    "spec": {"parallelism": 5},
    "status": "cancelling",
}
"""An execution: in an answer, the one that was asked for."""

Act = Callable[[socket.socket], None]
"""What the server does with a request that it has read."""

_ASKED = threading.local()
"""What the request of this thread's connection asks for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it stood on the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, body: Any = None, **headers: str) -> Act:
    """Answer with a status and a body: JSON, or bytes as they are."""

    def act(connection: socket.socket) -> None:
        content = body if isinstance(body, bytes) else json.dumps(_about(body)).encode()
        lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(content)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)

    return act


def _about(body: Any) -> Any:
    """Return a body in which EXECUTION's id is that of the execution which was asked for."""
    metadata = body.get("metadata") if isinstance(body, dict) else None
    if isinstance(metadata, dict) and metadata.get("id") == EXECUTION["metadata"]["id"]:
        return {**body, "metadata": {**metadata, "id": _ASKED.execution_id}}
    return body


def execution(status: str = "cancelling") -> Act:
    """Answer 200 with an execution of this status."""
    return answer(200, {**EXECUTION, "status": status})


def hang_up(connection: socket.socket) -> None:
    """Close the connection without a word."""
    connection.shutdown(socket.SHUT_RDWR)


def drip(part: str) -> Act:
    """Send the headers, or the body, a byte every 50 ms, without end."""

    def act(connection: socket.socket) -> None:
        if part == "body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        connection.settimeout(0.05)
        for _ in range(1200):
            try:
                connection.sendall(b"a")
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    return act


def say_nothing(connection: socket.socket) -> None:
    """Keep the connection open until the client gives up."""
    connection.settimeout(60)
    connection.recv(1)


@dataclass
class FaultServer:
    """Plays `script`, an act for each request, then its last act again and again."""

    script: list[Act]
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    ended: int = 0
    tls: ssl.SSLContext | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}/v0"

    def handle(self, connection: socket.socket) -> None:
        if self.tls is not None:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except OSError:
                return
        with connection, connection.makefile("rb") as reader:
            self._serve(connection, reader)
        with self._lock:
            self.ended += 1

    def choose(self, request: Seen) -> Act:
        """Return what to do with a request; one at a time."""
        act = self.script[min(len(self.seen), len(self.script) - 1)]
        self.seen.append(request)
        return act

    async def has_seen(self, requests: int) -> None:
        """Wait, in a task, for so many requests."""
        with anyio.fail_after(30):
            while len(self.seen) < requests:
                await anyio.sleep(0.005)

    def closed_by_client(self, connections: int) -> bool:
        """Wait for so many connections to have ended."""
        end = time.monotonic() + 30
        while self.ended < connections and time.monotonic() < end:
            time.sleep(0.01)
        return self.ended >= connections

    def _serve(self, connection: socket.socket, reader: Any) -> None:
        while (request := _read(reader)) is not None:
            with self._lock:
                act = self.choose(request)
            _ASKED.execution_id = unquote(request.target.rpartition("/")[2])
            try:
                act(connection)
            except OSError:
                return


class _Server(Protocol):
    port: int
    connections: int

    def handle(self, connection: socket.socket, /) -> None: ...


Server = TypeVar("Server", bound=_Server)


def _read(reader: Any) -> Seen | None:
    try:
        line = reader.readline().decode("latin-1")
        if not line:
            return None
        method, target, _ = line.split(" ")
        headers = {}
        while (header := reader.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", "0")))
    except (OSError, ValueError):  # gone, or not HTTP
        return None
    return Seen(method, target, headers, body)


@contextmanager
def serving(*script: Act, tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """Play a script on a free port of loopback until the block ends."""
    with running(FaultServer(list(script), tls=tls)) as server:
        yield server


@contextmanager
def running(server: Server, listener: socket.socket | None = None) -> Iterator[Server]:
    """Let a server serve, on a free port of loopback if no other, until the block ends."""
    with listener or socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        threads: list[threading.Thread] = []
        connections: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connections.append(connection)
                server.connections += 1
                thread = threading.Thread(target=server.handle, args=(connection,), daemon=True)
                thread.start()
                threads.append(thread)

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(5)
            for connection in connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
            for thread in threads:
                thread.join(5)
