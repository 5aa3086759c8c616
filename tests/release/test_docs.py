"""What the pages in docs/ say is so."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import blaxel_jobs
from blaxel_jobs import BlaxelError
from scripts.contract import pipeline
from scripts.emitter import dump
from scripts.facts import plain
from tests import ROOT

DOCS = ROOT / "docs"


def test_every_way_to_end_is_listed() -> None:
    """The page about endings names each error that can be caught by name."""
    page = (DOCS / "how-a-cancel-can-end.md").read_text(encoding="utf-8")
    errors = {
        name
        for name in blaxel_jobs.__all__
        if isinstance(kind := getattr(blaxel_jobs, name), type)
        and issubclass(kind, BlaxelError)
        and kind is not BlaxelError
    }
    # Told by the class that it is one of.
    assert errors - set(re.findall(r"`(\w+)`", page)) <= {"CancelOutcomeUnknownTimeoutError"}


def test_worked_example(tmp_path: Path) -> None:
    """The field of the worked example becomes the property that the page shows."""
    page = (DOCS / "when-the-documentation-changes.md").read_text(encoding="utf-8")
    indented = re.findall(r"(?:^ {7}.*\n|^\n(?= {7}))+", page, re.MULTILINE)
    entry, difference = (textwrap.dedent(block).strip() for block in indented)
    text = (ROOT / "tests/pipeline/pages/cancel-job-execution.txt").read_text(encoding="utf-8")
    assert text.count("\nstats\nobject\n") == 1
    changed = text.replace("\nstats\nobject\n", f"\n{entry}\n\nstats\nobject\n")
    (tmp_path / "cancel-job-execution.txt").write_text(changed, encoding="utf-8")
    contract = plain(pipeline.build(tmp_path, [ROOT / "spec/overlay.yaml"], root=ROOT).contract)
    shown = [line.lstrip("+ ") for line in difference.splitlines()]
    written = [line.strip() for line in dump(contract).splitlines()]
    at = written.index(shown[0])
    assert written[at : at + len(shown)] == shown


def test_links() -> None:
    """Each relative link of the documentation leads to a file."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"
