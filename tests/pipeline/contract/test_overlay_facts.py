"""The project's own overlay: what it adds to the page's contract."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from scripts.contract import overlay
from scripts.contract.belief import Outcome
from tests.pipeline import contracts
from tests.pipeline.validator import validate

PATH = "/jobs/{jobId}/executions/{executionId}"


@cache
def contract() -> dict[str, Any]:
    return contracts.contract()


def test_valid() -> None:
    """The contract with the overlay is valid OpenAPI."""
    validate(contract())


def test_every_action_has_an_effect() -> None:
    """No action repeats what the page says already."""
    facts = overlay.read(contracts.ROOT / "spec/overlay.yaml", "spec/overlay.yaml")
    effects = overlay.apply(contracts.facts(), facts).effects
    works = {Outcome.ADDED, Outcome.REPLACED, Outcome.CHANGED, Outcome.OVERRULED}
    outcomes_of = {e.action.index: {one.outcome for one in e.decisions} for e in effects}
    assert [index for index, outcomes in outcomes_of.items() if not outcomes & works] == []


def test_read_operation() -> None:
    """Reading an execution takes and gives what cancelling does."""
    cancel, read = contract()["paths"][PATH]["delete"], contract()["paths"][PATH]["get"]
    assert read["operationId"] == "getJobExecution"
    assert read["parameters"] == cancel["parameters"]
    assert read["responses"] == cancel["responses"]
    assert read["tags"] == cancel["tags"]


@pytest.mark.parametrize(("method", "scope"), [("delete", "jobs:delete"), ("get", "jobs:get")])
def test_credentials(method: str, scope: str) -> None:
    """Each operation takes a token with its scope, or an API key; both schemes are declared."""
    assert contract()["paths"][PATH][method]["security"] == [
        {"OAuth2": [scope]},
        {"ApiKeyAuth": []},
    ]
    assert set(contract()["components"]["securitySchemes"]) == {"OAuth2", "ApiKeyAuth"}


def test_errors() -> None:
    """Every documented error is declared."""
    responses = contract()["paths"][PATH]["delete"]["responses"]
    assert set(responses) == {"200", "400", "401", "403", "404", "429", "500", "504"}


def test_env_override_is_an_object_or_a_string() -> None:
    """The contract says an object, the samples show a string: both are accepted."""
    env = contract()["components"]["schemas"]["JobExecutionSpec"]["properties"]["envOverride"]
    assert [branch.get("$ref", branch.get("type")) for branch in env["anyOf"]] == [
        "#/components/schemas/JobExecutionEnvOverride",
        "string",
    ]


def test_times_of_tasks_are_read_only() -> None:
    """Every time in a task's metadata is set by the server, its name is not."""
    times = contract()["components"]["schemas"]["JobExecutionTaskMetadata"]["properties"]
    assert [name for name, schema in times.items() if not schema.get("readOnly")] == ["name"]
