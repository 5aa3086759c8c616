"""A run with nothing changed does nothing; whatever changes, it runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.generation import fingerprint
from tests.pipeline.commands.running import run


def generate(checkout: Path) -> str:
    return run("generate", cwd=checkout).stderr


def is_current(checkout: Path) -> bool:
    return fingerprint.last_notices(checkout, fingerprint.of(checkout)) is not None


@pytest.mark.parametrize(
    "name",
    [
        "spec/docs/cancel-job-execution.txt",
        "spec/overlay.yaml",
        "spec/openapi.yaml",
        "spec/REPORT.md",
        "generator-config.yaml",
        "requirements/dev.in",
        "scripts/contract/operations/naming.py",
        "generated/blaxel_jobs_api/client.py",
        "spec/docs/another.txt",
        "generated/blaxel_jobs_api/stray.py",
    ],
)
def test_what_forces_a_run(checkout: Path, name: str) -> None:
    """A change of any input, of the pipeline itself or of a produced file is seen."""
    fingerprint.remember(checkout, fingerprint.of(checkout))
    assert is_current(checkout)
    with (checkout / name).open("a") as file:
        file.write("\n")
    assert not is_current(checkout)


def test_file_that_is_missing(checkout: Path) -> None:
    """A produced file that was removed is seen."""
    fingerprint.remember(checkout, fingerprint.of(checkout))
    (checkout / "generated/blaxel_jobs_api/py.typed").unlink()
    assert not is_current(checkout)


def test_other_tools(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version of anything that is installed is seen, and another Python."""
    installed = tmp_path_factory.mktemp("site-packages")
    tool = installed / "jinja2-3.1.6.dist-info"
    tool.mkdir()
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(installed))
    fingerprint.remember(checkout, fingerprint.of(checkout))
    assert is_current(checkout)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version", "3.99")
        assert not is_current(checkout)
    tool.rename(installed / "jinja2-3.2.0.dist-info")
    assert not is_current(checkout)


def test_edited_while_it_runs(checkout: Path) -> None:
    """A page that was edited while the run was under way is read by the next one."""
    read = fingerprint.of(checkout)
    with (checkout / "spec/docs/cancel-job-execution.txt").open("a") as file:
        file.write("\n")
    fingerprint.remember(checkout, read)
    assert not is_current(checkout)


def test_second_run(checkout: Path) -> None:
    """The second run says the same as the first, notices and all, without reading pages."""
    page = checkout / "spec/docs/cancel-job-execution.txt"
    older = page.read_text(encoding="utf-8").replace("May 27, 2026", "May 1, 2026")
    page.with_name("older.txt").write_text(older, encoding="utf-8")
    first, second = generate(checkout), generate(checkout)
    notice = "says the same as spec/docs/cancel-job-execution.txt"
    assert notice in first
    assert notice in second
    assert "reading pages" in first
    assert "reading pages" not in second
    assert "up to date: nothing changed" in second


@pytest.mark.parametrize("record", [b"\xff\x00", b"", b"[]", b'["", [{"where": 1}]]', b"{}"])
def test_damaged_record(checkout: Path, record: bytes) -> None:
    """A record that cannot be read is as good as none."""
    (checkout / ".generated").write_bytes(record)
    assert not is_current(checkout)
