"""Produced files replace the old ones all at once, or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import staging
from scripts.failure import PipelineError
from tests import ROOT
from tests.pipeline.staging_run import TARGETS, produce


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "out/tree/deep").mkdir(parents=True)
    (tmp_path / "out/one.txt").write_text("old\nkept\n")
    (tmp_path / "out/tree/a.py").write_text("old a\n")
    (tmp_path / "out/tree/deep/gone.py").write_text("old gone\n")
    return tmp_path


def snapshot(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in files}


OLD = {
    "out/one.txt": "old\nkept\n",
    "out/tree/a.py": "old a\n",
    "out/tree/deep/gone.py": "old gone\n",
}
NEW = {"out/one.txt": "new\nkept\n", "out/tree/a.py": "new a\n", "out/tree/b.py": "new b\n"}


def test_replace(root: Path) -> None:
    """Everything is replaced, stale files go, and nothing else is left behind."""
    with staging.staged(root) as new:
        produce(new)
        staging.replace(root, TARGETS)
    assert snapshot(root) == NEW


def test_changes(root: Path) -> None:
    """The summary names each file with the lines that come and go."""
    with staging.staged(root) as new:
        produce(new)
        assert list(map(str, staging.changes(root, TARGETS))) == [
            "changed out/one.txt  +1 -1",
            "changed out/tree/a.py  +1 -1",
            "added   out/tree/b.py  +1 -0",
            "removed out/tree/deep/gone.py  +0 -1",
        ]


def test_lines_changed() -> None:
    """Lines are counted however often they stand, and wherever; one that moved has not changed."""
    old = "a\nb\na\nc\n"
    assert staging.lines_changed(old, "c\na\nb\na\n") == (0, 0)
    assert staging.lines_changed(old, "a\nb\nc\nd\nd\n") == (2, 1)


def test_failure(root: Path) -> None:
    """A run that fails leaves the tree as it was."""

    def fail() -> None:
        with staging.staged(root) as new:
            produce(new)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert snapshot(root) == OLD


def test_target_that_was_not_produced(root: Path) -> None:
    """A target that a run did not produce is an error, not a removal."""
    with staging.staged(root) as new:
        (new / "out").mkdir()
        (new / "out/one.txt").write_text("new")
        with pytest.raises(PipelineError, match="out/tree: was not produced"):
            staging.replace(root, TARGETS)
    assert snapshot(root) == OLD


def test_unchanged_files_stay_untouched(root: Path) -> None:
    """A target that would not change keeps its inode."""
    before = (root / "out/one.txt").stat().st_ino
    with staging.staged(root) as new:
        produce(new)
        (new / "out/one.txt").write_text("old\nkept\n")
        staging.replace(root, TARGETS)
    assert (root / "out/one.txt").stat().st_ino == before


def test_two_runs(root: Path) -> None:
    """A second run at the same time is refused, and the first is not disturbed."""
    with staging.staged(root) as new:
        with pytest.raises(PipelineError, match="another run"), staging.staged(root):
            pass
        produce(new)
        staging.replace(root, TARGETS)
    assert snapshot(root) == NEW


def test_killed_anywhere(root: Path) -> None:
    """Killed before any step on the file system, the next run finds one whole tree, old or new."""
    outcomes = set()
    for fatal in range(1, 60):
        for path, text in OLD.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        (root / "out/tree/b.py").unlink(missing_ok=True)
        run = subprocess.run(
            [sys.executable, "-m", "tests.pipeline.staging_run", str(root), str(fatal)],
            cwd=ROOT,
            check=False,
        )
        with staging.staged(root):
            pass  # what the next run does first
        found = snapshot(root)
        assert found in (OLD, NEW)
        outcomes.add(found == NEW)
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL
    else:
        pytest.fail("the run never came to its end")
    assert outcomes == {True, False}


def test_write_to_a_missing_folder(tmp_path: Path) -> None:
    """A file that cannot be written is an error that names it, and the others stay as they were."""
    good = tmp_path / "good.txt"
    good.write_text("old")
    with pytest.raises(PipelineError, match="cannot be written"):
        staging.write({good: "new", tmp_path / "missing/file.txt": "x"})
    assert snapshot(tmp_path) == {"good.txt": "old"}
