"""Threads that make blocking calls side by side."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable

__all__ = ["Workers"]


class Workers:
    """At most `limit` threads, each started when there is work that no other is free for.

    They are daemons: one that hangs does not keep the process from ending.
    """

    def __init__(self, limit: int, name: str) -> None:
        self._limit, self._name = limit, name
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def begin(self, work: Callable[[], None]) -> None:
        """Let a thread call `work`, which must not raise; this one where there is no other."""
        if len(self._threads) < self._limit:
            try:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                thread.start()
            except RuntimeError:  # no more threads, or no daemons, as in subinterpreters
                if not self._threads:
                    work()
                    return
            else:
                self._threads.append(thread)
        self._work.put(work)

    def finish(self) -> None:
        """Wait until all work is done, and end the threads."""
        if sys.is_finalizing():  # daemons stand still then, and would be waited for without end
            return
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
