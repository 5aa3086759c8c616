"""A kill switch: cancel every execution on a list, and say plainly what may still run.

The command `blaxel-jobs cancel -` does the same from a shell.
"""

import sys
from collections.abc import Iterable

from blaxel_jobs import JobsClient, NotFoundError


def kill(jobs: JobsClient, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Cancel all; return those that may still run."""
    left = []
    for result in jobs.cancel_many(pairs, concurrency=32, timeout=30):
        if result.error is not None and not isinstance(result.error, NotFoundError):
            print(f"{result.job_id} {result.execution_id}: {result.error}", file=sys.stderr)
            left.append((result.job_id, result.execution_id))
    return left


if __name__ == "__main__":
    lines = (line.split() for line in sys.stdin if line.strip())
    with JobsClient() as jobs:
        sys.exit(1 if kill(jobs, ((line[0], line[1]) for line in lines)) else 0)
