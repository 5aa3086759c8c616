"""Progress of a run: a line that rewrites itself on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

_CLEAR = "\r\x1b[K"


@dataclass(slots=True)
class Progress:
    """Where a run says what it is doing; `quiet` says nothing."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    quiet: bool = False

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show a step while it runs; on a terminal, leave it with the seconds it took."""
        start = time.monotonic()
        if self.quiet:
            yield
            return
        if not self.stream.isatty():
            self._write(f"{what}\n")
            yield
            return
        self._write(f"{_CLEAR}... {what}")
        try:
            yield
        except BaseException:
            self._write(f"{_CLEAR}failed: {what}\n")
            raise
        self._write(f"{_CLEAR}{what}  {time.monotonic() - start:.1f} s\n")

    def say(self, text: str) -> None:
        """Say one line, whatever the stream is."""
        if not self.quiet:
            self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except OSError:
            self.quiet = True  # the reader has left; the work goes on
