"""Work in a thread beside an event loop."""

from __future__ import annotations

import anyio
import pytest

from blaxel_jobs._network.thread import in_thread


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_work_that_fails(backend: str) -> None:
    """A RuntimeError of the work itself does not have it done a second time."""
    done: list[str] = []

    def work() -> None:
        done.append("once")
        raise RecursionError("too deep")

    with pytest.raises(RecursionError, match="too deep"):
        anyio.run(in_thread, work, backend=backend)
    assert done == ["once"]
