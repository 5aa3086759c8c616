"""A run with nothing changed does nothing; whatever changes, it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import fingerprint

TOOLS = ("ruff",)


def generate(checkout: Path) -> str:
    command = [sys.executable, "-m", "scripts", "generate"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    return done.stderr


def test_second_run_reads_no_page(checkout: Path) -> None:
    """The second run says the same as the first, without reading pages."""
    first, second = generate(checkout), generate(checkout)
    assert "reading pages" in first
    assert "reading pages" not in second
    assert "up to date: nothing changed" in second


@pytest.mark.parametrize(
    "name",
    [
        "spec/docs/cancel-job-execution.txt",
        "spec/overlay.yaml",
        "spec/openapi.yaml",
        "spec/REPORT.md",
        "generator-config.yaml",
        "requirements/dev.in",
        "scripts/naming.py",
        "generated/blaxel_jobs_api/client.py",
        "spec/docs/another.txt",
        "generated/blaxel_jobs_api/stray.py",
    ],
)
def test_what_forces_a_run(checkout: Path, name: str) -> None:
    """A change of any input, of the pipeline itself or of a produced file is seen."""
    fingerprint.remember(checkout, TOOLS)
    assert fingerprint.is_current(checkout, TOOLS)
    with (checkout / name).open("a") as file:
        file.write("\n")
    assert not fingerprint.is_current(checkout, TOOLS)


def test_file_that_is_gone(checkout: Path) -> None:
    """A produced file that was removed is seen."""
    fingerprint.remember(checkout, TOOLS)
    (checkout / "generated/blaxel_jobs_api/py.typed").unlink()
    assert not fingerprint.is_current(checkout, TOOLS)


def test_other_tools(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of a generator is seen, and another Python."""
    fingerprint.remember(checkout, TOOLS)
    with monkeypatch.context() as patch:
        patch.setattr("importlib.metadata.version", lambda _: "0")
        assert not fingerprint.is_current(checkout, TOOLS)
    monkeypatch.setattr(sys, "version", "3.99")
    assert not fingerprint.is_current(checkout, TOOLS)


def test_damaged_record(checkout: Path) -> None:
    """A record that cannot be read is as good as none."""
    (checkout / ".generated").write_bytes(b"\xff\x00")
    assert not fingerprint.is_current(checkout, TOOLS)
