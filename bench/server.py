"""A quick HTTP server on loopback, in a process of its own; each request gets its execution."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

__all__ = ["EXECUTION", "connections", "serving"]

_ID = b"exec-abc123"
EXECUTION = {
    "metadata": {"id": _ID.decode(), "job": "data-processing-job", "workspace": "w"},
    "spec": {"parallelism": 5, "timeout": 3600, "tasks": [{"index": 0}]},
    "status": "cancelling",
    "tasks": [{"metadata": {"name": "task-0"}, "status": "running"}],
}


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


class _Answering(asyncio.Protocol):
    connections = 0

    def __init__(self, delay: float) -> None:
        self._body = json.dumps(EXECUTION).encode()
        self._usual, self._delay, self._seen = _answer(self._body), delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        _Answering.connections += 1

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            head, _, self._seen = self._seen.partition(b"\r\n\r\n")
            answer = self._answer(head.split(b" ", 2)[1].rpartition(b"/")[2])
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._reply, answer)
            else:
                self._reply(answer)

    def _answer(self, asked: bytes) -> bytes:
        """Return the execution that was asked for, or how many connections there have been."""
        if asked == _ID:
            return self._usual
        if asked == b"connections":
            return _answer(str(_Answering.connections - 1).encode())
        return _answer(self._body.replace(_ID, asked))

    def _reply(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


@contextmanager
def serving(delay: float = 0.0, *, tls: bool = False) -> Iterator[str]:
    """Serve in a process of its own; each answer takes `delay` seconds.

    With `tls`, under an authority that is trusted nowhere.
    """
    command = [sys.executable, "-m", "bench.server", str(delay), *(["tls"] if tls else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            scheme = "https" if tls else "http"
            yield f"{scheme}://127.0.0.1:{int(process.stdout.readline())}/v0"
        finally:
            process.kill()


def connections(url: str) -> int:
    """Return how many connections a server has had before this one."""
    with urlopen(f"{url}/connections") as answer:
        return int(answer.read())


async def _main(delay: float, *, tls: bool) -> None:
    loop = asyncio.get_running_loop()
    context = _context() if tls else None
    server = await loop.create_server(lambda: _Answering(delay), "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _context() -> ssl.SSLContext:
    import trustme  # which the environments of the clients do not have

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]), tls=sys.argv[2:] == ["tls"]))
