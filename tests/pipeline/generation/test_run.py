"""`make generate` in a checkout: what it makes of files that it has written itself, or reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import ROOT
from tests.pipeline.commands.running import run


@pytest.mark.parametrize(
    "last",
    [
        "paths: null\nservers: x\n",
        "paths: {/a: {get: {operationId: a, parameters: null}}}\n",
        "- a",
    ],
)
def test_last_contract_that_is_damaged(checkout: Path, last: str) -> None:
    """A contract that was damaged since, by a merge say, is written anew."""
    contract = checkout / "spec/openapi.yaml"
    contract.write_text(f"openapi: 3.1.0\n{last}" if last[0] != "-" else last)
    done = run("generate", "--quiet", cwd=checkout)
    assert done.returncode == 0
    assert contract.read_bytes() == (ROOT / "spec/openapi.yaml").read_bytes()


def test_a_link_has_its_own_name(checkout: Path, tmp_path: Path) -> None:
    """A page that stands elsewhere is called as it is in spec/docs, in the report, too."""
    page = checkout / "spec/docs/cancel-job-execution.txt"
    page.rename(tmp_path / "page.txt")
    page.symlink_to(tmp_path / "page.txt")
    done = run("generate", "--check", cwd=checkout)
    assert (done.returncode, str(tmp_path) in done.stderr) == (0, False)


def test_a_name_that_is_no_text(checkout: Path) -> None:
    """What is wrong about a file's name is shown, and not all that was to be written."""
    page = checkout / "spec/docs/cancel-job-execution.txt"
    page.rename(page.with_name("page\udcff.txt"))
    done = run("generate", cwd=checkout)
    assert done.returncode == 1
    assert r"spec/docs/page\udcff.txt" in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 250
