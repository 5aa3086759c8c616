"""What git knows of a checkout."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.failure import PipelineError, Problem
from scripts.tools import run


def git(root: Path, *arguments: str) -> str:
    """Return what git prints, run in `root`; raises PipelineError with git's words."""
    # A hook of another repository that runs us must not turn our git to that one.
    environment = {k: v for k, v in os.environ.items() if k not in ("GIT_DIR", "GIT_INDEX_FILE")}
    try:
        command = ["git", "-C", str(root), *arguments]
        return run(command, f"git {arguments[0]} failed", environment=environment)
    except FileNotFoundError:
        raise PipelineError("git is not installed") from None


def commit(root: Path) -> str | None:
    """Return the commit that is checked out; None outside of a repository, or before the first."""
    try:
        top = git(root, "rev-parse", "--show-toplevel").strip()
        # An unpacked sdist may lie inside another repository.
        return git(root, "rev-parse", "HEAD").strip() if Path(top) == root.resolve() else None
    except PipelineError:
        return None


def uncommitted(root: Path) -> list[str]:
    """Return the files that differ from the commit, new ones too, each as git's status has it."""
    return git(root, "status", "--porcelain", "--untracked-files=all").splitlines()


def refuse_uncommitted(root: Path) -> None:
    """Raise PipelineError for each file that differs from the commit."""
    if changed := uncommitted(root):
        problems = [Problem("is not committed", line[3:]) for line in changed]
        hint = "commit it, or move it away"
        raise PipelineError.of([*problems, Problem("a release is made of a commit", hint=hint)])
