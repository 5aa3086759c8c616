"""What happens once, whoever causes it at the same time."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from blaxel_jobs._network.latch import Latch


@pytest.mark.parametrize("line", range(5))
def test_set_by_two_at_once(line: int) -> None:
    """A latch may be set while another thread, or this one below a signal, is setting it."""
    latch = Latch()
    lines = iter(range(9))

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code is not Latch.set.__code__:
            return None
        if event == "line" and next(lines) == line:
            latch.set()
            assert latch.wait(30)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        latch.set()
    finally:
        sys.settrace(before)
    assert latch.wait(30)
