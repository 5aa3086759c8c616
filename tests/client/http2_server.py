"""A real HTTP/2 server on loopback, for one status after another."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events

from tests.client.fault_server import EXECUTION, running


@dataclass
class Http2Server:
    """Answers each request with the next status; with silence when there is none left."""

    tls: ssl.SSLContext
    statuses: list[int]
    port: int = 0
    connections: int = 0
    seen: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/v0"

    def handle(self, plain: socket.socket) -> None:
        try:
            with self.tls.wrap_socket(plain, server_side=True) as connection:
                self._talk(connection)
        except OSError:
            return

    def _talk(self, connection: ssl.SSLSocket) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        state = h2.connection.H2Connection(config)
        state.initiate_connection()
        connection.sendall(state.data_to_send())
        while data := connection.recv(65536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self.seen.append({str(k): str(v) for k, v in event.headers})
                    if self.statuses:
                        status = str(self.statuses.pop(0))
                        state.send_headers(event.stream_id, [(":status", status)])
                        body = json.dumps(EXECUTION).encode()
                        state.send_data(event.stream_id, body, end_stream=True)
            connection.sendall(state.data_to_send())


@contextmanager
def serving_http2(tls: ssl.SSLContext, statuses: list[int]) -> Iterator[Http2Server]:
    """Serve on a free port of loopback until the block ends."""
    tls.set_alpn_protocols(["h2"])
    with running(Http2Server(tls, statuses)) as server:
        yield server
