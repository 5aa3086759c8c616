"""Ctrl-C and SIGTERM, at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from blaxel_jobs._command.output import Output
from tests.client.command.running import (
    EXEC,
    JOB,
    Done,
    pairs,
    rows,
    run,
    started,
    wait_for,
)
from tests.client.fault_server import (
    EXECUTION,
    Act,
    FaultServer,
    Seen,
    answer,
    execution,
    running,
    say_nothing,
    serving,
)


def interrupted(
    ready: Callable[[], bool], *arguments: str, lines: str = "", times: int = 1
) -> Done:
    """Run a command, send SIGINT when it is ready, and return how it ended."""
    with started(*arguments) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(lines.encode())
        process.stdin.close()
        process.stdin = None
        wait_for(ready)
        output = b""
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            while times > 1 and b"again to leave" not in output:
                line = process.stderr.readline()
                assert line, output
                output += line
        out, err = process.communicate(timeout=30)
    text = (output + err).decode()
    return subprocess.CompletedProcess([], process.returncode, out.decode(), text)


def test_interrupted() -> None:
    """Ctrl-C during a cancel: 130, the outcome is unknown, and no traceback."""
    with serving(say_nothing) as server:
        done = interrupted(
            lambda: len(server.seen) == 1, "cancel", JOB, EXEC, "--base-url", server.url
        )
    assert done.returncode == 130
    assert "outcome unknown" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_wait() -> None:
    """Ctrl-C during a wait: the cancel was accepted."""
    with serving(execution()) as server:
        done = interrupted(
            lambda: len(server.seen) > 1, "cancel", JOB, EXEC, "--wait", "--base-url", server.url
        )
    assert done.returncode == 130
    assert "cancel accepted, but not ended yet (cancelling)" in done.stderr


def test_interrupted_twice() -> None:
    """A second Ctrl-C leaves at once, and says what is unknown, and what was not begun."""
    with serving(say_nothing) as server:
        done = interrupted(
            lambda: len(server.seen) == 2,
            "cancel", "-", "--concurrency", "2", "--json", "--base-url", server.url,
            lines=pairs("a", "b", "c"), times=2,
        )  # fmt: skip
    assert done.returncode == 130
    found = {row["execution_id"]: row["outcome"] for row in rows(done)}
    assert found == {"a": "unknown", "b": "unknown", "c": "not_begun"}


def test_not_begun_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls under way are waited for; each other line that was given is named as not begun."""
    monkeypatch.setattr("blaxel_jobs._command.dispatch._DRAIN", 30.0)
    arrived, noted = threading.Barrier(2), threading.Event()

    def slow(connection: Any) -> None:
        if arrived.wait(30) == 0:
            os.kill(os.getpid(), signal.SIGINT)
        noted.wait(30)
        execution()(connection)

    def note(_: Output, text: str) -> None:
        output.append(text)
        if "under way" in text:
            noted.set()

    output: list[str] = []
    monkeypatch.setattr(Output, "note", note)
    with serving(slow) as server:
        options = ["--concurrency", "2", "--json", "--base-url", server.url]
        done = run("cancel", "-", *options, lines=pairs(*(f"e{n}" for n in range(40))))
        assert len(server.seen) == 2
    assert done.returncode == 130
    assert Counter(row["outcome"] for row in rows(done)) == {"done": 2, "not_begun": 38}
    assert output == [
        "interrupted: 2 under way; again to leave at once", "40 executions: 2 done, 38 not begun"
    ]  # fmt: skip


def test_signal_that_does_not_wake() -> None:
    """A signal is heard though it does not end the main thread's wait, as one just before that."""

    def interrupts(connection: Any) -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        say_nothing(connection)

    with serving(interrupts) as server:
        started = time.monotonic()
        done = run("cancel", JOB, EXEC, "--timeout", "50", "--base-url", server.url)
        assert time.monotonic() - started < 40
    assert done.returncode == 130
    assert "outcome unknown" in done.stderr


def test_terminated() -> None:
    """SIGTERM is an interruption, too: 143, the outcome is unknown."""
    with (
        serving(say_nothing) as server,
        started("cancel", JOB, EXEC, "--base-url", server.url) as process,
    ):
        wait_for(lambda: len(server.seen) == 1)
        process.terminate()
        _, err = process.communicate(timeout=30)
        assert process.returncode == 143
    assert b"outcome unknown" in err


def test_interrupted_with_endless_input() -> None:
    """Input that does not end keeps no process from ending."""
    with (
        serving(execution()) as server,
        started("cancel", "-", "--base-url", server.url) as process,
    ):
        assert process.stdin is not None
        process.stdin.write(pairs("a").encode())
        process.stdin.flush()
        assert process.stdout is not None
        assert process.stdout.readline() == f"{JOB} a: cancelling\n".encode()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr is not None
        assert b"the rest of the input was not read" in process.stderr.read()


@pytest.mark.parametrize("milliseconds", range(0, 600, 100))
def test_interrupted_at_any_moment(milliseconds: int) -> None:
    """Whenever Ctrl-C comes, what was sent is never called `nothing was sent`."""
    with (
        serving(execution()) as server,
        started("cancel", JOB, EXEC, "--base-url", server.url) as process,
    ):
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        output = (out + err).decode()
    if server.seen:
        assert "nothing was sent" not in output
        assert process.returncode in (0, 130)
        assert process.returncode != 0 or "cancelling" in output


class LastLookHangs(FaultServer):
    """Gives one execution at each look of two pages, but nothing at the third."""

    def choose(self, request: Seen) -> Act:
        self.seen.append(request)
        if request.method == "DELETE":
            return execution()
        if self.looks() > 4:
            return say_nothing
        first = "offset" not in request.target
        return answer(200, [{**EXECUTION, "status": "running"}] if first else [])

    def looks(self) -> int:
        return [one.method for one in self.seen].count("GET")


def test_interrupted_last_look() -> None:
    """Ctrl-C ends the look at what still runs after everything was cancelled."""
    with running(LastLookHangs([])) as server:
        done = interrupted(
            lambda: server.looks() == 5,
            "cancel", JOB, "--all", "--yes", "--timeout", "50", "--base-url", server.url,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, f"{JOB} {EXEC}: cancelling\n")
    assert "what still runs cannot be seen: the client was closed" in done.stderr
