"""The API that the tests' site documents: executions of jobs, in the shapes that the client knows.

A document of our own; `document()` is the API as it is, and tests change a copy of it.
"""

from __future__ import annotations

from typing import Any

__all__ = ["CANCEL", "CREATE", "GET", "LIST", "TASKS", "document"]

_EXECUTION = "/jobs/{jobId}/executions/{executionId}"
CANCEL = (_EXECUTION, "delete")
GET = (_EXECUTION, "get")
LIST = ("/jobs/{jobId}/executions", "get")
CREATE = ("/jobs/{jobId}/executions", "post")
TASKS = (f"{_EXECUTION}/tasks", "get")

_JOB = {"name": "jobId", "in": "path", "required": True, "description": "Name of the job",
        "schema": {"type": "string"}}  # fmt: skip
_ID = {"name": "executionId", "in": "path", "required": True, "description": "Id of the execution",
       "schema": {"type": "string"}}  # fmt: skip
_PAGING = [
    {"name": "limit", "in": "query", "description": "How many at most",
     "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}},
    {"name": "cursor", "in": "query", "description": "Where to go on",
     "schema": {"type": "string"}},
]  # fmt: skip


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(*names: str, **known: Any) -> dict[str, Any]:
    """Return properties that are texts, with the examples that are given."""
    return {
        name: {"type": "string", **({"examples": [known[name]]} if name in known else {})}
        for name in sorted({*names, *known})
    }


def _number(example: int) -> dict[str, Any]:
    return {"type": "integer", "examples": [example]}


def _operation(
    name: str, title: str, scope: str, parameters: list[Any], schema: Any, **more: Any
) -> dict[str, Any]:
    error = {"application/json": {"schema": _ref("Error")}}
    return {
        "operationId": name,
        "summary": title,
        "tags": ["jobs"],
        "security": [{"OAuth2": [scope]}, {"ApiKeyAuth": []}],
        "parameters": parameters,
        **more,
        "responses": {
            "200": {"description": "successful operation",
                    "content": {"application/json": {"schema": schema}}},
            "400": {"description": "Bad request", "content": error},
            "404": {"description": "Not found", "content": error},
            "500": {"description": "Server error", "content": error},
        },
    }  # fmt: skip


def _page_of(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["data", "meta"],
        "properties": {
            "data": {"type": "array", "items": _ref(name), "description": "What was found"},
            "meta": {**_ref("PageMeta"), "description": "Where the next page is"},
        },
    }


def document() -> dict[str, Any]:
    """Return the whole API, a new copy with each call."""
    schemas: dict[str, Any] = {
        "JobExecution": {
            "type": "object",
            "description": "Job execution",
            "required": ["metadata", "spec"],
            "properties": {
                "metadata": {**_ref("JobExecutionMetadata"), "readOnly": True},
                "spec": _ref("JobExecutionSpec"),
                "stats": {**_ref("JobExecutionStats"), "readOnly": True},
                "status": {
                    "type": "string",
                    "description": "Job execution status",
                    "enum": ["queued", "pending", "running", "cancelling", "cancelled", "failed",
                             "succeeded", "timeout"],
                },
                "tasks": {"type": "array", "description": "List of execution tasks",
                          "items": _ref("JobExecutionTask")},
            },
        },
        "JobExecutionMetadata": {
            "type": "object",
            "description": "Job execution metadata",
            "properties": _text(
                "cluster", "completedAt", "createdAt", "deletedAt", "expiredAt", "startedAt",
                "updatedAt", id="exec-abc123", job="data-processing-job", workspace="my-workspace",
            ),
        },
        "JobExecutionSpec": {
            "type": "object",
            "description": "Job execution specification",
            "properties": {
                "envOverride": {
                    "type": "object", "additionalProperties": {"type": "string"},
                    "examples": ['{"MY_VAR": "***", "BATCH_SIZE": "***"}'],
                },
                "memoryOverride": _number(2048),
                "parallelism": _number(5),
                "tasks": {"type": "array", "items": _ref("JobExecutionTask")},
                "timeout": _number(3600),
            },
        },
        "JobExecutionStats": {
            "type": "object",
            "description": "Job execution statistics",
            "properties": {
                "cancelled": _number(0), "failure": _number(1), "retried": _number(2),
                "running": _number(1), "success": _number(8), "total": _number(10),
            },
        },
        "JobExecutionTask": {
            "type": "object",
            "description": "One task of an execution",
            "properties": {
                "conditions": {"type": "array", "items": _ref("JobExecutionTaskCondition")},
                "metadata": _ref("JobExecutionTaskMetadata"),
                "spec": _ref("JobExecutionTaskSpec"),
                "status": {
                    "type": "string",
                    "enum": ["unspecified", "pending", "reconciling", "failed", "succeeded",
                             "running", "cancelled"],
                },
            },
        },
        "JobExecutionTaskCondition": {
            "type": "object",
            "properties": _text(
                "executionReason", "message", "reason", "severity", "state", "type"
            ),
        },
        "JobExecutionTaskMetadata": {
            "type": "object",
            "properties": _text(
                "completedAt", "createdAt", "scheduledAt", "startedAt", "updatedAt", name="task-0"
            ),
        },
        "JobExecutionTaskSpec": {
            "type": "object",
            "properties": {"maxRetries": _number(3), "timeout": {"type": "string",
                                                                 "examples": ["30m"]}},
        },
        "CreateJobExecutionRequest": {
            "type": "object",
            "properties": {
                "memory": {"type": "integer", "description": "Megabytes"},
                "tasks": {"type": "array", "description": "One entry a task",
                          "items": {"type": "object"}},
            },
        },
        "CreateJobExecutionResponse": {
            "type": "object",
            "properties": {"executionId": {"type": "string", "description": "Id of the execution"}},
        },
        "PageMeta": {
            "type": "object",
            "properties": {"hasMore": {"type": "boolean"}, "nextCursor": {"type": "string"}},
        },
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"type": "string"}, "message": {"type": "string"},
                           "code": {"type": "integer"}},
        },
    }  # fmt: skip
    executions, tasks = _page_of("JobExecution"), _page_of("JobExecutionTask")
    body = {"content": {"application/json": {"schema": _ref("CreateJobExecutionRequest")}},
            "required": True}  # fmt: skip
    single, both = _ref("JobExecution"), [_JOB, _ID]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Control plane", "version": "1"},
        "servers": [{"url": "https://api.blaxel.ai/v0"}],
        "paths": {
            _EXECUTION: {
                "delete": _operation(
                    "DeleteJobExecution", "Cancel job execution", "jobs:delete", both, single),
                "get": _operation(
                    "GetJobExecution", "Get job execution", "jobs:get", both, single),
            },
            LIST[0]: {
                "get": _operation("ListJobExecutions", "List job executions", "jobs:list",
                                  [_JOB, *_PAGING], executions),
                "post": _operation("CreateJobExecution", "Create job execution", "jobs:create",
                                   [_JOB], _ref("CreateJobExecutionResponse"), requestBody=body),
            },
            TASKS[0]: {
                "get": _operation("ListJobExecutionTasks", "List job execution tasks", "jobs:get",
                                  [*both, *_PAGING], tasks),
            },
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "OAuth2": {
                    "type": "oauth2",
                    "description": "OAuth2 authentication with JWT tokens",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "/oauth/token",
                            "scopes": dict.fromkeys(
                                ("jobs:create", "jobs:delete", "jobs:get", "jobs:list"), ""),
                        },
                    },
                },
                "ApiKeyAuth": {"type": "http", "scheme": "bearer"},
            },
        },
    }  # fmt: skip
