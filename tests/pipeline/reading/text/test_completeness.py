"""A page that was cut is refused, or remarked upon at the line: nothing is lost in silence."""

from __future__ import annotations

import pytest

from scripts.failure import PipelineError
from scripts.reading.capture import read_page
from scripts.reading.page import Page

FILE = "page.txt"
PAGE = """\
GET
/
parcels
List parcels
curl --request GET \\
  --url https://post.test/v3/parcels
{
  "items": [
    {
      "weight": 123
    }
  ],
  "next": "<string>"
}

Query Parameters

order
enum<string>

Which come first

Available options:
oldest,
newest,
heaviest

Response

200 - application/json

The parcels

items
object[]

next
string
"""


def read(text: str) -> Page:
    page = read_page(text.encode(), FILE)
    assert isinstance(page, Page)
    return page


def remarks(text: str) -> list[tuple[int | None, str]]:
    return [(one.line, one.what) for one in read(text).remarks]


def test_whole() -> None:
    """A whole page says nothing of the kind."""
    assert remarks(PAGE) == []


def test_options_without_the_section_behind() -> None:
    """A value that was cut in the middle is none: the page lacks the section of its sample."""
    with pytest.raises(PipelineError, match="ends in the options of 'order'") as caught:
        read(PAGE[: PAGE.index("viest")])
    (problem,) = caught.value.problems
    assert (problem.line, problem.text) == (26, "hea")


def test_options_that_end_in_a_comma() -> None:
    """A list of options whose last value has a comma is refused at that value."""
    with pytest.raises(PipelineError, match="does not end") as caught:
        read(PAGE[: PAGE.index("heaviest")].rstrip())
    assert caught.value.problems[0].line == 25


def test_options_at_the_end() -> None:
    """A page whose last line is an option may be whole, or not; a date behind it decides."""
    page = PAGE.replace("next\nstring\n", "next\nenum<string>\n\nAvailable options:\na,\nb")
    assert remarks(page) == [(42, "the page ends in the options of 'next': the last may be cut")]
    assert remarks(f"{page}\n\nLast modified on May 1, 2026") == []


def test_sample_without_its_section() -> None:
    """A sample of the response and no section that describes it: remarked at the last line."""
    what = "the page shows a sample of the response, but has no section 'Response'"
    assert remarks(PAGE[: PAGE.index("order\n")] + "order\nstring\n\nWhich") == [(21, what)]


def test_members_that_only_the_sample_has() -> None:
    """What the sample shows and the section does not list is named at its line."""
    assert remarks(PAGE[: PAGE.index("next\nstring")]) == [
        (13, "the sample shows 'next', which the section 'Response' does not list")
    ]


def test_members_that_only_the_data_has() -> None:
    """So it is with what curl sends and the section of the body."""
    page = PAGE.replace("GET", "POST").replace(
        "v3/parcels\n", 'v3/parcels \\\n  --data \'{"a": 1, "b": 2}\'\n'
    )
    page = page.replace("Response\n", "Body\n\napplication/json\n\na\ninteger\n\nResponse\n")
    assert remarks(page) == [(7, "the sample shows 'b', which the section 'Body' does not list")]


def test_keys_that_stand_for_any() -> None:
    """Made-up keys of a map are no members of a list."""
    assert remarks(PAGE.replace('"next"', '"{key}"').replace("next\nstring\n", "")) == []


def test_cut_anywhere() -> None:
    """Cut at any sign, a page is refused or remarked upon, but within the words of its end."""
    whole = read(PAGE)
    for at in range(len(PAGE.rstrip()) - len("string")):
        try:
            page = read(PAGE[:at])
        except PipelineError:
            continue
        assert page.remarks or page.response == whole.response, PAGE[:at]


@pytest.mark.parametrize(
    ("url", "header", "line"),
    [
        ("parcels?order=oldest&all=1", "", 6),
        ("parcels?order=oldest", " \\\n  --header 'X-Team: <x-team>'", 7),
        ("parcels?order=oldest", " \\\n  --header 'accept: application/json'", None),
        ("parcels?order[by]=oldest", "", None),
    ],
)
def test_sent_but_not_listed(url: str, header: str, line: int | None) -> None:
    """What curl sends and no section lists is a notice at its line."""
    command = "  --url https://post.test/v3/parcels"
    found = remarks(PAGE.replace(command, command.replace("parcels", url) + header))
    assert [(at, what.startswith("curl sends")) for at, what in found] == (
        [] if line is None else [(line, True)]
    )


@pytest.mark.parametrize(
    "line",
    [
        "| parcelId | string | yes | Which one |",
        "- `parcelId` (string, required) - Which one",
        "- **parcelId** (string): Which one",
        "* parcelId: integer",
        "parcelId string REQUIRED",
        "parcelId\tstring\tWhich one",
    ],
)
def test_fields_that_other_sites_list(line: str) -> None:
    """Where no field is listed as it should be, what lists one otherwise is refused at its line."""
    head = "DELETE\n/\nparcels\n/\n{parcelId}\nDelete a parcel\n"
    command = "curl --request DELETE \\\n  --url https://post.test/v3/parcels/{parcelId}\n"
    text = f"{head}{command}\nIt is gone then.\n\n{line}\n\nResponse\n\n204\n\nGone\n"
    with pytest.raises(PipelineError, match="in a form that is not known") as error:
        read(text)
    assert [one.line for one in error.value.problems] == [12]
    within = f"{PAGE}\nLast modified on May 3, 2026\n".replace("The parcels\n", f"{line}\n")
    assert [one.name.value for one in read(within).parameters] == ["order"]  # prose
    empty = within[: within.index("items\nobject")]
    with pytest.raises(PipelineError, match="in a form that is not known"):
        read(empty)


@pytest.mark.parametrize(
    "line",
    [
        "The object is gone then.",
        "Note: string ids are gone.",
        "Returns a string.",
        "Returns: string",
        "- an array of what was deleted",
    ],
)
def test_sentences_about_types(line: str) -> None:
    """A sentence that names a type lists no field."""
    text = (
        f"GET\n/\nparcels\nGet it\ncurl https://post.test/v3/parcels\n\n{line}\n\nResponse\n\n204\n"
    )
    assert line in str(read(text).description)
