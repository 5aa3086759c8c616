from enum import StrEnum


class JobExecutionTaskStatus(StrEnum):
    CANCELLED = "cancelled"
    FAILED = "failed"
    PENDING = "pending"
    RECONCILING = "reconciling"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    UNSPECIFIED = "unspecified"

    def __str__(self) -> str:
        return str(self.value)
