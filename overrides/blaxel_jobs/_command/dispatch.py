"""Calls made side by side, each reported as it ends, until all are done or a signal interrupts.

A thread reads the input, others make the calls, and the main thread prints and hears signals. What
they hand over is handed over many at a time: a switch of threads for each takes 5 % more time.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from blaxel_jobs._command.call import Call, Report
from blaxel_jobs._many.workers import Workers

__all__ = ["Dispatch"]

_DRAIN = 1.0
"""Seconds that an interrupted run waits for a further line of input, to report it as not begun."""
_HEARD = 0.2
"""Seconds of one wait for an event. Signals are handled after it at the latest: one that came just
before, or that the kernel gave to another thread, does not end the wait."""


@dataclass(frozen=True, slots=True)
class _EndOfInput:
    error: Exception | None


class Dispatch:
    """Takes calls as there is room for them, and reports each; `interrupt` may come at any moment.

    `source` yields calls, and reports of what is none, as they come: a list is asked for when no
    more than `concurrency` of those before are unreported. `stopped` is set by an interruption:
    whatever waits should end then.

    Interrupted once, it begins no other call, waits for those under way, and reports the calls of
    the input that it did not begin. Interrupted again (or once, where `leaves_at_once`), it reports
    what is known of those under way and leaves. Threads are daemons: one that hangs does
    not keep the process from ending.
    """

    def __init__(
        self,
        source: Iterator[Sequence[Call | Report]],
        perform: Callable[[Call], Report],
        *,
        concurrency: int,
        cancels: bool,
        stopped: threading.Event,
        leaves_at_once: bool,
    ) -> None:
        self._source, self._perform = source, perform
        self._concurrency, self._cancels = concurrency, cancels
        self._stopped, self._leaves_at_once = stopped, leaves_at_once
        self._workers = Workers(concurrency, "blaxel-jobs-call")
        # SimpleQueue: its `put` may be called by a signal handler in the middle of its `get`.
        self._events: queue.SimpleQueue[_EndOfInput | int | None] = queue.SimpleQueue()
        """Signals, and None when there are reports."""
        self._lock = threading.Lock()
        """Guards what stands next, and `signal`: a call has begun, or it is never begun."""
        self._waiting: deque[Call] = deque()
        self._under_way: dict[Call, None] = {}
        self._ended: list[Report] = []
        self._unreported = 0
        self._room = threading.Condition(self._lock)
        """Notified when more of the input may be read."""
        self.taken = 0
        """Calls and bad lines that the input had so far."""
        self.at_end = False
        """Whether the input was read to its end."""
        self.left_under_way = False
        """Whether it left without the outcome of calls that had begun."""
        self.signal = 0
        """The number of the signal that interrupted, or 0."""

    def interrupt(self, number: int) -> None:
        """Stop, because of this signal. Safe in a signal handler."""
        self._events.put(number)

    def run(self, report: Callable[[list[Report]], None], note: Callable[[str], None]) -> None:
        """Make all calls; `report` is called with reports as they come, in this thread.

        Raises what reading the input raised, after everything that was begun has been reported.
        """
        threading.Thread(target=self._read, name="blaxel-jobs-input", daemon=True).start()
        error: Exception | None = None
        while self._unreported or not self.at_end:
            idle = bool(self.signal and not self._unreported)
            try:
                event = self._events.get(timeout=_DRAIN if idle else _HEARD)
            except queue.Empty:
                if idle:
                    return
                continue
            match event:
                case int():
                    leaves = self._leaves_at_once or bool(self.signal)
                    self._stop(event, leaves=leaves)
                    report(self._new_reports())
                    if leaves:
                        return
                    if self._under_way:
                        count = len(self._under_way)
                        note(f"interrupted: {count} under way; again to leave at once")
                case _EndOfInput():
                    self.at_end, error = True, event.error
                case None:
                    report(self._new_reports())
        if error is not None:
            raise error

    def _stop(self, number: int, *, leaves: bool) -> None:
        """Begin nothing more; with `leaves`, wait for nothing either."""
        with self._lock:
            self.signal = self.signal or number
            self._ended += [call.not_begun() for call in self._waiting]
            self._waiting.clear()
            if leaves:
                self.left_under_way = bool(self._under_way)
                self._ended += [one.interrupted(cancels=self._cancels) for one in self._under_way]
        self._stopped.set()

    def _new_reports(self) -> list[Report]:
        with self._lock:
            reports, self._ended = self._ended, []
            self._unreported -= len(reports)
            if self._unreported <= self._concurrency:
                self._room.notify()
        return reports

    def _read(self) -> None:
        """Hand the input on; more of it is read when most of that before has been reported."""
        error = None
        try:
            for items in self._source:
                self._take(items)
                with self._lock:
                    self._room.wait_for(lambda: self._unreported <= self._concurrency)
        except Exception as raised:
            error = raised
        self._events.put(_EndOfInput(error))

    def _take(self, items: Sequence[Call | Report]) -> None:
        calls = [item for item in items if isinstance(item, Call)]
        reports = [item for item in items if isinstance(item, Report)]
        with self._lock:
            self.taken += len(items)
            self._unreported += len(items)
            if self.signal:
                reports += [call.not_begun() for call in calls]
            else:
                self._waiting += calls
            self._ended += reports
        if reports:
            self._events.put(None)
        for _ in calls:
            self._workers.begin(self._call_next)

    def _call_next(self) -> None:
        with self._lock:
            if not self._waiting:  # interrupted
                return
            call = self._waiting.popleft()
            self._under_way[call] = None
        report = call.interrupted(cancels=self._cancels)
        try:
            report = self._perform(call)
        finally:
            # Not even what ends a thread may lose the outcome of its call.
            with self._lock:
                del self._under_way[call]
                first = not self._ended
                self._ended.append(report)
            if first:
                self._events.put(None)
