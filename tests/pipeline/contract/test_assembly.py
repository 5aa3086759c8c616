"""The contract made of the captured page, and what a changed page does to it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from scripts.facts import Kind, origins, plain
from scripts.reading.text.reader import read_page_text
from tests.pipeline.contracts import assemble
from tests.pipeline.validator import validate

FILE = "spec/docs/page.txt"
PATH = "/jobs/{jobId}/executions/{executionId}"


def contract_of(*texts: str) -> Any:
    pages = [read_page_text(text, f"page{index}.txt") for index, text in enumerate(texts)]
    return plain(assemble(pages))


@pytest.fixture(scope="module")
def contract(cancel_page: str) -> Any:
    return contract_of(cancel_page)


def test_valid(contract: Any) -> None:
    """The contract is a valid OpenAPI document."""
    validate(contract)


def test_operation(contract: Any) -> None:
    """The operation has its names from title and path, and what the page states."""
    operation = deepcopy(contract["paths"]["/jobs/{jobId}/executions/{executionId}"]["delete"])
    del operation["responses"]["200"]["content"]["application/json"]["example"]
    assert operation == {
        "operationId": "cancelJobExecution",
        "summary": "Cancel job execution",
        "tags": ["jobs"],
        "parameters": [
            {
                "name": name,
                "in": "path",
                "description": description,
                "required": True,
                "schema": {"type": "string"},
            }
            for name, description in (
                ("jobId", "Name of the job"),
                ("executionId", "Id of the execution"),
            )
        ],
        "responses": {
            "200": {
                "description": "successful operation",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/JobExecution"}}
                },
            }
        },
        "security": [{"bearerAuth": []}],
    }


def test_component_names(contract: Any) -> None:
    """Components are named by resource and property path, and equal trees are one."""
    assert list(contract["components"]["schemas"]) == [
        "JobExecution",
        "JobExecutionMetadata",
        "JobExecutionSpec",
        "JobExecutionStats",
        "JobExecutionStatus",
        "JobExecutionTask",
        "JobExecutionTaskCondition",
        "JobExecutionTaskMetadata",
        "JobExecutionTaskSpec",
    ]


def test_required(contract: Any) -> None:
    """Nothing is required unless the page says so."""
    required = {
        name: schema["required"]
        for name, schema in contract["components"]["schemas"].items()
        if "required" in schema
    }
    assert required == {"JobExecution": ["metadata", "spec"]}


def test_same_name_is_not_same_shape(contract: Any) -> None:
    """Keys that merely share a name keep their own types."""
    schemas = contract["components"]["schemas"]
    assert schemas["JobExecutionSpec"]["properties"]["timeout"]["type"] == "integer"
    assert schemas["JobExecutionTaskSpec"]["properties"]["timeout"]["type"] == "string"


def test_every_part_has_an_origin(cancel_page: str) -> None:
    """Each part of the contract names the page; each fact has its kind."""
    document = assemble([read_page_text(cancel_page, FILE)])
    found = dict(origins(document))
    assert {origin.file for origin in found.values()} == {FILE}
    schemas = "/components/schemas"
    assert found[f"{schemas}/JobExecutionStatus/enum/1"].kind is Kind.STATED
    assert found[f"{schemas}/JobExecutionMetadata/properties/id"].line == 22
    assert found[f"{schemas}/JobExecutionMetadata/properties/id"].kind is Kind.SAMPLE
    assert found["/info/title"].kind is Kind.ASSUMED


def test_new_status_value(cancel_page: str) -> None:
    """A status value that is added to the page is in the contract."""
    changed = contract_of(cancel_page.replace("queued,\n", "queued,\npaused,\n"))
    assert "paused" in changed["components"]["schemas"]["JobExecutionStatus"]["enum"]


def test_new_field(cancel_page: str) -> None:
    """A field that is added to the page is in the contract, with type and flags."""
    field = "priority\ninteger\nrequired\n\nHow urgent it is\n\nRequired range: 0 <= x <= 9\ntasks"
    changed = contract_of(cancel_page.replace("\ntasks\nobject[]", f"\n{field}\nobject[]"))
    schema = changed["components"]["schemas"]["JobExecution"]
    assert schema["properties"]["priority"] == {
        "type": "integer",
        "description": "How urgent it is",
        "minimum": 0,
        "maximum": 9,
    }
    assert schema["required"] == ["metadata", "spec", "priority"]


def test_renamed_field(cancel_page: str) -> None:
    """A field renamed in list and sample is renamed in the contract, its component too."""
    changed = contract_of(
        cancel_page.replace("\nstats\nobject", "\nfigures\nobject").replace('"stats"', '"figures"')
    )
    schemas = changed["components"]["schemas"]
    assert "stats" not in schemas["JobExecution"]["properties"]
    assert "JobExecutionFigures" in schemas


def test_two_pages_share_components(cancel_page: str) -> None:
    """A second page of the same resource brings its operation and no new component."""
    other = cancel_page.replace("DELETE", "GET").replace("Cancel job", "Get job")
    both = contract_of(cancel_page, other)
    assert set(both["paths"]["/jobs/{jobId}/executions/{executionId}"]) == {"delete", "get"}
    assert both["components"] == contract_of(cancel_page)["components"]


def test_different_shapes_of_one_name(cancel_page: str) -> None:
    """Different shapes that would get the same name are kept apart by their operation."""
    other = cancel_page.replace("DELETE", "GET").replace("Cancel job", "Get job")
    other = other.replace('    "total": 10', '    "total": "10"')
    schemas = contract_of(cancel_page, other)["components"]["schemas"]
    assert schemas["JobExecutionStats"]["properties"]["total"]["type"] == "integer"
    named = schemas["JobExecutionStatsOfGetJobExecution"]
    assert named["properties"]["total"]["type"] == "string"
    assert schemas["JobExecutionOfGetJobExecution"]["properties"]["stats"] == {
        "$ref": "#/components/schemas/JobExecutionStatsOfGetJobExecution",
        "readOnly": True,
    }


@pytest.mark.parametrize("title", ["取消作业", "123", "!", "Delete", "Delete by ID"])
def test_title_without_a_name(cancel_page: str, title: str) -> None:
    """A title that names no operation is completed by method and path, and that is assumed."""
    document = assemble(
        [read_page_text(cancel_page.replace("Cancel job execution", title), "page.txt")]
    )
    operation = document.value["paths"].value[PATH].value["delete"].value
    name = operation["operationId"]
    assert name.value in ("deleteJobExecution", "deleteByIDJobExecution")
    assert name.origin.kind is Kind.ASSUMED


def test_titles_of_several_operations(cancel_page: str) -> None:
    """One title on several pages gives ids that each name what it is about, and no error."""
    jobs = cancel_page.replace("Cancel job execution", "Delete")
    agents = jobs.replace("\njobs\n", "\nagents\n").replace("/jobs/", "/agents/")
    paths = contract_of(jobs, agents)["paths"]
    ids = [item["delete"]["operationId"] for item in paths.values()]
    assert ids == ["deleteAgentExecution", "deleteJobExecution"]


def test_same_specific_title(cancel_page: str) -> None:
    """Of two operations with one full title, that keeps the id whose path the title names."""
    other = cancel_page.replace("\njobs\n", "\nagents\n").replace("/jobs/", "/agents/")
    paths = contract_of(cancel_page, other)["paths"]
    assert paths[PATH]["delete"]["operationId"] == "cancelJobExecution"
    other_id = paths[PATH.replace("jobs", "agents")]["delete"]["operationId"]
    assert other_id == "cancelJobExecutionForAgentExecution"
