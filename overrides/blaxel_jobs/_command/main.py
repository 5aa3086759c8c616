"""The operator's command: cancel and look at executions from a shell or a script.

Credentials come from the environment or the vendor CLI's file, never from the command line, which
every user of the machine can read.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from blaxel_jobs._command.call import Call, Outcome, Report, exit_code
from blaxel_jobs._command.output import Output, visible
from blaxel_jobs._errors import BlaxelError, InvalidIdentifierError

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
  130  interrupted; what is unknown is told
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
    parser = _parser(_prog())
    options = _parsed(parser, arguments)
    output = Output(_prog(), as_json=options.json, quiet=options.quiet)
    many = options.ids == ["-"] or (options.stdin and not options.ids)
    if not many and (options.stdin or len(options.ids) != 2 or "-" in options.ids):
        parser.error("give JOB and EXECUTION, or - for lines of them on standard input")
    try:
        return _many(options, output) if many else _one(options, output, parser)
    except BlaxelError as error:  # the client could not be set up: nothing was sent
        output.failed(error)
        return FAILED
    except KeyboardInterrupt:
        output.note("interrupted; nothing was sent")
        return INTERRUPTED


def _one(options: argparse.Namespace, output: Output, parser: _Parser) -> int:
    call = Call(*options.ids)
    if problem := call.check():
        parser.error(visible(problem.message))
    with _client(options) as jobs:
        waits = f"accepted; waiting up to {options.timeout or _WAIT_TIMEOUT:.0f} s for the end"
        perform = _performer(options, jobs, lambda: output.note(waits))
        try:
            report = perform(call)
        except KeyboardInterrupt:
            output.result(call.interrupted(cancels=options.command == "cancel"))
            return INTERRUPTED
    output.result(report, detailed=options.command == "get")
    return report.outcome


def _many(options: argparse.Namespace, output: Output) -> int:
    calls, bad = _calls(output)
    total = len(calls) + len(bad)
    outcomes: Counter[Outcome] = Counter()

    def ended(report: Report) -> None:
        outcomes[report.outcome] += 1
        output.result(report)
        output.progress(outcomes, total)

    def left() -> NoReturn:
        """Leave at once: the interpreter would wait for the threads."""
        output.summary(outcomes, total)
        os._exit(INTERRUPTED)

    for report in bad:
        ended(report)
    interrupted = False
    if calls:
        with _client(options) as jobs:
            interrupted = _side_by_side(options, jobs, calls, ended, output.note, left)
    output.summary(outcomes, total)
    return INTERRUPTED if interrupted else exit_code([*outcomes])


def _side_by_side(
    options: argparse.Namespace,
    jobs: JobsClient,
    calls: Sequence[Call],
    ended: Callable[[Report], None],
    note: Callable[[str], None],
    left: Callable[[], NoReturn],
) -> bool:
    """Make many calls, and tell of each as it ends; return whether somebody interrupted.

    Interrupted once, it begins no other call and waits for those under way; twice, it calls `left`.
    """
    # Not the client's cancel_many: waits run side by side here, and those under way when somebody
    # interrupts still have their ends told.
    from concurrent.futures import Future, ThreadPoolExecutor, as_completed

    perform = _performer(options, jobs)
    threads = ThreadPoolExecutor(options.concurrency, "blaxel-jobs")
    futures: dict[Future[Report], Call] = {}

    def tell() -> None:
        for future in as_completed([*futures]):
            ended(future.result())
            del futures[future]

    interrupted = False
    try:
        for call in calls:  # one by one: an interruption must find those that have begun
            futures[threads.submit(perform, call)] = call
        tell()
        threads.shutdown()
    except KeyboardInterrupt:
        interrupted = True
        try:
            for future in [future for future in futures if future.cancel()]:
                del futures[future]
            note(f"interrupted: {len(futures)} calls are under way; again to leave at once")
            tell()
            threads.shutdown()
        except KeyboardInterrupt:
            for call in futures.values():
                ended(call.interrupted(cancels=options.command == "cancel"))
            left()
    return interrupted


def _calls(output: Output) -> tuple[list[Call], list[Report]]:
    """Read lines of job and execution; return the calls to make, and reports of bad lines.

    Blank lines and `#` comments are passed over, and a pair that comes twice is taken once.
    """
    if sys.stdin.isatty():
        output.note("reading lines of JOB EXECUTION; end with Ctrl-D")
    calls: dict[tuple[str, str], Call] = {}
    bad = []
    lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2:
            what = f"line {number} of standard input is not JOB EXECUTION"
            place = line.strip()[:100]
            bad.append(Report(place, "", Outcome.NOT_SENT, error=InvalidIdentifierError(what)))
            continue
        call = Call(words[0], words[1])
        if problem := call.check():
            bad.append(call.ended(Outcome.NOT_SENT, problem))
        else:
            calls.setdefault((call.job_id, call.execution_id), call)
    return list(calls.values()), bad


def _client(options: argparse.Namespace) -> JobsClient:
    """Return the client; raise BlaxelError where none can be set up."""
    from blaxel_jobs._client import BASE_URL, JobsClient

    return JobsClient(workspace=options.workspace, base_url=options.base_url or BASE_URL)


def _performer(
    options: argparse.Namespace, jobs: JobsClient, accepted: Callable[[], None] = lambda: None
) -> Callable[[Call], Report]:
    """Return what is done with each call."""
    if options.command == "get":
        return lambda call: call.get(jobs, options.timeout or _CALL_TIMEOUT)
    if options.wait:
        wait = options.timeout or _WAIT_TIMEOUT
        return lambda call: call.cancel_and_wait(jobs, wait, _CALL_TIMEOUT, accepted)
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
