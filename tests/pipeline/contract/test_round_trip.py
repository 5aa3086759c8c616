"""Reading is the inverse of rendering: a page gives back every fact that it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scripts.facts import plain
from scripts.failure import PipelineError, Problem
from scripts.reading.text.reader import read_page_text
from tests.pipeline.contracts import assemble
from tests.pipeline.rendering.expected import facts_of_contract, facts_of_operation
from tests.pipeline.rendering.operations import AMBIGUOUS, operations
from tests.pipeline.rendering.renderer import Operation, Style, render, sample

STYLES = st.builds(
    Style,
    enums_in_samples=st.booleans(),
    index=st.booleans(),
    date=st.sampled_from(["", "May 27, 2026"]),
    author=st.sampled_from(["", "Some words of the author."]),
)


@given(operations(), STYLES)
def test_stated_facts(operation: Operation, style: Style) -> None:
    """Every fact that a page states is in the contract, and no field has a fact more."""
    text = render(operation, style)
    contract = plain(assemble([read_page_text(text, "page.txt")]))
    wanted, found = facts_of_operation(operation), facts_of_contract(contract)
    assert {key: found.get(key) for key in wanted} == wanted, text
    extra = found.keys() - wanted.keys() - {("status",)}
    # What a sample shows beside the lists is an example.
    assert {key for key in extra if key[-1] != "examples"} == set(), text


@given(operations(), STYLES)
def test_samples(operation: Operation, style: Style) -> None:
    """Every key of a response's sample is in the contract, and nothing is required through it."""
    text = render(operation, style)
    page = read_page_text(text, "page.txt")
    if not operation.responses:
        assert page.sample is None
        return
    _, shown = sample(operation.response, style, request=False)
    assert page.sample is not None
    assert plain(page.sample) == shown


@given(operations(), STYLES)
def test_lines(operation: Operation, style: Style) -> None:
    """Every line of a page is accounted for, once."""
    text = render(operation, style)
    page = read_page_text(text, "page.txt")
    assert len(page.uses) == len(text.split("\n"))


@given(operations(), st.lists(st.sampled_from(AMBIGUOUS), min_size=1, max_size=2))
def test_ambiguous_description(operation: Operation, nasty: list[str]) -> None:
    """A description that looks like something else costs no other field a fact, or is refused."""
    described = {
        "name": "nasty", "in": "query", "schema": {"type": "boolean"},
        "description": "\n\n".join(nasty),
    }  # fmt: skip
    last = {"name": "zz-last", "in": "query", "schema": {"type": "integer"}}
    operation = replace(operation, parameters=(*operation.parameters, described, last))
    text = render(operation)
    refused: list[Problem] = []
    contract = None
    try:
        contract = plain(assemble([read_page_text(text, "page.txt")]))
    except PipelineError as error:
        refused += error.problems
    if refused:
        assert all(problem.line is not None for problem in refused)
        return
    wanted, found = facts_of_operation(operation), facts_of_contract(contract)
    others = {key: value for key, value in wanted.items() if "nasty" not in key}
    assert {key: found.get(key) for key in others} == others, text


def test_captured_page(cancel_page: str) -> None:
    """The renderer is the platform's: of the captured page it makes every line."""
    assert render(CAPTURED) == cancel_page


def _text(*examples: str) -> dict[str, Any]:
    return {"type": "string", **({"examples": list(examples)} if examples else {})}


def _number(value: int) -> dict[str, Any]:
    return {"type": "integer", "examples": [value]}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _times(*names: str) -> dict[str, Any]:
    return {name: _text() for name in names}


TASK = _object(
    conditions={
        "type": "array",
        "items": _object(
            **_times("executionReason", "message", "reason", "severity", "state", "type")
        ),
    },
    metadata=_object(
        **_times("completedAt", "createdAt"),
        name=_text("task-0"),
        **_times("scheduledAt", "startedAt", "updatedAt"),
    ),
    spec=_object(maxRetries=_number(3), timeout=_text("30m")),
)
EXECUTION = {
    **_object(
        metadata={
            **_object(
                **_times("cluster", "completedAt", "createdAt", "deletedAt", "expiredAt"),
                id=_text("exec-abc123"),
                job=_text("data-processing-job"),
                **_times("startedAt", "updatedAt"),
                workspace=_text("my-workspace"),
            ),
            "description": "Job execution metadata",
            "readOnly": True,
        },
        spec={
            **_object(
                envOverride=_text('{"MY_VAR": "***", "BATCH_SIZE": "***"}'),
                memoryOverride=_number(2048),
                parallelism=_number(5),
                tasks={"type": "array", "items": TASK},
                timeout=_number(3600),
            ),
            "description": "Job execution specification",
        },
        stats={
            **_object(
                cancelled=_number(0),
                failure=_number(1),
                retried=_number(2),
                running=_number(1),
                success=_number(8),
                total=_number(10),
            ),
            "description": "Job execution statistics",
            "readOnly": True,
        },
        status={
            "type": "string",
            "description": "Job execution status",
            "enum": [
                "queued", "pending", "running", "cancelling",
                "cancelled", "failed", "succeeded", "timeout",
            ],
        },
        tasks={"type": "array", "items": TASK, "description": "List of execution tasks"},
    ),
    "description": "Job execution",
    "required": ["metadata", "spec"],
}  # fmt: skip
CAPTURED = Operation(
    method="DELETE",
    path="/jobs/{jobId}/executions/{executionId}",
    title="Cancel job execution",
    base_url="https://api.blaxel.ai/v0",
    credentials=(
        {
            "name": "Authorization",
            "in": "header",
            "value": "Bearer <token>",
            "description": "OAuth2 authentication with JWT tokens",
        },
    ),
    parameters=tuple(
        {"name": name, "in": "path", "required": True, "schema": _text(), "description": text}
        for name, text in (("jobId", "Name of the job"), ("executionId", "Id of the execution"))
    ),
    status="200",
    response_description="successful operation",
    responses={"application/json": EXECUTION},
    statuses=4,
)
