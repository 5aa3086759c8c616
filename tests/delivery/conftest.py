from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import copy_again


@pytest.fixture
def checkout(_copied_once: Path, tmp_path: Path) -> Path:
    """A copy of the checkout's files, committed, for this test alone."""
    return copy_again(_copied_once, tmp_path / "checkout")
