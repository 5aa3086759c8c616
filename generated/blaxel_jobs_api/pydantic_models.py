"""Pydantic models of the API, for those who prefer them: pip install 'blaxel-jobs[pydantic]'.

Generated from spec/openapi.yaml; never edited.
"""

from __future__ import annotations

try:
    from pydantic import BaseModel, ConfigDict, Field, RootModel
except ImportError as error:
    raise ImportError(
        f"{__name__} needs pydantic 2: pip install 'blaxel-jobs[pydantic]'"
    ) from error
from enum import StrEnum


class JobExecutionMetadata(BaseModel):
    """Job execution metadata"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    cluster: str | None = Field(None)
    """Id of the cluster"""
    completed_at: str | None = Field(None, alias="completedAt")
    """When the execution ended"""
    created_at: str | None = Field(None, alias="createdAt")
    """When it was created"""
    deleted_at: str | None = Field(None, alias="deletedAt")
    """When it was deleted"""
    expired_at: str | None = Field(None, alias="expiredAt")
    """When it expired"""
    id: str | None = Field(None, examples=["exec-abc123"])
    """Id of the execution"""
    job: str | None = Field(None, examples=["data-processing-job"])
    """Name of the job"""
    started_at: str | None = Field(None, alias="startedAt")
    """When it started"""
    updated_at: str | None = Field(None, alias="updatedAt")
    """When it last changed"""
    workspace: str | None = Field(None, examples=["my-workspace"])
    """Id of the workspace"""


class JobExecutionStats(BaseModel):
    """Job execution statistics"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    cancelled: int | None = Field(None, examples=[0])
    """Tasks that were cancelled"""
    failure: int | None = Field(None, examples=[1])
    """Tasks that failed"""
    retried: int | None = Field(None, examples=[2])
    """Tasks that were tried again"""
    running: int | None = Field(None, examples=[1])
    """Tasks that are running"""
    success: int | None = Field(None, examples=[8])
    """Tasks that succeeded"""
    total: int | None = Field(None, examples=[10])
    """All tasks"""


class JobExecutionStatus(StrEnum):
    """
    Job execution status
    """

    QUEUED = "queued"
    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    TIMEOUT = "timeout"


class JobExecutionTaskCondition(BaseModel):
    """Condition of a task"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    execution_reason: str | None = Field(None, alias="executionReason")
    """Reason given by the execution"""
    message: str | None = Field(None)
    """Message for a person"""
    reason: str | None = Field(None)
    """Reason of the condition"""
    severity: str | None = Field(None)
    """How grave it is"""
    state: str | None = Field(None)
    """State of the condition"""
    type: str | None = Field(None)
    """Kind of condition"""


class JobExecutionTaskMetadata(BaseModel):
    """Metadata of a task"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    completed_at: str | None = Field(None, alias="completedAt")
    """When the task ended"""
    created_at: str | None = Field(None, alias="createdAt")
    """When it was created"""
    name: str | None = Field(None, examples=["task-0"])
    """Name of the task"""
    scheduled_at: str | None = Field(None, alias="scheduledAt")
    """When it was scheduled"""
    started_at: str | None = Field(None, alias="startedAt")
    """When it started"""
    updated_at: str | None = Field(None, alias="updatedAt")
    """When it last changed"""


class JobExecutionTaskSpec(BaseModel):
    """Specification of a task"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    max_retries: int | None = Field(None, alias="maxRetries", examples=[3])
    """How often the task is tried again at most"""
    timeout: str | None = Field(None, examples=["30m"])
    """Duration the task may take, with its unit"""


class PaginationMeta(BaseModel):
    """Where a page stands in its list"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    has_more: bool | None = Field(None, alias="hasMore")
    """Whether there are more pages"""
    next_cursor: str | None = Field(None, alias="nextCursor")
    """Cursor to the next page; empty on the last"""
    total: int | None = Field(None)
    """How many there are, whatever the query"""


class JobExecutionEnvOverride(RootModel[dict[str, str | None]]):
    """Environment variables by name; their values are masked as `***`"""

    root: dict[str, str | None]


class JobExecutionTaskStatus(StrEnum):
    """
    Status of a task
    """

    UNSPECIFIED = "unspecified"
    PENDING = "pending"
    RECONCILING = "reconciling"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    RUNNING = "running"
    CANCELLED = "cancelled"


class JobExecutionTask(BaseModel):
    """Task of an execution"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    conditions: list[JobExecutionTaskCondition] | None = Field(None)
    """Conditions of the task"""
    metadata: JobExecutionTaskMetadata | None = Field(None)
    spec: JobExecutionTaskSpec | None = Field(None)
    status: JobExecutionTaskStatus | str | None = Field(None, union_mode="left_to_right")


class JobExecutionSpec(BaseModel):
    """Job execution specification"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    env_override: JobExecutionEnvOverride | str | None = Field(
        None, alias="envOverride", union_mode="left_to_right"
    )
    """Environment variables that were set for this execution, values masked; an object, or a string that holds it as JSON"""
    memory_override: int | None = Field(None, alias="memoryOverride", examples=[2048])
    """Megabytes of memory, where this execution sets its own"""
    parallelism: int | None = Field(None, examples=[5])
    """How many tasks run at once"""
    tasks: list[JobExecutionTask] | None = Field(None)
    """Tasks that were asked for"""
    timeout: int | None = Field(None, examples=[3600])
    """Seconds the job may take, as they were when the execution was created"""


class JobExecution(BaseModel):
    """Job execution"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    metadata: JobExecutionMetadata | None = Field(...)
    spec: JobExecutionSpec | None = Field(...)
    stats: JobExecutionStats | None = Field(None)
    status: JobExecutionStatus | str | None = Field(None, union_mode="left_to_right")
    tasks: list[JobExecutionTask] | None = Field(None)
    """List of execution tasks"""


class JobExecutionList(BaseModel):
    """Page of a job's executions"""

    model_config = ConfigDict(
        extra="allow",
        populate_by_name=True,
    )
    data: list[JobExecution] | None = Field(None)
    """Executions on this page"""
    meta: PaginationMeta | None = Field(None)
