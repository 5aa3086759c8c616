"""Reading the captured page: every fact is found, every damaged line is refused."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.facts import Kind, plain
from scripts.failure import PipelineError, Problem
from scripts.reading.page import Field, Page, Use
from scripts.reading.text.reader import read_page_text

FILE = "spec/docs/page.txt"


@pytest.fixture(scope="module")
def page(cancel_page: str) -> Page:
    return read_page_text(cancel_page, FILE)


def damaged(text: str, old: str, new: str, occurrence: int = 1) -> tuple[str, int]:
    """Replace one whole line of a page; return the page and the number of that line."""
    lines = text.split("\n")
    at = [row for row, line in enumerate(lines) if line == old][occurrence - 1]
    return "\n".join([*lines[:at], *new.split("\n"), *lines[at + 1 :]]), at + 1


def test_operation(page: Page) -> None:
    """Method, path, title and base URL are stated, each with its line."""
    facts = [page.method, page.path, page.title, page.base_url]
    assert [(f.value, f.origin.line) for f in facts if f] == [
        ("DELETE", 2),
        ("/jobs/{jobId}/executions/{executionId}", 3),
        ("Cancel job execution", 11),
        ("https://api.blaxel.ai/v0", 13),
    ]
    assert {f.origin.kind for f in facts if f} == {Kind.STATED}


def test_authorization(page: Page) -> None:
    """The credential is known with its place, and its prefix from curl."""
    (credential,) = page.authorizations
    assert credential.name.value == "Authorization"
    assert credential.location is not None
    assert credential.location.value == "header"
    assert page.request is not None
    assert page.request.headers["Authorization"].value == "Bearer <token>"


def test_path_parameters(page: Page) -> None:
    """Both path parameters are stated as required strings with their descriptions."""
    assert [
        (
            p.name.value,
            p.types.value[0].base,
            bool(p.required),
            p.description and p.description.value,
        )
        for p in page.parameters
    ] == [
        ("jobId", "string", True, "Name of the job"),
        ("executionId", "string", True, "Id of the execution"),
    ]


def flags(field: Field) -> set[str]:
    found = {keyword for keyword in field.keywords if keyword == "readOnly"}
    return found | ({"required"} if field.required else set())


def test_response(page: Page) -> None:
    """The response's descriptions and its five fields are stated, with type and flags."""
    response = page.response
    assert response is not None
    assert response.status is None
    assert response.description is not None
    assert response.description.value == "successful operation"
    assert response.schema_description is not None
    assert response.schema_description.value == "Job execution"
    assert [
        (f.name.value, f.types.value[0].base, f.types.value[0].depth, flags(f))
        for f in response.fields
    ] == [
        ("metadata", "object", 0, {"required", "readOnly"}),
        ("spec", "object", 0, {"required"}),
        ("stats", "object", 0, {"readOnly"}),
        ("status", "enum", 0, set()),
        ("tasks", "object", 1, set()),
    ]


def test_status_values(page: Page) -> None:
    """The eight status values are stated, each with a line of its own."""
    assert page.response is not None
    options = page.response.fields[3].keywords["enum"]
    assert plain(options) == [
        "queued", "pending", "running", "cancelling", "cancelled", "failed", "succeeded", "timeout",
    ]  # fmt: skip
    lines = [value.origin.line for value in options.value]
    assert lines == list(range(lines[0], lines[0] + 8))


def test_sample(page: Page) -> None:
    """The whole tree of the sample is there, each value with its line."""
    assert page.sample is not None
    tree = page.sample.value
    assert list(tree) == ["metadata", "spec", "stats", "tasks"]
    assert tree["stats"].value["total"].value == 10
    assert tree["stats"].value["total"].origin.line == 66
    assert plain(tree["spec"].value["tasks"]) == plain(tree["tasks"])
    assert tree["tasks"].origin.kind is Kind.SAMPLE


def test_every_line_is_accounted_for(page: Page, cancel_page: str) -> None:
    """Each line has exactly one use."""
    assert len(page.uses) == len(cancel_page.split("\n"))
    assert Counter(page.uses) == {
        Use.BLANK: 25,
        Use.FURNITURE: 5,
        Use.HEADING: 3,
        Use.STATED: 53,
        Use.REQUEST_SAMPLE: 3,
        Use.RESPONSE_SAMPLE: 80,
    }


@pytest.mark.parametrize(
    ("old", "occurrence", "new", "message"),
    [
        ("DELETE", 1, "DELET", "expected the operation's method"),
        ("executions", 1, "/", "expected a path segment here"),
        ("Cancel job execution", 1, "Cancel job execution\n\nstray\nstring", "outside any section"),
        ("required", 1, "requird", "unknown flag 'requird'"),
        ("required", 1, "required\nrequired", "the flag 'required' stands twice"),
        ("read-only", 1, "readonly", "unknown flag 'readonly'"),
        ("header", 1, "heading", "unknown flag 'heading'"),
        ("string", 3, "strng", "unknown type 'strng'"),
        ("object", 2, "thing", "unknown type 'thing'"),
        ("object[]", 1, "object[", "after the last available option"),
        ("enum<string>", 1, "enum<text>", "unknown type 'enum<text>'"),
        ("Path Parameters", 1, "Path Paramters", "'jobId' does not say where it is sent"),
        ("Response", 1, "Respnse", "does not stand in the path"),
        ("jobId", 1, "jobID", "does not stand in the path"),
        ("metadata", 1, "", "has no name before it"),
        ("successful operation", 1, "99 - application/json", "status line .* is not understood"),
        ("metadata", 1, "stats object read-only\n\nmetadata", "'stats' and the type 'object"),
        ("Available options:", 1, "Available option:", "has no 'Available options:'"),
        ("pending,", 1, "pending", "after the last available option"),
        ("timeout", 1, "timeout,", "after the last available option"),
        ("enum<string>", 1, "string", "of 'status', which is not an enum"),
        ("List of execution tasks", 1, "Some\n\nspec\nobject", "the field 'spec' is listed twice"),
        ("List of execution tasks", 1, "Required range: x => 1", "constraint is not understood"),
        ("List of execution tasks", 1, "Required range: x >= 01", "constraint is not understood"),
        ("List of execution tasks", 1, "Must be a multiple of 0", "constraint is not understood"),
        (
            "List of execution tasks", 1,
            "Minimum array length: 1\n\nMinimum array length: 2", "the field says this twice",
        ),
        ("Name of the job", 1, "Name\0 of the job", "control character"),
        ('    "memoryOverride": 2048,', 1, '    "memoryOverride": 1e999,', "expected a JSON value"),
        ('    "memoryOverride": 2048,', 1, '    "m": "\\ud800",', "expected a JSON value"),
        ('  "stats": {', 1, '  "stats" {', "expected a colon"),
        ('    "total": 10', 1, '    "total": ten', "expected a JSON value"),
        ('    "retried": 2,', 1, '    "success": 2,', "stands twice"),
        ("Documentation Index", 1, "Documentaton Index", "no rule accounts for this line"),
        ("Last modified on May 27, 2026", 1, "Last modified on", "expected a date"),
    ],
)  # fmt: skip
def test_damaged_line(cancel_page: str, old: str, occurrence: int, new: str, message: str) -> None:
    """A damaged line is refused, by file and a line at or close behind it."""
    text, _ = damaged(cancel_page, old, new, occurrence)
    with pytest.raises(PipelineError, match=message) as caught:
        read_page_text(text, FILE)
    (problem,) = caught.value.problems
    assert problem.file == FILE
    assert problem.line is not None
    assert problem.text == text.split("\n")[problem.line - 1].rstrip()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("DELETE \\", "curl's method GET is not the page's method DELETE"),
        ("--url", "is not understood|no --url"),
        ("/executions/{executionId} \\", "does not end in the page's path"),
        ("--header", "is not understood"),
    ],
)
def test_damaged_curl(cancel_page: str, part: str, message: str) -> None:
    """A curl command that contradicts the page, or is not understood, is refused."""
    replacement = {"DELETE \\": "GET \\", "/executions/{executionId} \\": "/executions \\"}
    text = cancel_page.replace(part, replacement.get(part, "--" + part[3:]))
    with pytest.raises(PipelineError, match=message) as caught:
        read_page_text(text, FILE)
    assert caught.value.problems[0].line in (12, 13, 14)


def test_sample_cut_in_half(cancel_page: str) -> None:
    """A sample that breaks off is refused at the line where it stops being JSON."""
    lines = cancel_page.split("\n")
    text = "\n".join(lines[:49] + lines[94:])
    with pytest.raises(PipelineError, match="double quotes") as caught:
        read_page_text(text, FILE)
    assert caught.value.problems[0].line == 51


@given(data=st.data())
def test_never_crashes(data: st.DataObject) -> None:
    """A page with lines lost, doubled or swapped gives a page or an error with a line."""
    lines = SOURCE.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.integers(0, len(lines) - 1))
        edit = data.draw(st.sampled_from(["lose", "double", "swap", "cut"]))
        if edit == "lose" and len(lines) > 1:
            del lines[row]
        elif edit == "double":
            lines.insert(row, lines[row])
        elif edit == "swap":
            lines[row], lines[other] = lines[other], lines[row]
        else:
            lines[row] = lines[row][: len(lines[row]) // 2]
    problems: tuple[Problem, ...] = ()
    try:
        read_page_text("\n".join(lines), FILE)
    except PipelineError as error:
        problems = error.problems
    assert all(p.line is not None and 1 <= p.line <= len(lines) for p in problems)


@pytest.mark.parametrize("text", ["", "\n\n", "Skip to main content", "GET\n", "GET\n/\n"])
def test_hardly_a_page(text: str) -> None:
    """What is not a page at all is refused with a line."""
    with pytest.raises(PipelineError, match=re.escape(f"{FILE}:")):
        read_page_text(text, FILE)


SOURCE = (
    "POST\n/\nthings\n/\n{id}\nUpdate thing\n"
    "curl --request POST --url https://api.example.com/v1/things/{id} --data '{\"n\": 5}'\n"
    '{\n  "n": 5\n}\n\nPath Parameters\n\nid\nstring<uuid>\nrequired\n\nIts id\n\n'
    "Body\n\napplication/json\n\nn\ninteger\ndefault:3\nrequired\n\nHow many\n\n"
    "Required range: 1 <= x <= 9\nExample:\n\n5\n\nResponse\n\n200 - application/json\n\nDone\n\n"
    "n\nA thing · integer | null\n\nLast modified on May 1, 2026"
)


def test_constraints() -> None:
    """Defaults, ranges, examples and formats become JSON Schema keywords."""
    page = read_page_text(SOURCE, FILE)
    assert page.body is not None
    (field,) = page.body.fields
    keywords = {key: plain(value) for key, value in field.keywords.items()}
    assert keywords == {"default": 3, "minimum": 1, "maximum": 9, "examples": [5]}
    assert page.parameters[0].types.value[0].format == "uuid"


def test_example_missing() -> None:
    """A label without an example behind it is refused."""
    with pytest.raises(PipelineError, match="no example follows"):
        read_page_text(SOURCE.replace("Example:\n\n5\n", "Example:\n"), FILE)


def test_status_line_and_union() -> None:
    """A printed status and content type are stated; a union keeps its branches and title."""
    page = read_page_text(SOURCE, FILE)
    assert page.response is not None
    assert page.response.status is not None
    assert page.response.content_type is not None
    assert (page.response.status.value, page.response.content_type.value) == (
        "200",
        "application/json",
    )
    bases = [(one.base, one.title) for one in page.response.fields[0].types.value]
    assert bases == [("integer", "A thing"), ("null", None)]


def test_type_line_missing_before_options(cancel_page: str) -> None:
    """Options do not fall to the field before theirs when the type line between is missing."""
    text = cancel_page.replace("status\nenum<string>\n", "status\n")
    with pytest.raises(PipelineError, match="of 'stats', which is not an enum") as caught:
        read_page_text(text, FILE)
    assert caught.value.problems[0].line == 154


@pytest.mark.parametrize("host", ["[::1", "api.blaxel.ai:99999"])
def test_unusable_base_url(cancel_page: str, host: str) -> None:
    """A base URL that cannot be taken apart is refused at its line."""
    with pytest.raises(PipelineError, match="no usable base") as caught:
        read_page_text(cancel_page.replace("//api.blaxel.ai/v0", f"//{host}"), FILE)
    assert caught.value.problems[0].line == 13


@pytest.mark.parametrize("default", ["NaN", "Infinity", "1e999"])
def test_default_that_is_no_json(cancel_page: str, default: str) -> None:
    """A default that JSON cannot hold is text, as printed."""
    text = cancel_page.replace("tasks\nobject[]\n", f"tasks\nobject[]\ndefault:{default}\n")
    page = read_page_text(text, FILE)
    assert page.response is not None
    assert page.response.fields[-1].keywords["default"].value == default


def test_data_without_a_body(cancel_page: str) -> None:
    """A request's data is not dropped where the section that describes it is missing."""
    text = cancel_page.replace("<token>'", "<token>' \\\n  --data '{\"n\": 5}'")
    with pytest.raises(PipelineError, match="no section 'Body'") as caught:
        read_page_text(text, FILE)
    assert caught.value.problems[0].line == 15


def test_section_out_of_order(cancel_page: str) -> None:
    """A description that is a heading's word does not make headers of the fields behind it."""
    text = cancel_page.replace("Name of the job", "Headers")
    with pytest.raises(PipelineError, match="stands behind 'Path Parameters'") as caught:
        read_page_text(text, FILE)
    assert caught.value.problems[0].line == cancel_page.split("\n").index("Name of the job") + 1


def test_body_that_no_command_sends(cancel_page: str) -> None:
    """A description that is the word `Body` does not make a body of the fields behind it."""
    text = cancel_page.replace("Name of the job", "Body")
    with pytest.raises(PipelineError, match="curl sends no body") as caught:
        read_page_text(text, FILE)
    assert caught.value.problems[0].line == cancel_page.split("\n").index("Name of the job") + 1


def test_open_quote_before_much_text(cancel_page: str) -> None:
    """A quote that nothing closes is refused without taking thousands of lines apart each time."""
    text = cancel_page[: cancel_page.index("{\n")].replace("<token>'", "<token>")
    with pytest.raises(PipelineError, match="curl command does not end"):
        read_page_text(text + "plain text\n" * 20_000, FILE)
