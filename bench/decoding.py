"""From the body to an execution with many tasks."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable

import httpx

from bench.pairs import calls
from bench.row import Row
from bench.server import EXECUTION
from blaxel_jobs._answer.decode import execution_of
from blaxel_jobs._effects import Answer

__all__ = ["rows"]

_MANY = 58_000
"""Tasks in some 15 MB, near the longest body that is read."""


def rows(rounds: int) -> list[Row]:
    """Compare with the pydantic models of the same contract."""
    from blaxel_jobs_api.pydantic_models import JobExecution

    found = []
    for count in (1_000, _MANY):
        content = _body(count)

        def ours(content: bytes = content) -> object:
            return execution_of(Answer(200, httpx.Headers(), content), accepted=True)

        def peer(content: bytes = content) -> object:
            return JobExecution.model_validate(json.loads(content))

        what = f"decoding {len(content) / 1e6:.1f} MB, {count:,} tasks"
        often = 5 * rounds if count < _MANY else rounds + 1
        found.append(Row(f"{what}, over pydantic v2", calls(ours, peer, often), 1.0))
    memory = _peak(ours) / len(content)
    return [*found, Row("the same: peak memory over the body", memory, 6.0)]


def _body(tasks: int) -> bytes:
    listed = [
        {
            "metadata": {
                "name": f"task-{at}",
                "createdAt": f"2026-05-27T10:00:00.{at:06}Z",
                "updatedAt": f"2026-05-27T10:01:00.{at:06}Z",
            },
            "spec": {"env": {}, "maxRetries": 1},
            "conditions": [{"type": "Ready", "status": "True", "message": f"step {at}"}],
            "status": "running",
        }
        for at in range(tasks)
    ]
    return json.dumps({**EXECUTION, "tasks": listed}).encode()


def _peak(work: Callable[[], object]) -> int:
    """Return the most bytes that are allocated while it works."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
