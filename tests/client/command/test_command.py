"""The operator's command, run as operators run it: a process, against a server on loopback."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, cast
from unittest import mock

import pytest

import blaxel_jobs
import blaxel_jobs_api
from blaxel_jobs._command import main
from blaxel_jobs._command.call import Call, Outcome, Report
from blaxel_jobs._command.dispatch import Dispatch
from blaxel_jobs._command.lines import calls_of
from tests import ROOT
from tests.client.fault_server import (
    EXECUTION,
    Act,
    FaultServer,
    Seen,
    answer,
    execution,
    hang_up,
    running,
    say_nothing,
    serving,
)

KEY = "secret-api-key"
PACKAGES = [Path(str(package.__file__)).parents[1] for package in (blaxel_jobs, blaxel_jobs_api)]
JOB, EXEC = "data-processing-job", "exec-abc123"
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
        mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode()))),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main.main(arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def spawn(*arguments: str, lines: str = "", program: list[str] | None = None, **more: str) -> Done:
    """Run the command as a process of its own."""
    return subprocess.run(
        [*(program or [sys.executable, "-m", "blaxel_jobs"]), *arguments],
        input=lines,
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


# One execution


def test_cancel() -> None:
    """`cancel` sends one DELETE with the key, prints the status, and exits with 0."""
    with serving(execution()) as server:
        done = spawn("cancel", JOB, EXEC, "--base-url", server.url)
        (seen,) = server.seen
    assert (done.returncode, done.stdout) == (0, f"{JOB} {EXEC}: cancelling\n")
    assert (seen.method, seen.target) == ("DELETE", f"/v0/jobs/{JOB}/executions/{EXEC}")
    assert seen.headers["authorization"] == f"Bearer {KEY}"


def test_quiet_when_all_is_well() -> None:
    """Standard error is empty where nothing is wrong."""
    with serving(execution()) as server:
        assert run("cancel", JOB, EXEC, "--base-url", server.url).stderr == ""


def test_cancel_json() -> None:
    """With --json there is one object: ids, outcome, status, no error, the execution."""
    with serving(execution()) as server:
        done = spawn("cancel", JOB, EXEC, "--json", "--base-url", server.url)
    assert rows(done) == [
        {
            "job_id": JOB,
            "execution_id": EXEC,
            "outcome": "done",
            "status": "cancelling",
            "error": None,
            "execution": {**EXECUTION, "status": "cancelling"},
        }
    ]


def test_get() -> None:
    """`get` reads and shows what the execution is and how far it is."""
    body = {**EXECUTION, "status": "running", "stats": {"success": 8, "running": 1}}
    with serving(answer(200, body)) as server:
        done = spawn("get", JOB, EXEC, "--base-url", server.url)
        assert [seen.method for seen in server.seen] == ["GET"]
    assert done.returncode == 0
    for text in (JOB, EXEC, "running", "8 success"):
        assert text in done.stdout


def test_get_json() -> None:
    """`get --json` has the whole execution."""
    with serving(execution("running")) as server:
        (row,) = rows(run("get", JOB, EXEC, "--json", "--base-url", server.url))
    assert (row["status"], row["execution"]["spec"]) == ("running", {"parallelism": 5})


def test_workspace() -> None:
    """--workspace wins over BL_WORKSPACE."""
    with serving(execution()) as server:
        options = ["--workspace", "ours", "--base-url", server.url]
        run("get", JOB, EXEC, *options, BL_WORKSPACE="theirs")
        assert server.seen[0].headers["x-blaxel-workspace"] == "ours"


@pytest.mark.parametrize(
    "order",
    [
        ["cancel", "--wait", JOB, EXEC],
        ["cancel", JOB, "--wait", EXEC],
        ["cancel", JOB, EXEC, "--wait"],
    ],
)
def test_order_of_arguments(order: list[str]) -> None:
    """Options may stand anywhere."""
    with serving(execution("cancelled")) as server:
        assert run(*order, "--base-url", server.url).returncode == 0


# How it can end


@pytest.mark.parametrize(
    ("act", "code", "outcome"),
    [
        (answer(404, {"error": "not found", "message": "no such execution"}), 5, "not_found"),
        (answer(409, {"error": "conflict"}), 1, "failed"),
        (answer(403, {"error": "forbidden"}), 1, "failed"),
        (answer(200, b"no JSON"), 0, "done"),
    ],
)
def test_answers(act: Act, code: int, outcome: str) -> None:
    """Each answer has its exit code; a 2xx that cannot be read is a cancel all the same."""
    with serving(act) as server:
        done = run("cancel", JOB, EXEC, "--json", "--base-url", server.url)
    (row,) = rows(done)
    assert (done.returncode, row["outcome"]) == (code, outcome)
    assert row["error"]["message"]


def test_lost_answer() -> None:
    """A cancel whose answer is lost is neither done nor failed: 4, and how to look."""
    with serving(hang_up) as server:
        done = spawn("cancel", JOB, EXEC, "--timeout", "1", "--base-url", server.url)
    assert (done.returncode, done.stdout) == (4, "")
    assert "outcome unknown" in done.stderr
    assert f"get {JOB} {EXEC}" in done.stderr


def test_lost_answer_to_get() -> None:
    """Reading changes nothing, so a lost answer is a failure."""
    with serving(hang_up) as server:
        done = run("get", JOB, EXEC, "--timeout", "1", "--json", "--base-url", server.url)
    assert (done.returncode, rows(done)[0]["outcome"]) == (1, "failed")


def test_never_reached() -> None:
    """Where no connection can be made, nothing was cancelled: a failure."""
    done = spawn("cancel", JOB, EXEC, "--timeout", "1", "--base-url", "http://127.0.0.1:9/v0")
    assert done.returncode == 1
    assert "failed" in done.stderr


def test_failure_in_words() -> None:
    """A failure names the execution and the server's reason, on standard error alone."""
    with serving(answer(409, {"message": "has ended"}, X_Request_Id="r-1")) as server:
        done = run("cancel", JOB, EXEC, "--base-url", server.url)
    assert done.stdout == ""
    assert done.stderr.startswith(f"{JOB} {EXEC}: failed: ")
    assert "has ended" in done.stderr


# Waiting


def test_wait() -> None:
    """--wait looks until the status is terminal, cancels once, and prints the last status."""
    with serving(execution(), execution(), execution("cancelled")) as server:
        done = run("cancel", JOB, EXEC, "--wait", "--base-url", server.url)
        assert [seen.method for seen in server.seen] == ["DELETE", "GET", "GET"]
    assert done.stderr == "accepted; waiting up to 300 s for the end\n"
    assert (done.returncode, done.stdout) == (0, f"{JOB} {EXEC}: cancelled\n")


def test_wait_in_vain() -> None:
    """A wait that runs out is not a failed cancel: 6, with the last status seen."""
    with serving(execution()) as server:
        done = run("cancel", JOB, EXEC, "--wait", "--timeout", "1", "--json",
                   "--base-url", server.url)  # fmt: skip
    (row,) = rows(done)
    assert (done.returncode, row["outcome"], row["status"]) == (6, "not_ended", "cancelling")


def test_wait_that_fails() -> None:
    """Where looking fails for good, it is still told that the cancel was accepted."""
    with serving(execution(), answer(403, {"error": "no"})) as server:
        done = run("cancel", JOB, EXEC, "--wait", "--base-url", server.url)
    assert done.returncode == 6
    assert "told to cancel" in done.stderr


def test_wait_after_an_unreadable_answer() -> None:
    """An answer to the cancel that cannot be read does not end the wait."""
    with serving(answer(200, b"no JSON"), execution("cancelled")) as server:
        done = run("cancel", JOB, EXEC, "--wait", "--base-url", server.url)
    assert (done.returncode, done.stdout) == (0, f"{JOB} {EXEC}: cancelled\n")


# Many, from standard input


@pytest.mark.parametrize("where", [["-"], ["--stdin"]])
def test_many(where: list[str]) -> None:
    """Lines of job and execution are cancelled, blank lines, comments and repeats aside."""
    with serving(execution()) as server:
        lines = f"# night shift\n\n{pairs('a', 'b', 'a')}\t{JOB}   c\r\n"
        done = spawn("cancel", *where, "--base-url", server.url, lines=lines)
        assert sorted(seen.target.rpartition("/")[2] for seen in server.seen) == ["a", "b", "c"]
    assert done.returncode == 0
    assert sorted(done.stdout.splitlines()) == [f"{JOB} {one}: cancelling" for one in "abc"]
    assert done.stderr.splitlines()[-1] == "3 executions: 3 done"


def test_many_json() -> None:
    """With --json there is an object a line for each, and nothing else on standard output."""
    with by_execution(a=execution(), b=answer(404, {})) as server:
        done = run("cancel", "-", "--json", "--base-url", server.url, lines=pairs("a", "b"))
    found = {row["execution_id"]: row["outcome"] for row in rows(done)}
    assert found == {"a": "done", "b": "not_found"}


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ({"a": execution(), "b": execution()}, 0),
        ({"a": answer(404, {}), "b": answer(404, {})}, 5),
        ({"a": answer(409, {}), "b": answer(403, {})}, 1),
        ({"a": execution(), "b": answer(404, {})}, 3),
        ({"a": execution(), "b": answer(409, {})}, 3),
        ({"a": execution(), "b": hang_up}, 4),
    ],
)
def test_exit_codes_of_many(acts: dict[str, Act], code: int) -> None:
    """All alike: their code; some different: 3; one unknown: 4."""
    with by_execution(**acts) as server:
        options = ["--timeout", "1", "--base-url", server.url]
        assert run("cancel", "-", *options, lines=pairs(*acts)).returncode == code


def test_summary() -> None:
    """The summary counts each outcome by name."""
    with by_execution(a=execution(), b=answer(404, {}), c=answer(409, {})) as server:
        done = run("cancel", "-", "--base-url", server.url, lines=pairs("a", "b", "c"))
    assert done.stderr.splitlines()[-1] == "3 executions: 1 done, 1 failed, 1 not found"


@pytest.mark.parametrize("line", ["job", "job a b", "job ..", "job a/b", "job \udcff"])
def test_bad_line(line: str) -> None:
    """A bad line does not keep the others from being cancelled; it is told, and never sent."""
    with serving(execution()) as server:
        done = subprocess.run(
            [sys.executable, "-m", "blaxel_jobs", "cancel", "-", "--base-url", server.url],
            input=f"{line}\n{JOB} {EXEC}\n".encode(errors="surrogateescape"),
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert len(server.seen) == 1
    assert done.returncode == 3
    assert b"not sent" in done.stderr
    assert b"Traceback" not in done.stderr


def test_nothing() -> None:
    """An empty list is done."""
    done = run("cancel", "-", lines="")
    assert (done.returncode, done.stderr) == (0, "0 executions: nothing to do\n")


def test_progress() -> None:
    """Where no terminal is, progress is at most ten plain lines."""
    many = [f"e{number}" for number in range(50)]
    with serving(execution()) as server:
        done = run("cancel", "-", "--base-url", server.url, lines=pairs(*many))
    progress = [line for line in done.stderr.splitlines() if "/50: " in line]
    assert 0 < len(progress) <= 10
    assert "\x1b" not in done.stderr


def test_progress_on_a_terminal() -> None:
    """On a terminal, progress is one line that rewrites itself and is gone in the end."""
    leader, follower = pty.openpty()
    with by_execution(a=execution(), b=answer(404, {})) as server:
        subprocess.run(
            [sys.executable, "-m", "blaxel_jobs", "cancel", "-", "--base-url", server.url],
            input=pairs("a", "b").encode(),
            env=environment(TERM="xterm"),
            stdout=subprocess.DEVNULL,
            stderr=follower,
            check=False,
        )
    os.close(follower)
    said = os.read(leader, 10_000).decode()
    os.close(leader)
    assert "\r\x1b[K2/2: 1 done, 1 not found\r\x1b[K" in said
    assert said.endswith("2 executions: 1 done, 1 not found\r\n")


def test_quiet() -> None:
    """--quiet leaves failures, and neither progress nor summary."""
    with by_execution(a=execution(), b=answer(404, {})) as server:
        done = run("cancel", "-", "--quiet", "--base-url", server.url, lines=pairs("a", "b"))
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{JOB} b: not found")


def test_many_wait() -> None:
    """Many can be waited for, side by side."""
    with serving(execution("cancelled")) as server:
        options = ["--wait", "--json", "--base-url", server.url]
        done = run("cancel", "-", *options, lines=pairs("a", "b"))
    assert {row["status"] for row in rows(done)} == {"cancelled"}


def test_get_many() -> None:
    """`get` reads many, too."""
    with serving(execution("running")) as server:
        done = run("get", "-", "--json", "--base-url", server.url, lines=pairs("a", "b"))
        assert {seen.method for seen in server.seen} == {"GET"}
    assert len(rows(done)) == 2


def test_reader_that_leaves() -> None:
    """Where nobody reads the output any more, the cancels go on."""
    read, write = os.pipe()
    os.close(read)
    with serving(execution()) as server:
        done = subprocess.run(
            [sys.executable, "-m", "blaxel_jobs", "cancel", "-", "--base-url", server.url],
            input=pairs("a", "b", "c").encode(),
            env=environment(),
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
        )
        assert len(server.seen) == 3
    os.close(write)
    assert done.returncode == 0
    assert b"Error" not in done.stderr


@contextmanager
def started(*arguments: str, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command with a pipe for standard input that the test writes to."""
    given: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    with subprocess.Popen(
        [sys.executable, "-m", "blaxel_jobs", *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        **given,
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


def test_lines_are_taken_as_they_come() -> None:
    """The first line is sent while the input goes on."""
    with (
        serving(execution()) as server,
        started("cancel", "-", "--base-url", server.url) as process,
    ):
        assert process.stdin is not None
        process.stdin.write(pairs("a").encode())
        process.stdin.flush()
        wait_for(lambda: len(server.seen) == 1)
        out, _ = process.communicate(pairs("b").encode(), timeout=30)
        assert process.returncode == 0
    assert out.decode() == f"{JOB} a: cancelling\n{JOB} b: cancelling\n"


def test_lines_are_not_read_ahead() -> None:
    """No more lines are taken than calls may be under way."""
    taken = 0

    def lines() -> Iterator[bytes]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield f"job e{number}\n".encode()

    found = calls_of(cast("BinaryIO", io.BytesIO(b"".join(lines()))))
    asked = 0

    def source() -> Iterator[Call | Report]:
        nonlocal asked
        for call in found:
            asked += 1
            yield call

    most = 0

    def perform(call: Call) -> Report:
        nonlocal most
        most = max(most, asked - len(reports))
        return call.ended(Outcome.DONE)

    reports: list[Report] = []
    dispatch = Dispatch(
        source(), perform, concurrency=4, cancels=True,
        stopped=threading.Event(), leaves_at_once=False,
    )  # fmt: skip
    dispatch.run(reports.append, print)
    assert len(reports) == 100
    assert most <= 4


@pytest.mark.parametrize(
    "text",
    [
        codecs.BOM_UTF8 + f"{JOB} {EXEC}\r\n".encode(),
        f"{JOB} {EXEC}\r\n".encode("utf-16"),
        f"{JOB} {EXEC}".encode(),
    ],
)
def test_encodings(text: bytes) -> None:
    """Byte order marks, UTF-16 and a last line without an end are no part of a name."""
    (call,) = calls_of(cast("BinaryIO", io.BytesIO(text)))
    assert isinstance(call, Call)
    assert (call.job_id, call.execution_id) == (JOB, EXEC)


def test_line_without_an_end() -> None:
    """A line of a hundred megabytes is one bad line, and not kept."""
    text = b"job " + b"a" * 100_000_000 + b"\njob b\n"
    bad, good = calls_of(cast("BinaryIO", io.BytesIO(text)))
    assert isinstance(bad, Report)
    assert bad.outcome is Outcome.NOT_SENT
    assert isinstance(good, Call)


class Damaged(io.RawIOBase):
    """Input that breaks off with an error."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.tell_once:
            self.tell_once = False
            line = pairs("a").encode()
            buffer[: len(line)] = line
            return len(line)
        raise OSError(5, "Input/output error")

    tell_once = True


def test_input_that_breaks_off(capsys: pytest.CaptureFixture[str]) -> None:
    """What was given before is done and reported; the command fails and says why."""
    with (
        serving(execution()) as server,
        mock.patch.dict(os.environ, environment()),
        mock.patch("sys.stdin", io.TextIOWrapper(io.BufferedReader(Damaged()))),
    ):
        assert main.main(["cancel", "-", "--base-url", server.url]) == 1
    out, err = capsys.readouterr()
    assert out == f"{JOB} a: cancelling\n"
    assert "standard input cannot be read" in err


# Streams that cannot be used


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
    """Where the output cannot be written, the exit code still tells what became of the cancel."""
    with serving(act) as server, Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "blaxel_jobs", "cancel", JOB, EXEC, "--json",
             "--timeout", "2", "--base-url", server.url],
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
    body = b'{"metadata": {"id": "exec-abc123"}, "spec": {}, "status": "x", "new": [Infinity, NaN]}'
    with serving(answer(200, body)) as server:
        done = run("get", JOB, EXEC, "--json", "--base-url", server.url)
    row = json.loads(done.stdout, parse_constant=pytest.fail)
    assert row["execution"]["new"] == [None, None]


# Interrupted


def interrupted(
    ready: Callable[[], bool], *arguments: str, lines: str = "", times: int = 1
) -> Done:
    """Run a command, send SIGINT when it is ready, and return how it ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "blaxel_jobs", *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(lines)
        process.stdin.close()
        process.stdin = None
        end = time.monotonic() + 20
        while not ready() and time.monotonic() < end:
            time.sleep(0.01)
        said = ""
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            if times > 1:
                while "again to leave" not in said:
                    said += process.stderr.readline()
        out, err = process.communicate(timeout=30)
    return subprocess.CompletedProcess([], process.returncode, out, said + err)


def test_interrupted() -> None:
    """Ctrl-C during a cancel: 130, told that the outcome is unknown, no traceback."""
    with serving(say_nothing) as server:
        done = interrupted(
            lambda: len(server.seen) == 1, "cancel", JOB, EXEC, "--base-url", server.url
        )
    assert done.returncode == 130
    assert "outcome unknown" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_wait() -> None:
    """Ctrl-C during a wait: told that the cancel was accepted."""
    with serving(execution()) as server:
        done = interrupted(
            lambda: len(server.seen) > 1, "cancel", JOB, EXEC, "--wait", "--base-url", server.url
        )
    assert done.returncode == 130
    assert "told to cancel, but not ended yet (cancelling)" in done.stderr


def test_interrupted_many() -> None:
    """Ctrl-C among many: calls under way are waited for and told, the others are not begun."""

    def slow(connection: Any) -> None:
        time.sleep(1)
        execution()(connection)

    with serving(slow) as server:
        done = interrupted(
            lambda: len(server.seen) == 2,
            "cancel", "-", "--concurrency", "2", "--base-url", server.url,
            lines=pairs("a", "b", "c", "d"),
        )  # fmt: skip
        assert len(server.seen) == 2
    assert done.returncode == 130
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.splitlines()[-1] == "4 executions: 2 done, 2 not begun"


def test_interrupted_twice() -> None:
    """A second Ctrl-C leaves at once, and says what is unknown."""
    with serving(say_nothing) as server:
        done = interrupted(
            lambda: len(server.seen) == 2,
            "cancel", "-", "--concurrency", "2", "--json", "--base-url", server.url,
            lines=pairs("a", "b", "c"), times=2,
        )  # fmt: skip
    assert done.returncode == 130
    assert [row["outcome"] for row in rows(done)] == ["unknown", "unknown"]


def test_not_begun_is_named() -> None:
    """Each line that was given is done, or named as not begun."""
    gate = threading.Event()

    def slow(connection: Any) -> None:
        gate.wait(30)
        execution()(connection)

    names = [f"e{number}" for number in range(40)]
    with serving(slow) as server:

        def ready() -> bool:
            return len(server.seen) == 2

        with started(
            "cancel", "-", "--concurrency", "2", "--json", "--base-url", server.url
        ) as run:
            assert run.stdin is not None
            run.stdin.write(pairs(*names).encode())
            run.stdin.close()
            run.stdin = None
            wait_for(ready)
            run.send_signal(signal.SIGINT)
            assert run.stderr is not None
            assert b"under way" in run.stderr.readline()
            gate.set()
            out, err = run.communicate(timeout=30)
            assert run.returncode == 130
        assert len(server.seen) == 2
    found = Counter(json.loads(line)["outcome"] for line in out.splitlines())
    assert found == {"done": 2, "not_begun": 38}
    assert err.decode().splitlines()[-1] == "40 executions: 2 done, 38 not begun"


def test_terminated() -> None:
    """SIGTERM is an interruption, too: 143, told that the outcome is unknown."""
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
    """Input that does not end keeps nobody from leaving."""
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


@pytest.mark.deep
def test_interrupted_at_any_moment() -> None:
    """Whenever Ctrl-C comes, what was sent is never called `nothing was sent`."""
    for milliseconds in range(0, 600, 20):
        with (
            serving(execution()) as server,
            started("cancel", JOB, EXEC, "--base-url", server.url) as process,
        ):
            time.sleep(milliseconds / 1000)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            said = (out + err).decode()
            if server.seen:
                assert "nothing was sent" not in said
                assert process.returncode in (0, 130)
                assert process.returncode != 0 or "cancelling" in said


# Usage and settings


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["cancel"],
        ["cancel", JOB],
        ["cancel", JOB, EXEC, "more"],
        ["cancel", JOB, ".."],
        ["cancel", "-", EXEC],
        ["cancel", JOB, EXEC, "--stdin"],
        ["cancel", JOB, EXEC, "--timeout", "0"],
        ["cancel", JOB, EXEC, "--timeout", "nan"],
        ["cancel", JOB, EXEC, "--concurrency", "0"],
        ["cancel", JOB, EXEC, "--base-url", "http://api.blaxel.ai/v0"],
        ["get", JOB, EXEC, "--wait"],
    ],
)
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong command line is exit code 2, with the usage."""
    with pytest.raises(SystemExit) as raised:
        main.main(arguments)
    assert raised.value.code == 2
    assert "usage: " in capsys.readouterr().err


def test_no_credentials() -> None:
    """Without credentials it fails and names the settings that were looked for."""
    done = spawn("cancel", JOB, EXEC, BL_API_KEY="")
    assert done.returncode == 1
    assert "BL_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_credentials_json() -> None:
    """With --json, that is an object, too."""
    (row,) = rows(run("cancel", JOB, EXEC, "--json", BL_API_KEY=""))
    assert (row["outcome"], row["error"]["type"]) == ("failed", "ConfigurationError")


@pytest.mark.parametrize(
    "wrong",
    [["--api-key", "hush"], ["--api-key=hush"], ["--base-url", "https://u:hush@api.blaxel.ai"]],
)
def test_secret_on_the_command_line(wrong: list[str]) -> None:
    """What looks like a secret on the command line is refused and not repeated."""
    done = spawn("cancel", JOB, EXEC, *wrong)
    assert done.returncode == 2
    assert "hush" not in done.stdout + done.stderr


@pytest.mark.parametrize("act", [answer(401, {"message": f"bad key {KEY}"}), hang_up])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_key_is_never_printed(act: Act, form: list[str]) -> None:
    """The API key is in no output, even where the server repeats it."""
    with serving(act) as server:
        done = spawn("cancel", JOB, EXEC, "--timeout", "1", *form, "--base-url", server.url)
    assert KEY not in done.stdout + done.stderr


def test_hostile_server() -> None:
    """What a server says cannot act on the terminal."""
    with serving(answer(409, {"message": "\x1b[2J\r\u202egone"})) as server:
        done = run("cancel", JOB, EXEC, "--base-url", server.url)
    assert not {"\x1b", "\r", "\u202e"} & set(done.stderr)


@pytest.mark.parametrize("command", [["--help"], ["cancel", "--help"], ["get", "--help"]])
def test_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Help documents credentials and exit codes."""
    with pytest.raises(SystemExit) as raised:
        main.main(command)
    told = capsys.readouterr().out
    assert raised.value.code == 0
    for text in ("BL_API_KEY", "exit codes:", "unknown", "130"):
        assert text in told


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version is the package's."""
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert capsys.readouterr().out == f"blaxel-jobs {blaxel_jobs.__version__}\n"


def test_costs_nothing_to_others() -> None:
    """A program that imports the package does not import the command."""
    code = "import sys, blaxel_jobs; sys.exit(any('_command' in name for name in sys.modules))"
    assert spawn(program=[sys.executable, "-c", code]).returncode == 0


def test_console_script() -> None:
    """Installed, it is `blaxel-jobs`; in the work tree, it is declared as that."""
    try:
        metadata.distribution("blaxel-jobs")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        assert project["project"]["scripts"] == {"blaxel-jobs": "blaxel_jobs._command.main:main"}
    else:
        script = str(Path(sys.executable).with_name("blaxel-jobs"))
        with serving(execution()) as server:
            done = spawn("cancel", JOB, EXEC, "--base-url", server.url, program=[script])
        assert (done.returncode, done.stdout) == (0, f"{JOB} {EXEC}: cancelling\n")
