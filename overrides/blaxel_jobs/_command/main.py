"""The operator's command: cancel, list and look at executions from a shell or a script.

Credentials come from the environment or the vendor CLI's file, never from the command line, which
every user of the machine can read.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from blaxel_jobs._command.call import INTERRUPTED, PARTLY, Call, Outcome, Report, exit_code
from blaxel_jobs._command.dispatch import Dispatch
from blaxel_jobs._command.job import (
    calls_of_job,
    checked_job,
    confirmed,
    list_job,
    report_remaining,
)
from blaxel_jobs._command.lines import calls_of, chunks_of
from blaxel_jobs._command.options import CALL_TIMEOUT, WAIT_TIMEOUT, Parser, parser_of, program_name
from blaxel_jobs._command.output import Output, hold_standard_streams, visible
from blaxel_jobs._command.signals import signals_to
from blaxel_jobs._errors import BlaxelError, NotFoundError

if TYPE_CHECKING:
    from blaxel_jobs._client import JobsClient

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code. argparse exits by itself with 0 or 2."""
    hold_standard_streams()
    parser = parser_of(program_name())
    try:
        options = parser.options(arguments)
        output = Output(program_name(), as_json=options.json, quiet=options.quiet)
        try:
            return _command(options, output, parser, last=arguments is None)
        except BlaxelError as error:  # the client could not be set up, or a list be read
            output.failed(error)
            return Outcome.NOT_FOUND if isinstance(error, NotFoundError) else Outcome.FAILED
    except KeyboardInterrupt:  # before `_run`, which takes interruptions as events, or in a list
        if sys.stderr is not None:
            sys.stderr.write("interrupted; nothing was cancelled\n")
        return INTERRUPTED


def _command(options: argparse.Namespace, output: Output, parser: Parser, *, last: bool) -> int:
    if options.command == "list" or options.all:
        if len(options.ids) != 1 or options.stdin or options.ids == ["-"]:
            parser.error("give JOB, the name of one job")
        checked_job(options, parser)
        with _client(options) as jobs:
            if options.command == "list":
                return list_job(options, output, jobs)
            if (code := confirmed(options, output, jobs)) is not None:
                return code
            stops: list[int] = []

            def stop(number: int) -> None:
                stops.append(number)
                jobs.close()  # so that the last look ends

            calls = calls_of_job(options, jobs)
            with signals_to(stop, for_good=last):
                code = _run(options, output, jobs, calls, many=True, last=False)
                code = report_remaining(options, output, jobs, code)
            return 128 + stops[0] if stops else code
    if unused := [name for name in ("status", "older_than", "dry_run", "yes")
                  if getattr(options, name, None)]:  # fmt: skip
        parser.error(f"--{unused[0].replace('_', '-')} goes with --all")
    many = options.ids == ["-"] or (options.stdin and not options.ids)
    if not many and (options.stdin or len(options.ids) != 2 or "-" in options.ids):
        parser.error("give JOB and EXECUTION, or - for lines of them on standard input")
    source = _lines(output, parser) if many else _one(options, parser)
    with _client(options) as jobs:
        return _run(options, output, jobs, source, many=many, last=last)


def _one(options: argparse.Namespace, parser: Parser) -> Iterator[Sequence[Call | Report]]:
    call = Call(*options.ids)
    if problem := call.check():
        parser.error(visible(problem.message))
    return iter([[call]])


def _lines(output: Output, parser: Parser) -> Iterator[Sequence[Call | Report]]:
    if sys.stdin is None:
        parser.error("standard input is closed")
    if sys.stdin.isatty():
        output.note("reading lines of JOB EXECUTION; end with Ctrl-D")
    return calls_of(chunks_of(sys.stdin))


def _run(
    options: argparse.Namespace,
    output: Output,
    jobs: JobsClient,
    source: Iterator[Sequence[Call | Report]],
    *,
    many: bool,
    last: bool,
) -> int:
    """Make the calls and report each; return the exit code. With `last`, the process ends then."""
    outcomes: Counter[Outcome] = Counter()
    stopped = threading.Event()
    waits = f"accepted; waiting up to {options.timeout or WAIT_TIMEOUT:.0f} s for the end"
    accepted = (lambda: None) if many else (lambda: output.note(waits))
    dispatch = Dispatch(
        source,
        _performer(options, jobs, stopped, accepted),
        concurrency=options.concurrency if many else 1,
        cancels=options.command == "cancel",
        stopped=stopped,
        leaves_at_once=not many,
    )

    def show(reports: list[Report]) -> None:
        with output.together():
            for report in reports:
                outcomes[report.outcome] += 1
                output.result(report, detailed=not many and options.command == "get")
                if many:
                    output.progress(outcomes, dispatch.taken if dispatch.at_end else None)

    with signals_to(dispatch.interrupt, for_good=last):
        problem: Exception | None = None
        try:
            dispatch.run(show, output.note)
        except Exception as error:
            problem = error
        if many:
            output.summary(outcomes, dispatch.taken, whole=dispatch.at_end)
        if isinstance(problem, BlaxelError):  # a list
            output.failed(problem)
        elif problem is not None:
            # An error's own words may hold what it read.
            output.problem(f"standard input cannot be read: {type(problem).__name__}")
    broken_off = stopped.is_set() and (
        not dispatch.at_end or Outcome.NOT_BEGUN in outcomes or not outcomes
        or dispatch.left_under_way
    )  # fmt: skip
    if broken_off:
        return 128 + dispatch.signal
    if problem is None:
        return exit_code([*outcomes])
    return exit_code([*outcomes]) or (PARTLY if outcomes else Outcome.FAILED)


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
        return lambda call: call.get(jobs, options.timeout or CALL_TIMEOUT)

    def cancel(call: Call) -> Report:
        if options.wait:
            wait = options.timeout or WAIT_TIMEOUT
            return call.cancel_and_wait(jobs, wait, CALL_TIMEOUT, stopped, accepted)
        return call.cancel(jobs, options.timeout or CALL_TIMEOUT)

    def cancel_unless_ended(call: Call) -> Report:
        look = CALL_TIMEOUT if options.wait else options.timeout or CALL_TIMEOUT
        return call.unless_ended(cancel(call), jobs, look, waits=options.wait)

    return cancel_unless_ended if options.all else cancel
