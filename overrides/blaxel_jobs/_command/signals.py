"""Ctrl-C and SIGTERM as events: no exception may come between a cancel and its report."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["signals_to"]

_STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def signals_to(receive: Callable[[int], object], *, for_good: bool) -> Iterator[None]:
    """Hand SIGINT and SIGTERM to a function while the block runs.

    What is ignored stays so, as for a job in the background. With `for_good`, both are ignored
    from then on: the process is about to end with the exit code that says what happened.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return

    def handle(number: int, _: FrameType | None) -> None:
        receive(number)

    before = {one: signal.getsignal(one) for one in _STOPPING}
    heard = [one for one, handler in before.items() if handler is not signal.SIG_IGN]
    for one in heard:
        signal.signal(one, handle)
    try:
        yield
    finally:
        for one in heard:
            signal.signal(one, signal.SIG_IGN if for_good else before[one])
