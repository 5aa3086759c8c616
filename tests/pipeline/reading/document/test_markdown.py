"""Reading `.md` pages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from scripts.facts import Kind, Node, origins, plain
from scripts.failure import PipelineError
from scripts.reading.capture import read_page
from scripts.reading.document.markdown import holds_document, read_markdown_page
from scripts.reading.page import DocumentPage, Use

DOCUMENT = """\
openapi: 3.1.0
info:
  title: Jobs API
  version: '1'
servers:
  - url: https://api.example.com/v0
paths:
  /jobs/{jobId}:
    get:
      operationId: GetJob
      parameters:
        - name: jobId
          in: path
          required: true
          schema:
            type: string
      responses:
        '200':
          description: fine
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Job'
components:
  schemas:
    Job:
      type: object
      properties:
        name:
          type: string
          description: |-
            First line.

            ```
            code
            ```
"""
HEAD = """\
> ## Documentation Index
> Fetch the complete documentation index at: https://docs.example.com/llms.txt
> Use this file to discover all available pages before exploring further.

# Get job

> Returns one job.

Only those of *your* workspace.



## OpenAPI

"""
FENCE = "````yaml api.yaml get /jobs/{jobId}\n"
END = "````\n"


def page_of(
    document: str = DOCUMENT, *, head: str = HEAD, fence: str = FENCE, end: str = END
) -> str:
    return f"{head}{fence}{document}\n{end}"


def read(text: str) -> DocumentPage:
    return read_markdown_page(text, "page.md")


def member(node: Node, *keys: str) -> Node:
    for key in keys:
        node = node.value[key]
    return node


def line_of(text: str, part: str) -> int:
    return 1 + next(i for i, line in enumerate(text.split("\n")) if part in line)


def test_the_document_stands_as_it_is() -> None:
    """A 3.1 document comes out as it is written, in the order of the page."""
    document = plain(read(page_of()).document)
    assert document == yaml.safe_load(DOCUMENT)
    assert list(document) == ["openapi", "info", "servers", "paths", "components"]


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("GET https://api.example.org/v1/jobs/{jobId}", "https://api.example.org/v1"),
        ("DELETE https://api.example.org/v1/jobs/{jobId}", None),
        ("GET https://api.example.org/v1/jobs", None),
    ],
)
def test_server_above_the_document(line: str, url: str | None) -> None:
    """A document without servers takes the one of the operation's line, as Fern's pages have it."""
    text = page_of(
        DOCUMENT.replace("servers:\n  - url: https://api.example.com/v0\n", ""),
        head=f"# Get job\n\n{line}\n\n",
    )
    document = read(text).document
    assert plain(document).get("servers") == ([{"url": url}] if url else None)
    if url:
        assert document.value["servers"].origin.line == 3
    own = read(page_of(head=f"# Get job\n\n{line}\n\n")).document
    assert plain(own)["servers"] == [{"url": "https://api.example.com/v0"}]


@pytest.mark.parametrize("written", [":jobId", "<jobId>"])
def test_parameters_of_the_path_as_frameworks_write_them(written: str) -> None:
    """`:jobId` is the parameter that is declared; any other word behind a colon is itself."""
    path = f"/jobs/{written}/:cancel"
    text = page_of(DOCUMENT.replace("/jobs/{jobId}", path), fence=f"````yaml get {path}\n")
    page = read(text)
    assert page.path.value == "/jobs/{jobId}/:cancel"
    assert list(plain(page.document)["paths"]) == ["/jobs/{jobId}/:cancel"]
    (parameter,) = plain(page.document)["paths"][page.path.value]["get"]["parameters"]
    assert parameter["name"] == "jobId"
    assert [one.what for one in page.remarks] == [
        f"the path {path} was taken for {page.path.value}"
    ]


def test_what_no_reader_sees() -> None:
    """Invisible signs are no part of a name, and every space is one."""
    text = page_of(DOCUMENT.replace("name: jobId", "name: job\u200bId").replace("  ", "\xa0 "))
    page = read_page(text.encode(), "page.md")
    assert isinstance(page, DocumentPage)
    assert plain(page.document) == yaml.safe_load(DOCUMENT)


def test_method_path_title_and_description() -> None:
    """The operation, the title, and the description with the author's text are read."""
    page = read(page_of())
    assert (page.method.value, page.path.value) == ("GET", "/jobs/{jobId}")
    assert page.title is not None
    assert page.title.value == "Get job"
    assert page.description is not None
    assert page.description.value == "Returns one job.\n\nOnly those of *your* workspace."


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        (("paths", "/jobs/{jobId}"), "  /jobs/{jobId}:"),
        (("components", "schemas", "Job", "properties", "name"), "        name:"),
        (("components", "schemas", "Job", "type"), "      type: object"),
        (("paths", "/jobs/{jobId}", "get", "operationId"), "operationId"),
    ],
)
def test_facts_know_their_lines(keys: tuple[str, ...], part: str) -> None:
    """Each part of the document names the line of its key on the page."""
    text = page_of()
    origin = member(read(text).document, *keys).origin
    assert (origin.kind, origin.file) == (Kind.STATED, "page.md")
    assert origin.line == line_of(text, part)


def test_a_null_in_the_place_of_schemas_is_remarked_upon() -> None:
    """What the document says with a null is left out, and the page says so, at its line."""
    text = page_of(
        DOCUMENT.replace("      properties:\n", "      items: null\n      properties:\n")
    )
    page = read(text)
    assert "items" not in member(page.document, "components", "schemas", "Job").value
    assert [one.line for one in page.remarks] == [line_of(text, "items: null")]


def test_items_know_their_lines() -> None:
    """An item of a list names the line it begins on."""
    text = page_of()
    parameters = member(read(text).document, "paths", "/jobs/{jobId}", "get", "parameters")
    assert parameters.value[0].origin.line == line_of(text, "- name: jobId")


def test_every_line_is_accounted_for() -> None:
    """There is one use for each line: index, fence and title are distinguished."""
    text = page_of() + "\nBuilt with [Mintlify](https://mintlify.com).\n"
    lines, uses = text.split("\n"), read(text).uses
    assert len(uses) == len(lines)
    by_line = dict(zip(lines, uses, strict=True))
    assert uses[0] is Use.FURNITURE
    assert by_line["# Get job"] is Use.STATED
    assert by_line["## OpenAPI"] is Use.HEADING
    assert by_line["````"] is Use.FURNITURE
    assert by_line["openapi: 3.1.0"] is Use.STATED
    assert by_line["Built with [Mintlify](https://mintlify.com)."] is Use.FURNITURE
    blank = {use for line, use in zip(lines, uses, strict=True) if not line}
    assert blank == {Use.BLANK}


@pytest.mark.parametrize(
    "fence",
    [
        "````yaml get /jobs/{jobId}",
        "````yaml GET /jobs/{jobId}",
        "````yaml https://api.example.com/openapi.json get /jobs/{jobId}",
        "````yaml a file.yaml get /jobs/{jobId}",
        "````yaml v3-openapi get '/jobs/{jobId}'",
        '````yaml api.yaml get "/jobs/{jobId}"',
        "````yml api.yaml get /jobs/{jobId}",
        "```````yaml api.yaml get /jobs/{jobId}",
        "~~~~yaml api.yaml get /jobs/{jobId}",
        "````yaml",
        "````YAML api.yaml get /jobs/{jobId}  ",
    ],
)
def test_info_strings(fence: str) -> None:
    """The fence may name a file, a URL or none; quote the path; name no operation at all."""
    marks = fence[: len(fence) - len(fence.lstrip("`~"))]
    page = read(page_of(fence=f"{fence}\n", end=f"{marks}\n"))
    assert (page.method.value, page.path.value) == ("GET", "/jobs/{jobId}")


def test_a_fence_of_three_marks() -> None:
    """Three backticks do, as long as the document holds none at the beginning of a line."""
    page = read(page_of(fence="```yaml get /jobs/{jobId}\n", end="```\n"))
    job = member(page.document, "components", "schemas", "Job", "properties", "name")
    assert job.value["description"].value == "First line.\n\n```\ncode\n```"


def test_json() -> None:
    """The document may be JSON, with escapes that YAML spells differently."""
    written = yaml.safe_load(DOCUMENT)
    written["info"]["title"] = "Jobs \U0001f600"
    text = page_of(json.dumps(written, indent=2), fence="````json api.json get /jobs/{jobId}\n")
    page = read(text)
    assert plain(page.document) == written
    assert member(page.document, "info", "title").origin.line == line_of(text, '"title"')


def test_keys_that_are_numbers() -> None:
    """A status that is not quoted is a key as it is written."""
    page = read(page_of(DOCUMENT.replace("'200':", "200:")))
    responses = member(page.document, "paths", "/jobs/{jobId}", "get", "responses")
    assert list(responses.value) == ["200"]


def test_trailing_spaces_are_part_of_the_document() -> None:
    """A literal text keeps the spaces at the end of its lines, which markdown gives a meaning."""
    page = read(page_of(DOCUMENT.replace("First line.", "First line.  ")))
    name = member(page.document, "components", "schemas", "Job", "properties", "name")
    assert name.value["description"].value.startswith("First line.  \n")


def test_windows_line_ends_and_bom() -> None:
    """CRLF and a byte order mark change nothing."""
    text = "\ufeff" + page_of().replace("\n", "\r\n")
    assert plain(read(text).document) == yaml.safe_load(DOCUMENT)


def test_other_fences_are_the_authors_text() -> None:
    """Code in the author's text is not taken for the document."""
    head = HEAD + "```bash\ncurl https://api.example.com\n```\n\n"
    page = read(page_of(head=head))
    assert page.description is not None
    assert "curl https://api.example.com" in page.description.value
    assert page.path.value == "/jobs/{jobId}"


def test_an_example_of_a_document_is_the_authors_text() -> None:
    """The fence that names an operation is the document; another that only looks alike is not."""
    head = HEAD + "```yaml\nopenapi: 3.0.0\ninfo: ...\n```\n\n"
    assert plain(read(page_of(head=head)).document) == yaml.safe_load(DOCUMENT)


def test_a_sample_that_is_titled_as_an_operation_is_no_document() -> None:
    """JSON under a title such as `POST /jobs` is a sample."""
    assert not holds_document('```json POST /jobs\n{"name": "x"}\n```\n')


def test_front_matter_and_source_lines() -> None:
    """What capturing tools write above a page is furniture; its title serves where none is."""
    head = (
        "---\nurl: https://docs.example.com/x\ntitle: Get job\n---\n# Source: https://x.y/z.md\n\n"
    )
    page = read(page_of(head=head))
    assert page.title is not None
    assert page.title.value == "Get job"
    assert page.uses[1] is Use.FURNITURE


@pytest.mark.parametrize(
    "fence",
    ["````\n", "````openapi get /jobs/{jobId}\n", "````text\n", "~~~~\n"],
)
def test_a_fence_that_names_no_language(fence: str) -> None:
    """A whole document is one by what it holds, whatever its fence says."""
    text = page_of(fence=fence, end=f"{fence[:4]}\n")
    assert plain(read(text).document) == yaml.safe_load(DOCUMENT)


def test_merge_keys() -> None:
    """YAML's `<<` brings in what a mapping lacks; in quotes it is a name."""
    base = "          x-base: &base {in: path, required: true, schema: {type: integer}}\n"
    merged = "        - <<: *base\n          name: jobId\n          schema: {type: string}\n"
    start, end = DOCUMENT.index("        - name: jobId"), DOCUMENT.index("      responses:")
    document = DOCUMENT[:start] + merged + DOCUMENT[end:]
    document = document.replace("      parameters:\n", f"{base[4:]}      parameters:\n")
    operation = member(read(page_of(document)).document, "paths", "/jobs/{jobId}", "get")
    assert (
        plain(operation.value["parameters"])
        == (yaml.safe_load(DOCUMENT)["paths"]["/jobs/{jobId}"]["get"]["parameters"])
    )
    quoted = DOCUMENT.replace("        name:\n", "        '<<':\n")
    job = member(read(page_of(quoted)).document, "components", "schemas", "Job")
    assert list(job.value["properties"].value) == ["<<"]


@pytest.mark.parametrize("merged", ["5", "[{in: path}, x]"])
def test_what_cannot_be_merged(merged: str) -> None:
    """A merge of what is no mapping is refused at its line."""
    text = page_of(DOCUMENT.replace("        - name: jobId\n", f"        - <<: {merged}\n"))
    (problem,) = refused(text)
    assert problem == f"page.md:{line_of(text, '<<')}: what << merges is not a mapping"


def test_parameters_that_are_not_in_the_path() -> None:
    """One that the path lacks is left out, one that the list lacks is added: both are notices."""
    text = page_of(DOCUMENT.replace("- name: jobId", "- name: job"))
    page = read(text)
    listed = member(page.document, "paths", "/jobs/{jobId}", "get", "parameters")
    assert [plain(one.value["name"]) for one in listed.value] == ["jobId"]
    assert [(one.line, "left out" in one.what) for one in page.remarks] == [
        (line_of(text, "- name: job"), True),
        (line_of(text, "  /jobs/{jobId}:"), False),
    ]


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0", "3.2"])
def test_later_versions(version: str) -> None:
    """3.2 is read as 3.1, and `nullable`, which vendors go on writing, lets null through."""
    document = DOCUMENT.replace("3.1.0", version).replace(
        "          description: |-", "          nullable: true\n          description: |-"
    )
    name = member(read(page_of(document)).document, "components", "schemas", "Job", "properties",
                  "name")  # fmt: skip
    assert plain(name.value["type"]) == ["string", "null"]
    assert "nullable" not in name.value


def test_a_page_without_a_title() -> None:
    """A bare document is a page."""
    page = read(page_of(head=""))
    assert (page.title, page.description) == (None, None)


def test_30_is_brought_up_to_31() -> None:
    """A 3.0 document comes out as 3.1."""
    document = DOCUMENT.replace("3.1.0", "3.0.3").replace(
        "          description: |-", "          nullable: true\n          description: |-"
    )
    found = read(page_of(document)).document
    assert found.value["openapi"].value.startswith("3.1")
    name = member(found, "components", "schemas", "Job", "properties", "name")
    assert plain(name.value["type"]) == ["string", "null"]


def refused(text: str) -> list[str]:
    with pytest.raises(PipelineError) as raised:
        read(text)
    return [f"{problem.file}:{problem.line}: {problem.what}" for problem in raised.value.problems]


def test_broken_yaml_names_its_line() -> None:
    """A tab in the indentation is reported with its line on the page."""
    text = page_of(DOCUMENT.replace("      type: object", "\ttype: object"))
    (problem,) = refused(text)
    assert problem.startswith(f"page.md:{line_of(text, chr(9))}: is not valid YAML")


def test_duplicate_keys_name_their_line() -> None:
    """A key that stands twice is reported at its second place."""
    text = page_of(DOCUMENT + "    Job: {}\n")
    assert refused(text) == [f"page.md:{line_of(text, '    Job: {}')}: duplicate key 'Job'"]


@pytest.mark.parametrize("cut", [1, 10, 20, 30])
def test_a_fence_that_is_not_closed(cut: int) -> None:
    """A page that ends inside its document is reported at the fence."""
    lines = page_of().split("\n")
    text = "\n".join(lines[: len(lines) - cut - 1])
    at = line_of(text, "````yaml")
    assert refused(text) == [f"page.md:{at}: the fence that begins here is not closed"]


@pytest.mark.parametrize("named", ["get /jobs", "post /jobs/{jobId}"])
def test_an_info_string_that_disagrees(named: str) -> None:
    """A fence that names another operation than its document is reported at the fence."""
    (problem,) = refused(page_of(fence=f"````yaml {named}\n"))
    assert problem.startswith("page.md:15: the fence names ")


def test_several_operations() -> None:
    """A document with two operations is refused at the second."""
    second = "    delete:\n      responses:\n        '204':\n          description: gone\n"
    text = page_of(DOCUMENT.replace("components:\n", f"{second}components:\n"))
    assert refused(text) == [
        f"page.md:{line_of(text, '    delete:')}: "
        "the document holds several operations, DELETE /jobs/{jobId} among them"
    ]


def test_several_pages_in_one_file() -> None:
    """Pages that were joined into one file are refused with the lines of all fences."""
    text = page_of() + page_of()
    (problem,) = refused(text)
    assert problem.endswith("several operations are on the page, on lines 15, 68")


def test_references_that_lead_nowhere() -> None:
    """References to what is missing, and to other files, are each reported with their line."""
    remote = "$ref: 'https://example.com/schemas.yaml#/Job'"
    document = DOCUMENT.replace(
        "      type: object\n", f"      type: object\n      allOf:\n        - {remote}\n"
    )
    text = page_of(document.replace("    Job:", "    Jobs:"))
    assert refused(text) == [
        f"page.md:{line_of(text, '$ref')}: $ref leads to nothing: #/components/schemas/Job",
        f"page.md:{line_of(text, 'https://example.com')}: $ref leads out of the page: "
        "https://example.com/schemas.yaml#/Job",
    ]


def test_a_ref_in_an_example_is_data() -> None:
    """What looks like a reference inside an example is none."""
    document = DOCUMENT.replace(
        "      type: object\n", "      type: object\n      examples:\n        - $ref: x\n"
    )
    assert read(page_of(document)).path.value == "/jobs/{jobId}"


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("swagger: '2.0'", "the document is Swagger 2.0, not OpenAPI 3.0 or 3.1"),
        ("asyncapi: 3.0.0", "the document is Asyncapi 3.0.0, not OpenAPI 3.0 or 3.1"),
        ("openapi: 4.0.0", "the document is OpenAPI 4.0.0, which is not known here"),
        ("version: 1", "the document has no key 'openapi', which states its version"),
    ],
)
def test_other_documents(key: str, what: str) -> None:
    """Documents of other kinds and versions are refused by name."""
    assert refused(page_of(DOCUMENT.replace("openapi: 3.1.0", key))) == [f"page.md:16: {what}"]


@pytest.mark.parametrize("fence", ["````yaml webhook job.created", "````yaml EVENT webhook"])
def test_webhooks(fence: str) -> None:
    """A webhook is no operation of a client."""
    (problem,) = refused(page_of(fence=f"{fence}\n"))
    assert problem.startswith("page.md:15: the page describes a webhook")


def test_what_cannot_be_a_document() -> None:
    """Deep nesting and a bomb of aliases are refused, not run into."""
    deep = "x: " + "[" * 5000 + "]" * 5000
    bomb = "\n".join(
        ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    )
    # libyaml has a limit of its own since PyYAML 6.0.4.
    assert re.search("nested deeper|nesting depth", refused(page_of(f"{DOCUMENT}{deep}"))[0])
    assert "too large" in refused(page_of(f"{DOCUMENT}{bomb}"))[0]


def test_no_page_at_all() -> None:
    """Text without such a fence is an error that says so."""
    assert refused("# Hello\n\nworld\n") == [
        "page.md:1: no fence with an OpenAPI document is on the page"
    ]


@pytest.mark.parametrize("name", ["page.md", "page.txt"])
def test_a_file_is_read_by_what_it_holds(name: str) -> None:
    """The form is recognized by the fence, whatever the file is called."""
    assert isinstance(read_page(page_of().encode(), name), DocumentPage)


def test_page_text_has_no_document(cancel_page: str) -> None:
    """Page text is not taken for this form."""
    assert not holds_document(cancel_page)


def test_damage_is_an_error_or_harmless() -> None:
    """A page with any one line missing or doubled is read, or refused with a line; never more."""
    lines = page_of().split("\n")
    for row in range(len(lines)):
        for damaged in (
            [*lines[:row], *lines[row + 1 :]],
            [*lines[:row], lines[row], *lines[row:]],
        ):
            text = "\n".join(damaged)
            assert lines_told(text) == len(damaged)


def lines_told(text: str) -> int:
    """Return how many lines a page accounts for; all of them, where each problem names its line."""
    try:
        return len(read(text).uses)
    except PipelineError as error:
        located = all(problem.line is not None for problem in error.problems)
        return len(text.split("\n")) if located else 0


def test_origins_are_lines_of_the_page() -> None:
    """No fact names a line that the page does not have."""
    text = page_of()
    known: set[Any] = {origin.line for _, origin in origins(read(text).document)}
    assert known <= set(range(1, len(text.split("\n")) + 1))


def test_a_path_parameter_that_is_not_declared_is_assumed() -> None:
    """A name in the path that the document forgets becomes a string, marked as assumed."""
    start, end = DOCUMENT.index("      parameters:"), DOCUMENT.index("      responses:")
    page = read(page_of(DOCUMENT[:start] + DOCUMENT[end:]))
    (added,) = member(page.document, "paths", "/jobs/{jobId}", "get", "parameters").value
    assert (added.value["name"].value, added.origin.kind) == ("jobId", Kind.ASSUMED)


@pytest.mark.parametrize("place", ["path item", "component"])
def test_a_path_parameter_that_is_declared_elsewhere_is_known(place: str) -> None:
    """Parameters of the whole path and of the components count as declared."""
    document = yaml.safe_load(DOCUMENT)
    item = document["paths"]["/jobs/{jobId}"]
    parameters = item["get"].pop("parameters")
    if place == "path item":
        item["parameters"] = parameters
    else:
        document["components"]["parameters"] = {"JobId": parameters[0]}
        item["parameters"] = [{"$ref": "#/components/parameters/JobId"}]
    page = read(page_of(yaml.safe_dump(document, sort_keys=False)))
    assert plain(page.document) == document
