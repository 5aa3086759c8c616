"""Standard streams that are closed, full or narrow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.command.running import (
    EXEC,
    JOB,
    environment,
    run,
    spawn,
)
from tests.client.fault_server import (
    Act,
    answer,
    execution,
    hang_up,
    serving,
)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str) -> None:
    """A closed stream changes neither what is done nor the exit code."""
    with serving(execution()) as server:
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" -m blaxel_jobs cancel "$@" {closed}',
             sys.executable, JOB, EXEC, "--base-url", server.url],
            env=environment(), capture_output=True, check=False,
        )  # fmt: skip
        assert len(server.seen) == 1
    assert done.returncode == 0
    assert done.stderr == b""


def test_closed_input() -> None:
    """Lines cannot come from a standard input that is closed: wrong usage."""
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -m blaxel_jobs cancel - <&-', sys.executable],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("act", "code"), [(execution(), 0), (hang_up, 4)])
def test_full_disk(act: Act, code: int) -> None:
    """Where the output cannot be written, the exit code still reports the outcome of the cancel."""
    with serving(act) as server, Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "blaxel_jobs", "cancel", JOB, EXEC, "--json",
             "--timeout", "9", "--base-url", server.url],
            env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == code
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_encoding_of_the_terminal(encoding: str) -> None:
    """What a terminal cannot show is escaped."""
    with serving(answer(409, {"message": "gone ✓"})) as server:
        options = ["cancel", JOB, EXEC, "--base-url", server.url]
        done = spawn(*options, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 1
    assert "\\u2713" in done.stderr


def test_json_is_json() -> None:
    """A number that JSON does not have is null in the output."""
    body = b'{"metadata": {"id": "exec"}, "spec": {}, "status": "x", "new": [Infinity, NaN]}'
    with serving(answer(200, body)) as server:
        done = run("get", JOB, EXEC, "--json", "--base-url", server.url)
    row = json.loads(done.stdout, parse_constant=pytest.fail)
    assert row["execution"]["new"] == [None, None]
