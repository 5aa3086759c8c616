"""The operator's command, run as operators run it, against a server on loopback."""

from __future__ import annotations

import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import blaxel_jobs
from blaxel_jobs._command import main
from tests import ROOT
from tests.client.command.running import (
    EXEC,
    JOB,
    KEY,
    rows,
    run,
    spawn,
)
from tests.client.fault_server import (
    EXECUTION,
    Act,
    answer,
    execution,
    hang_up,
    serving,
)

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
        done = run("cancel", JOB, EXEC, "--json", "--base-url", server.url)
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
        done = run("get", JOB, EXEC, "--base-url", server.url)
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
        done = run("cancel", JOB, EXEC, "--timeout", "9", "--base-url", server.url)
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
    done = run("cancel", JOB, EXEC, "--timeout", "1", "--base-url", "http://127.0.0.1:9/v0")
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


@pytest.mark.usefixtures("short_pauses")
def test_wait() -> None:
    """--wait looks until the status is terminal, cancels once, and prints the last status."""
    with serving(execution(), execution(), execution("cancelled")) as server:
        done = run("cancel", JOB, EXEC, "--wait", "--base-url", server.url)
        assert [seen.method for seen in server.seen] == ["DELETE", "GET", "GET"]
    assert done.stderr == "accepted; waiting up to 300 s for the end\n"
    assert (done.returncode, done.stdout) == (0, f"{JOB} {EXEC}: cancelled\n")


def test_wait_in_vain() -> None:
    """A wait that runs out is not a failed cancel: 6, with the last status seen."""
    for timeout in ("1", "9"):  # a busy machine may take all of the first to cancel
        with serving(execution()) as server:
            done = run("cancel", JOB, EXEC, "--wait", "--timeout", timeout, "--json",
                       "--base-url", server.url)  # fmt: skip
        (row,) = rows(done)
        if row["outcome"] == "not_ended":
            break
    assert (done.returncode, row["outcome"], row["status"]) == (6, "not_ended", "cancelling")


@pytest.mark.usefixtures("short_pauses")
def test_wait_that_fails() -> None:
    """Where looking fails for good, it is still reported that the cancel was accepted."""
    with serving(execution(), answer(403, {"error": "no"})) as server:
        done = run("cancel", JOB, EXEC, "--wait", "--base-url", server.url)
    assert done.returncode == 6
    assert "the cancel was accepted" in done.stderr


@pytest.mark.usefixtures("short_pauses")
def test_wait_after_an_unreadable_answer() -> None:
    """An answer to the cancel that cannot be read does not end the wait."""
    with serving(answer(200, b"no JSON"), execution("cancelled")) as server:
        done = run("cancel", JOB, EXEC, "--wait", "--base-url", server.url)
    assert (done.returncode, done.stdout) == (0, f"{JOB} {EXEC}: cancelled\n")


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
    done = run("cancel", JOB, EXEC, BL_API_KEY="")
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
def test_secret_on_the_command_line(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like a secret on the command line is refused and not repeated."""
    with pytest.raises(SystemExit) as raised:
        main.main(["cancel", JOB, EXEC, *wrong])
    assert raised.value.code == 2
    assert "hush" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("act", [answer(401, {"message": f"bad key {KEY}"}), hang_up])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_key_is_never_printed(act: Act, form: list[str]) -> None:
    """The API key is in no output, even where the server repeats it."""
    with serving(act) as server:
        done = run("cancel", JOB, EXEC, "--timeout", "1", *form, "--base-url", server.url)
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
    output = capsys.readouterr().out
    assert raised.value.code == 0
    for text in ("BL_API_KEY", "exit codes:", "unknown", "130"):
        assert text in output


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
