"""Many pages, one document: what is shared, what is kept apart, which page speaks."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from scripts.contract.assembly import Assembly, assemble_contributions
from scripts.contract.merging.renaming import renamed
from scripts.contract.operations.contribution import contribution
from scripts.facts import Kind, origins, plain
from scripts.failure import PipelineError
from scripts.generation import refusal
from scripts.reading.capture import read_page
from tests.pipeline.validator import validate

PATH = "/jobs/{jobId}/executions/{executionId}"

DOCUMENT = """\
# Get job execution

> Reads one execution.

## OpenAPI

````yaml get /jobs/{jobId}/executions/{executionId}
openapi: 3.1.0
info:
  title: Control Plane
  version: 1.2.3
servers:
  - url: https://api.blaxel.ai/v0
  - url: https://run.blaxel.ai
security:
  - ApiKeyAuth: []
paths:
  /jobs/{jobId}/executions/{executionId}:
    parameters:
      - $ref: '#/components/parameters/Job'
    get:
      operationId: GetJobExecution
      summary: Get job execution
      parameters:
        - name: executionId
          in: path
          required: true
          schema:
            type: string
      responses:
        '200':
          description: successful operation
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Execution'
        '404':
          $ref: '#/components/responses/Missing'
components:
  parameters:
    Job:
      name: jobId
      in: path
      description: Name of the job
      required: true
      schema:
        type: string
  responses:
    Missing:
      description: There is no such thing
      content:
        application/json:
          schema:
            $ref: '#/components/schemas/Problem'
  schemas:
    Execution:
      type: object
      properties:
        stats:
          $ref: '#/components/schemas/Stats'
        status:
          type: string
          enum: [queued, running]
    Problem:
      type: object
      properties:
        error:
          type: string
    Stats:
      type: object
      properties:
        cancelled: {type: integer}
        failure: {type: integer}
        retried: {type: integer}
        running: {type: integer}
        success: {type: integer}
        total: {type: integer}
  securitySchemes:
    ApiKeyAuth:
      type: http
      scheme: bearer
````
"""


def assembled(*texts: str, keep_going: bool = False) -> Assembly:
    """Assemble pages called 0.txt, 1.md ... by what they hold."""
    contributions = [
        contribution(read_page(text.encode(), f"{index}.{'md' if '````' in text else 'txt'}"))
        for index, text in enumerate(texts)
    ]
    return assemble_contributions(contributions, keep_going=keep_going)


def contract_of(*texts: str) -> Any:
    contract = plain(assembled(*texts).contract)
    validate(contract)
    return contract


def notices(assembly: Assembly) -> str:
    return "\n".join(map(str, assembly.notices))


def get(page: str) -> str:
    return page.replace("DELETE", "GET").replace("Cancel job", "Get job")


def of_agents(page: str) -> str:
    page = page.replace("\njobs\n", "\nagents\n").replace("/jobs/", "/agents/")
    return page.replace("Cancel job", "Cancel agent")


# One operation, several pages


def test_identical_pages(cancel_page: str) -> None:
    """Of two pages that say the same, one is used, and that is reported."""
    both = assembled(cancel_page, cancel_page)
    assert plain(both.contract) == contract_of(cancel_page)
    assert "1.txt:2: DELETE " in notices(both)
    assert "says the same as 0.txt" in notices(both)


def test_same_date_different_content(cancel_page: str) -> None:
    """Two pages of one date that differ are an error that names both."""
    other = cancel_page.replace("Name of the job", "Its name")
    with pytest.raises(PipelineError, match=r"1\.txt:2: .* described by 0\.txt already") as caught:
        assembled(cancel_page, other)
    assert "May 27" in str(caught.value) or "2026-05-27" in str(caught.value)


def test_newer_page_wins(cancel_page: str) -> None:
    """Of two captures of a page the newer is used; each difference names both lines."""
    newer = cancel_page.replace("May 27, 2026", "June 3, 2026").replace(
        "queued,\n", "queued,\npaused,\n"
    )
    for pages in ([cancel_page, newer], [newer, cancel_page]):
        both = assembled(*pages)
        assert plain(both.contract) == contract_of(newer)
        used, difference = notices(both).split("\n")
        assert "was used instead; it is newer" in used
        assert 'status: enum "paused" is given here' in difference


def test_document_beats_text(cancel_page: str) -> None:
    """An `.md` page is used rather than page text; disagreements name both lines."""
    text = get(cancel_page).replace("Name of the job", "Its name")
    both = assembled(text, DOCUMENT)
    assert plain(both.contract) == contract_of(DOCUMENT)
    line = next(line for line in notices(both).split("\n") if "parameter `jobId`" in line)
    assert line.startswith("0.txt:117: ")
    stated = DOCUMENT.split("\n").index("      description: Name of the job") + 1
    assert f'"Its name" here, but "Name of the job" at 1.md:{stated}' in line


# Components


def test_names_of_the_vendor(cancel_page: str) -> None:
    """A schema of page text gets the vendor's name, where an `.md` page has its shape."""
    schemas = contract_of(cancel_page, DOCUMENT)["components"]["schemas"]
    assert "JobExecutionStats" not in schemas
    assert schemas["JobExecution"]["properties"]["stats"]["$ref"].endswith("/Stats")
    assert list(schemas["Execution"]["properties"]) == ["stats", "status"]


def test_spelling_of_the_vendor(cancel_page: str) -> None:
    """Names that differ in their capitals alone would be one class: the vendor's spelling stays."""
    document = DOCUMENT.replace("/Execution'", "/JOBExecution'").replace(
        "Execution:", "JOBExecution:"
    )
    for pages in ([cancel_page, document], [document, cancel_page]):
        both = assembled(*pages)
        assert refusal.problems(both.contract) == []
        assert "JOBExecution" in plain(both.contract)["components"]["schemas"]
        assert "JobExecution" not in {
            *plain(both.contract)["components"]["schemas"],
            *both.replaced,
        }


def test_spelling_of_what_only_begins_alike(cancel_page: str) -> None:
    """A longer word is not within the class that it begins with: it keeps its own spelling."""
    document = DOCUMENT.replace("/Execution'", "/JOBExecution'").replace(
        "Execution:", "JOBExecution:"
    )
    page = contribution(read_page(cancel_page.encode(), "cancel.txt"))
    page = renamed(page, {("schemas", "JobExecutionMetadata"): "JobExecutionist"})
    vendor = contribution(read_page(document.encode(), "get.md"))
    schemas = assemble_contributions([page, vendor]).contract.value["components"].value["schemas"]
    assert {"JOBExecutionSpec", "JobExecutionist"} <= schemas.value.keys()


def test_every_section_of_a_document() -> None:
    """Responses, parameters and security schemes of a document keep their names."""
    contract = contract_of(DOCUMENT)
    assert list(contract["components"]["responses"]) == ["Missing"]
    assert list(contract["components"]["parameters"]) == ["Job"]
    operation = contract["paths"][PATH]["get"]
    assert operation["parameters"][0] == {"$ref": "#/components/parameters/Job"}
    assert operation["security"] == [{"ApiKeyAuth": []}]
    assert len(contract["servers"]) == 2


def test_same_component_on_two_pages(cancel_page: str) -> None:
    """A component with one more property on another page is united, and that is reported."""
    other = get(cancel_page).replace(
        "\ntasks\nobject[]", "\npriority\ninteger\n\nHow urgent\ntasks\nobject[]"
    )
    both = assembled(cancel_page, other)
    schemas = plain(both.contract)["components"]["schemas"]
    assert "priority" in schemas["JobExecution"]["properties"]
    assert "JobExecutionOfGetJobExecution" not in schemas
    assert "JobExecution > priority is given here, but not at 0.txt" in notices(both)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("field", ["stats\nobject", "status\nenum<string>"])
def test_null_on_one_of_two_pages(cancel_page: str, field: str, *, first: bool) -> None:
    """A field that may be null on one page alone may be null, and makes no second class."""
    pages = [cancel_page, get(cancel_page)]
    pages[first] = pages[first].replace(f"\n{field}\n", f"\n{field} | null\n")
    both = assembled(*pages)
    schemas = plain(both.contract)["components"]["schemas"]
    assert "JobExecutionOfGetJobExecution" not in schemas
    name = field.partition("\n")[0]
    schema = schemas["JobExecution"]["properties"][name]
    component = {"$ref": f"#/components/schemas/JobExecution{name.capitalize()}"}
    assert schema["anyOf"] == [component, {"type": "null"}]
    assert schema["description"] == f"Job execution {'statistics' if name == 'stats' else name}"
    assert f"JobExecution > {name} allows null here, but not at" in notices(both)


def test_same_name_in_two_documents() -> None:
    """A component of one name that contradicts another is kept apart, what refers to it too."""
    other = DOCUMENT.replace(" get /jobs", " post /jobs").replace("    get:\n", "    post:\n")
    other = other.replace("GetJobExecution", "PostJobExecution")
    other = other.replace("total: {type: integer}", "total: {type: string}")
    schemas = contract_of(DOCUMENT, other)["components"]["schemas"]
    assert schemas["Stats"]["properties"]["total"]["type"] == "integer"
    assert schemas["StatsOfPostJobExecution"]["properties"]["total"]["type"] == "string"
    assert schemas["ExecutionOfPostJobExecution"]["properties"]["stats"] == {
        "$ref": "#/components/schemas/StatsOfPostJobExecution"
    }
    assert "ProblemOfPostJobExecution" not in schemas


def test_security_schemes_of_one_name() -> None:
    """Different schemes of one name are kept apart, and the requirement follows."""
    other = DOCUMENT.replace(" get /jobs", " post /jobs").replace("    get:\n", "    post:\n")
    other = other.replace("GetJobExecution", "PostJobExecution")
    other = other.replace("scheme: bearer", "scheme: basic")
    contract = contract_of(DOCUMENT, other)
    assert contract["components"]["securitySchemes"]["ApiKeyAuth"]["scheme"] == "bearer"
    assert contract["paths"][PATH]["post"]["security"] == [{"ApiKeyAuthOfPostJobExecution": []}]


# What pages share


def test_other_server(cancel_page: str) -> None:
    """An operation of another server says so itself; the document names that of most pages."""
    other = of_agents(cancel_page).replace("api.blaxel.ai", "eu.blaxel.ai")
    contract = contract_of(cancel_page, get(cancel_page), other)
    assert contract["servers"] == [{"url": "https://api.blaxel.ai/v0"}]
    operation = contract["paths"][PATH.replace("jobs", "agents")]["delete"]
    assert operation["servers"] == [{"url": "https://eu.blaxel.ai/v0"}]
    assert "servers" not in contract["paths"][PATH]["get"]


def test_parameters_of_one_place(cancel_page: str) -> None:
    """Paths that differ in parameter names only become one, and both pages are named."""
    both = assembled(cancel_page, get(cancel_page).replace("jobId", "jobName"))
    contract = plain(both.contract)
    validate(contract)
    assert list(contract["paths"]) == [PATH]
    names = [one["name"] for one in contract["paths"][PATH]["get"]["parameters"]]
    assert names == ["jobId", "executionId"]
    assert "1.txt:3: GET /jobs/{jobName}/executions/{executionId}: 0.txt:3 spells" in notices(both)


def names_used(contract: Any) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """Return, by operation, its id and the names of all components that it reaches."""
    found = {}
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            reached: set[str] = set()
            waiting: list[Any] = [operation]
            while waiting:
                one = waiting.pop()
                if isinstance(one, dict):
                    name = one.get("$ref", "")
                    if name and name not in reached:
                        reached.add(name)
                        section, _, last = name.removeprefix("#/components/").partition("/")
                        waiting.append(contract["components"][section][last])
                    waiting.extend(one.values())
                elif isinstance(one, list):
                    waiting.extend(one)
            found[path, method] = (operation["operationId"], tuple(sorted(reached)))
    return found


def test_names_are_stable(cancel_page: str) -> None:
    """Whichever pages are added, the names that an operation uses stay, and so does the order."""
    get_page = get(cancel_page)
    agents = of_agents(cancel_page)
    short = cancel_page.replace("\njobs\n/\n{jobId}\n/\n", "\n").replace("/jobs/{jobId}/", "/")
    short = short.replace("jobId\nstring\nrequired\n\nName of the job\n\n", "")
    short = short.replace("Cancel job execution", "Cancel execution")
    conflict = of_agents(get_page).replace('"total": 10', '"total": "10"')
    pages = [cancel_page, get_page, agents, short, conflict]
    for count in range(1, len(pages)):
        for chosen in combinations(pages, count):
            before = names_used(plain(assembled(*chosen).contract))
            for added in pages:
                if added not in chosen:
                    after = names_used(plain(assembled(*chosen, added).contract))
                    changed = [place for place in before if before[place] != after[place]]
                    # What contradicts an operation that comes first gives way; nothing else does.
                    assert set(changed) <= {(PATH.replace("jobs", "agents"), "get")}


def test_order_of_files(cancel_page: str) -> None:
    """The contract does not depend on the order in which pages are read."""
    texts = [cancel_page, get(cancel_page), of_agents(cancel_page)]
    assert contract_of(*texts) == contract_of(*reversed(texts))


def test_keep_going_leaves_out_what_nothing_decides(cancel_page: str) -> None:
    """With keep-going an operation that two pages describe differently is left out and listed."""
    other = cancel_page.replace("Name of the job", "Its name")
    built = assembled(cancel_page, other, of_agents(cancel_page), keep_going=True)
    assert list(plain(built.contract)["paths"]) == [PATH.replace("jobs", "agents")]
    assert len(built.problems) == 1


def test_provenance_of_mixed_pages(cancel_page: str) -> None:
    """Every part of a merged contract names a page; a renamed operation says that it is assumed."""
    found = dict(origins(assembled(cancel_page, of_agents(cancel_page), DOCUMENT).contract))
    assert all(origin.file in ("0.txt", "1.txt", "2.md") for origin in found.values())
    assert all(origin.line or origin.kind is Kind.ASSUMED for origin in found.values())


def test_flags_that_a_list_states(cancel_page: str) -> None:
    """What only a list of fields can say, such as required, is not lost to a page's sample."""
    head = cancel_page[cancel_page.index('{\n  "meta') :].split("\n}\n", 1)[0]
    listing = cancel_page.replace("DELETE", "GET").replace("\n/\n{executionId}\n", "\n")
    listing = listing.replace("executions/{executionId}", "executions")
    listing = listing.replace("Cancel job execution", "List job executions")
    listing = listing.replace(head + "\n}\n", '{\n"data": [\n' + head + "\n}\n]\n}\n")
    body = listing.index("metadata\nobject")
    listing = f"{listing[:body]}data\nobject[]\n\nLast modified on May 27, 2026"
    listing = listing.replace("executionId\nstring\nrequired\n\nId of the execution\n\n", "")
    contract = contract_of(cancel_page, listing)
    schemas = contract["components"]["schemas"]
    assert schemas["JobExecution"]["required"] == ["metadata", "spec"]
    assert schemas["JobExecutionList"]["properties"]["data"]["items"] == {
        "$ref": "#/components/schemas/JobExecution"
    }
