"""All executions of a job from a shell: `list`, and `cancel --all`."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from blaxel_jobs.testing import FakeAPI, Fault, ok, status
from blaxel_jobs.testing.faults import Reply
from blaxel_jobs.testing.service import Asked
from tests.client.command.running import EXEC, JOB, Done, environment, rows, run, served
from tests.client.fault_server import (
    EXECUTION,
    Act,
    FaultServer,
    Seen,
    answer,
    execution,
    running,
)


@pytest.fixture
def api() -> FakeAPI:
    """A fake with four executions of the job, one of them old, one ended."""
    api = FakeAPI()
    now = datetime.now(UTC)
    api.add(JOB, "old", created_at=now - timedelta(days=2), stats={"success": 3, "failure": 0})
    api.add(JOB, "a", created_at=now - timedelta(minutes=2))
    api.add(JOB, "b", created_at=now - timedelta(minutes=1), status="queued")
    api.add(JOB, "done", created_at=now, status="succeeded")
    return api


@pytest.fixture
def url(api: FakeAPI) -> Iterator[str]:
    with served(api) as url:
        yield url


def cancelled(api: FakeAPI) -> list[str]:
    return sorted(
        request.path.rpartition("/")[2] for request in api.requests if request.method == "DELETE"
    )


def on_a_terminal(*arguments: str, answer: str = "") -> tuple[int, str]:
    """Run the command with a terminal for all streams; return exit code and what it showed."""
    leader, follower = pty.openpty()
    os.write(leader, answer.encode())
    with subprocess.Popen(
        [sys.executable, "-m", "blaxel_jobs", *arguments],
        env=environment(TERM="xterm"),
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        output = b""
        while True:
            try:
                part = os.read(leader, 10_000)
            except OSError:  # how a terminal says that nobody is there any more
                break
            if not part:
                break
            output += part
    os.close(leader)
    return process.returncode, output.decode()


# list


def test_list(url: str) -> None:
    """Where no terminal is, a line with tabs for each, newest first."""
    done = run("list", JOB, "--base-url", url)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [line[:3] for line in lines] == [
        [JOB, "done", "succeeded"],
        [JOB, "b", "queued"],
        [JOB, "a", "running"],
        [JOB, "old", "running"],
    ]
    assert lines[3][4] == "3 success"
    assert (done.returncode, done.stderr) == (0, "4 executions\n")


def test_list_on_a_terminal(url: str) -> None:
    """On a terminal, a table."""
    code, output = on_a_terminal("list", JOB, "--base-url", url)
    first, *lines = output.replace("\r", "").splitlines()
    assert code == 0
    assert first.split() == ["EXECUTION", "STATUS", "CREATED", "TASKS"]
    assert lines[0].split()[:2] == ["done", "succeeded"]


def test_list_json(url: str) -> None:
    """With --json, an object for each, as `get` has it."""
    found = rows(run("list", JOB, "--json", "--base-url", url))
    assert [row["execution_id"] for row in found] == ["done", "b", "a", "old"]
    assert found[0]["execution"]["status"] == "succeeded"


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--status", "queued"], ["b"]),
        (["--status", "queued", "--status", "succeeded"], ["done", "b"]),
        (["--older-than", "1d"], ["old"]),
        (["--older-than", "90s", "--status", "running"], ["a", "old"]),
    ],
)
def test_filters(url: str, options: list[str], names: list[str]) -> None:
    """Only those of a status, or of an age."""
    found = rows(run("list", JOB, "--json", *options, "--base-url", url))
    assert [row["execution_id"] for row in found] == names


def test_list_to_cancel(url: str, api: FakeAPI) -> None:
    """What `list` prints can be cut and given to `cancel -`."""
    listed = run("list", JOB, "--status", "running", "--base-url", url).stdout
    lines = "".join("\t".join(line.split("\t")[:2]) + "\n" for line in listed.splitlines())
    assert run("cancel", "-", "--base-url", url, lines=lines).returncode == 0
    assert cancelled(api) == ["a", "old"]


def test_list_that_fails(url: str, api: FakeAPI) -> None:
    """Where the list cannot be read, the exit code and the words of any failure."""
    api.script(status(403, {"error": "no", "message": "not for you"}))
    done = run("list", JOB, "--base-url", url)
    assert done.returncode == 1
    assert "not for you" in done.stderr


# cancel --all


def all_of(url: str, *options: str) -> Done:
    return run("cancel", JOB, "--all", *options, "--base-url", url)


def test_all(url: str, api: FakeAPI) -> None:
    """--yes cancels every one that has not ended, and says what became of each."""
    done = all_of(url, "--yes")
    assert sorted(done.stdout.splitlines()) == [f"{JOB} {n}: cancelling" for n in ("a", "b", "old")]
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "3 executions: 3 done"
    assert cancelled(api) == ["a", "b", "old"]


def test_all_needs_yes(url: str, api: FakeAPI) -> None:
    """Without a terminal and without --yes nothing is cancelled: wrong usage."""
    done = all_of(url)
    assert (done.returncode, cancelled(api)) == (2, [])
    assert "--yes" in done.stderr


def test_dry_run(url: str, api: FakeAPI) -> None:
    """--dry-run prints which ones, and cancels none, even with --yes."""
    done = all_of(url, "--dry-run", "--yes", "--older-than", "1d")
    assert (done.returncode, done.stdout, cancelled(api)) == (0, f"{JOB} old\n", [])
    assert done.stderr == f"1 execution of {JOB} would be cancelled\n"


@pytest.mark.parametrize(
    ("answer", "code", "names"),
    [("y\n", 0, ["a", "b", "old"]), ("n\n", 1, []), ("\n", 1, []), ("\x04", 1, [])],
)
def test_asked(url: str, api: FakeAPI, answer: str, code: int, names: list[str]) -> None:
    """On a terminal it shows what it is about to do, and asks; anything but yes is no."""
    found, output = on_a_terminal("cancel", JOB, "--all", "--base-url", url, answer=answer)
    assert f"cancel 3 executions of {JOB}?" in output
    assert f"{JOB} old" in output
    assert (found, cancelled(api)) == (code, names)


def test_nothing_to_cancel(url: str, api: FakeAPI) -> None:
    """Nothing to cancel is done."""
    done = all_of(url, "--yes", "--status", "unheard-of")
    assert (done.returncode, cancelled(api)) == (0, [])


class Turning(FakeAPI):
    """A fake in which an execution has another status when its cancel arrives."""

    def __init__(self, turns: dict[str, str], refuses: int | None = None) -> None:
        super().__init__()
        self.turns, self.refuses = turns, refuses

    def begin(self, asked: Asked) -> tuple[Fault, Reply | None]:
        name = asked.target.rpartition("/")[2]
        if asked.method != "DELETE" or name not in self.turns:
            return super().begin(asked)
        self.set_status(JOB, name, self.turns[name])
        fault, reply = super().begin(asked)
        if self.refuses is None:
            return fault, reply
        self.set_status(JOB, name, self.turns[name])
        return fault, (self.refuses, b'{"error": "no"}', {})


def test_ended_meanwhile() -> None:
    """One that ends before its cancel arrives is no failure."""
    api = Turning({"x": "succeeded"})
    api.add(JOB, "x")
    with served(api) as url:
        done = all_of(url, "--yes")
    assert (done.returncode, done.stdout) == (0, f"{JOB} x: succeeded\n")


@pytest.mark.parametrize(
    ("now", "options", "code"),
    [
        ("succeeded", ["--wait"], 0),
        ("cancelling", [], 0),
        ("running", [], 1),
    ],
)
def test_refused(now: str, options: list[str], code: int) -> None:
    """A cancel that is refused is judged by what the execution is then."""
    api = Turning({"x": now}, refuses=409)
    api.add(JOB, "x")
    with served(api) as url:
        assert all_of(url, "--yes", *options).returncode == code


class CancelledByAnother(FaultServer):
    """Refuses the cancel of an execution that is being cancelled, which its list does not show."""

    def choose(self, request: Seen) -> Act:
        if request.method == "DELETE":
            return answer(409, {"error": "no"})
        if request.target.endswith(f"/{EXEC}"):
            return execution()
        first = "offset" not in request.target
        return answer(200, [{**EXECUTION, "status": "running"}] if first else [])


def test_refused_and_not_ended() -> None:
    """With --wait, one that another cancels is not done before its end was seen."""
    server = CancelledByAnother([])
    with running(server):
        assert all_of(server.url, "--yes", "--wait").returncode == 6


def test_last_look_fails() -> None:
    """Where what still runs cannot be seen, what was cancelled is no failure, nor all of it."""
    api = FakeAPI()
    api.add(JOB, "x")
    # A look of two pages, the cancel, such a look again, and the last one.
    api.script(*[ok()] * 5, status(403))
    with served(api) as url:
        done = all_of(url, "--yes")
    assert (done.returncode, done.stdout) == (3, f"{JOB} x: cancelling\n")
    assert "cannot be seen" in done.stderr


def test_left() -> None:
    """What cannot be cancelled and goes on is named at the end, and the run is no success."""
    api = Turning({"x": "running"}, refuses=409)
    api.add(JOB, "x")
    api.add(JOB, "y")
    with served(api) as url:
        done = all_of(url, "--yes")
    assert done.returncode == 3
    assert f"{JOB} x: is still running" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", JOB, "exec"],
        ["list", ".."],
        ["list", "-"],
        ["list", JOB, "--older-than", "2"],
        ["list", JOB, "--older-than", "-1h"],
        ["cancel", JOB, "exec", "--all"],
        ["cancel", "--all"],
        ["cancel", JOB, "--all", "--stdin"],
        ["cancel", JOB, "exec", "--dry-run"],
        ["cancel", JOB, "exec", "--yes"],
        ["cancel", JOB, "exec", "--status", "running"],
        ["cancel", "-", "--older-than", "1h"],
    ],
)
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong command line is exit code 2, and nothing is asked."""
    with pytest.raises(SystemExit) as raised:
        run(*arguments)
    assert raised.value.code == 2
