"""REPORT.md gives a reviewer the origin of everything."""

from __future__ import annotations

import difflib

import pytest

from scripts.contract.report import render, summary
from scripts.facts import Kind, Origin, tree
from scripts.failure import Problem
from scripts.reading.text.reader import read_page_text
from tests.pipeline.contracts import assemble


@pytest.fixture(scope="module")
def report(cancel_page: str) -> str:
    pages = [read_page_text(cancel_page, "page.txt")]
    return render([*map(summary, pages)], assemble(pages))


@pytest.mark.parametrize(
    "line",
    [
        # how many lines, and as what
        "| `page.txt` | `DELETE /jobs/{jobId}/executions/{executionId}` | May 27, 2026 "
        "| 169 | 25 | 5 | 3 | 53 | 3 | 80 |",
        "- stated: `type, description, enum`",
        "- sample: `id`: type: string, examples: exec-abc123",
        "- assumed (from the host's name): title: Blaxel API",
        "| from the host's name | `info`: title: Blaxel API |",
    ],
)
def test_row(report: str, line: str) -> None:
    """Each kind of fact has its row."""
    assert line in report.splitlines()


@pytest.mark.parametrize(
    "gap",
    [
        "the response prints no status",
        "`spec.envOverride` is shown as JSON inside a string",
        "the sample lacks `status`",
        "descriptions, required and read-only of 48 nested fields",
    ],
)
def test_gap(report: str, gap: str) -> None:
    """What the page leaves open is listed."""
    assert gap in report


def test_sample_of_another_status(cancel_page: str) -> None:
    """A key that only the sample has is pointed out."""
    text = cancel_page.replace('  "stats": {', '  "extra": 5,\n  "stats": {')
    pages = [read_page_text(text, "page.txt")]
    assert "`page.txt`: the sample has `extra`" in render([*map(summary, pages)], assemble(pages))


def test_sample_of_another_type(cancel_page: str) -> None:
    """A sample that contradicts the stated type is pointed out."""
    text = cancel_page.replace("stats\nobject", "stats\ninteger")
    pages = [read_page_text(text, "page.txt")]
    wanted = "`page.txt`: the sample of `stats` is not of the type that the list of fields states"
    assert wanted in render([*map(summary, pages)], assemble(pages))


def test_no_response_section(cancel_page: str) -> None:
    """A page without the section is distinguished from one that prints no status."""
    text = cancel_page[: cancel_page.index("Response\n")]
    pages = [read_page_text(text, "page.txt")]
    assert "there is no section 'Response'" in render([*map(summary, pages)], assemble(pages))


def test_new_field_changes_few_lines(cancel_page: str) -> None:
    """A field that is put in the middle of a page changes its own rows, and shifts no others."""
    field = "stats\nobject\nread-only\n\nJob execution statistics\n"
    assert field in cancel_page
    text = cancel_page.replace(field, "paused\nboolean\n\nWhether it rests\n\n" + field)
    before, after = (
        render([summary(page)], assemble([page])).splitlines()
        for page in (read_page_text(one, "page.txt") for one in (cancel_page, text))
    )
    changed = [line for line in difflib.unified_diff(before, after, n=0) if line[0] in "+-"][2:]
    # The page's counts, the count of places, the field itself, and that the sample lacks it.
    assert len([line for line in changed if line[0] == "+"]) <= 4, changed


def test_many_pages_of_one_kind(cancel_page: str) -> None:
    """What many pages leave open in the same way is said once, what rules supplied is counted."""
    pages = [
        read_page_text(
            cancel_page.replace("\njobs\n", f"\njobs{n}\n").replace("/v0/jobs/", f"/v0/jobs{n}/"),
            f"page-{n}.txt",
        )
        for n in range(12)
    ]
    report = render([*map(summary, pages)], assemble(pages))
    assert report.count("the response prints no status") == 1
    assert "- all: the sample lacks fields, which the list of fields has" in report
    assert "9 more" in report


def test_many_notices() -> None:
    """Many notices are grouped by kind above, and all of them are listed at the end."""
    origin = Origin(Kind.ASSUMED, "page.txt")
    notices = [Problem(f"'field{n}' is not read", "page.txt", n + 1) for n in range(50)]
    report = render([], tree({"openapi": "3.1.1"}, origin), [*notices, Problem("something else")])
    above, end = report.split("## All notices")
    assert "`page.txt:1`: 'field0' is not read (and 49 like it)" in above
    assert above.count("is not read") == 1
    assert end.count("is not read") == 50
    assert "something else" in end
