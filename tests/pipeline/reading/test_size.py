"""How large a page may be: larger ones are refused at once, and those below are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.contract.operations.contribution import contribution
from scripts.facts import plain
from scripts.failure import PipelineError
from scripts.reading.capture import LARGEST, read_capture
from scripts.reading.page import Page


@pytest.mark.parametrize("name", ["page.txt", "page.md", "page.html"])
def test_too_large(tmp_path: Path, name: str) -> None:
    """More bytes than any page has are refused with the file and what to do."""
    path = tmp_path / name
    path.write_bytes(b"GET\n" * (LARGEST // 4 + 1))
    with pytest.raises(PipelineError, match=rf"{name}: the page is larger than 5 MB") as caught:
        read_capture(path, name)
    assert caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("page.html", "<b>" * 100_000, "the HTML is nested deeper than any page is"),
        ("page.html", "<i>" * 100_000 + "</i>" * 100_000, "the HTML is nested deeper than"),
        ("page.txt", "GET\n/\na\nGet a\ncurl" + " \\\n  -H 'A: b'" * 20_000,
         r"page\.txt:5: the curl command has more than 2000 words"),
    ],
    ids=["open", "closed", "curl"],
)  # fmt: skip
def test_too_much(tmp_path: Path, name: str, text: str, what: str) -> None:
    """What takes the square of its size to read is refused before that."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(PipelineError, match=what):
        read_capture(path, name)


def test_many_alternatives(tmp_path: Path) -> None:
    """Each alternative of a type is looked at once."""
    path = tmp_path / "page.txt"
    path.write_text(
        "GET\n/\nparcels\nList parcels\n\nResponse\n\n200 - application/json\n\nThe parcels\n\n"
        f"state\nstring{' | integer' * 50_000}\n"
    )
    described = contribution(read_capture(path, "page.txt"))
    (schema,) = described.components["schemas"].values()
    assert len(plain(schema)["properties"]["state"]["anyOf"]) == 50_001


def test_many_options(tmp_path: Path) -> None:
    """Each option is looked at once: 100,000 of them are read, and those listed twice are one."""
    values = [f"value{number}" for number in range(100_000)]
    listed = ",\n".join([*values, *values[:10]])
    path = tmp_path / "page.txt"
    path.write_text(
        "GET\n/\nparcels\nList parcels\n\nResponse\n\n200 - application/json\n\nThe parcels\n\n"
        f"state\nenum<string>\n\nAvailable options:\n{listed}\n"
    )
    page = read_capture(path, "page.txt")
    assert isinstance(page, Page)
    assert page.response is not None
    assert plain(page.response.fields[0].keywords["enum"]) == values
