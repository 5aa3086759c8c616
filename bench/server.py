"""A quick HTTP server on loopback, in a process of its own; every request gets one execution."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["EXECUTION", "serving"]

EXECUTION = {
    "metadata": {"id": "exec-abc123", "job": "data-processing-job", "workspace": "w"},
    "spec": {"parallelism": 5, "timeout": 3600, "tasks": [{"index": 0}]},
    "status": "cancelling",
    "tasks": [{"metadata": {"name": "task-0"}, "status": "running"}],
}


class _Answering(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        body = json.dumps(EXECUTION).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self._answer, self._delay, self._seen = f"{head}\r\n\r\n".encode() + body, delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            self._seen = self._seen.partition(b"\r\n\r\n")[2]
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._reply)
            else:
                self._reply()

    def _reply(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._answer)


@contextmanager
def serving(delay: float = 0.0) -> Iterator[str]:
    """Serve in a process of its own; each answer takes `delay` seconds."""
    command = [sys.executable, "-m", "bench.server", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v0"
        finally:
            process.kill()


async def _main(delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
