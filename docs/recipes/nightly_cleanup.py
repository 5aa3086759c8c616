"""Every night: cancel the executions of a job that began more than a day ago.

Run it from cron or a timer; the exit code says whether anything old is still running.
"""

import logging
import sys
from datetime import UTC, datetime, timedelta

from blaxel_jobs import JobsClient

logger = logging.getLogger(__name__)


def clean_up(jobs: JobsClient, job_id: str, age: timedelta = timedelta(days=1)) -> bool:
    """Cancel what is older than `age`; return whether none of it is left.

    Raises BlaxelError where the list cannot be read.
    """
    cancelled = jobs.cancel_all(job_id, created_before=datetime.now(UTC) - age)
    failed = 0
    for result in cancelled:
        if result.error is None:
            logger.info("cancelled %s", result.execution_id)
        else:
            failed += 1
            logger.error("%s may still run: %s", result.execution_id, result.error)
    return not failed and not cancelled.left


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    with JobsClient() as jobs:
        clean = [clean_up(jobs, name) for name in sys.argv[1:]]
    sys.exit(0 if all(clean) else 1)
