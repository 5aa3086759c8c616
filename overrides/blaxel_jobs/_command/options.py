"""The command line: its commands, options and help."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from blaxel_jobs._command.output import visible
from blaxel_jobs._errors import BlaxelError

__all__ = ["CALL_TIMEOUT", "USAGE", "WAIT_TIMEOUT", "Parser", "parser_of", "program_name"]

USAGE = 2
CALL_TIMEOUT, WAIT_TIMEOUT = 30.0, 300.0
"""Seconds for one execution, and for one whose end is waited for."""
_MOST_CALLS = 256

_EPILOG = """\
credentials, the first that is set:
  BL_API_KEY, BL_CLIENT_CREDENTIALS (base64 of id:secret), ~/.blaxel/config.yaml

exit codes:
  0    done: read, or the cancel was accepted; with --wait, the execution has ended
  1    failed: refused, or the server was never reached; nothing was cancelled
  2    wrong usage; nothing was sent
  3    of many, some did not end like the others: see each line
  4    the outcome of a cancel is unknown: its answer was lost; look with `get`
  5    there is no such job or execution
  6    the cancel was accepted, but the end was not seen in time
  130  interrupted (Ctrl-C), 143 terminated (SIGTERM): each line says what became of it
"""

_EXAMPLES = {
    "cancel": """\
examples:
  {prog} cancel data-processing-job exec-abc123
  {prog} cancel data-processing-job exec-abc123 --wait --timeout 600
  {prog} cancel - --json < executions.txt      # lines of: JOB EXECUTION
  {prog} cancel data-processing-job --all --older-than 2h --dry-run
""",
    "list": """\
examples:
  {prog} list data-processing-job
  {prog} list data-processing-job --status running --older-than 1d
  {prog} list data-processing-job | cut -f 1,2 | {prog} cancel -
""",
    "get": """\
examples:
  {prog} get data-processing-job exec-abc123
  {prog} get data-processing-job exec-abc123 --json | jq -r .status
  {prog} get - --json < executions.txt         # lines of: JOB EXECUTION
""",
}


class Parser(argparse.ArgumentParser):
    """A parser that takes no half-written options, and repeats no value: it may be a secret."""

    def __init__(self, **options: Any) -> None:
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(formatter_class=layout, allow_abbrev=False, **options)

    def options(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """Return the options; `ids` has what is neither option nor command."""
        options, rest = self.parse_known_args(arguments)
        # argparse of Python 3.11 leaves out what follows an option in the middle.
        options.ids += [word for word in rest if word == "-" or not word.startswith("-")]
        unknown = [word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"]
        if unknown:
            self.error(f"unknown options: {visible(' '.join(unknown))}")
        return options

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def program_name() -> str:
    """Return what the command was called as."""
    name = Path(sys.argv[0]).name
    return "python -m blaxel_jobs" if name == "__main__.py" else name


def parser_of(prog: str) -> Parser:
    """Return the parser; `prog` is the command's name in its messages."""
    from blaxel_jobs._version import __version__

    parser = Parser(
        prog=prog,
        description="Cancel Blaxel job executions, list them, or look at them.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"blaxel-jobs {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what, more in (
        ("cancel", "cancel executions", ": one, all of a job, or many from standard input."),
        ("get", "look at executions", ": one, or many from standard input."),
        ("list", "list the executions of a job", ", newest first."),
    ):
        command = commands.add_parser(
            name,
            help=what,
            description=what.capitalize() + more,
            epilog=_EXAMPLES[name].format(prog=prog) + "\n" + _EPILOG,
        )
        command.set_defaults(stdin=False, all=False, wait=False, dry_run=False, yes=False)
        _arguments(command, name)
    return parser


def _arguments(command: argparse.ArgumentParser, name: str) -> None:
    cancels = name == "cancel"
    if name == "list":
        command.add_argument("ids", nargs="*", metavar="JOB", help="name of the job")
    else:
        command.add_argument(
            "ids", nargs="*", metavar="JOB EXECUTION",
            help="name of the job and id of the execution; or - as --stdin",
        )  # fmt: skip
        command.add_argument(
            "--stdin", action="store_true", help="read lines of JOB EXECUTION from standard input"
        )
    if cancels:
        command.add_argument(
            "--all", action="store_true", help="every execution of JOB that has not ended"
        )
    if name != "get":
        command.add_argument(
            "--status", action="append", metavar="S",
            help="only those of this status; may be repeated",
        )  # fmt: skip
        command.add_argument(
            "--older-than", type=_age, metavar="AGE",
            help="only those created longer ago: 90s, 30m, 2h, 1d",
        )  # fmt: skip
    if cancels:
        command.add_argument(
            "--dry-run", action="store_true", help="with --all: print which, and cancel none"
        )
        command.add_argument("--yes", action="store_true", help="with --all: do not ask")
        command.add_argument("--wait", action="store_true", help="wait until it has ended")
    command.add_argument(
        "--timeout",
        type=_seconds,
        metavar="S",
        help=f"seconds for each {'page' if name == 'list' else 'execution'}: "
        f"{CALL_TIMEOUT:.0f}" + (f", or {WAIT_TIMEOUT:.0f} with --wait" if cancels else ""),
    )
    if name != "list":
        command.add_argument(
            "--concurrency", type=_calls_at_a_time, default=16, metavar="N",
            help="of many, how many at a time (16)",
        )  # fmt: skip
    command.add_argument("--workspace", type=_workspace, metavar="NAME", help="else BL_WORKSPACE")
    command.add_argument("--base-url", type=_base_url, metavar="URL", help="where the API is")
    command.add_argument(
        "--json", action="store_true", help="print a JSON object for each execution, one a line"
    )
    command.add_argument("-q", "--quiet", action="store_true", help="no progress, no summary")


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _age(text: str) -> timedelta:
    found = re.fullmatch("([0-9]{1,6})([smhdw])", text)
    if found is None:
        raise argparse.ArgumentTypeError("must be a number and a unit: 90s, 30m, 2h, 1d, 1w")
    try:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError:
        raise argparse.ArgumentTypeError("is too long ago") from None


def _seconds(text: str) -> float:
    from blaxel_jobs._transport.deadline import checked_timeout

    try:
        return checked_timeout(float(text))
    except (ValueError, BlaxelError):
        raise argparse.ArgumentTypeError("must be seconds, above 0") from None


def _calls_at_a_time(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _MOST_CALLS:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {_MOST_CALLS}")
    return int(text)


def _workspace(text: str) -> str:
    if not text.strip() or not text.isascii() or not text.isprintable():
        raise argparse.ArgumentTypeError("cannot be sent in a header")
    return text


def _base_url(text: str) -> str:
    from blaxel_jobs._settings import problem_of_base_url

    if problem := problem_of_base_url(text):
        raise argparse.ArgumentTypeError(problem)
    return text
