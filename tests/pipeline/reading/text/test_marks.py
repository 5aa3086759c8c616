"""What copying leaves on single lines: indents, bullets, quotes, capitals. None changes a fact."""

from __future__ import annotations

import pytest

from scripts.facts import plain
from scripts.failure import PipelineError
from scripts.reading.capture import read_page
from scripts.reading.page import Page
from tests.pipeline.contracts import assemble

PAGE = """\
POST
/
parcels
Send a parcel
curl --request POST \\
  --url https://post.test/v3/parcels \\
  --header 'Content-Type: application/json' \\
  --data '{"weight": 1}'

Query Parameters

limit
integer
default:20

How many

Required range: 1 <= x <= 9
order
enum<string>[]

Which come first

Available options:
oldest,
newest

Body

application/json

weight
integer

In grams

Response

201 - application/json

Sent

id
string

Its number
"""


def read(text: str) -> Page:
    page = read_page(text.encode(), "page.txt")
    assert isinstance(page, Page)
    return page


def contract(text: str) -> object:
    return plain(assemble([read(text)]))


def changed(old: str, new: str) -> tuple[str, int]:
    """Return the page with one line changed, and its number."""
    lines = [str(line) for line in PAGE.split("\n")]
    return PAGE.replace(f"\n{old}\n", f"\n{new}\n", 1), lines.index(old) + 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("oldest,", "  oldest,"),
        ("newest", "\tnewest"),
        ("oldest,", "- oldest,"),
        ("newest", "• newest"),
        ("newest", "`newest`"),
        ("newest", '"newest"'),
        ("201 - application/json", "  201 - application/json"),
        ("application/json", "  application/json"),
        ("limit", "**limit**"),
    ],
)
def test_marks_that_say_nothing(old: str, new: str) -> None:
    """An indent, a bullet or the marks of code are no part of what they stand at."""
    text, _ = changed(old, new)
    assert contract(text) == contract(PAGE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("201 - application/json", "- 201 - application/json"),
        ("201 - application/json", "`201 - application/json`"),
        ("application/json", '"application/json"'),
        ("application/json", "application/json:"),
        ("limit", "limit:"),
        ("integer", "integer, required"),
        ("integer", "INTEGER"),
        ("Required range: 1 <= x <= 9", "REQUIRED RANGE: 1 <= X <= 9"),
        ("enum<string>[]", "enum<string>[]\nenum<string>[]"),
    ],
)
def test_marks_that_would_lose_something(old: str, new: str) -> None:
    """A status, a type, a name or a bound that cannot be read is refused where its field stands."""
    text, line = changed(old, new)
    with pytest.raises(PipelineError) as error:
        read(text)
    assert all(line - 1 <= (one.line or 0) <= line + 5 for one in error.value.problems)


@pytest.mark.parametrize(
    "detail",
    ["Pattern: ^a$", "Maximum string length: 9", 'Allowed value: "a"', "Required range: x > 1"],
)
def test_bounds_of_null(detail: str) -> None:
    """A field that is never anything but null may have bounds all the same."""
    text, _ = changed("string", f"null\n\n{detail}")
    assert "null" in str(contract(text))


def test_another_content_type_than_curl_sends() -> None:
    """Where the command sends something else than the section says, a remark names both."""
    text, line = changed("application/json", "application/xml")
    (remark,) = read(text).remarks
    assert (remark.line, remark.what) == (
        line,
        "the body is application/xml here, but curl sends application/json",
    )


def test_options_in_words() -> None:
    """Options with bars between them are several; words behind a dash are a remark."""
    page = read(PAGE.replace("oldest,\nnewest\n", "oldest | newest\n"))
    assert plain(page.parameters[1].keywords["enum"]) == ["oldest", "newest"]
    assert "taken apart" in page.remarks[0].what
    page = read(changed("newest", "newest - the last ones")[0])
    assert plain(page.parameters[1].keywords["enum"]) == ["oldest", "newest - the last ones"]
    assert "is what follows a description" in page.remarks[0].what


def test_array_of_a_type() -> None:
    """`array<integer>` is another way to write `integer[]`."""
    text, _ = changed("string", "array<integer>")
    assert contract(text) == contract(changed("string", "integer[]")[0])


def test_other_names_in_the_command() -> None:
    """A parameter that the command calls otherwise, perhaps one in another's place, is a remark."""
    text = PAGE.replace("\n/\nparcels\n", "\n/\nparcels\n/\n{a}\n/\n{b}\n").replace(
        "/parcels \\", "/parcels/{b}/{a} \\"
    )
    whats = [one.what for one in read(text).remarks]
    assert "curl has {b} where the page's path has {a}" in whats
    assert "curl has {a} where the page's path has {b}" in whats
