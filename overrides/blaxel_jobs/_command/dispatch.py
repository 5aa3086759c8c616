"""Calls made side by side, each reported as it ends, until all are done or a signal interrupts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from blaxel_jobs._command.call import Call, Report
from blaxel_jobs._many.workers import Workers

__all__ = ["Dispatch"]

_DRAIN = 1.0
"""Seconds that an interrupted run waits for a further line of input, to report it as not begun."""
_HEARD = 0.2
"""Seconds of one wait for an event. Signals are handled after it at the latest: one that came just
before, or that the kernel gave to another thread, does not end the wait."""


@dataclass(frozen=True, slots=True)
class _Ended:
    call: Call
    report: Report


@dataclass(frozen=True, slots=True)
class _EndOfInput:
    error: Exception | None


class Dispatch:
    """Takes calls as there is room for them, and reports each; `interrupt` may come at any moment.

    `stopped` is set by an interruption: whatever waits should end then.

    Interrupted once, it begins no other call, waits for those under way, and reports the calls of
    the input that it did not begin. Interrupted again (or once, where `leaves_at_once`), it reports
    what is known of those under way and leaves. Threads are daemons: one that hangs does
    not keep the process from ending.
    """

    def __init__(
        self,
        source: Iterator[Call | Report],
        perform: Callable[[Call], Report],
        *,
        concurrency: int,
        cancels: bool,
        stopped: threading.Event,
        leaves_at_once: bool,
    ) -> None:
        self._source, self._perform = source, perform
        self._cancels = cancels
        self._leaves_at_once = leaves_at_once
        # SimpleQueue: its `put` may be called by a signal handler in the middle of its `get`.
        self._events: queue.SimpleQueue[Call | Report | _Ended | _EndOfInput | int] = (
            queue.SimpleQueue()
        )
        self._room = threading.Semaphore(concurrency)
        self._workers = Workers(concurrency, "blaxel-jobs-call")
        self._under_way: list[Call] = []
        self.taken = 0
        """Calls and bad lines that the input had so far."""
        self.at_end = False
        """Whether the input was read to its end."""
        self._stopped = stopped
        self.left_under_way = False
        """Whether it left without the outcome of calls that had begun."""
        self.signal = 0
        """The number of the signal that interrupted, or 0."""

    def interrupt(self, number: int) -> None:
        """Stop, because of this signal. Safe in a signal handler."""
        self._events.put(number)

    def run(self, ended: Callable[[Report], None], note: Callable[[str], None]) -> None:
        """Make all calls; `ended` is called with each report, in this thread.

        Raises what reading the input raised, after everything that was begun has been reported.
        """
        threading.Thread(target=self._read, name="blaxel-jobs-input", daemon=True).start()
        error: Exception | None = None
        while self._under_way or not self.at_end:
            idle = bool(self.signal and not self._under_way)
            try:
                event = self._events.get(timeout=_DRAIN if idle else _HEARD)
            except queue.Empty:
                if idle:
                    return
                continue
            match event:
                case int():
                    again = bool(self.signal)
                    self.signal = self.signal or event
                    self._stopped.set()
                    if again or self._leaves_at_once:
                        for call in self._under_way:
                            self.left_under_way = True
                            ended(call.interrupted(cancels=self._cancels))
                        return
                    if self._under_way:
                        count = len(self._under_way)
                        note(f"interrupted: {count} under way; again to leave at once")
                case _EndOfInput():
                    self.at_end, error = True, event.error
                case Call() if self.signal:
                    self._take(event.not_begun(), ended)
                case Call():
                    self.taken += 1
                    self._under_way.append(event)
                    self._workers.begin(partial(self._call, event))
                case Report():
                    self._take(event, ended)
                case _Ended():
                    self._under_way.remove(event.call)
                    self._room.release()
                    ended(event.report)
        if error is not None:
            raise error

    def _take(self, report: Report, ended: Callable[[Report], None]) -> None:
        """Report a line that is not begun."""
        self.taken += 1
        self._room.release()
        ended(report)

    def _read(self) -> None:
        """Hand the input on, a line as soon as there is room for its call."""
        error = None
        try:
            while self._room.acquire() and (item := next(self._source, None)) is not None:
                self._events.put(item)
        except Exception as raised:
            error = raised
        self._events.put(_EndOfInput(error))

    def _call(self, call: Call) -> None:
        report = call.interrupted(cancels=self._cancels)
        try:
            report = self._perform(call)
        finally:
            # Not even what ends a thread may lose the outcome of its call.
            self._events.put(_Ended(call, report))
