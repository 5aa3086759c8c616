"""What the operator's command prints: results on standard output, all else on standard error."""

from __future__ import annotations

import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from blaxel_jobs._command.call import Outcome, Report, error_json, json_of
from blaxel_jobs._errors import APIStatusError, BlaxelError
from blaxel_jobs._many.listing import id_of

if TYPE_CHECKING:
    from blaxel_jobs_api.models import JobExecution

__all__ = ["Output", "hold_standard_streams", "visible"]

_CLEAR = "\r\x1b[K"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ROW = "{:<28} {:<11} {:<28} {}"
_WORDS = {
    Outcome.DONE: "done",
    Outcome.FAILED: "failed",
    Outcome.NOT_SENT: "not sent",
    Outcome.UNKNOWN: "outcome unknown",
    Outcome.NOT_FOUND: "not found",
    Outcome.NOT_ENDED: "cancel accepted, but not ended yet",
    Outcome.NOT_BEGUN: "not begun",
}


def hold_standard_streams() -> None:
    """Make standard streams safe to write to: any encoding, and closed ones.

    A descriptor that is closed would be given to the next socket, and text be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def visible(text: str) -> str:
    """Return text from elsewhere as one line, its control characters escaped."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Output:
    """Where results, failures, progress and the summary go.

    With `quiet`, results and failures alone. Where the reader goes away, the work goes on.
    """

    def __init__(self, prog: str, *, as_json: bool, quiet: bool) -> None:
        self._prog = prog
        self._json = as_json
        self._quiet = quiet
        self._has_line = False
        self._tenths = 0
        self._together = False
        self._unwritable: list[TextIO] = []

    def result(self, report: Report, *, detailed: bool = False) -> None:
        """Print what came of one execution; `detailed`: times and tasks, too."""
        if self._json:
            self._out(json_of(report.as_json()))
        elif report.outcome is Outcome.DONE:
            self._out(_details(report) if detailed else _line(report))
        if report.outcome is Outcome.NOT_BEGUN:
            self.problem(_name(report) + _WORDS[report.outcome])
        elif report.outcome is not Outcome.DONE or report.error is not None:
            self.problem(_name(report) + _why(report))
            if report.outcome in (Outcome.UNKNOWN, Outcome.NOT_ENDED):
                job, execution = visible(report.job_id), visible(report.execution_id)
                self.problem(f"  look at it: {self._prog} get {job} {execution}")

    def row(self, job_id: str, execution: JobExecution, *, first: bool) -> None:
        """Print a listed execution: a row on a terminal, elsewhere tabs between the columns."""
        found = execution.to_dict()
        if self._json:
            report = Report(job_id, id_of(execution) or "", Outcome.DONE, execution)
            self._out(json_of(report.as_json()))
            return
        stats = found.get("stats") or {}
        columns = [
            job_id,
            id_of(execution) or "-",
            found.get("status") or "-",
            (found.get("metadata") or {}).get("createdAt") or "-",
            ", ".join(f"{value} {key}" for key, value in stats.items() if value) or "-",
        ]
        words = [visible(str(column)) for column in columns]
        if not _is_terminal(sys.stdout):
            self._out("\t".join(words))
            return
        if first:
            self._out(_ROW.format("EXECUTION", "STATUS", "CREATED", "TASKS"))
        self._out(_ROW.format(*words[1:]))

    def would_cancel(self, job_id: str, execution_id: str) -> None:
        """Print an execution that a dry run would cancel."""
        if self._json:
            self._out(json_of({"job_id": job_id, "execution_id": execution_id}))
        else:
            self._out(f"{visible(job_id)} {visible(execution_id)}")

    def asked(self, question: str) -> bool:
        """Ask on the terminal; anything but yes is no."""
        self._end_line()
        self._write(sys.stderr, question)
        try:
            return sys.stdin.readline().strip().lower() in ("y", "yes")
        except (OSError, ValueError):
            return False

    def failed(self, error: BlaxelError) -> None:
        """Print why nothing was started."""
        if self._json:
            found = {"outcome": Outcome.FAILED.name.lower(), "error": error_json(error)}
            self._out(json_of(found))
        self.problem(visible(error.message))

    def problem(self, text: str) -> None:
        """Print what is wrong, whatever the options; with --json, it is in the object already."""
        if not self._json:
            self._err(text)

    def note(self, text: str) -> None:
        """Print a remark for people, unless `quiet`."""
        if not self._quiet:
            self._err(text)

    def progress(self, outcomes: Counter[Outcome], total: int | None) -> None:
        """Show how many have ended, of how many where that is known.

        On a terminal it is a line that rewrites itself, elsewhere a line now and then.
        """
        if self._quiet:
            return
        ended = outcomes.total()
        text = f"{ended}{'' if total is None else f'/{total}'}: {_counts(outcomes)}"
        if _is_terminal(sys.stderr):
            self._write(sys.stderr, _CLEAR + text)
            self._has_line = True
        elif total is None:
            if re.fullmatch("[125]0+", str(ended)):
                self._err(text)
        elif (tenths := 10 * ended // total) > self._tenths:
            self._tenths = tenths
            self._err(text)

    def summary(self, outcomes: Counter[Outcome], total: int, *, whole: bool) -> None:
        """Print how many ended in which way, and whether the whole input was read."""
        counts = _counts(outcomes) or "nothing to do"
        rest = "" if whole else "; the rest of the input was not read"
        self.note(f"{total} execution{'' if total == 1 else 's'}: {counts}{rest}")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have the results of a `with` block written at its end, or before what is no result."""
        self._together = True
        try:
            yield
        finally:
            self._together = False
            self._write(sys.stdout, "")

    def _out(self, text: str) -> None:
        self._end_line()
        self._write(sys.stdout, text + "\n", flush=not self._together)

    def _err(self, text: str) -> None:
        self._end_line()
        if self._together:
            self._write(sys.stdout, "")
        self._write(sys.stderr, text + "\n")

    def _end_line(self) -> None:
        if self._has_line:
            self._has_line = False
            self._write(sys.stderr, _CLEAR)

    def _write(self, stream: TextIO | None, text: str, *, flush: bool = True) -> None:
        if stream is None or stream in self._unwritable:
            return
        try:
            stream.write(text)
            if flush:
                stream.flush()
        except (OSError, ValueError) as error:  # ValueError: it was closed
            self._unwritable.append(stream)
            if isinstance(error, OSError):
                # What is buffered goes nowhere, now and at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if not isinstance(error, BrokenPipeError):  # a reader that left knows it
                reason = getattr(error, "strerror", None) or "closed"
                self._write(
                    sys.stderr, f"cannot write: {reason}; the exit code still says how it ended\n"
                )


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def _counts(outcomes: Counter[Outcome]) -> str:
    return ", ".join(f"{outcomes[one]} {_WORDS[one]}" for one in Outcome if outcomes[one])


def _name(report: Report) -> str:
    return f"{visible(report.job_id)} {visible(report.execution_id)}".strip() + ": "


def _line(report: Report) -> str:
    return _name(report) + _status(report)


def _status(report: Report) -> str:
    status = None if report.execution is None else report.execution.status
    return visible(str(status)) if isinstance(status, str) else "accepted"


def _why(report: Report) -> str:
    """Return the outcome in words, and the server's or the client's reason."""
    error = report.error
    done = report.outcome is Outcome.DONE  # and an error: the cancel was accepted
    words = "accepted, but the answer cannot be read" if done else _WORDS[report.outcome]
    if report.outcome is Outcome.NOT_ENDED and report.execution is not None:
        words += f" ({_status(report)})"
    if error is None:
        return f"{words}: interrupted"
    reason = error.message if isinstance(error, BlaxelError) else type(error).__name__
    words += f": {visible(reason)}"
    if isinstance(error, APIStatusError) and error.request_id:
        words += f" (request id {visible(error.request_id)})"
    return words


def _details(report: Report) -> str:
    """Return an execution as lines of name and value."""
    found: dict[str, Any] = {} if report.execution is None else report.execution.to_dict()
    metadata, stats = found.get("metadata") or {}, found.get("stats") or {}
    rows = [
        ("job", report.job_id),
        ("execution", report.execution_id),
        ("status", _status(report) if found.get("status") else "unknown"),
        *((key, metadata.get(f"{key}At")) for key in ("created", "started", "completed")),
        ("tasks", ", ".join(f"{value} {key}" for key, value in stats.items() if value is not None)),
    ]
    return "\n".join(f"{name:<11}{visible(str(value))}" for name, value in rows if value)
