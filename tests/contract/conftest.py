"""Real servers: Prism plays the contract, and HTTP carries the fake of the API."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blaxel_jobs.testing import FakeAPI
from blaxel_jobs.testing.server import FakeServer
from tests import ROOT

CONTRACT = ROOT / "spec/openapi.yaml"
_PRISM = Path(sys.prefix) / "node_modules/@stoplight/prism-cli/dist/index.js"
_NODE = Path(sys.prefix) / "bin/node"


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL at which Prism serves the contract; requests against it are 422."""
    # A file, not a pipe: Prism logs every request and would stop when nobody reads.
    log = tmp_path_factory.mktemp("prism") / "log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--errors", "--host=127.0.0.1", f"--port={port}", str(CONTRACT)]
    command = [str(_NODE), str(_PRISM), "mock", *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        for _ in range(300):
            if "is listening" in log.read_text():
                break
            if process.poll() is not None:
                pytest.fail(f"Prism did not start:\n{log.read_text()}")
            time.sleep(0.1)
        else:
            pytest.fail(f"Prism did not start within 30 s:\n{log.read_text()}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def fake() -> Iterator[FakeServer]:
    """Return the fake of the API, with one execution, served on loopback."""
    api = FakeAPI(reads_until_cancelled=10**9, api_key="any-key")
    api.add("data-processing-job", "exec-abc123")
    with FakeServer(api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
