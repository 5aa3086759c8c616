"""Names by rule."""

from __future__ import annotations

import pytest

from scripts.contract.operations import naming


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Cancel job execution", "cancelJobExecution"),
        ("List API keys", "listAPIKeys"),
        ("Get v2 job's state", "getV2JobSState"),
    ],
)
def test_operation_id(title: str, name: str) -> None:
    """An operation is called by its title, in camel case."""
    assert naming.operation_id(title) == name


@pytest.mark.parametrize(
    ("path", "name", "tag"),
    [
        ("/jobs/{jobId}/executions/{executionId}", "JobExecution", "jobs"),
        ("/v0/policies", "Policy", "policies"),
        ("/{id}", "Root", "default"),
        ("/mcp-servers/{id}", "McpServer", "mcp-servers"),
    ],
)
def test_resource_and_tag(path: str, name: str, tag: str) -> None:
    """A path's words, in the singular, name what it is about; its first word is the tag."""
    assert (naming.resource(path), naming.tag(path)) == (name, tag)


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("tasks", "task"),
        ("conditions", "condition"),
        ("statuses", "status"),
        ("status", "status"),
        ("policies", "policy"),
        ("boxes", "box"),
        ("access", "access"),
        ("data", "data"),
    ],
)
def test_singular(plural: str, singular: str) -> None:
    """The singular is recognized by the ending."""
    assert naming.singular(plural) == singular
