"""Many executions, from standard input."""

from __future__ import annotations

import codecs
import io
import itertools
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from blaxel_jobs._command import main
from blaxel_jobs._command.call import Call, Outcome, Report
from blaxel_jobs._command.dispatch import Dispatch
from blaxel_jobs._command.lines import calls_of
from tests.client.command.running import (
    EXEC,
    JOB,
    by_execution,
    environment,
    pairs,
    rows,
    run,
    started,
)
from tests.client.fault_server import (
    Act,
    answer,
    execution,
    hang_up,
    serving,
)


@pytest.mark.parametrize("where", [["-"], ["--stdin"]])
def test_many(where: list[str]) -> None:
    """Lines of job and execution are cancelled, blank lines, comments and repeats aside."""
    with serving(execution()) as server:
        lines = f"# night shift\n\n{pairs('a', 'b', 'a')}\t{JOB}   c\r\n"
        done = run("cancel", *where, "--base-url", server.url, lines=lines)
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
        options = ["--timeout", "9", "--base-url", server.url]
        assert run("cancel", "-", *options, lines=pairs(*acts)).returncode == code


def test_summary() -> None:
    """The summary counts each outcome by name."""
    with by_execution(a=execution(), b=answer(404, {}), c=answer(409, {})) as server:
        done = run("cancel", "-", "--base-url", server.url, lines=pairs("a", "b", "c"))
    assert done.stderr.splitlines()[-1] == "3 executions: 1 done, 1 failed, 1 not found"


@pytest.mark.parametrize("line", ["job", "job a b", "job ..", "job a/b", "job \udcff"])
def test_bad_line(line: str) -> None:
    """A bad line does not keep the others from being cancelled; it is reported, and never sent."""
    with serving(execution()) as server:
        lines = f"{line}\n{JOB} {EXEC}\n"
        done = run("cancel", "-", "--base-url", server.url, lines=lines)
        assert len(server.seen) == 1
    assert done.returncode == 3
    assert "not sent" in done.stderr


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
    output = os.read(leader, 10_000).decode()
    os.close(leader)
    assert "\r\x1b[K2/2: 1 done, 1 not found\r\x1b[K" in output
    assert output.endswith("2 executions: 1 done, 1 not found\r\n")


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
    """Where the reader of the output has gone, the cancels go on."""
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


def test_lines_are_taken_as_they_come() -> None:
    """The first line is sent while the input goes on."""
    with (
        serving(execution()) as server,
        started("cancel", "-", "--base-url", server.url) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pairs("a").encode())
        process.stdin.flush()
        assert process.stdout.readline().decode() == f"{JOB} a: cancelling\n"
        out, _ = process.communicate(pairs("b").encode(), timeout=30)
        assert process.returncode == 0
    assert out.decode() == f"{JOB} b: cancelling\n"


def test_input_that_does_not_block() -> None:
    """Nothing to read yet is no end, where another program made the descriptor such a one."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    with (
        serving(execution()) as server,
        subprocess.Popen(
            [sys.executable, "-m", "blaxel_jobs", "cancel", "-", "--base-url", server.url],
            env=environment(), stdin=read, stdout=subprocess.PIPE, text=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        for one in "ab":
            os.write(write, pairs(one).encode())
            assert process.stdout.readline() == f"{JOB} {one}: cancelling\n"
        os.close(write)
        assert process.wait(30) == 0
    os.close(read)


def test_input_is_not_read_ahead() -> None:
    """No more is read while more calls than may be under way are unreported."""
    most = read = 0

    def source() -> Iterator[list[Call]]:
        nonlocal read
        for number in range(30):
            read += 4
            yield [Call("job", f"e{number}-{each}") for each in range(4)]

    def perform(call: Call) -> Report:
        nonlocal most
        most = max(most, read - len(reports))
        return call.ended(Outcome.DONE)

    reports: list[Report] = []
    dispatch = Dispatch(
        source(), perform, concurrency=2, cancels=True,
        stopped=threading.Event(), leaves_at_once=False,
    )  # fmt: skip
    dispatch.run(reports.extend, print)
    assert len(reports) == 120
    assert most <= 2 + 4


@pytest.mark.parametrize(
    "text",
    [
        codecs.BOM_UTF8 + f"{JOB} {EXEC}\r\n".encode(),
        f"{JOB} {EXEC}\r\n".encode("utf-16"),
        f"{JOB} {EXEC}".encode(),
        codecs.BOM_UTF8 + b"# one file\n" + codecs.BOM_UTF8 + f"{JOB} {EXEC}\n".encode(),
    ],
)
def test_encodings(text: bytes) -> None:
    """Byte order marks, UTF-16 and a last line without an end are no part of a name."""
    (call,) = itertools.chain.from_iterable(
        calls_of(text[at : at + 2] for at in range(0, len(text), 2))
    )
    assert isinstance(call, Call)
    assert (call.job_id, call.execution_id) == (JOB, EXEC)


def test_line_without_an_end() -> None:
    """A line of ten megabytes is one bad line, and not kept."""
    text = b"job " + b"a" * 10_000_000 + b"\njob b\n"
    chunks = (text[at : at + 65_536] for at in range(0, len(text), 65_536))
    bad, good = itertools.chain.from_iterable(calls_of(chunks))
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
    """What was given before is done and reported; that there is more is no success."""
    with (
        serving(execution()) as server,
        mock.patch.dict(os.environ, environment()),
        mock.patch("sys.stdin", io.TextIOWrapper(io.BufferedReader(Damaged()))),
    ):
        assert main.main(["cancel", "-", "--base-url", server.url]) == 3
    out, err = capsys.readouterr()
    assert out == f"{JOB} a: cancelling\n"
    assert "standard input cannot be read" in err
