from __future__ import annotations

import pytest

from tests import ROOT


@pytest.fixture(scope="session")
def cancel_page() -> str:
    """The captured page that these tests were written for (kept apart from spec/docs)."""
    return (ROOT / "tests/pipeline/pages/cancel-job-execution.txt").read_text(encoding="utf-8")
