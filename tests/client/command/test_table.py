"""The tables of docs/how-a-cancel-can-end.md, row by row, against client and command."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from blaxel_jobs import ApiKey, BlaxelError, ClientCredentials, JobsClient, RetryPolicy
from blaxel_jobs._command import main
from blaxel_jobs._command.call import Outcome
from blaxel_jobs._command.options import USAGE
from tests.client.command.running import EXEC, JOB, run
from tests.client.conftest import Caller
from tests.client.fault_server import (
    Act,
    FaultServer,
    answer,
    execution,
    hang_up,
    say_nothing,
    serving,
)
from tests.client.timeouts import TIMEOUTS

TWO_AT_ONCE = RetryPolicy(max_attempts=2, initial_delay=0.0)
PAGE = Path(__file__).parents[3] / "docs/how-a-cancel-can-end.md"


@dataclass(frozen=True)
class Row:
    """A row: what happens, by its first column, and the exit codes in its last."""

    happens: str
    exits: frozenset[int]
    waits: bool

    def errors(self, before: Row | None) -> set[str]:
        """Return the errors that it names, those of the row before where it says `the same`."""
        named = set(re.findall(r"`(\w+Error)`", self.happens))
        return before.errors(None) if before and self.happens.startswith("the same") else named


def rows() -> list[Row]:
    """Return the rows of both tables, in order; the second is about `cancel_and_wait`."""
    found = []
    tables = re.findall(r"^\| what happens .*\n\| ---.*\n((?:\|.*\n)+)", PAGE.read_text(), re.M)
    assert len(tables) == 2
    for number, table in enumerate(tables):
        for line in table.splitlines():
            happens, _, _, exits = [cell.strip() for cell in line.strip("|").split(" | ")]
            codes = frozenset(int(code) for code in exits.strip(" |").split(","))
            found.append(Row(happens, codes, waits=number == 1))
    return found


@dataclass(frozen=True)
class Run:
    """One way into a row: what the server does, and what has to come of it.

    `requests` are those without which the time was too short to get there.
    """

    acts: tuple[Act, ...] = ()
    error: str = ""
    exit: int = 0
    doubt: bool = False
    status: str | None = None
    accepted: bool = False
    requests: int = 0
    execution_id: str = EXEC
    key: str = "key"
    place: str = "server"


def ends(status: str, *acts: Act) -> Run:
    """Return the way to an execution of this status."""
    return Run(acts or (execution(status),), status=status)


def fails(error: str, *acts: Act, **more: Any) -> Run:
    """Return the way to an error: exit code 1, unless there is more to say."""
    return Run(acts, error=error, **{"exit": 1, **more})


PAIR = "id:secret"
SHORT_LIVED = answer(200, {"access_token": "t", "expires_in": 1e-9})
DOUBT = {"exit": 4, "doubt": True}
UNREADABLE = {"accepted": True, "exit": 0, "doubt": True}
NOT_ENDED = {"accepted": True, "exit": 6, "doubt": True, "status": "cancelling", "requests": 2}
RUNS: dict[str, list[Run]] = {
    "an execution, status `cancelling`": [ends("cancelling")],
    "an execution, status `cancelled`": [
        ends("cancelled"),
        ends("cancelled", hang_up, answer(404), execution("cancelled")),
    ],
    "an execution, any other status": [ends("running"), ends("succeeded"), ends("brand-new")],
    "`InvalidIdentifierError`": [fails("InvalidIdentifierError", execution_id="..", exit=2)],
    "`ConfigurationError`": [
        fails("ConfigurationError", key="a b"),
        fails("ConfigurationError", place="http://example.com", exit=2),
    ],
    "`NotFoundError`": [
        fails("NotFoundError", answer(404), exit=5),
        fails("NotFoundError", hang_up, answer(404), answer(404), **DOUBT),
    ],
    "`ConflictError`": [
        fails("ConflictError", answer(409)),
        fails("ConflictError", hang_up, answer(409), execution("running"), **DOUBT),
    ],
    "`AuthenticationError`": [
        fails("AuthenticationError", answer(401)),
        fails("AuthenticationError", hang_up, answer(401), **DOUBT),
    ],
    "`PermissionDeniedError`": [
        fails("PermissionDeniedError", answer(403)),
        fails("PermissionDeniedError", answer(502), answer(403), **DOUBT),
    ],
    "`BadRequestError`, other `APIStatusError`": [
        fails("BadRequestError", answer(400)),
        fails("APIStatusError", answer(422)),
        fails("APIStatusError", answer(302)),
        fails("BadRequestError", hang_up, answer(400), **DOUBT),
    ],
    "`RateLimitError`, `ServerError`": [
        fails("RateLimitError", answer(429)),
        fails("RateLimitError", hang_up, answer(429), **DOUBT),
        fails("ServerError", answer(503), **DOUBT),
    ],
    "`APIConnectionError`, `APITimeoutError` with `.may_have_been_processed` False": [
        fails("APIConnectionError", place="nobody"),
        fails("APITimeoutError", place="silence"),
    ],
    "the same with True": [
        fails("APIConnectionError", hang_up, **DOUBT),
        fails("APITimeoutError", say_nothing, **DOUBT, requests=1),
    ],
    "`CancelOutcomeUnknownError`": [
        fails("CancelOutcomeUnknownError", hang_up, answer(404), answer(403), **DOUBT),
    ],
    "`ResponseDecodeError` with `.accepted` False": [
        fails("ResponseDecodeError", answer(200, b"<html>"), key=PAIR),
        fails("ResponseDecodeError", SHORT_LIVED, hang_up, answer(200, {}), **DOUBT, key=PAIR),
    ],
    "`ResponseDecodeError` with `.accepted` True": [
        fails("ResponseDecodeError", answer(200, b"<html>"), **UNREADABLE),
        fails("ResponseDecodeError", answer(204), **UNREADABLE),
        fails("ResponseDecodeError", answer(200, {"metadata": None, "spec": {}}), **UNREADABLE),
    ],
    "an execution, status `failed`, `succeeded` or `timeout`": [
        ends(status, execution(), execution(status))
        for status in ("failed", "succeeded", "timeout")
    ],
    "`APITimeoutError` with `.execution`": [fails("APITimeoutError", execution(), **NOT_ENDED)],
    "`WaitFailedError` with `.execution`": [
        fails("WaitFailedError", execution(), answer(404), **NOT_ENDED),
        fails("WaitFailedError", execution(), answer(200, b"<html>"), **NOT_ENDED),
    ],
}
ROWS = rows()


def cases(*exits: int) -> pytest.MarkDecorator:
    """Return the runs of all rows that end with one of these exit codes."""
    found = [
        pytest.param(row, one, id=f"{row.happens}-{number}")
        for row in ROWS
        for number, one in enumerate(RUNS.get(row.happens, []))
        if one.exit in exits
    ]
    return pytest.mark.parametrize(("row", "one"), found)


@pytest.fixture(autouse=True)
def _two_attempts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command make two attempts, the second at once."""
    defaults = JobsClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "retry", TWO_AT_ONCE)


@contextmanager
def placed(one: Run) -> Iterator[tuple[str, FaultServer]]:
    """Give the base URL of a run, and its server."""
    with serving(*one.acts) as server, socket.create_server(("127.0.0.1", 0)) as silence:
        port = silence.getsockname()[1]
        places = {
            "server": server.url,
            "silence": f"https://127.0.0.1:{port}/v0",  # the kernel accepts, and that is all
            "nobody": "http://127.0.0.1:1/v0",
        }
        yield places.get(one.place, one.place), server


def test_rows() -> None:
    """Each row has its runs, each run its row, and together they end in all that a row names."""
    assert [row.happens for row in ROWS] == list(RUNS)
    for before, row in zip([None, *ROWS], ROWS, strict=False):
        runs = RUNS[row.happens]
        assert {one.exit for one in runs} == row.exits, row
        assert {one.error for one in runs if one.error} == row.errors(before), row
        for name in ("False", "True"):
            if row.happens.endswith((f"`.may_have_been_processed` {name}", f"with {name}")):
                assert {str(one.doubt) for one in runs} == {name}


@cases(*Outcome)
def test_client(call: Caller, row: Row, one: Run) -> None:
    """The client ends as the row says."""

    def attempt(timeout: float) -> tuple[Any, bool]:
        result: Any
        method = "cancel_and_wait" if row.waits else "cancel"
        with placed(one) as (url, server):
            try:
                key = one.key
                made = ClientCredentials.from_base64(key) if key == PAIR else ApiKey(key)
                client = {"credentials": made, "retry": TWO_AT_ONCE}
                result = call(url, method, JOB, one.execution_id, timeout=timeout, client=client)
            except BlaxelError as error:
                result = error
        return result, len(server.seen) >= needed(one) and not late(one, type(result).__name__)

    result = with_enough_time(attempt)
    if not one.error:
        assert result.status == one.status
        return
    assert type(result).__name__ == one.error
    assert result.may_have_been_processed is one.doubt
    assert result.accepted is one.accepted
    if one.status:
        assert result.execution.status == one.status


@cases(*{*Outcome} - {USAGE})
def test_command(row: Row, one: Run) -> None:
    """The command's exit code is that of the row, and its JSON says the same."""

    def attempt(timeout: float) -> tuple[tuple[int, Any], bool]:
        with placed(one) as (url, server):
            options = ["--json", "--timeout", str(timeout), "--base-url", url]
            options += ["--wait"] if row.waits else []
            key = "BL_CLIENT_CREDENTIALS" if one.key == PAIR else "BL_API_KEY"
            given = {"BL_API_KEY": "", key: one.key}
            done = run("cancel", JOB, one.execution_id, *options, **given)
        result = json.loads(done.stdout)
        name = result["error"]["type"] if result["error"] else ""
        return (done.returncode, result), len(server.seen) >= needed(one) and not late(one, name)

    code, result = with_enough_time(attempt)
    assert code == one.exit
    assert result["outcome"] == Outcome(code).name.lower()
    error = result["error"]
    assert (error["type"] if error else "") == one.error
    if error:
        assert error["may_have_been_processed"] is one.doubt
    if one.status:
        assert result["status"] == one.status


@cases(USAGE)
def test_wrong_usage(row: Row, one: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong arguments give the usage, and no JSON."""
    with placed(one) as (url, server), pytest.raises(SystemExit, match=r"^2$"):
        main.main(["cancel", JOB, one.execution_id, "--json", "--base-url", url])
    assert not server.seen
    assert capsys.readouterr().out == ""


_Result = TypeVar("_Result")


def with_enough_time(attempt: Callable[[float], tuple[_Result, bool]]) -> _Result:
    """Return the result of an attempt whose time was enough, however busy the machine is."""
    *shorter, longest = TIMEOUTS
    for timeout in shorter:
        result, enough = attempt(timeout)
        if enough:
            return result
    return attempt(longest)[0]


def needed(one: Run) -> int:
    """Return the requests without which a run did not get to its end: of several acts, all."""
    return one.requests or (len(one.acts) if len(one.acts) > 1 else 0)


def late(one: Run, error: str) -> bool:
    """Tell whether a run that needs less than its time ran out of it."""
    return "Timeout" in error and one.error != "APITimeoutError"
