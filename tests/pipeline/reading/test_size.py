"""How large a page may be: larger ones are refused at once, and those below are read."""

from __future__ import annotations

from pathlib import Path

import pytest

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
