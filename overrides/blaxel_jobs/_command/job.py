"""All executions of one job: listed, or cancelled after a confirmation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blaxel_jobs._command.call import PARTLY, Call
from blaxel_jobs._command.options import CALL_TIMEOUT, USAGE, Parser
from blaxel_jobs._command.output import Output, visible
from blaxel_jobs._errors import BlaxelError, InvalidIdentifierError
from blaxel_jobs._identifier import check_identifier
from blaxel_jobs._many.listing import Executions
from blaxel_jobs._many.sweep import Sweep

if TYPE_CHECKING:
    from blaxel_jobs._client import JobsClient

__all__ = ["calls_of_job", "checked_job", "confirmed", "list_job", "report_remaining"]

_SHOWN = 20
"""Executions that a question shows before it is asked."""


def checked_job(options: argparse.Namespace, parser: Parser) -> None:
    """Exit with the usage where the job's name must not reach a URL."""
    try:
        check_identifier(options.ids[0], "the job id")
    except InvalidIdentifierError as error:
        parser.error(visible(error.message))
    if options.older_than is not None:
        # The same moment in every look.
        options.created_before = datetime.now(UTC) - options.older_than
    else:
        options.created_before = None


def list_job(options: argparse.Namespace, output: Output, jobs: JobsClient) -> int:
    """Print the executions of a job as they come; return the exit code. Raises BlaxelError."""
    count = 0
    for execution in _listed(options, jobs):
        output.row(options.ids[0], execution, first=not count)
        count += 1
    output.note(f"{count} execution{'' if count == 1 else 's'}")
    return 0


def confirmed(options: argparse.Namespace, output: Output, jobs: JobsClient) -> int | None:
    """Show what is about to be cancelled; return None to go on, else the exit code.

    On a terminal it asks, unless with `--yes`; where there is none, it goes on with `--yes` alone.
    Raises BlaxelError.
    """
    job = options.ids[0]
    asks = sys.stdin is not None and sys.stdin.isatty()
    if not (options.dry_run or options.yes or asks):
        output.problem("nothing was cancelled: without a terminal, --all needs --yes or --dry-run")
        return USAGE
    if options.yes and not options.dry_run:
        return None
    count = 0
    sweep = Sweep(job)
    sweep.begins()
    for page in _listed(options, jobs).pages():
        for _, execution_id in sweep.to_cancel(page):
            count += 1
            if options.dry_run:
                output.would_cancel(job, execution_id)
            elif count <= _SHOWN:
                output.note(f"  {visible(job)} {visible(execution_id)}")
    what = f"{count} execution{'' if count == 1 else 's'} of {visible(job)}"
    if options.dry_run or not count:
        output.note(f"{what} would be cancelled" if options.dry_run else f"{what} to cancel")
        return 0
    if count > _SHOWN:
        output.note(f"  and {count - _SHOWN} more")
    if not output.asked(f"cancel {what}? [y/N] "):
        output.problem("nothing was cancelled")
        return 1
    return None


def calls_of_job(options: argparse.Namespace, jobs: JobsClient) -> Iterator[list[Call]]:
    """Yield a page's calls, of executions that have not ended; looks again until none is new."""
    sweep = Sweep(options.ids[0])
    while sweep.begins():
        for page in _listed(options, jobs).pages():
            yield [Call(*pair) for pair in sweep.to_cancel(page)]


def report_remaining(
    options: argparse.Namespace, output: Output, jobs: JobsClient, code: int
) -> int:
    """Look once more; name what still runs and was not cancelled, and return the exit code."""
    if code not in (0, PARTLY):
        return code
    sweep = Sweep(options.ids[0])
    sweep.begins()
    try:
        for page in _listed(options, jobs).pages():
            sweep.to_cancel(page)
    except BlaxelError as error:
        output.problem(f"what still runs cannot be seen: {visible(error.message)}")
        return PARTLY
    for execution_id in sweep.left:
        output.problem(f"{visible(options.ids[0])} {visible(execution_id)}: is still running")
    return PARTLY if sweep.left else code


def _listed(options: argparse.Namespace, jobs: JobsClient) -> Executions:
    return jobs.list(
        options.ids[0],
        status=options.status,
        created_before=options.created_before,
        timeout=options.timeout or CALL_TIMEOUT,
    )
