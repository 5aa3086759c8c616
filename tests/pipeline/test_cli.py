"""The pipeline's commands as a maintainer runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def docs(tmp_path: Path, cancel_page: str) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "page.txt").write_text(cancel_page)
    return folder


def test_spec(docs: Path, tmp_path: Path) -> None:
    """`spec` writes contract, report and provenance where it is told to."""
    out, report, provenance = (tmp_path / name for name in ("o.yaml", "r.md", "p.json"))
    done = run(
        "spec", "--docs", docs, "--out", out, "--report", report, "--provenance", provenance
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "operationId: cancelJobExecution" in out.read_text()
    assert report.read_text().startswith("# Where the contract is known from")
    entry = json.loads(provenance.read_text())["/components/schemas/JobExecutionStats/type"]
    assert entry == {"kind": "stated", "file": str(docs / "page.txt"), "line": 145}


def test_damaged_page(docs: Path, tmp_path: Path) -> None:
    """A damaged page is an error with file, line, text and hint; nothing is written."""
    page = docs / "page.txt"
    page.write_text(page.read_text().replace("read-only", "read only", 1))
    done = run("spec", "--docs", docs, "--out", tmp_path / "o.yaml")
    assert done.returncode == 1
    assert f"{page}:134: unknown flag 'read only'\n 134 | read only\n     = hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "o.yaml").exists()


def test_all_damaged_pages_are_named(docs: Path, tmp_path: Path) -> None:
    """Every damaged page is reported in one run."""
    (docs / "a.txt").write_text("nonsense\n")
    (docs / "b.txt").write_text("nonsense\n")
    done = run("spec", "--docs", docs, "--out", tmp_path / "o.yaml")
    assert "a.txt:1:" in done.stderr
    assert "b.txt:1:" in done.stderr


def test_keep_going(docs: Path, tmp_path: Path) -> None:
    """With --keep-going the other pages are built, the damaged one is listed, exit code 3."""
    (docs / "a.txt").write_text("nonsense\n")
    done = run("spec", "--docs", docs, "--out", tmp_path / "o.yaml", "--keep-going")
    assert done.returncode == 3
    assert "a.txt:1:" in done.stderr
    assert "cancelJobExecution" in (tmp_path / "o.yaml").read_text()


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["spec"], ["generate", "--nonsense"]])
def test_usage(arguments: list[str]) -> None:
    """A wrong command line is exit code 2."""
    assert run(*arguments).returncode == 2


def test_no_pages(tmp_path: Path) -> None:
    """An empty folder is an error that says what to do."""
    done = run("spec", "--docs", tmp_path, "--out", tmp_path / "o.yaml")
    assert done.returncode == 1
    assert "no pages are here" in done.stderr


def test_not_utf8(docs: Path, tmp_path: Path) -> None:
    """A page in another encoding is refused with the line."""
    (docs / "a.txt").write_bytes(b"GET\n\xff\n")
    done = run("spec", "--docs", docs, "--out", tmp_path / "o.yaml")
    assert "a.txt:2: the page is not UTF-8 text" in done.stderr
