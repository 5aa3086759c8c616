"""What the pipeline's commands say: to people on a terminal, to logs, and to other programs."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scripts import __main__ as command_line
from scripts.failure import Problem
from scripts.terminal.console import Console, Style, has_colours, render, with_line
from tests import ROOT
from tests.pipeline.commands.running import run

PLAIN = Style(colours=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


# Colours


@pytest.mark.parametrize(
    ("stream", "environment", "expected"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": ""}, False),
        (Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_when_to_colour(
    stream: io.StringIO,
    environment: dict[str, str],
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Colours are for terminals, unless the environment says otherwise."""
    monkeypatch.setattr(os, "environ", environment)
    assert has_colours(stream) is expected


def test_a_pipe_has_no_colours(tmp_path: Path) -> None:
    """What goes into a pipe or a log has no control characters."""
    done = run("spec", "--docs", tmp_path / "gone", "--out", tmp_path / "o.yaml", FORCE_COLOR="")
    assert done.returncode == 1
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_real_terminal(tmp_path: Path, environment: dict[str, str], coloured: bool) -> None:
    """On a terminal the error is coloured, and NO_COLOR is respected."""
    leader, follower = pty.openpty()
    base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    subprocess.run(
        [sys.executable, "-m", "scripts", "spec", "--docs", tmp_path / "gone", "--out", "x"],
        cwd=ROOT,
        env={**base, "TERM": "xterm", **environment},
        stderr=follower,
        check=False,
    )
    os.close(follower)
    output = os.read(leader, 10_000)
    os.close(leader)
    assert b"no such folder" in output
    assert (b"\x1b[31" in output) is coloured


# Problems


def test_problem() -> None:
    """A problem is place and what, then the line in a gutter, then what to do."""
    problem = Problem("unknown flag", "docs/a.txt", 134, "read only", "is it read-only?")
    assert render(problem, PLAIN).split("\n") == [
        "docs/a.txt:134: unknown flag",
        " 134 | read only",
        "     = hint: is it read-only?",
    ]


def test_colours_change_nothing_else() -> None:
    """Without its colours, a coloured problem is the plain one."""
    problem = Problem("unknown flag", "docs/a.txt", 134, "read only", "is it read-only?")
    coloured = render(problem, Style(colours=True))
    for code in ("0", "1", "2", "36", "31;1"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == render(problem, PLAIN)


def test_line_is_looked_up(tmp_path: Path) -> None:
    """Where a problem names a line without its text, the text is read."""
    (tmp_path / "a.yaml").write_text("one\r\ntwo\r\n")
    assert with_line(Problem("wrong", "a.yaml", 2), tmp_path).text == "two"


@pytest.mark.parametrize(
    "problem", [Problem("x", "gone", 1), Problem("x", "a.yaml", 9), Problem("x")]
)
def test_line_that_is_not_there(tmp_path: Path, problem: Problem) -> None:
    """Where there is no such line, the problem stays as it is."""
    (tmp_path / "a.yaml").write_text("one\n")
    assert with_line(problem, tmp_path) == problem


def test_text_cannot_act_on_a_terminal() -> None:
    """Control characters of a page are shown, not sent."""
    shown = render(Problem("wrong", "a", 1, "\x1b[2J\x07\u202e"), PLAIN)
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_long_line() -> None:
    """Of a line without end, the beginning is shown."""
    assert len(render(Problem("wrong", "a", 1, "x" * 100_000), PLAIN)) < 300


# Output


def console(**options: Any) -> Console:
    return Console("spec", ROOT, io.StringIO(), io.StringIO(), **options)


def test_json_is_one_object() -> None:
    """With --json there is one object on standard output, and no text about problems."""
    one = console(json=True)
    one.result = {"written": ["a"]}
    one.problem(Problem("wrong", "a.txt", 1))
    assert one.end(1, "failed") == 1
    found = json.loads(one.out.getvalue())  # type: ignore[attr-defined]
    assert (found["command"], found["exit_code"], found["written"]) == ("spec", 1, ["a"])
    assert found["problems"][0]["what"] == "wrong"
    assert one.err.getvalue() == ""  # type: ignore[attr-defined]


def test_spec_json(docs: Path, tmp_path: Path) -> None:
    """`spec --json` gives pages, files written and how much has which origin."""
    out = tmp_path / "o.yaml"
    found = json.loads(run("spec", "--docs", docs, "--out", out, "--json").stdout)
    assert found["exit_code"] == 0
    assert found["written"] == [str(out)]
    assert [page["method"] for page in found["pages"]] == ["DELETE"]
    assert found["known_from"]["stated"] > 0
    assert found["problems"] == []


def test_failure_json(docs: Path, tmp_path: Path) -> None:
    """A failure with --json has file, line, the line itself and a hint."""
    page = docs / "page.txt"
    page.write_text(page.read_text().replace("read-only", "read only", 1))
    done = run("spec", "--docs", docs, "--out", tmp_path / "o.yaml", "--json")
    (problem,) = json.loads(done.stdout)["problems"]
    assert (done.returncode, problem["line"], problem["text"]) == (1, 134, "read only")
    assert problem["file"] == str(page)
    assert problem["hint"]


def test_quiet(docs: Path, tmp_path: Path) -> None:
    """--quiet says nothing where nothing is wrong."""
    done = run("report", "--docs", docs, "--html", tmp_path / "r.html", "--no-overlay", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_report(docs: Path, tmp_path: Path) -> None:
    """`report` writes the picture where the options say, and says where."""
    out = tmp_path / "r.html"
    done = run("report", "--docs", docs, "--html", out, "--no-overlay")
    assert done.returncode == 0
    assert str(out) in done.stderr
    assert out.read_text().startswith("<!doctype html>")


# What can be wrong with the surroundings


@pytest.mark.parametrize(
    "arguments",
    [
        ["spec", "--docs", "{gone}", "--out", "{out}"],
        ["spec", "--docs", "{file}", "--out", "{out}"],
        ["spec", "--docs", "{docs}", "--out", "{folder}"],
        ["spec", "--docs", "{docs}", "--out", "{gone}/o.yaml"],
        ["spec", "--docs", "{docs}", "--out", "{file}/o.yaml"],
        ["spec", "--docs", "{docs}", "--out", "/dev/full/o.yaml"],
        ["spec", "--docs", "{docs}", "--out", "{out}", "--overlay", "{gone}"],
        ["spec", "--docs", "{docs}", "--out", "{out}", "--overlay", "{folder}"],
        ["report", "--docs", "{gone}", "--html", "{out}"],
        ["report", "--docs", "{docs}", "--no-overlay", "--html", "{folder}"],
        ["report", "--docs", "{docs}", "--no-overlay", "--html", "{gone}/r.html"],
        ["report", "--docs", "{docs}", "--html", "{out}", "--no-overlay", "--overlay", "{file}"],
    ],
)
def test_surroundings(
    docs: Path, tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read or written is reported with exit code 1, and nothing is written."""
    (tmp_path / "folder").mkdir()
    places = {
        "gone": tmp_path / "gone",
        "file": docs / "page.txt",
        "docs": docs,
        "folder": tmp_path / "folder",
        "out": tmp_path / "out.yaml",
    }
    before = sorted(tmp_path.rglob("*"))
    assert command_line.main([argument.format(**places) for argument in arguments]) == 1
    assert capsys.readouterr().err.strip()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments", [["--help"], ["spec", "--help"], ["generate", "--help"], ["report", "--help"]]
)
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Help lists the exit codes; that of a command has examples."""
    with pytest.raises(SystemExit) as raised:
        command_line.main(arguments)
    output = capsys.readouterr().out
    assert raised.value.code == 0
    assert "exit codes:" in output
    assert len(arguments) == 1 or "examples:" in output


@pytest.mark.parametrize("command", [one.name for one in command_line.COMMANDS])
def test_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command knows --quiet and --json, and is 2 for what it does not know."""
    with pytest.raises(SystemExit):
        command_line.main([command, "--help"])
    output = capsys.readouterr().out
    assert "--quiet" in output
    assert "--json" in output
    with pytest.raises(SystemExit) as raised:
        command_line.main([command, "--nonsense"])
    assert raised.value.code == 2


def test_half_an_option(docs: Path, tmp_path: Path) -> None:
    """Options are written out: a new one cannot change what an old script means."""
    with pytest.raises(SystemExit) as raised:
        command_line.main(["spec", "--doc", str(docs), "--out", str(tmp_path / "o.yaml")])
    assert raised.value.code == 2


def test_reader_that_leaves(docs: Path, tmp_path: Path) -> None:
    """Where the reader of the output has gone, there is no traceback."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "scripts",
            "spec",
            "--docs",
            docs,
            "--out",
            tmp_path / "o",
            "--json",
        ],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == b""
    assert (tmp_path / "o").exists()


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C ends a run without a traceback, and says that nothing was replaced."""
    fifo = tmp_path / "overlay.yaml"
    os.mkfifo(fifo)
    pages = ROOT / "tests/pipeline/pages"
    arguments = ["--docs", pages, "--out", tmp_path / "o.yaml", "--overlay", fifo]
    command = [sys.executable, "-m", "scripts", "spec", *map(str, arguments)]
    # Opening for writing succeeds as soon as the command waits for the overlay.
    with (
        subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process,
        fifo.open("w"),
    ):
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, output = process.communicate(timeout=30)
    assert process.returncode == 1
    assert output == "interrupted; nothing was replaced\n"
    assert not (tmp_path / "o.yaml").exists()


# Many notices


def _output_of(notices: list[Problem], *, as_json: bool = False) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    console = Console("generate", ROOT, out, err, json=as_json)
    console.notice(*notices)
    console.end(0)
    return out.getvalue(), err.getvalue()


def test_many_notices_fit_a_screen() -> None:
    """Six hundred notices of many kinds are some thirty lines, and say how many they are."""
    notices = [
        Problem(f"{word} 'name{n}' at page-{n}.txt:{n}", f"page-{n}.txt", n + 1, "text", "look")
        for n in range(60)
        for word in ("aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj")
    ]
    _, output = _output_of(notices)
    assert len(output.splitlines()) < 35
    assert output.count("and 59 like it") == 6
    assert "240 of other kinds are not shown; all 600 are in the report" in output


def test_few_notices_are_all_shown() -> None:
    """A handful of notices is shown as it is, though they are of one kind."""
    _, output = _output_of([Problem(f"'name{n}' is not read", "page.txt", n + 1) for n in range(6)])
    assert output.count("is not read") == 6


def test_long_notice_is_cut() -> None:
    """A notice that lists a place on each of a hundred pages is cut where people read it."""
    _, output = _output_of(
        [Problem(", ".join(f"page-{n}.txt:{n}" for n in range(200)), "overlay.yaml")]
    )
    assert len(output) < 450
    assert output.endswith(" ...\n")


def test_json_has_all_notices() -> None:
    """With --json every notice is in the object."""
    notices = [Problem(f"'name{n}' is not read", "page.txt", n + 1) for n in range(50)]
    out, _ = _output_of(notices, as_json=True)
    assert len(json.loads(out)["notices"]) == 50


@pytest.mark.parametrize(("count", "lines", "left"), [(20, 40, 0), (21, 27, 0), (300, 207, 100)])
def test_many_problems(count: int, lines: int, left: int) -> None:
    """Of many problems each has its place, in a line; only of hundreds are some left to --json."""
    err = io.StringIO()
    console = Console("generate", ROOT, io.StringIO(), err)
    console.problem(*(Problem(f"wrong {n}", f"{n}.txt", 3, hint="mend it") for n in range(count)))
    shown = err.getvalue().splitlines()
    assert len(shown) == lines
    assert sum(f"{n}.txt:3: wrong {n}" in shown for n in range(count)) == min(count, 200)
    assert (shown[-1] == f"{left} more are printed with --json") == bool(left)
