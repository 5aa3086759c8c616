"""A kill switch: stop everything that the named jobs are doing, and say plainly what still runs.

The command `blaxel-jobs cancel JOB --all --yes` does the same from a shell, for one job.
"""

import sys
from collections.abc import Iterable

from blaxel_jobs import BlaxelError, JobsClient


def kill(jobs: JobsClient, names: Iterable[str]) -> list[str]:
    """Cancel every execution of each job; return the jobs that may still have some running."""
    left = []
    for name in names:
        try:
            cancelled = jobs.cancel_all(name, concurrency=32, timeout=30)
            errors = [result for result in cancelled if result.error is not None]
        except BlaxelError as error:  # the list cannot be read: go on with the next job
            print(f"{name}: {error}", file=sys.stderr)
            left.append(name)
            continue
        for result in errors:
            print(f"{name} {result.execution_id}: {result.error}", file=sys.stderr)
        if errors or cancelled.left:
            left.append(name)
    return left


if __name__ == "__main__":
    with JobsClient() as jobs:
        sys.exit(1 if kill(jobs, sys.argv[1:]) else 0)
