from __future__ import annotations

from pathlib import Path

import pytest

from tests import ROOT


@pytest.fixture(scope="session")
def cancel_page() -> str:
    """The captured page that these tests were written for (kept apart from spec/docs)."""
    return (ROOT / "tests/pipeline/pages/cancel-job-execution.txt").read_text(encoding="utf-8")


@pytest.fixture
def docs(tmp_path: Path, cancel_page: str) -> Path:
    """A folder of pages that holds that page as page.txt."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "page.txt").write_text(cancel_page)
    return folder
