"""The command, run in this process or in one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import blaxel_jobs
import blaxel_jobs_api
from blaxel_jobs._command import main
from blaxel_jobs.testing import FakeAPI
from blaxel_jobs.testing.server import FakeServer
from tests.client.fault_server import (
    Act,
    FaultServer,
    Seen,
    running,
)

KEY = "secret-api-key"
PACKAGES = [Path(str(package.__file__)).parents[1] for package in (blaxel_jobs, blaxel_jobs_api)]
JOB, EXEC = "job", "exec"
Done = subprocess.CompletedProcess[str]


def environment(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, PACKAGES)),
        "BL_API_KEY": KEY,
        **more,
    }


def run(*arguments: str, lines: str = "", **more: str) -> Done:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment(**more)),
        mock.patch(
            "sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode(errors="surrogateescape")))
        ),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main.main(arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def spawn(*arguments: str, program: list[str] | None = None, **more: str) -> Done:
    """Run the command as a process of its own."""
    return subprocess.run(
        [*(program or [sys.executable, "-m", "blaxel_jobs"]), *arguments],
        stdin=subprocess.DEVNULL,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rows(done: Done) -> list[Any]:
    return [json.loads(line) for line in done.stdout.splitlines()]


class ByExecution(FaultServer):
    """Answers by the id of the execution, whatever the order."""

    acts: dict[str, Act]

    def choose(self, request: Seen) -> Act:
        self.seen.append(request)
        return self.acts[request.target.rpartition("/")[2]]


@contextmanager
def by_execution(**acts: Act) -> Iterator[FaultServer]:
    server = ByExecution([])
    server.acts = acts
    with running(server):
        yield server


def pairs(*executions: str) -> str:
    return "".join(f"{JOB} {one}\n" for one in executions)


@contextmanager
def served(api: FakeAPI) -> Iterator[str]:
    """Serve a fake over HTTP; yield the base URL."""
    with FakeServer(api) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.url
        finally:
            server.shutdown()


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command with a pipe for standard input that the test writes to."""
    with subprocess.Popen(
        [sys.executable, "-m", "blaxel_jobs", *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.01)
