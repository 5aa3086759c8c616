from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.conftest import copy_again


@pytest.fixture(scope="session")
def cancel_page() -> str:
    """The captured page that these tests were written for (kept apart from spec/docs)."""
    return (ROOT / "tests/pipeline/pages/cancel-job-execution.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def _checkout(_copied_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_again(_copied_once, tmp_path_factory.mktemp("once") / "checkout")


@pytest.fixture
def checkout(_checkout: Path) -> Iterator[Path]:
    """A copy of the checkout's files, committed: its files are put back after the test."""
    yield _checkout
    kept = [f"--exclude={name}" for name in (".venv", ".tools", "*.pyc")]
    for command in (["reset", "-q", "--hard"], ["clean", "-qfdx", *kept]):
        subprocess.run(["git", *command], cwd=_checkout, check=True)
