"""The operator's command: cancel and look at executions from a shell or a script.

Credentials come from the environment or the vendor CLI's file, never from the command line, which
every user of the machine can read.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from blaxel_jobs._command.call import Call, Outcome, Report, exit_code
from blaxel_jobs._command.dispatch import Dispatch
from blaxel_jobs._command.lines import calls_of
from blaxel_jobs._command.output import Output, hold_standard_streams, visible
from blaxel_jobs._command.signals import signals_to
from blaxel_jobs._errors import BlaxelError

if TYPE_CHECKING:
    from blaxel_jobs._client import JobsClient

__all__ = ["main"]

FAILED, USAGE, INTERRUPTED = 1, 2, 130
_CALL_TIMEOUT, _WAIT_TIMEOUT = 30.0, 300.0
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
""",
    "get": """\
examples:
  {prog} get data-processing-job exec-abc123
  {prog} get data-processing-job exec-abc123 --json | jq -r .status
  {prog} get - --json < executions.txt         # lines of: JOB EXECUTION
""",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code. argparse exits by itself with 0 or 2."""
    hold_standard_streams()
    parser = _parser(_prog())
    try:
        options = _parsed(parser, arguments)
        output = Output(_prog(), as_json=options.json, quiet=options.quiet)
        many = options.ids == ["-"] or (options.stdin and not options.ids)
        if not many and (options.stdin or len(options.ids) != 2 or "-" in options.ids):
            parser.error("give JOB and EXECUTION, or - for lines of them on standard input")
        source = _lines(output, parser) if many else _one(options, parser)
        with _client(options) as jobs:
            return _run(options, output, jobs, source, many=many, last=arguments is None)
    except BlaxelError as error:  # the client could not be set up: nothing was sent
        output.failed(error)
        return FAILED
    except KeyboardInterrupt:  # before `_run`: it takes interruptions as events
        if sys.stderr is not None:
            sys.stderr.write("interrupted; nothing was sent\n")
        return INTERRUPTED


def _one(options: argparse.Namespace, parser: _Parser) -> Iterator[Call | Report]:
    call = Call(*options.ids)
    if problem := call.check():
        parser.error(visible(problem.message))
    return iter([call])


def _lines(output: Output, parser: _Parser) -> Iterator[Call | Report]:
    if sys.stdin is None:
        parser.error("standard input is closed")
    if sys.stdin.isatty():
        output.note("reading lines of JOB EXECUTION; end with Ctrl-D")
    try:
        # A reader of its own: the interpreter cannot end while a thread reads `sys.stdin`.
        stream: BinaryIO = open(sys.stdin.fileno(), "rb", closefd=False)  # noqa: SIM115
    except (OSError, ValueError):  # no descriptor behind it
        stream = sys.stdin.buffer
    return calls_of(stream)


def _run(
    options: argparse.Namespace,
    output: Output,
    jobs: JobsClient,
    source: Iterator[Call | Report],
    *,
    many: bool,
    last: bool,
) -> int:
    """Make the calls and report each; return the exit code. With `last`, the process ends then."""
    outcomes: Counter[Outcome] = Counter()
    stopped = threading.Event()
    waits = f"accepted; waiting up to {options.timeout or _WAIT_TIMEOUT:.0f} s for the end"
    accepted = (lambda: None) if many else (lambda: output.note(waits))
    dispatch = Dispatch(
        source,
        _performer(options, jobs, stopped, accepted),
        concurrency=options.concurrency if many else 1,
        cancels=options.command == "cancel",
        stopped=stopped,
        leaves_at_once=not many,
    )

    def ended(report: Report) -> None:
        outcomes[report.outcome] += 1
        output.result(report, detailed=not many and options.command == "get")
        if many:
            output.progress(outcomes, dispatch.taken if dispatch.at_end else None)

    with signals_to(dispatch.interrupt, for_good=last):
        problem: Exception | None = None
        try:
            dispatch.run(ended, output.note)
        except Exception as error:
            problem = error
        if many:
            output.summary(outcomes, dispatch.taken, whole=dispatch.at_end)
        if problem is not None:
            # An error's own words may hold what it read.
            output.problem(f"standard input cannot be read: {type(problem).__name__}")
    broken_off = stopped.is_set() and (
        not dispatch.at_end or Outcome.NOT_BEGUN in outcomes or not outcomes
        or dispatch.left_under_way
    )  # fmt: skip
    if broken_off:
        return 128 + dispatch.signal
    return exit_code([*outcomes]) or (FAILED if problem is not None else 0)


def _client(options: argparse.Namespace) -> JobsClient:
    """Return the client; raise BlaxelError where none can be set up."""
    from blaxel_jobs._client import BASE_URL, JobsClient

    return JobsClient(workspace=options.workspace, base_url=options.base_url or BASE_URL)


def _performer(
    options: argparse.Namespace,
    jobs: JobsClient,
    stopped: threading.Event,
    accepted: Callable[[], None],
) -> Callable[[Call], Report]:
    """Return what is done with each call."""
    if options.command == "get":
        return lambda call: call.get(jobs, options.timeout or _CALL_TIMEOUT)
    if options.wait:
        wait = options.timeout or _WAIT_TIMEOUT
        return lambda call: call.cancel_and_wait(jobs, wait, _CALL_TIMEOUT, stopped, accepted)
    return lambda call: call.cancel(jobs, options.timeout or _CALL_TIMEOUT)


# The command line


class _Parser(argparse.ArgumentParser):
    """A parser that takes no half-written options, and repeats no value: it may be a secret."""

    def __init__(self, **options: Any) -> None:
        layout = argparse.RawDescriptionHelpFormatter
        super().__init__(formatter_class=layout, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _parsed(parser: _Parser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; `ids` has what is neither option nor command."""
    options, rest = parser.parse_known_args(arguments)
    # argparse of Python 3.11 leaves out what follows an option in the middle.
    options.ids += [word for word in rest if word == "-" or not word.startswith("-")]
    unknown = [word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"]
    if unknown:
        parser.error(f"unknown options: {visible(' '.join(unknown))}")
    return options


def _prog() -> str:
    name = Path(sys.argv[0]).name
    return f"python -m {__package__}" if name == "__main__.py" else name


def _parser(prog: str) -> _Parser:
    from blaxel_jobs._version import __version__

    parser = _Parser(
        prog=prog,
        description="Cancel Blaxel job executions, or look at them.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"blaxel-jobs {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, what in (("cancel", "cancel executions"), ("get", "look at executions")):
        command = commands.add_parser(
            name,
            help=what,
            description=f"{what.capitalize()}: one, or many from standard input.",
            epilog=_EXAMPLES[name].format(prog=prog) + "\n" + _EPILOG,
        )
        _arguments(command, cancels=name == "cancel")
    return parser


def _arguments(command: argparse.ArgumentParser, *, cancels: bool) -> None:
    command.add_argument(
        "ids", nargs="*", metavar="JOB EXECUTION",
        help="name of the job and id of the execution; or - as --stdin",
    )  # fmt: skip
    command.add_argument(
        "--stdin", action="store_true", help="read lines of JOB EXECUTION from standard input"
    )
    if cancels:
        command.add_argument("--wait", action="store_true", help="wait until it has ended")
    command.add_argument(
        "--timeout",
        type=_seconds,
        metavar="S",
        help="seconds for each execution: "
        f"{_CALL_TIMEOUT:.0f}" + (f", or {_WAIT_TIMEOUT:.0f} with --wait" if cancels else ""),
    )
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
