"""From the body to an execution with 1,000 tasks."""

from __future__ import annotations

import json

import httpx

from bench.pairs import calls
from bench.row import Row
from bench.server import EXECUTION
from blaxel_jobs._answer.decode import execution_of

__all__ = ["rows"]


def rows(rounds: int) -> list[Row]:
    """Compare with the pydantic models of the same contract."""
    from blaxel_jobs_api.pydantic_models import JobExecution

    created = "2026-05-27T10:00:00Z"
    tasks = [
        {"metadata": {"name": f"task-{at}", "createdAt": created}, "status": "running"}
        for at in range(1000)
    ]
    content = json.dumps({**EXECUTION, "tasks": tasks}).encode()
    ratio = calls(
        lambda: execution_of(httpx.Response(200, content=content), accepted=True),
        lambda: JobExecution.model_validate(json.loads(content)),
        rounds,
    )
    return [Row("decoding an execution with 1,000 tasks, over pydantic v2", ratio, 1.0)]
