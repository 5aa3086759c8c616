"""The pipeline's commands as a maintainer runs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts import documents
from tests import ROOT
from tests.pipeline.commands.running import run


def test_spec(docs: Path, tmp_path: Path) -> None:
    """`spec` writes contract, report and provenance where the options say."""
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


@pytest.mark.parametrize(
    "options",
    [("docs/page.txt",), ("o.yaml", "--report", "o.yaml"),
     ("names.yaml", "--names", "names.yaml")],
)  # fmt: skip
def test_nothing_is_written_over(docs: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    """What is read, and what is written already, is no place for a result."""
    (tmp_path / "names.yaml").write_text("operations: {}\nschemas: {}\nequal: {}\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    out = [one if one.startswith("--") else tmp_path / one for one in options]
    done = run("spec", "--docs", docs, "--out", *out)
    assert done.returncode == 1
    assert f"{out[-1]}: would be written over" in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_links_that_lead_nowhere(docs: Path, tmp_path: Path) -> None:
    """A link to itself, or to what is gone, is a page that cannot be read."""
    (docs / "loop.md").symlink_to("loop.md")
    (docs / "gone.md").symlink_to("nowhere.md")
    done = run("spec", "--docs", docs, "--out", tmp_path / "o.yaml")
    assert done.returncode == 1
    assert f"{docs}/loop.md: not a page" in done.stderr
    assert f"{docs}/gone.md: not a page" in done.stderr
    assert "Traceback" not in done.stderr


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


def test_no_names(docs: Path, tmp_path: Path) -> None:
    """A file of names that is not there is an error: nothing may be renamed by a slip."""
    out = tmp_path / "o.yaml"
    done = run("spec", "--docs", docs, "--out", out, "--names", tmp_path / "none.yaml")
    assert done.returncode == 1
    assert "none.yaml" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_not_utf8(docs: Path, tmp_path: Path) -> None:
    """A page in another encoding is refused with the line."""
    (docs / "a.txt").write_bytes(b"GET\n\xff\n")
    done = run("spec", "--docs", docs, "--out", tmp_path / "o.yaml")
    assert "a.txt:2: the page is not UTF-8 text" in done.stderr


def pointers(value: Any, pointer: str = "") -> Iterator[str]:
    yield pointer
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, member in value.items() if isinstance(value, dict) else ():
        token = str(key).replace("~", "~0").replace("/", "~1")
        yield from pointers(member, f"{pointer}/{token}")


def test_provenance_is_complete(docs: Path, tmp_path: Path) -> None:
    """Each part of the written contract has an entry, and no entry is of anything else."""
    out, provenance = tmp_path / "o.yaml", tmp_path / "p.json"
    overlay = ROOT / "spec/overlay.yaml"
    done = run(
        "spec", "--docs", docs, "--overlay", overlay, "--out", out, "--provenance", provenance
    )  # fmt: skip
    assert done.returncode == 0
    entries = json.loads(provenance.read_text())
    assert entries.keys() == set(pointers(documents.read(out).value))
    lines = {str(docs / "page.txt"): 169, "spec/overlay.yaml": len(overlay.read_text().split("\n"))}
    for entry in entries.values():
        assert 0 < entry.get("line", 1) <= lines[entry["file"]]
        assert ("action" in entry) == (entry["kind"] == "overlay")
        assert entry["kind"] in ("stated", "sample") or entry["note"]


def test_keep_going_past_the_overlay(docs: Path, tmp_path: Path) -> None:
    """With --keep-going an overlay action whose page was left out is listed, the others applied."""
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: 1.0.0}\nactions:\n"
        "  - {target: \"$.paths['/agents'].get\", description: d, x-source: s, update: {x-a: 1}}\n"
        "  - {target: $.info, description: d, x-source: s, update: {title: Ours}}\n"
    )
    (docs / "a.txt").write_text("nonsense\n")
    command: list[str | Path] = [
        "spec",
        "--docs",
        docs,
        "--overlay",
        overlay,
        "--out",
        tmp_path / "o.yaml",
    ]
    report = tmp_path / "r.md"
    done = run(*command, "--keep-going", "--report", report)
    assert done.returncode == 3
    assert f"{overlay}:4: action 0 (target $.paths['/agents'].get) matches nothing" in done.stderr
    assert "title: Ours" in (tmp_path / "o.yaml").read_text()
    assert "## Left out" in report.read_text()
    assert "a.txt:1`" in report.read_text()


def test_keep_going_past_what_is_not_valid(docs: Path, tmp_path: Path) -> None:
    """With --keep-going the page behind an invalid contract is left out."""
    fence = "````yaml get /a\nopenapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n"
    bad = (
        f"# Bad\n\n## OpenAPI\n\n{fence}    get:\n      responses:\n        '200':\n"
        "          description: ok\n          content:\n            application/json:\n"
        "              schema: {type: string, minLength: -1}\n````\n"
    )
    (docs / "bad.md").write_text(bad)
    command: list[str | Path] = ["spec", "--docs", docs, "--out", tmp_path / "o.yaml"]
    assert run(*command).returncode == 1
    done = run(*command, "--keep-going")
    assert done.returncode == 3
    assert "bad.md:" in done.stderr
    assert "cancelJobExecution" in (tmp_path / "o.yaml").read_text()
