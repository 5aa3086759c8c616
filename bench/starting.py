"""Importing, and the time from a process's start to its first answer."""

from __future__ import annotations

from bench.pairs import Row, processes
from bench.server import serving

__all__ = ["rows"]

_OURS = (
    "import blaxel_jobs as b\nb.JobsClient(b.ApiKey('key'), base_url={url!r}).cancel('job', 'exec')"
)
_RAW = (
    "import httpx\n"
    "httpx.Client(base_url={url!r}, headers={{'Authorization': 'Bearer key'}})"
    ".delete('/jobs/job/executions/exec').json()"
)


def rows(rounds: int) -> list[Row]:
    """Compare with raw httpx."""
    imported = processes(("-c", "import blaxel_jobs"), ("-c", "import httpx"), rounds)
    with serving() as url:
        first = processes(("-c", _OURS.format(url=url)), ("-c", _RAW.format(url=url)), rounds)
    return [
        Row("cold `import blaxel_jobs` over `import httpx`, whole process", imported, 1.15),
        Row("process start to first answered cancel, over raw httpx", first, 1.15),
    ]
