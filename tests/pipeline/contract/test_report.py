"""REPORT.md tells a reviewer where everything is known from."""

from __future__ import annotations

import pytest

from scripts.contract.assembly import assemble
from scripts.contract.report import render, summary
from scripts.reading.text.reader import read_page_text


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
        # stated
        "| `components.schemas.JobExecutionStatus` | enum: queued, pending, running, cancelling, "
        "cancelled, failed, succeeded, timeout | page.txt:156 |",
        # sample
        "| `components.schemas.JobExecutionMetadata > properties > id` | type: string, "
        "examples: exec-abc123 | page.txt:22 |",
        # assumed
        "| `info` | title: Blaxel API | page.txt:13 | from the host's name |",
    ],
)
def test_row(report: str, line: str) -> None:
    """Each kind of fact has its row, with file and line."""
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
    """What the page cannot tell is listed."""
    assert gap in report


def test_sample_of_another_status(cancel_page: str) -> None:
    """A key that only the sample has is pointed out with its line."""
    text = cancel_page.replace('  "stats": {', '  "extra": 5,\n  "stats": {')
    pages = [read_page_text(text, "page.txt")]
    assert "`page.txt`:60: the sample has `extra`" in render(
        [*map(summary, pages)], assemble(pages)
    )


def test_sample_of_another_type(cancel_page: str) -> None:
    """A sample that contradicts the stated type is pointed out with both lines."""
    text = cancel_page.replace("stats\nobject", "stats\ninteger")
    pages = [read_page_text(text, "page.txt")]
    wanted = "`page.txt`:60: the sample of `stats` is not of the type that line 145 states"
    assert wanted in render([*map(summary, pages)], assemble(pages))


def test_no_response_section(cancel_page: str) -> None:
    """A page without the section is told from one that prints no status."""
    text = cancel_page[: cancel_page.index("Response\n")]
    pages = [read_page_text(text, "page.txt")]
    assert "there is no section 'Response'" in render([*map(summary, pages)], assemble(pages))
